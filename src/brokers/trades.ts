import type { Instrument } from '../model/instrument.ts';
import { Rows } from '../model/rows.ts';
import type { Trade } from '../model/trade.ts';

/** Columns of a trade, open or closed. */
const ID = 0;
const INSTRUMENT = 1;
/** 1 for a long trade, -1 for a short one. */
const DIRECTION = 2;
const ENTRY_TIME = 3;
const ENTRY_BAR = 4;
/** Base units that opened it, and what they cost. */
const OPENED = 5;
const OPENED_COST = 6;
/** Base units that closed it, and what they brought. */
const CLOSED = 7;
const CLOSED_COST = 8;
const LARGEST = 9;
const PNL = 10;
const FEES = 11;
const EXIT_TIME = 12;
const EXIT_BAR = 13;
const WIDTH = 14;

/**
 * Turns fills into trades, at average cost: a trade lasts from flat to flat, and a fill that goes through zero closes
 * one and opens the next, its fee split by size. Closed trades live in columns.
 */
export class TradeBook implements Iterable<Trade> {
  readonly #instruments: readonly Instrument[];
  readonly #closed = new Rows(WIDTH);
  /** One row an instrument: the trade that is open on it, if its OPENED is not 0. */
  readonly #open: Float64Array;
  readonly #openTags: string[];
  /** Tags by trade id, where there is one. */
  readonly #tags = new Map<number, string>();
  #trades = 0;
  /** Trades that opened or closed and have not been told yet; kept only when somebody listens. */
  readonly news: Trade[] = [];
  listened = false;

  constructor(instruments: readonly Instrument[]) {
    this.#instruments = instruments;
    this.#open = new Float64Array(instruments.length * WIDTH);
    this.#openTags = instruments.map(() => '');
  }

  /** Closed trades, in the order in which they closed. */
  get length(): number {
    return this.#closed.length;
  }

  /**
   * Books a fill of signed `size` against the position `before` it, whose average price is `average`; `bar` is the
   * matching feed's bar number.
   */
  book(
    instrument: number,
    size: number,
    price: number,
    fee: number,
    time: number,
    before: number,
    average: number,
    bar: number,
    tag: string,
  ): void {
    if (before === 0 || before > 0 === size > 0) {
      this.#enter(instrument, size, price, fee, time, bar, tag);
    } else if (Math.abs(size) <= Math.abs(before)) {
      this.#leave(instrument, Math.abs(size), price, fee, time, average, size === -before, bar);
    } else {
      const closing = Math.abs(before);
      const closingFee = (fee * closing) / Math.abs(size);
      this.#leave(instrument, closing, price, closingFee, time, average, true, bar);
      this.#enter(instrument, size + before, price, fee - closingFee, time, bar, tag);
    }
  }

  #enter(
    instrument: number,
    size: number,
    price: number,
    fee: number,
    time: number,
    bar: number,
    tag: string,
  ): void {
    const open = this.#open;
    const at = instrument * WIDTH;
    const amount = Math.abs(size);
    const isNew = open[at + OPENED] === 0;
    if (isNew) {
      open.fill(0, at, at + WIDTH);
      open[at + ID] = ++this.#trades;
      open[at + INSTRUMENT] = instrument;
      open[at + DIRECTION] = size > 0 ? 1 : -1;
      open[at + ENTRY_TIME] = time;
      open[at + ENTRY_BAR] = bar;
      open[at + EXIT_TIME] = Number.NaN;
      this.#openTags[instrument] = tag;
    }
    open[at + OPENED] += amount;
    open[at + OPENED_COST] += amount * price;
    open[at + FEES] += fee;
    open[at + LARGEST] = Math.max(open[at + LARGEST], open[at + OPENED] - open[at + CLOSED]);
    open[at + EXIT_BAR] = bar;
    if (isNew && this.listened) this.news.push(this.#describe(open, at, tag, true));
  }

  #leave(
    instrument: number,
    amount: number,
    price: number,
    fee: number,
    time: number,
    average: number,
    last: boolean,
    bar: number,
  ): void {
    const open = this.#open;
    const at = instrument * WIDTH;
    open[at + CLOSED] += amount;
    open[at + CLOSED_COST] += amount * price;
    open[at + PNL] += amount * (price - average) * open[at + DIRECTION];
    open[at + FEES] += fee;
    if (!last) return;
    open[at + EXIT_TIME] = time;
    open[at + EXIT_BAR] = bar;
    const tag = this.#openTags[instrument];
    const row = this.#closed.add();
    const block = this.#closed.block(row);
    const offset = this.#closed.offset(row);
    for (let i = 0; i < WIDTH; i++) block[offset + i] = open[at + i];
    if (tag !== '') this.#tags.set(open[at + ID], tag);
    open[at + OPENED] = 0;
    if (this.listened) this.news.push(this.at(row));
  }

  /** The closed trade number `index`, in the order in which they closed. */
  at(index: number): Trade {
    const block = this.#closed.block(index);
    const at = this.#closed.offset(index);
    return this.#describe(block, at, this.#tags.get(block[at + ID]) ?? '', false);
  }

  /** The net result of closed trade number `index`, without making an object. */
  net(index: number): number {
    return this.#closed.get(index, PNL) - this.#closed.get(index, FEES);
  }

  /** Bars from entry to exit of closed trade number `index`, without making an object. */
  bars(index: number): number {
    return this.#closed.get(index, EXIT_BAR) - this.#closed.get(index, ENTRY_BAR);
  }

  /** The trade that is open on an instrument: its realised result so far, without what is still at risk. */
  openOn(instrument: number): Trade | undefined {
    const at = instrument * WIDTH;
    if (this.#open[at + OPENED] === 0) return undefined;
    return this.#describe(this.#open, at, this.#openTags[instrument], true);
  }

  *[Symbol.iterator](): Generator<Trade> {
    for (let i = 0; i < this.length; i++) yield this.at(i);
  }

  #describe(values: Float64Array, at: number, tag: string, open: boolean): Trade {
    return {
      id: values[at + ID],
      symbol: this.#instruments[values[at + INSTRUMENT]].symbol,
      side: values[at + DIRECTION] < 0 ? 'short' : 'long',
      size: values[at + LARGEST],
      entryTime: values[at + ENTRY_TIME],
      entryPrice: values[at + OPENED_COST] / values[at + OPENED],
      exitTime: values[at + EXIT_TIME],
      exitPrice: values[at + CLOSED_COST] / values[at + CLOSED],
      pnl: values[at + PNL],
      fees: values[at + FEES],
      net: values[at + PNL] - values[at + FEES],
      bars: values[at + EXIT_BAR] - values[at + ENTRY_BAR],
      tag,
      open,
    };
  }
}
