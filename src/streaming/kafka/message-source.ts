import { NetworkError } from '../../model/errors.ts';
import { BackOff } from '../../net/back-off.ts';
import { realNetwork } from '../../net/real.ts';
import { sleep } from '../../net/sleep.ts';
import { Commits } from './commits.ts';
import { isPassing, type KafkaConnection } from './connection.ts';
import { beyond, expiredBatch } from './expired.ts';
import { KafkaGroup } from './group.ts';
import { sizeOf, type Take, TakerFailure, take } from './message-batch.ts';
import { StreamMetrics } from './metrics.ts';
import { type Chunk, KafkaReader, keyOf, OffsetsGone, type Partition, type Position } from './reader.ts';

/** Options of a source's address. */
export const SOURCE_OPTIONS = ['group', 'from'] as const;

const IDLE_MS = 100;
const BACK_OFF = { first: 500, most: 10_000 };

export interface MessageSourceOptions {
  readonly connection: KafkaConnection;
  readonly topics: readonly string[];
  readonly group: string;
  /** Where the group begins where it has read nothing: default earliest. */
  readonly from?: 'earliest' | 'latest';
  /** Where whoever takes the records is in a partition, if it knows: this counts more than what the group knows. */
  readonly positionOf?: (topicId: string, partition: Partition) => number | undefined;
  /** Read partitions that are new to this member from their beginning, whatever was taken before. */
  readonly fromBeginning?: boolean;
  readonly metrics?: StreamMetrics;
  /** End when everything that was there at the start has been taken, instead of waiting for more. */
  readonly toEnd?: boolean;
  onNotice?(level: 'info' | 'warning', code: string, message: string): void;
}

/**
 * Messages of topics, as a member of a consumer group: partitions are shared with the other members, and go to them when this
 * one dies. At least once: the group's offsets move only when the messages have been taken.
 */
export class MessageSource {
  readonly name: string;
  readonly metrics: StreamMetrics;
  readonly #options: MessageSourceOptions;
  readonly #commits = new Commits(message => this.#notice('warning', 'KAFKA_COMMIT_FAILED', message));
  /** Where the group was when partitions came to this member. */
  readonly #taken = new Map<string, number>();

  constructor(options: MessageSourceOptions) {
    this.#options = options;
    this.metrics = options.metrics ?? new StreamMetrics();
    this.name = options.connection.address.name;
  }

  /**
   * Gives messages until the signal says stop; the next ones come when `write` has taken those before. Rejects with what `write`
   * throws, and with `KAFKA_*`; brokers that go away are waited for.
   */
  async run(write: Take, signal: AbortSignal): Promise<void> {
    const back = new BackOff({ ...BACK_OFF, random: Math.random });
    let begun = false;
    const hasBegun = () => {
      begun = true;
      back.reset();
    };
    while (!signal.aborted) {
      try {
        await this.#asMember(write, signal, hasBegun);
        return;
      } catch (error) {
        if (error instanceof TakerFailure) throw error.cause;
        if (signal.aborted) return;
        // At the start somebody waits for an answer; later the service goes on when the brokers do.
        if (!begun || !(error instanceof NetworkError) || !isPassing(error)) throw error;
        const pause = back.next();
        this.#notice('warning', error.code, `${error.message}; again in ${(pause / 1000).toFixed(1)} s`);
        await sleep(realNetwork.timers, pause, signal);
      }
    }
  }

