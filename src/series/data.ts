import type { Arrays } from '../model/array-pool.ts';
import type { Bar, Bars, Growth, OhlcvColumn } from '../model/bars.ts';
import { DataError, StrategyError, suggestion } from '../model/errors.ts';
import type { Instrument } from '../model/instrument.ts';
import { barEnd, barStart, type Interval, intervalMs, isFixed } from '../model/interval.ts';
import type { Derivation, ResampleOptions } from '../model/resampling.ts';
import { Clock } from './clock.ts';
import { Line, type LineTarget, recast, ringOf } from './line.ts';
import { keyLine } from './line-keys.ts';
import { type LineMemory, Recall } from './line-memory.ts';
import { onClock } from './on.ts';

export interface DataOptions {
  readonly instrument: Instrument;
  readonly interval: Interval;
  readonly stamps: 'open' | 'close';
  readonly columns: readonly string[];
  readonly lookback?: number | undefined;
  /** Of its rings. */
  readonly arrays?: Arrays | undefined;
  /** True for a data whose bars are given while they grow; default false. */
  readonly grows?: boolean;
  /** Lines of earlier runs over the same bars, of which there are `expected` at most. */
  readonly memory?: { readonly lines: LineMemory; readonly expected: number } | undefined;
}

/** How the lines of a data are kept. */
export type LineTerms = Pick<DataOptions, 'lookback' | 'arrays'>;

/** A column that becomes a line when it is first asked for; until then only its tail is kept. */
interface DataColumn {
  readonly name: string;
  readonly line: Line;
  active: boolean;
}

/**
 * One feed as a strategy sees it: lines for its columns, and the current bar. The engine writes to it through
 * {@link DataWriter}; a strategy can only look at what is closed.
 */
export class Data implements LineTarget {
  readonly instrument: Instrument;
  readonly interval: Interval;
  readonly stamps: 'open' | 'close';
  /** Names of the columns beyond OHLCV. */
  readonly columns: readonly string[];
  /** The current bar, read without allocation; NaN before the first. */
  readonly bar: BarView;
  readonly #writer: DataWriter;

  constructor(writer: DataWriter, options: DataOptions) {
    this.#writer = writer;
    this.instrument = options.instrument;
    this.interval = options.interval;
    this.stamps = options.stamps;
    this.columns = options.columns;
    this.bar = new BarView(writer, options.interval, options.stamps);
  }

  /** `BTCUSDT 1h`. */
  get name(): string {
    return `${this.instrument.symbol} ${this.interval}`;
  }

  /** Bars seen so far, the current one included, however often it was revised. */
  get length(): number {
    return this.#writer.clock.bar + 1;
  }

  /** False while the current bar may still grow, and before the first; always true after it where bars are given once. */
  get isClosed(): boolean {
    return this.bar.closeTime <= this.#writer.known;
  }

  /** Stamps of the bars, epoch ms UTC. */
  get time(): Line {
    return this.#writer.line('time');
  }

  get open(): Line {
    return this.#writer.line('open');
  }

  get high(): Line {
    return this.#writer.line('high');
  }

  get low(): Line {
    return this.#writer.line('low');
  }

  get close(): Line {
    return this.#writer.line('close');
  }

  /** In units of the base asset. */
  get volume(): Line {
    return this.#writer.line('volume');
  }

  [recast](line: Line): Line {
    return onClock(line, this.#writer.clock);
  }

  /**
   * Longer bars of this data's, beside it: `this.data.resample('1h')`. A longer bar is seen from its end on. To be called in a
   * field initialiser or in `init`; the same terms give the same data. Throws `RESAMPLE_INDIVISIBLE`, `RESAMPLE_INVALID`,
   * `INTERVAL_INVALID`, `DATA_OUTSIDE_INIT`.
   */
  resample(interval: string, options: ResampleOptions = {}): Data {
    return this.#writer.derive(interval, options, 'closed');
  }

  /**
   * Longer bars of this data's that are seen while they grow: `this.data.replay('1h')`. In each step the current one is as it
   * has become. Called and throws as {@link resample}.
   */
  replay(interval: string, options: ResampleOptions = {}): Data {
    return this.#writer.derive(interval, options, 'growing');
  }

  /** A further column of the source by its name; throws `COLUMN_UNKNOWN` with the nearest known one. */
  column(name: string): Line {
    return this.#writer.line(name);
  }
}

/** The current bar of a data. Its fields are live: keep `{ ...}` of what you need, not the view itself. */
export class BarView implements Bar {
  readonly #writer: DataWriter;
  readonly #interval: Interval;
  readonly #stamps: 'open' | 'close';
  /** The bar's length, ms; NaN where it varies. */
  readonly #length: number;

