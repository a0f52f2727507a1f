import type { Bar, Bars, Growth } from '../../model/bars.ts';
import { DataError } from '../../model/errors.ts';
import { barEnd, barStart, type Interval, intervalMs, isFixed } from '../../model/interval.ts';
import type { ResampleOptions } from '../../model/resampling.ts';
import type { DataFeed } from '../feed.ts';
import { BarBuilder } from './bar-builder.ts';
import { Combined, combinationsOf } from './combine.ts';
import { Periods } from './periods.ts';

/** What must be known of a source to make longer bars of its bars. */
export type Source = Pick<DataFeed, 'interval' | 'stamps' | 'columns' | 'tradingDay'>;

/** Stamps such as 23:59:59.99 stand for the boundary beside them, ms. */
const NEAR = 1;

/**
 * Puts bars together to longer ones. A bar belongs to the period that it begins in. A longer bar is complete when its last
 * part ends where it does, or, if that part is missing, when something shows that the time has passed.
 */
export class Aggregator {
  /** What the time of a longer bar means: as in the source, unless its length would not tell its end. */
  readonly stamps: 'open' | 'close';
  readonly #interval: Interval;
  readonly #base: Interval;
  readonly #periods: Periods;
  readonly #openShift: number;
  readonly #closeShift: number;
  readonly #names: readonly string[];
  readonly #volume = new Combined('sum');
  readonly #extra: readonly Combined[];
  readonly #builder: BarBuilder;
  /** The period of the bar that was put together last: its start and its end, epoch ms UTC. */
  #start = Number.NaN;
  #end = Number.NEGATIVE_INFINITY;
  /** True while a bar is being put together. */
  #isOpen = false;
  /** True while it lacks a beginning that was there and was not asked for. */
  #isCut = false;
  #first = true;
  readonly #price = new Float64Array(4);
  /** Parts that came when their bar had been given away. */
  dropped = 0;

  constructor(source: Source, interval: Interval, options: ResampleOptions) {
    const { columns } = source;
    this.#interval = interval;
    this.#base = source.interval;
    this.#periods = new Periods(interval, options, source.tradingDay);
    this.stamps = isFixed(interval) || this.#periods.phase === 0 ? source.stamps : 'close';
    const length = isFixed(source.interval) ? intervalMs(source.interval) : Number.NaN;
    this.#openShift = source.stamps === 'open' ? 0 : -length;
    this.#closeShift = source.stamps === 'close' ? 0 : length;
    this.#names = columns;
    this.#extra = combinationsOf(columns, options.columns ?? {}).map(one => new Combined(one));
    this.#builder = new BarBuilder(columns);
  }

