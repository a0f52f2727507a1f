import { Consumer, ListOffsetTimestamps } from '@platformatic/kafka';
import { NetworkError } from '../../model/errors.ts';
import { isApiError, type KafkaConnection, kafkaFailure } from './connection.ts';

/** What one answer brings at most, bytes; with the answer that is being worked on this is what a reader holds. */
const MOST_BYTES = 8 * 2 ** 20;
const MOST_BYTES_PARTITION = 2 * 2 ** 20;
/** How long brokers hold an answer back when there is nothing, ms. */
const WAIT_MS = 250;

type FetchResponse = Awaited<ReturnType<Consumer['fetch']>>;

export interface Partition {
  readonly topic: string;
  readonly partition: number;
}

/** Where reading is: `offset` is that of the next message. */
export interface Position extends Partition {
  readonly offset: number;
}

/** One text for each partition. */
export function keyOf({ partition, topic }: Partition): string {
  return `${topic}:${partition}`;
}

export interface KafkaMessage {
  readonly offset: number;
  readonly key: string;
  /** Null for a tombstone. */
  readonly value: Buffer | null;
  /** When it was made, epoch ms UTC. */
  readonly time: number;
  readonly header: (name: string) => string | undefined;
}

/** What one partition gave at once, oldest first. */
export interface Chunk extends Partition {
  /** Of the topic: another one of the same name is another topic. */
  readonly topicId: string;
  readonly messages: readonly KafkaMessage[];
  /** Where reading goes on. */
  readonly next: number;
  /** Offset behind the last message of the partition. */
  readonly end: number;
}

export interface Bounds extends Partition {
  readonly earliest: number;
  readonly end: number;
}

/** Messages of partitions by their offsets, without any group. One question at a time. */
export class KafkaReader {
  readonly #connection: KafkaConnection;
  readonly #consumer: Consumer;

  constructor(connection: KafkaConnection, topics: readonly string[]) {
    this.#connection = connection;
    this.#consumer = new Consumer({
      ...connection.options,
      // Needed by the client; nobody joins it.
      groupId: 'qt-reader',
      retries: 2,
      maxWaitTime: WAIT_MS,
      maxBytes: MOST_BYTES,
      minBytes: 1,
    });
    this.#consumer.topics.trackAll(...topics);
  }

  /** First and last offsets of all partitions. Throws `KAFKA_*`. */
  async bounds(): Promise<Bounds[]> {
    const topics = this.#consumer.topics.current;
    try {
      const earliest = await this.#consumer.listOffsets({ topics, timestamp: ListOffsetTimestamps.EARLIEST });
      const latest = await this.#consumer.listOffsets({ topics, timestamp: ListOffsetTimestamps.LATEST });
      return topics.flatMap(topic =>
        (latest.get(topic) ?? []).map((end, partition) => ({
          ...{ topic, partition, end: Number(end) },
          earliest: Number(earliest.get(topic)?.[partition] ?? 0n),
        })),
      );
    } catch (error) {
      throw kafkaFailure(error, this.#connection.address);
    }
  }

  /** The ids of the topics as they are now. Throws `KAFKA_*`. */
  async topicIds(): Promise<ReadonlyMap<string, string>> {
    const { topics } = await this.#metadata();
    return new Map([...topics].map(([topic, { id }]) => [topic, id]));
  }

  /**
   * What comes next at these positions; empty when nothing came for a while. Throws {@link OffsetsGone} where a position is
   * not there any more, NetworkError, InputError `KAFKA_*`.
   */
  async fetch(positions: readonly Position[]): Promise<Chunk[]> {
    const { topics } = await this.#metadata();
    const nodes = new Map<number, Position[]>();
    for (const position of positions) {
      const leader = topics.get(position.topic)?.partitions[position.partition]?.leader ?? -1;
      if (leader < 0) {
        this.#consumer.clearMetadata();
        throw new NetworkError('KAFKA_NO_LEADER', `${position.topic} ${position.partition} has no leader`, {
          value: position.partition,
          fix: 'wait until the cluster has elected one',
        });
      }
      const own = nodes.get(leader);
      if (own === undefined) nodes.set(leader, [position]);
      else own.push(position);
    }
    const answers = await Promise.all([...nodes].map(([node, own]) => this.#ask(node, own, topics)));
    return answers.flat();
  }

  async close(): Promise<void> {
    await this.#consumer.close(true);
  }

  async #metadata() {
    try {
      return await this.#consumer.metadata({ topics: this.#consumer.topics.current });
    } catch (error) {
      throw kafkaFailure(error, this.#connection.address);
    }
  }

  async #ask(
    node: number,
    positions: readonly Position[],
    topics: ReadonlyMap<string, { id: string }>,
  ): Promise<Chunk[]> {
    const requests = new Map<string, Position[]>();
    for (const position of positions) {
      const { id } = topics.get(position.topic)!;
      requests.set(id, [...(requests.get(id) ?? []), position]);
    }
    let response: FetchResponse;
    try {
      response = await this.#consumer.fetch({
        node,
        topics: [...requests].map(([topicId, own]) => ({
          topicId,
          partitions: own.map(({ offset, partition }) => ({
            ...{ partition, fetchOffset: BigInt(offset), partitionMaxBytes: MOST_BYTES_PARTITION },
            ...{ currentLeaderEpoch: -1, lastFetchedEpoch: -1 },
          })),
        })),
        maxWaitTime: WAIT_MS,
        maxBytes: MOST_BYTES,
        minBytes: 1,
      });
    } catch (error) {
      if (isApiError(error, 'OFFSET_OUT_OF_RANGE')) throw new OffsetsGone();
      this.#consumer.clearMetadata();
      throw kafkaFailure(error, this.#connection.address);
    }
    const chunks: Chunk[] = [];
    for (const { partitions, topicId } of response.responses) {
      for (const one of partitions) {
        const position = requests.get(topicId)?.find(({ partition }) => partition === one.partitionIndex);
        if (position === undefined) continue;
        const chunk = chunkOf(position, topicId, one);
        if (chunk.next > position.offset) chunks.push(chunk);
      }
    }
    return chunks;
  }
}

/** A position that the cluster does not have: deleted by retention, or lost with a broker. */
export class OffsetsGone extends Error {}

/** Set in batches that only mark the end of a transaction. */
const CONTROL = 1 << 5;

function chunkOf(
  { offset, partition, topic }: Position,
  topicId: string,
  { highWatermark, records }: FetchResponse['responses'][number]['partitions'][number],
): Chunk {
  const messages: KafkaMessage[] = [];
  let next = offset;
  for (const batch of records ?? []) {
    const first = Number(batch.firstOffset);
    next = Math.max(next, first + batch.lastOffsetDelta + 1);
    if ((batch.attributes & CONTROL) !== 0) continue;
    for (const record of batch.records) {
      const at = first + record.offsetDelta;
      // Batches come whole: the first one may begin before what was asked for.
      if (at < offset) continue;
      messages.push({
        ...{ offset: at, key: record.key?.toString('utf8') ?? '', value: record.value },
        time: Number(batch.firstTimestamp + record.timestampDelta),
        header: name => record.headers.find(([key]) => key?.toString('utf8') === name)?.[1]?.toString('utf8'),
      });
    }
  }
  return { topic, partition, topicId, messages, next, end: Number(highWatermark) };
}
