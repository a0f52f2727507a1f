import type { DataFeed, FeedEvent, FeedRequest } from '../feeds/feed.ts';
import type { FeedTransform } from '../feeds/transforms/transform.ts';
import type { Bars, Growth } from '../model/bars.ts';
import { DataError } from '../model/errors.ts';
import { barEnd, barStart, type Interval, intervalMs, isFixed } from '../model/interval.ts';
import { BLOCK } from '../series/clock.ts';
import { DataWriter, type LineTerms } from '../series/data.ts';

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

/** The length of what orders are matched on: a feed's bars, or the parts by which they grow. */
export function matchingInterval({ growsBy, interval }: DataFeed): Interval {
  return growsBy ?? interval;
}

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
  /** Of bars that grow: what has been traded since the row before, row by row; else the same as `bars`. */
  parts: Bars | undefined;
  row = 0;
  warmup = false;
  /** Number of the bar whose open the broker was shown before it had closed; -1 for none. */
  opened = -1;
  /** True for a chunk whose bars came too late for anybody to act on them. */
  late = false;
  readonly notices: Notice[] = [];
  /** Number of the row that was consumed last, counted from 0, of all chunks: of bars that grow each revision counts. */
  count = -1;
  /**
   * Called for rows that have just been computed: before any of them is current, or with {@link stepwise} when the row is;
   * `revises`: it is the row before it, revised.
   */
  onLoad:
    | ((writer: DataWriter, from: number, to: number, warmup: boolean, revises: boolean) => void)
    | undefined;
  /** True when some lines are computed only when the step is made. */
  stepwise: boolean;
  /** True in a step that has made a row current. */
  stepped = false;
  readonly #openShift: number;
  /** From a bar's stamp to its close time, ms; NaN where bars vary in length. */
  readonly closeShift: number;
  #iterator: AsyncIterator<FeedEvent> | undefined;
  #loaded = 0;
  #growth: Growth | undefined;
  /** Chunks behind the one in hand. Only live feeds get ahead of the engine, by what comes while it waits for another. */
  readonly #queue: Chunk[] = [];
  /** Stamp of the last bar that was taken, or when it became known if it grows: epoch ms UTC. */
  last = Number.NEGATIVE_INFINITY;

  constructor(
    feed: DataFeed,
    instrument: number,
    matches: boolean,
    lines: LineTerms = {},
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
      grows: feed.growsBy !== undefined,
      ...lines,
      memory:
        feed.lines === undefined || feed.length === undefined
          ? undefined
          : { lines: feed.lines, expected: feed.length },
    });
    this.stepwise = this.writer.grows;
    const length = isFixed(feed.interval) ? intervalMs(feed.interval) : Number.NaN;
    this.#openShift = feed.stamps === 'open' ? 0 : -length;
    this.closeShift = feed.stamps === 'close' ? 0 : length;
  }

  /** Number of the row that was consumed last, as the broker counts what it is offered. */
  get part(): number {
    return this.writer.grows ? this.count : this.writer.clock.bar;
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
      this.#check(event);
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

  #begin({ bars, phase, late, growth }: Chunk): void {
    this.bars = bars;
    this.parts = growth?.parts ?? bars;
    this.#growth = growth;
    this.row = 0;
    this.#loaded = 0;
    this.warmup = phase === 'warmup';
    this.late = late;
  }

  /** Each feed checks its own bars; what could still go wrong is how they were cut, and what they were told to be. */
  #check({ bars, growth }: Chunk): void {
    const { name } = this.writer.data;
    if ((growth !== undefined) !== this.writer.grows) {
      throw new DataError('GROWTH_UNDECLARED', `${name}: a chunk of bars is not what the feed says it is`, {
        value: growth === undefined ? 'bars without growth' : 'bars with growth',
        limit: this.writer.grows ? 'bars with growth' : 'bars without growth',
        fix: 'let the feed have growsBy and give growth with every chunk, or neither',
      });
    }
    const times = growth?.known ?? bars.time;
    const last = this.last;
    this.last = times[bars.length - 1];
    if (times[0] > last) return;
    throw new DataError(
      'TIME_NOT_ASCENDING',
      `${name}: a chunk of bars begins at ${times[0]}, the one before it ended at ${last}`,
      { value: times[0], limit: last, fix: 'let the feed give each bar once, in ascending order' },
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

  /** When the first row in hand that belongs to the run became known, epoch ms UTC; Infinity without one. */
  get runTime(): number {
    if (this.hasRow && !this.warmup) return this.closeTime(this.row);
    const next = this.#queue.find(({ phase }) => phase === 'run');
    if (next === undefined) return Number.POSITIVE_INFINITY;
    return next.growth?.known[0] ?? this.#complete(next.bars.time[0]);
  }

  /** When row `row` became known, epoch ms UTC: when its bar was complete, or had grown to what the row shows. */
  closeTime(row: number): number {
    if (this.#growth !== undefined) return this.#growth.known[row];
    return this.#complete(this.bars!.time[row]);
  }

  #complete(stamp: number): number {
    const time = stamp + this.closeShift;
    return Number.isNaN(time) ? barEnd(stamp, this.feed.interval) : time;
  }

  /** When what row `row` adds began, epoch ms UTC: its bar, or the part by which the bar has grown. */
  openTime(row: number): number {
    if (this.#growth !== undefined) return this.#growth.parts.time[row];
    return this.barTime(row);
  }

  /** When the bar of row `row` began, epoch ms UTC. */
  barTime(row: number): number {
    const stamp = this.bars!.time[row];
    const time = stamp + this.#openShift;
    return Number.isNaN(time) ? barStart(stamp, this.feed.interval) : time;
  }

  /** Makes sure that the next row is computed; returns how far the rows are (exclusive). */
  load(): number {
    const bars = this.bars!;
    const { writer } = this;
    if (this.row === this.#loaded) {
      if (this.row === 0) writer.take(bars, this.#growth);
      if (writer.grows) return this.row + 1;
      const to = Math.min(bars.length, this.row + BLOCK);
      writer.load(to);
      this.#loaded = to;
      if (!this.stepwise) this.onLoad?.(writer, this.row, to, this.warmup, false);
    }
    return this.#loaded;
  }

  /** Makes the next row current; it must have been loaded. */
  advance(): void {
    const { clock, grows } = this.writer;
    if (grows) {
      this.writer.grow(this.row);
      this.#loaded = this.row + 1;
    } else clock.move(clock.bar + 1);
    this.row++;
    this.count++;
    this.fresh = true;
    this.stepped = true;
  }

  /** Tells who keeps lines of the row that has become current, now that all of them have been computed. */
  tellRow(): void {
    this.stepped = false;
    if (!this.stepwise || this.onLoad === undefined) return;
    const { writer, warmup } = this;
    const row = this.row - 1;
    this.onLoad(writer, row, row + 1, warmup, this.#growth?.revises[row] === 1);
  }

  /** Goes on to the next chunk that waits, once the one in hand has been consumed; computes its rows ahead. */
  proceed(): void {
    if (!this.hasRow) {
      const next = this.#queue.shift();
      if (next === undefined) return;
      this.#begin(next);
    }
    // A bar that grows is revised in place: not before its step.
    if (!this.writer.grows) this.load();
  }

  /** False when a bar that is complete at `time` or before may still come. */
  passed(time: number): boolean {
    return this.done || this.frontier >= time || this.#soonest() > time;
  }

  /** The earliest moment at which a bar after the last one could be complete: bars do not overlap. */
  #soonest(): number {
    if (this.last === Number.NEGATIVE_INFINITY) return this.last;
    const { interval, stamps, growsBy } = this.feed;
    // The next part begins when the last one has closed, at the earliest.
    if (growsBy !== undefined) return barEnd(this.last, growsBy);
    return stamps === 'close' ? barEnd(this.last, interval) : barEnd(barEnd(this.last, interval), interval);
  }
}
