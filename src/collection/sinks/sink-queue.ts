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
  /** The last gap of its own that was made, and how many records it stands for. */
  #untold: { readonly gap: GapRecord; readonly lost: number } | undefined;
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

  /**
   * Gives up the older half, but no gap records: they are what a reader must have. Where there is nothing else, the older half
   * of these. What was given up before, and nobody has been told of yet, is one gap with it.
   */
  #giveUp(): void {
    const half = Math.max(2, this.#waiting.length >> 1);
    const untold = this.#untold;
    const old = this.#waiting.slice(0, half).filter(record => record !== untold?.gap);
    const before = old.length < half ? untold : undefined;
    const isGap = (record: MarketRecord) => record.kind === 'gap';
    const isOfGaps = old.every(isGap);
    const gone = isOfGaps ? old.slice(0, (old.length + 1) >> 1) : old.filter(record => !isGap(record));
    const kept = isOfGaps ? old.slice(gone.length) : old.filter(isGap);
    this.dropped += gone.length;
    const lost = (before?.lost ?? 0) + gone.length;
    const gap = this.#gap(gone, lost, before?.gap);
    this.#untold = { gap, lost };
    this.#waiting = [...kept, gap, ...this.#waiting.slice(half)];
  }

  #gap(gone: readonly MarketRecord[], lost: number, before: GapRecord | undefined): GapRecord {
    const first = before ?? gone[0];
    const last = gone.at(-1) ?? first;
    return {
      kind: 'gap',
      venue: first.venue,
      ...{ symbol: '', native: '', exchangeTime: null, sequence: null, channel: null },
      receiveTime: last.receiveTime,
      publishTime: last.publishTime,
      // Numbers of a queue's own, below those of the venue's gaps.
      gap: before?.gap ?? -++this.#gaps,
      state: 'closed',
      cause: 'SINK_SLOW',
      rule: `at most ${this.#most} records wait for a sink`,
      detail: `${lost} records were given up`,
      from: before?.from ?? first.receiveTime,
      to: last.receiveTime,
      ...{ after: null, before: null, isFilled: false },
    };
  }
}