  /** Takes bars in; returns those that are complete by them. */
  add(bars: Bars, isWarmup: boolean): Bars {
    for (let row = 0; row < bars.length; row++) {
      if (!this.#enter(bars, row, isWarmup)) continue;
      this.#checkEnd(bars, row);
      if (this.#closeTime(bars, row) >= this.#end - NEAR) this.#close();
    }
    return this.#builder.take();
  }

  /** Takes bars in; returns, for each of them, the longer bar as it has become. */
  grow(bars: Bars, isWarmup: boolean): { readonly bars: Bars; readonly growth: Growth } | undefined {
    const rows: number[] = [];
    const revises: number[] = [];
    for (let row = 0; row < bars.length; row++) {
      // A bar that has been shown as far as it went is not given once more.
      if (this.#openTime(bars, row) + NEAR >= this.#end) this.#isOpen = false;
      const wasOpen = this.#isOpen;
      if (!this.#enter(bars, row, isWarmup)) continue;
      this.#checkEnd(bars, row);
      if (this.#isCut) continue;
      rows.push(row);
      revises.push(wasOpen ? 1 : 0);
      this.#push(this.#builder);
      if (this.#closeTime(bars, row) >= this.#end - NEAR) this.#isOpen = false;
    }
    if (rows.length === 0) return undefined;
    const parts = new BarBuilder(this.#names);
    for (const row of rows) parts.pushRow(bars, row, this.#openTime(bars, row));
    const known = Float64Array.from(rows, row => this.#closeTime(bars, row));
    return {
      bars: this.#builder.take(),
      growth: { revises: Uint8Array.from(revises), known, parts: parts.take() },
    };
  }

  /** Returns the bar that is complete because nothing before `time` (epoch ms UTC) can come any more. */
  pass(time: number): Bars {
    if (this.#isOpen && time >= this.#end - NEAR) this.#close();
    return this.#builder.take();
  }

  /** The longer bar that `part`, an open bar of the source, belongs to, as it stands with it. */
  forming(part: Bar): Bar {
    const { open, high, low, close, volume } = part;
    const began = this.stampOpen(part.time);
    const isNext = !this.#isOpen || began + NEAR >= this.#end;
    const start = isNext ? this.#periods.start(began + NEAR) : this.#start;
    const time = this.#stampOf(start, isNext ? this.#periods.end(start) : this.#end);
    if (isNext) return { time, open, high, low, close, volume };
    const [first, highest, lowest] = this.#price;
    return {
      time,
      open: first,
      high: Math.max(highest, high),
      low: Math.min(lowest, low),
      close,
      volume: this.#volume.value + volume,
    };
  }

  /** True when the row is part of a bar that can still be given. */
  #enter(bars: Bars, row: number, isWarmup: boolean): boolean {
    const open = this.#openTime(bars, row);
    if (open + NEAR >= this.#end) {
      if (this.#isOpen) this.#close();
      this.#begin(bars, row, open, isWarmup);
      return true;
    }
    if (!this.#isOpen) {
      this.dropped++;
      return false;
    }
    const price = this.#price;
    price[1] = Math.max(price[1], bars.high[row]);
    price[2] = Math.min(price[2], bars.low[row]);
    price[3] = bars.close[row];
    this.#volume.add(bars.volume[row]);
    for (let i = 0; i < this.#names.length; i++) this.#extra[i].add(bars.extra[this.#names[i]][row]);
    return true;
  }

  #begin(bars: Bars, row: number, open: number, isWarmup: boolean): void {
    this.#start = this.#periods.start(open + NEAR);
    this.#end = this.#periods.end(this.#start);
    this.#isOpen = true;
    // A warm-up begins where it was asked to; what lay before was there.
    this.#isCut = this.#first && isWarmup && open > this.#start + NEAR;
    this.#first = false;
    const price = this.#price;
    price[0] = bars.open[row];
    price[1] = bars.high[row];
    price[2] = bars.low[row];
    price[3] = bars.close[row];
    this.#volume.begin(bars.volume[row]);
    for (let i = 0; i < this.#names.length; i++) this.#extra[i].begin(bars.extra[this.#names[i]][row]);
  }

  /** A part that goes on behind the boundary would show its bar the future. */
  #checkEnd(bars: Bars, row: number): void {
    if (this.#closeTime(bars, row) <= this.#end + NEAR) return;
    const iso = (time: number) => new Date(time).toISOString();
    const [open, close] = [this.#openTime(bars, row), this.#closeTime(bars, row)].map(iso);
    throw new DataError(
      'RESAMPLE_MISALIGNED',
      `the bar of ${this.#base} from ${open} to ${close} lies across ${iso(this.#end)}, where a bar of ${this.#interval} ends`,
      {
        value: bars.time[row],
        limit: this.#end,
        fix: 'say with offset where longer bars begin, or with stamps whether the times are opens or closes',
      },
    );
  }

  #close(): void {
    this.#isOpen = false;
    if (!this.#isCut) this.#push(this.#builder);
  }

  #push(builder: BarBuilder): void {
    const [open, high, low, close] = this.#price;
    builder.push(this.#stampOf(this.#start, this.#end), open, high, low, close, this.#volume.value);
    for (let i = 0; i < this.#extra.length; i++) builder.pushExtra(i, this.#extra[i].value);
  }

  #stampOf(start: number, end: number): number {
    return this.stamps === 'open' ? start : end;
  }

  #openTime(bars: Bars, row: number): number {
    return this.stampOpen(bars.time[row]);
  }

  /** When the bar of the source with this stamp began, epoch ms UTC. */
  stampOpen(stamp: number): number {
    const time = stamp + this.#openShift;
    return Number.isNaN(time) ? barStart(stamp, this.#base) : time;
  }

  #closeTime(bars: Bars, row: number): number {
    const time = bars.time[row] + this.#closeShift;
    return Number.isNaN(time) ? barEnd(bars.time[row], this.#base) : time;
  }

  /** The stamp of the last part of the longer bar with this stamp, if nothing of it is missing. */
  lastPart(stamp: number): number {
    const end = this.stamps === 'close' ? stamp : this.#periods.end(this.#periods.start(stamp + NEAR));
    return this.#closeShift === 0 ? end : barStart(end, this.#base);
  }
}
