import type { Danfo, DataFrameLike } from '../feeds/frame/contract.ts';
import { type FrameColumns, frameOf, isoTime } from '../feeds/frame/danfo.ts';
import { type Bars, OHLCV } from '../model/bars.ts';
import { InputError } from '../model/errors.ts';

const EXTRAS = ['quoteVolume', 'trades', 'takerBuyBase', 'takerBuyQuote'] as const;
const PRICES = ['time', ...OHLCV] as const;
const COLUMNS = [...PRICES, ...EXTRAS] as const;
type Column = (typeof COLUMNS)[number];

/** Columns of a frame, in its order; `baseVolume` is the quote volume: the field's older tables call it so. */
const FRAME: Readonly<Record<string, Column>> = {
  close: 'close',
  high: 'high',
  low: 'low',
  open: 'open',
  volume: 'volume',
  baseVolume: 'quoteVolume',
  datetime: 'time',
};

/** Frames of one bar that are kept; a program that asks for more lengths than these has them built again. */
const FRAMES = 8;
const FIRST_CAPACITY = 64;

/**
 * The closed bars of a symbol so far, in columns that grow: a bar costs what its numbers cost, however many there are. It
 * has the shape of a DataFrame itself, for whoever reads one ({@link dataFrameFeed} does).
 */
export class KlineHistory<Frame = DataFrameLike> implements DataFrameLike {
  readonly #keep: number;
  readonly #danfo: Danfo<Frame> | undefined;
  #values: Record<Column, Float64Array>;
  /** Rows that are kept: `#from` to `#to`, exclusive. */
  #from = 0;
  #to = 0;
  #dropped = 0;
  readonly #frames = new Map<number, Frame>();
  /** Times as text, as far as anybody has asked; the first one is bar number `#textsFrom`, counted from the very first bar. */
  #texts: string[] = [];
  #textsFrom = 0;

  /** `keep`: bars at most, the newest. */
  constructor(keep: number, danfo: Danfo<Frame> | undefined) {
    this.#keep = keep;
    this.#danfo = danfo;
    this.#values = arraysOf(FIRST_CAPACITY);
  }

  get length(): number {
    return this.#to - this.#from;
  }

  /** Bars that were forgotten, the oldest, because no more than so many are kept. */
  get dropped(): number {
    return this.#dropped;
  }

  /**
   * The newest `count` bars, or all, as columns of doubles; `time` is when each opened, epoch ms UTC. Nothing is copied: they
   * stay as they are when further bars come, and are not to be written to. Throws `HISTORY_COUNT`.
   */
  last(count = this.length): Bars {
    const from = this.#to - this.#rows(count);
    const part = (name: Column) => this.#values[name].subarray(from, this.#to);
    return {
      length: this.#to - from,
      time: part('time'),
      open: part('open'),
      high: part('high'),
      low: part('low'),
      close: part('close'),
      volume: part('volume'),
      extra: Object.fromEntries(EXTRAS.map(name => [name, part(name)])),
    };
  }

  /**
   * The newest `count` bars, or all, as a DataFrame with the columns close, high, low, open, volume, baseVolume (in quote) and
   * datetime (ISO 8601 text, UTC). It is built when it is asked for, and is the same one until the next bar. Throws
   * `DANFO_NOT_GIVEN`, `HISTORY_COUNT`.
   */
  frame(count = this.length): Frame {
    const rows = this.#rows(count);
    const known = this.#frames.get(rows);
    if (known !== undefined) return known;
    if (this.#danfo === undefined) {
      throw new InputError('DANFO_NOT_GIVEN', 'a frame was asked for, and klines() was given no danfojs', {
        fix: 'give it as an option: klines({ danfo: await loadDanfo(), … }); last() and column() need none',
      });
    }
    const columns: FrameColumns = Object.fromEntries(
      this.columns.map(name => [name, this.#frameColumn(name, rows)]),
    );
    const frame = frameOf(columns, this.#danfo);
    if (this.#frames.size === FRAMES) this.#frames.clear();
    this.#frames.set(rows, frame);
    return frame;
  }

  get columns(): string[] {
    return Object.keys(FRAME);
  }

  /** Row numbers. */
  get index(): number[] {
    return Array.from({ length: this.length }, (_, row) => row);
  }

  get shape(): number[] {
    return [this.length, this.columns.length];
  }

  /** A column of {@link frame} with all bars, without danfojs: doubles that are not to be written to, or texts. */
  column(name: string): { readonly values: Float64Array | string[] } {
    if (Object.hasOwn(FRAME, name)) return { values: this.#frameColumn(name, this.length) };
    throw new InputError('COLUMN_UNKNOWN', `the history has no column "${name}"`, {
      value: name,
      limit: this.columns,
      fix: `give one of ${this.columns.join(', ')}`,
    });
  }

  /** Adds row `row` of `bars`; what they do not say is NaN. */
  add(bars: Bars, row: number): void {
    if (this.#to === this.#values.time.length) this.#grow();
    const values = this.#values;
    for (const name of PRICES) values[name][this.#to] = bars[name][row];
    for (const name of EXTRAS) values[name][this.#to] = bars.extra[name]?.[row] ?? Number.NaN;
    this.#to++;
    if (this.length > this.#keep) {
      this.#from++;
      this.#dropped++;
    }
    this.#frames.clear();
  }

  #frameColumn(name: string, rows: number): Float64Array | string[] {
    if (name === 'datetime') return this.#timeTexts(rows);
    return this.#values[FRAME[name]].subarray(this.#to - rows, this.#to);
  }

  #timeTexts(rows: number): string[] {
    const { time } = this.#values;
    const first = this.#dropped;
    const end = first + this.length;
    if (first - this.#textsFrom > this.#texts.length / 2) {
      this.#texts = this.#texts.slice(first - this.#textsFrom);
      this.#textsFrom = first;
    }
    for (let bar = this.#textsFrom + this.#texts.length; bar < end; bar++) {
      this.#texts.push(isoTime(time[this.#from + bar - first]));
    }
    return this.#texts.slice(end - rows - this.#textsFrom);
  }

  /** What was handed out keeps the old arrays, which nobody writes to any more. */
  #grow(): void {
    const { length } = this;
    const room = Math.max(FIRST_CAPACITY, Math.min(length, Math.ceil(this.#keep / 4)));
    const larger = arraysOf(length + room);
    for (const name of COLUMNS) larger[name].set(this.#values[name].subarray(this.#from, this.#to));
    this.#values = larger;
    this.#from = 0;
    this.#to = length;
  }

  #rows(count: number): number {
    if (Number.isInteger(count) && count >= 0) return Math.min(count, this.length);
    throw new InputError('HISTORY_COUNT', `${count} bars of the history were asked for`, {
      value: count,
      limit: this.length,
      fix: 'give a whole number, 0 or more, or nothing for all',
    });
  }
}

function arraysOf(length: number): Record<Column, Float64Array> {
  return Object.fromEntries(COLUMNS.map(name => [name, new Float64Array(length)])) as Record<
    Column,
    Float64Array
  >;
}