  async #asMember(write: Take, signal: AbortSignal, hasBegun: () => void): Promise<void> {
    const { connection, group: name, topics, toEnd } = this.#options;
    const reader = new KafkaReader(connection, topics);
    const group = new KafkaGroup(connection, name, topics);
    this.#commits.begin();
    try {
      const ends = toEnd === true ? await endsOf(reader) : undefined;
      await reader.topicIds();
      await group.join();
      await this.#follow(reader, group, write, signal, hasBegun, ends);
    } finally {
      await group.close().catch(() => {});
      await reader.close().catch(() => {});
    }
  }

  async #follow(
    reader: KafkaReader,
    group: KafkaGroup,
    write: Take,
    signal: AbortSignal,
    hasBegun: () => void,
    ends: ReadonlyMap<string, number> | undefined,
  ): Promise<void> {
    let generation = -1;
    let positions = new Map<string, Position>();
    let ahead: Promise<Chunk[]> | undefined;
    while (!signal.aborted) {
      if (group.isLost)
        throw new NetworkError('KAFKA_MEMBER_LOST', `${this.name}: the group was not reached for long`);
      if (generation !== group.generation) {
        generation = group.generation;
        await ahead?.catch(() => {});
        ahead = undefined;
        positions = await this.#positions(reader, group, positions);
        continue;
      }
      if (ends !== undefined && isAtEnd(positions, ends)) break;
      if (positions.size === 0) {
        await sleep(realNetwork.timers, IDLE_MS, signal);
        continue;
      }
      let chunks: Chunk[];
      try {
        chunks = await (ahead ?? reader.fetch([...positions.values()]));
      } catch (error) {
        ahead = undefined;
        if (!(error instanceof OffsetsGone)) throw error;
        await this.#skipExpired(reader, positions, write);
        continue;
      }
      ahead = undefined;
      hasBegun();
      if (generation !== group.generation) continue;
      for (const { next, partition, topic } of chunks) {
        positions.set(keyOf({ topic, partition }), { topic, partition, offset: next });
      }
      if (!signal.aborted && chunks.length > 0) {
        ahead = reader.fetch([...positions.values()]);
        // Whoever waits for it hears of its failure.
        ahead.catch(() => {});
      }
      for (const chunk of chunks) await this.#take(chunk, write);
      await this.#commits.commit(group, realNetwork.timers.now(), false);
    }
    await ahead?.catch(() => {});
    await this.#commits.commit(group, realNetwork.timers.now(), true);
  }

  async #take(chunk: Chunk, write: Take): Promise<void> {
    const { end, messages, next, partition, topic, topicId } = chunk;
    const taken = this.#taken.get(keyOf(chunk)) ?? 0;
    await take(write, { topic, partition, topicId, messages, next, taken });
    this.#commits.written({ topic, partition, offset: next });
    this.metrics.consumed.inc({ topic }, messages.length);
    this.metrics.consumedBytes.inc({ topic }, sizeOf(messages));
    this.metrics.lag.set({ topic, partition: String(partition) }, Math.max(0, end - next));
  }

  /** Where to go on in what is now this member's. */
  async #positions(
    reader: KafkaReader,
    group: KafkaGroup,
    before: ReadonlyMap<string, Position>,
  ): Promise<Map<string, Position>> {
    const { from = 'earliest', fromBeginning, positionOf } = this.#options;
    const { partitions } = group;
    const ids = await reader.topicIds();
    const bounds = new Map((await reader.bounds()).map(one => [keyOf(one), one]));
    const committed = new Map((await group.committed(partitions)).map(one => [keyOf(one), one.offset]));
    const positions = new Map<string, Position>();
    for (const one of partitions) {
      const key = keyOf(one);
      const known = positionOf?.(ids.get(one.topic) ?? '', one);
      const { earliest = 0, end = 0 } = bounds.get(key) ?? {};
      const first = from === 'earliest' ? earliest : end;
      const written = this.#commits.writtenOf(key);
      const offset = known ?? Math.max(committed.get(key) ?? first, written);
      if (offset > end) throw beyond(one, offset, end);
      this.#taken.set(key, offset);
      const isNew = !before.has(key) || written === 0;
      positions.set(key, { ...one, offset: fromBeginning === true && isNew ? earliest : offset });
    }
    const list = partitions.map(({ partition, topic }) => `${topic} ${partition}`).join(', ');
    this.#notice(
      'info',
      'KAFKA_ASSIGNED',
      list === '' ? 'no partition is left for this member' : `reads ${list}`,
    );
    return positions;
  }

  /** Goes on behind what retention has deleted, and leaves a gap record that says so. */
  async #skipExpired(reader: KafkaReader, positions: Map<string, Position>, write: Take): Promise<void> {
    const ids = await reader.topicIds();
    for (const { earliest, end, ...one } of await reader.bounds()) {
      const key = keyOf(one);
      const position = positions.get(key);
      if (position === undefined) continue;
      if (position.offset > end) throw beyond(one, position.offset, end);
      if (position.offset >= earliest) continue;
      const { partition, topic } = one;
      const lost = earliest - position.offset;
      this.metrics.expired.inc({ topic }, lost);
      this.#notice(
        'warning',
        'KAFKA_EXPIRED',
        `${topic} ${partition}: ${lost} messages were deleted by the cluster before they were read`,
      );
      positions.set(key, { topic, partition, offset: earliest });
      await take(write, expiredBatch(one, ids.get(topic) ?? '', position.offset, earliest));
    }
  }

  #notice(level: 'info' | 'warning', code: string, message: string): void {
    this.#options.onNotice?.(level, code, message);
  }
}

async function endsOf(reader: KafkaReader): Promise<ReadonlyMap<string, number>> {
  return new Map((await reader.bounds()).map(one => [keyOf(one), one.end]));
}

function isAtEnd(positions: ReadonlyMap<string, Position>, ends: ReadonlyMap<string, number>): boolean {
  return [...positions].every(([key, { offset }]) => offset >= (ends.get(key) ?? 0));
}
