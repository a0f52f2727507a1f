import type { DataFeed, FeedEvent, FeedRequest } from '../feeds/feed.ts';
import type { FeedTransform } from '../feeds/transforms/transform.ts';
import type { Bars } from '../model/bars.ts';
import { DataError } from '../model/errors.ts';
import { barEnd, barStart, intervalMs, isFixed } from '../model/interval.ts';
import { BLOCK } from '../series/clock.ts';
import { DataWriter } from '../series/data.ts';

/** Something a feed said that is not a bar; the strategy hears of it at the next step. */
export type Notice = 'live' | 'disconnected' | 'gap';

/** A cursor over longer bars, and what makes them of another one's. */
export interface DerivedCursor {
  readonly cursor: FeedCursor;
  readonly transform: FeedTransform;
  /** Bars of the other that hold `bars` of these. */
  readonly sourceWarmup: (bars: number) => number;
}

/** Closed bars that wait for those before them. */
type Chunk = Extract<FeedEvent, { kind: 'bars' }>;

/** One feed on its way through the engine: the chunk in hand, and how far it has been consumed. */
export class FeedCursor {
  readonly feed: DataFeed;
  readonly writer: DataWriter;
  readonly instrument: number;
  /** True for the feed on which the orders of its instrument are matched. */
  readonly matches: boolean;
  /** True for a feed that orders are matched on and nothing else: it makes no steps, and the strategy does not see it. */
  readonly fillsOnly: boolean;
  /** True for one that gets its bars from another cursor, and not from a feed of its own. */
  readonly isDerived: boolean;
  readonly derived: DerivedCursor[] = [];
  /** The bar that closed last has not given the account its mark yet. */
  fresh = false;
  /** Nothing more will be known at or before this time, epoch ms UTC. */
  frontier = Number.NEGATIVE_INFINITY;
  done = false;
  /** The next chunk, whose rows from `row` on are still ahead. */
  bars: Bars | undefined;
  row = 0;
  warmup = false;
  /** Number of the bar whose open the broker was shown before it had closed; -1 for none. */
  opened = -1;
  /** True for a chunk whose bars came too late for anybody to act on them. */
  late = false;
  readonly notices: Notice[] = [];
  /** Called for rows that have just been computed, before any of them is current. */
  onLoad: ((writer: DataWriter, from: number, to: number, warmup: boolean) => void) | undefined;
  readonly #openShift: number;
  /** From a bar's stamp to its close time, ms; NaN where bars vary in length. */
  readonly closeShift: number;
  #iterator: AsyncIterator<FeedEvent> | undefined;
  #loaded = 0;
  /** Chunks behind the one in hand. Only live feeds get ahead of the engine, by what comes while it waits for another. */
  readonly #queue: Chunk[] = [];
  #last = Number.NEGATIVE_INFINITY;

  constructor(
    feed: DataFeed,
    instrument: number,
    matches: boolean,
    lookback: number | undefined,
    fillsOnly = false,
    isDerived = false,
  ) {
    this.feed = feed;
    this.isDerived = isDerived;
    this.instrument = instrument;
    this.matches = matches;
    this.fillsOnly = fillsOnly;
    this.writer = new DataWriter({
      instrument: feed.instrument,
      interval: feed.interval,
      stamps: feed.stamps,
      columns: feed.columns,
      ...(lookback === undefined ? {} : { lookback }),
    });
    const length = isFixed(feed.interval) ? intervalMs(feed.interval) : Number.NaN;
    this.#openShift = feed.stamps === 'open' ? 0 : -length;
    this.closeShift = feed.stamps === 'close' ? 0 : length;
  }

  start(request: FeedRequest): void {
    this.#iterator = this.feed.events(request)[Symbol.asyncIterator]();
  }

  /** Asks the feed for its next event. */
  async pull(): Promise<void> {
    const { value, done } = await this.#iterator!.next();
    if (done === true) {
      this.#end();
      return;
    }
    this.take(value);
  }