  constructor(writer: DataWriter, interval: Interval, stamps: 'open' | 'close') {
    this.#writer = writer;
    this.#interval = interval;
    this.#stamps = stamps;
    this.#length = isFixed(interval) ? intervalMs(interval) : Number.NaN;
  }

  /** The source's stamp, epoch ms UTC. */
  get time(): number {
    return this.#read('time');
  }
  /** When the bar began, epoch ms UTC. */
  get openTime(): number {
    if (this.#stamps === 'open') return this.time;
    return Number.isNaN(this.#length) ? barStart(this.time, this.#interval) : this.time - this.#length;
  }
  /** When the bar was complete, and so known: epoch ms UTC, the next bar's open time. */
  get closeTime(): number {
    if (this.#stamps === 'close') return this.time;
    return Number.isNaN(this.#length) ? barEnd(this.time, this.#interval) : this.time + this.#length;
  }
  get open(): number {
    return this.#read('open');
  }
  get high(): number {
    return this.#read('high');
  }
  get low(): number {
    return this.#read('low');
  }
  get close(): number {
    return this.#read('close');
  }
  get volume(): number {
    return this.#read('volume');
  }

  #read(column: OhlcvColumn | 'time'): number {
    const { bars, row } = this.#writer;
    if (row >= 0) return bars[column][row];
    // The next chunk has been taken already, and none of its bars is current yet.
    const { before } = this.#writer;
    return before.length === 0 ? Number.NaN : before[column][before.length - 1];
  }
}

const NO_BARS: Bars = {
  length: 0,
  time: new Float64Array(0),
  open: new Float64Array(0),
  high: new Float64Array(0),
  low: new Float64Array(0),
  close: new Float64Array(0),
  volume: new Float64Array(0),
  extra: {},
};

/** The engine's side of a {@link Data}: takes chunks in, runs the kernels, and moves the clock. */
export class DataWriter {
  readonly data: Data;
  readonly clock: Clock;
  /** True when bars are given while they grow. */
  readonly grows: boolean;
  /** The chunk that holds the current bar. */
  bars: Bars = NO_BARS;
  /** The chunk before it. */
  before: Bars = NO_BARS;
  /** The number of the bar in row 0 of `bars`. */
  first = 0;
  readonly #columns = new Map<string, DataColumn>();
  /** How a data of longer bars comes about, where that is possible. */
  onDerive: ((interval: string, options: ResampleOptions, derivation: Derivation) => Data) | undefined;
  /** Rows of `bars` that are in the rings of active columns already. */
  #loaded = 0;
  #growth: Growth | undefined;
  #known = Number.NaN;
  readonly #memory: DataOptions['memory'];

  constructor(options: DataOptions) {
    this.data = new Data(this, options);
    this.grows = options.grows ?? false;
    this.#memory = this.grows ? undefined : options.memory;
    this.clock = new Clock(this.data.name, options.lookback, intervalMs(options.interval), options.arrays);
    for (const name of ['time', 'open', 'high', 'low', 'close', 'volume', ...options.columns]) {
      // Rows of bars that grow are no numbers of bars: nothing could be filled in later.
      const line = new Line(this.clock, name, 1);
      keyLine(line, name);
      this.#columns.set(name, { name, line, active: this.grows });
    }
  }

  /** When the current bar, as it is now, became known: epoch ms UTC; NaN before the first. */
  get known(): number {
    return this.grows ? this.#known : this.data.bar.closeTime;
  }

  /** The current bar's row in `bars`; -1 before the first bar. */
  get row(): number {
    return this.clock.bar - this.first;
  }

  /** A data of longer bars of this one's. */
  derive(interval: string, options: ResampleOptions, derivation: Derivation): Data {
    if (this.clock.sealed || this.onDerive === undefined) {
      throw new StrategyError(
        'DATA_OUTSIDE_INIT',
        `bars of ${interval} were asked of ${this.clock.name} while the strategy runs`,
        { value: interval, fix: 'ask for them in a field initialiser or in init(), and read them in next()' },
      );
    }
    return this.onDerive(interval, options, derivation);
  }

  /** The column's line, which from now on is filled bar by bar. */
  line(name: string): Line {
    const column = this.#columns.get(name);
    if (column === undefined) {
      throw new DataError('COLUMN_UNKNOWN', `${this.clock.name} has no column "${name}"`, {
        value: name,
        fix: suggestion(name, this.#columns.keys()),
      });
    }
    if (!column.active) {
      column.active = true;
      if (this.clock.sealed) this.#fill(column, 0, this.#loaded);
    }
    return column.line;
  }

  /** Takes the next chunk; its bars become current one by one as the clock moves, or as they {@link grow}. */
  take(bars: Bars, growth?: Growth): void {
    // Columns nobody reads are not copied, but for the tail that a first `ago` could still ask for.
    for (const column of this.#columns.values()) if (!column.active) this.#fill(column, 0, this.bars.length);
    if (this.#memory !== undefined && this.clock.bar < 0) {
      const { lines, expected } = this.#memory;
      this.clock.recall(kernels => new Recall(lines, this.clock, kernels, bars.time[0], expected));
    }
    this.before = this.bars;
    this.bars = bars;
    this.first = this.clock.bar + 1;
    this.#loaded = 0;
    this.#growth = growth;
  }

  /** Loads rows up to `to` (exclusive, at most BLOCK beyond the current one) and computes every kernel on them. */
  load(to: number): void {
    const from = this.#loaded;
    const first = this.first + from;
    for (const column of this.#columns.values()) if (column.active) this.#copy(column, from, to, first);
    this.#loaded = to;
    this.clock.compute(first, first + to - from);
  }

  /**
   * Makes row `row` of a chunk of bars that grow current, as a new bar or as the current one revised, and computes what depends
   * on this clock alone. What depends on others has been taken back to before the bar as well.
   */
  grow(row: number): void {
    const { clock } = this;
    const revises = this.#growth!.revises[row] === 1 && clock.bar >= 0;
    const bar = revises ? clock.bar : clock.bar + 1;
    if (revises) clock.reset();
    else clock.mark();
    this.first = bar - row;
    this.#known = this.#growth!.known[row];
    for (const column of this.#columns.values()) this.#copy(column, row, row + 1, bar);
    clock.compute(bar, bar + 1);
    clock.move(bar);
  }

  #fill(column: DataColumn, from: number, to: number): void {
    // Before the first chunk there are no further columns to copy from.
    if (from === to) return;
    const kept = Math.max(from, to - this.clock.mask);
    this.#copy(column, kept, to, this.first + kept);
  }

  /** Copies rows `from`..`to` of the chunk to the column's ring; `first` is the bar number of row `from`. */
  #copy(column: DataColumn, from: number, to: number, first: number): void {
    const source = this.#source(column.name);
    const ring = ringOf(column.line);
    const start = first & this.clock.mask;
    const room = ring.length - start;
    if (to - from <= room) {
      copyInto(ring, start, source, from, to);
    } else {
      copyInto(ring, start, source, from, from + room);
      copyInto(ring, 0, source, from + room, to);
    }
  }

  #source(name: string): Float64Array {
    return name in this.bars.extra ? this.bars.extra[name] : this.bars[name as 'open'];
  }
}

function copyInto(ring: Float64Array, at: number, source: Float64Array, from: number, to: number): void {
  if (to - from === 1) ring[at] = source[from];
  else ring.set(source.subarray(from, to), at);
}
