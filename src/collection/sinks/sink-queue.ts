import type { GapRecord, MarketRecord } from '../../model/records.ts';
import type { RecordSink } from './sink.ts';

/** Records that may wait for a sink. */
export const MOST_WAITING = 100_000;
/** Records that a sink is given at once. */
const MOST_AT_ONCE = 5000;

export interface SinkQueueOptions {
  readonly most?: number;
  /** The sink failed: nothing more is given to it. */
  onFailure(error: unknown): void;
}

/**
 * Records on their way to one sink, which may be slow or stand still: it holds up nobody else. The queue is bounded. When
 * it is full the oldest half is given up, counted, and the sink gets a gap record that says how much is missing and from
 * when to when, so that whoever reads it later knows. Books are whole again with their next snapshot.
 */
export class SinkQueue {
  readonly #sink: RecordSink;
  readonly #options: SinkQueueOptions;
  readonly #most: number;
  #waiting: MarketRecord[] = [];
  #writing: Promise<void> | undefined;
  #failed = false;
  #gaps = 0;
  /** Records that found no room. */
  dropped = 0;
  /** Records that the sink has taken. */
  written = 0;

  constructor(sink: RecordSink, options: SinkQueueOptions) {
    this.#sink = sink;
    this.#options = options;
    this.#most = options.most ?? MOST_WAITING;
  }

  get name(): string {
    return this.#sink.name;
  }

  /** Records that wait. */
  get length(): number {
    return this.#waiting.length;
  }

  push(record: MarketRecord): void {
    if (this.#failed) return;
    if (this.#waiting.length >= this.#most) this.#giveUp();
    this.#waiting.push(record);
    // What one frame brings is written together.
    this.#writing ??= Promise.resolve().then(() => this.#write());
  }

  /** Resolves when all has been written and the sink is closed, or has failed. */
  async close(): Promise<void> {
    this.#sink.ending?.();
    await this.#writing;
    if (this.#failed) return;
    try {
      await this.#sink.close();
    } catch (error) {
      this.#fail(error);
    }
  }

  async #write(): Promise<void> {
    try {
      while (this.#waiting.length > 0 && !this.#failed) {
        const records =
          this.#waiting.length <= MOST_AT_ONCE ? this.#waiting : this.#waiting.slice(0, MOST_AT_ONCE);
        this.#waiting = this.#waiting === records ? [] : this.#waiting.slice(MOST_AT_ONCE);
        const done = this.#sink.write(records);
        if (done !== undefined) await done;
        this.written += records.length;
      }
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#writing = undefined;
    }
  }

  #fail(error: unknown): void {
    this.#failed = true;
    this.#waiting = [];
    this.#options.onFailure(error);
  }

  /** Gives up the older half, but no gap records: they are what a reader must have. */
  #giveUp(): void {
    const half = this.#waiting.length >> 1;
    const old = this.#waiting.slice(0, half);
    const kept = old.filter(record => record.kind === 'gap');
    const lost = half - kept.length;
    if (lost === 0) {
      // Nothing but gaps: then the oldest of these.
      this.dropped += half;
      this.#waiting = this.#waiting.slice(half);
      return;
    }
    this.dropped += lost;
    const gone = old.filter(record => record.kind !== 'gap');
    this.#waiting = [...kept, this.#gap(gone, lost), ...this.#waiting.slice(half)];
  }

  #gap(gone: readonly MarketRecord[], lost: number): GapRecord {
    const first = gone[0];
    const last = gone[gone.length - 1];
    return {
      kind: 'gap',
      venue: first.venue,
      ...{ symbol: '', native: '', exchangeTime: null, sequence: null, channel: null },
      receiveTime: last.receiveTime,
      publishTime: last.publishTime,
      // Numbers of a queue's own, below those of the venue's gaps.
      gap: -++this.#gaps,
      state: 'closed',
      cause: 'SINK_SLOW',
      rule: `at most ${this.#most} records wait for a sink`,
      detail: `${lost} records were given up`,
      from: first.receiveTime,
      to: last.receiveTime,
      ...{ after: null, before: null, isFilled: false },
    };
  }
}
