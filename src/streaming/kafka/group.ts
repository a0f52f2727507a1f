import { Consumer } from '@platformatic/kafka';
import { isApiError, type KafkaConnection, kafkaFailure } from './connection.ts';
import type { Partition, Position } from './reader.ts';

const SECOND = 1000;
/** A member that is not heard of for so long has died; its partitions go to others. */
const SESSION_MS = 10 * SECOND;
const REBALANCE_MS = 30 * SECOND;
const HEARTBEAT_MS = SECOND;

const REJOIN: readonly string[] = [
  'ILLEGAL_GENERATION',
  'UNKNOWN_MEMBER_ID',
  'REBALANCE_IN_PROGRESS',
  'FENCED_INSTANCE_ID',
];

/** A member of a consumer group: which partitions are its own, and where the group is in them. */
export class KafkaGroup {
  readonly #connection: KafkaConnection;
  readonly #consumer: Consumer;
  readonly #topics: readonly string[];
  /** Grows each time that partitions were given out anew. */
  generation = 0;
  /** True when this member cannot go on and another one must take its place. */
  isLost = false;

  constructor(connection: KafkaConnection, group: string, topics: readonly string[]) {
    this.#connection = connection;
    this.#topics = topics;
    this.#consumer = new Consumer({
      ...connection.options,
      ...{
        groupId: group,
        sessionTimeout: SESSION_MS,
        rebalanceTimeout: REBALANCE_MS,
        heartbeatInterval: HEARTBEAT_MS,
      },
      autocommit: false,
    });
    this.#consumer.topics.trackAll(...topics);
    this.#consumer.on('consumer:group:join', () => {
      this.generation++;
    });
    this.#consumer.on('consumer:heartbeat:stalled', () => {
      this.isLost = true;
    });
  }

  /** Throws `KAFKA_*`. */
  async join(): Promise<void> {
    try {
      await this.#consumer.joinGroup();
    } catch (error) {
      throw kafkaFailure(error, this.#connection.address);
    }
  }

  get partitions(): readonly Partition[] {
    return (this.#consumer.assignments ?? []).flatMap(({ partitions, topic }) =>
      partitions.map(partition => ({ topic, partition })),
    );
  }

  /** Where the group is; partitions in which it has read nothing are left out. Throws `KAFKA_*`. */
  async committed(partitions: readonly Partition[]): Promise<Position[]> {
    if (partitions.length === 0) return [];
    const topics = [...new Set(partitions.map(({ topic }) => topic))].map(topic => ({
      topic,
      partitions: partitions.filter(one => one.topic === topic).map(({ partition }) => partition),
    }));
    try {
      const found = await this.#consumer.listCommittedOffsets({ topics });
      return partitions.flatMap(({ partition, topic }) => {
        const offset = found.get(topic)?.[partition] ?? -1n;
        return offset < 0n ? [] : [{ topic, partition, offset: Number(offset) }];
      });
    } catch (error) {
      throw kafkaFailure(error, this.#connection.address);
    }
  }

  /** False when the partitions have gone to others in the meantime: then these offsets are theirs to say. Throws `KAFKA_*`. */
  async commit(positions: readonly Position[]): Promise<boolean> {
    try {
      await this.#consumer.commit({
        offsets: positions.map(({ offset, ...rest }) => ({
          ...rest,
          offset: BigInt(offset),
          leaderEpoch: -1,
        })),
      });
      return true;
    } catch (error) {
      if (isApiError(error, ...REJOIN)) return false;
      throw kafkaFailure(error, this.#connection.address);
    }
  }

  get topics(): readonly string[] {
    return this.#topics;
  }

  /** Leaves, so that others need not wait for this member's death. */
  async close(): Promise<void> {
    await this.#consumer.close(true);
  }
}