  #end(): void {
    this.done = true;
    this.frontier = Number.POSITIVE_INFINITY;
    for (const { cursor, transform } of this.derived) {
      for (const event of transform.end()) cursor.take(event);
      cursor.#end();
    }
  }

  /** Takes the feed's next event. */
  take(event: FeedEvent): void {
    this.#take(event);
    if (event.kind !== 'bars' && event.kind !== 'clock') return;
    for (const { cursor, transform } of this.derived) {
      for (const given of transform.take(event)) cursor.take(given);
    }
  }

  #take(event: FeedEvent): void {
    if (event.kind === 'bars') {
      if (event.bars.length === 0) return;
      this.#checkOrder(event.bars);
      if (this.hasRow) this.#queue.push(event);
      else this.#begin(event);
    } else if (event.kind === 'clock') {
      this.frontier = Math.max(this.frontier, event.upTo);
    } else if (event.kind === 'gap') {
      this.notices.push('gap');
    } else if (event.kind === 'status') {
      this.notices.push(event.status);
    }
  }

  #begin({ bars, phase, late }: Chunk): void {
    this.bars = bars;
    this.row = 0;
    this.#loaded = 0;
    this.warmup = phase === 'warmup';
    this.late = late;
  }

  /** Each feed checks its own bars; what could still go wrong is how they were cut. */
  #checkOrder(bars: Bars): void {
    const last = this.#last;
    this.#last = bars.time[bars.length - 1];
    if (bars.time[0] > last) return;
    throw new DataError(
      'TIME_NOT_ASCENDING',
      `${this.writer.data.name}: a chunk of bars begins at ${bars.time[0]}, the one before it ended at ${last}`,
      { value: bars.time[0], limit: last, fix: 'let the feed give each bar once, in ascending order' },
    );
  }

  /** Bars that the feed should give before the run. */
  get wanted(): number {
    // The first of the run need not end a longer one: that one has been there already.
    const derived = this.derived.map(({ cursor, sourceWarmup }) => sourceWarmup(cursor.wanted + 1));
    return Math.max(this.writer.clock.warmup, ...derived);
  }

  async close(): Promise<void> {
    await this.#iterator?.return?.();
  }

  get hasRow(): boolean {
    return this.bars !== undefined && this.row < this.bars.length;
  }

  /** When the bar of row `row` was complete, epoch ms UTC. */
  closeTime(row: number): number {
    const stamp = this.bars!.time[row];
    const time = stamp + this.closeShift;
    return Number.isNaN(time) ? barEnd(stamp, this.feed.interval) : time;
  }

  /** When the bar of row `row` began, epoch ms UTC. */
  openTime(row: number): number {
    const stamp = this.bars!.time[row];
    const time = stamp + this.#openShift;
    return Number.isNaN(time) ? barStart(stamp, this.feed.interval) : time;
  }

  /** Makes sure that the next row is computed; returns how far the rows are (exclusive). */
  load(): number {
    const bars = this.bars!;
    if (this.row === this.#loaded) {
      if (this.row === 0) this.writer.take(bars);
      const to = Math.min(bars.length, this.row + BLOCK);
      this.writer.load(to);
      this.#loaded = to;
      this.onLoad?.(this.writer, this.row, to, this.warmup);
    }
    return this.#loaded;
  }

  /** Makes the next row current; it must have been loaded. */
  advance(): void {
    const { clock } = this.writer;
    clock.move(clock.bar + 1);
    this.row++;
    this.fresh = true;
  }

  /** Goes on to the next chunk that waits, once the one in hand has been consumed; computes its rows ahead. */
  proceed(): void {
    if (!this.hasRow) {
      const next = this.#queue.shift();
      if (next === undefined) return;
      this.#begin(next);
    }
    this.load();
  }

  /** False when a bar that is complete at `time` or before may still come. */
  passed(time: number): boolean {
    return this.done || this.frontier >= time || this.#soonest() > time;
  }

  /** The earliest moment at which a bar after the last one could be complete: bars do not overlap. */
  #soonest(): number {
    if (this.#last === Number.NEGATIVE_INFINITY) return this.#last;
    const { interval, stamps } = this.feed;
    return stamps === 'close' ? barEnd(this.#last, interval) : barEnd(barEnd(this.#last, interval), interval);
  }
}
