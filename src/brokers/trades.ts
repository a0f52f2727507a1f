import { type Instrument, isDust } from '../model/instrument.ts';
import { Rows } from '../model/rows.ts';
import type { Trade } from '../model/trade.ts';
import type { FillTable } from './fills.ts';

/** Columns of a trade, open or closed. */
const ID = 0;
const INSTRUMENT = 1;
/** 1 for a long trade, -1 for a short one. */
const DIRECTION = 2;
const ENTRY_TIME = 3;
const ENTRY_BAR = 4;
/** Base units that opened it, and their average price. */
const OPENED = 5;
const ENTRY_PRICE = 6;
/** Base units that closed it, and their average price. */
const CLOSED = 7;
const EXIT_PRICE = 8;
const LARGEST = 9;
const PNL = 10;
const FEES = 11;
const EXIT_TIME = 12;
const EXIT_BAR = 13;
const WIDTH = 14;

/**
 * Turns fills into trades, at average cost: a trade lasts from flat to flat, and a fill that goes through zero closes
 * one and opens the next, its fee split by size. Dust that no order could sell counts as flat: a fee that is taken in base
 * leaves some of it behind each sale, and no trade would ever close. Closed trades live in columns.
 */
export class TradeBook implements Iterable<Trade> {
  readonly #instruments: readonly Instrument[];
  readonly #fills: FillTable;
  /** Average entry prices of the positions, kept by the ledger. */
  readonly #averages: Float64Array;
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

  constructor(instruments: readonly Instrument[], fills: FillTable, averages: Float64Array) {
    this.#instruments = instruments;
    this.#fills = fills;
    this.#averages = averages;
    this.#open = new Float64Array(instruments.length * WIDTH);
    this.#openTags = instruments.map(() => '');
  }

  /** Closed trades, in the order in which they closed. */
  get length(): number {
    return this.#closed.length;
  }

  /** Books fill number `row` against the position `before` it; `bar` is the matching feed's bar number. */
  book(row: number, before: number, bar: number, tag: string): void {
    const size = this.#fills.size(row);
    if (before === 0 || before > 0 === size > 0) this.#enter(row, 0, bar, tag);
    else {
      const left = Math.abs(size) - Math.abs(before);
      const last = left >= 0 || isDust(this.#instruments[this.#fills.instrument(row)], left);
      this.#leave(row, Math.abs(before), last, bar);
      if (left > 0) this.#enter(row, Math.abs(before), bar, tag);
    }
  }

  /** Opens or adds to a trade with what the fill has left after closing `closed` base units. */
  #enter(row: number, closed: number, bar: number, tag: string): void {
    const fills = this.#fills;
    const instrument = fills.instrument(row);
    const size = fills.size(row);
    const whole = Math.abs(size);
    const amount = whole - closed;
    const open = this.#open;
    const at = instrument * WIDTH;
    const isNew = open[at + OPENED] === 0;
    if (isNew) {
      open.fill(0, at, at + WIDTH);
      open[at + ID] = ++this.#trades;
      open[at + INSTRUMENT] = instrument;
      open[at + DIRECTION] = size > 0 ? 1 : -1;
      open[at + ENTRY_TIME] = fills.time(row);
      open[at + ENTRY_BAR] = bar;
      open[at + EXIT_TIME] = Number.NaN;
      this.#openTags[instrument] = tag;
    }
    open[at + ENTRY_PRICE] = average(open[at + ENTRY_PRICE], open[at + OPENED], fills.price(row), amount);
    open[at + OPENED] += amount;
    open[at + FEES] += fills.fee(row) - (fills.fee(row) * closed) / whole;
    open[at + LARGEST] = Math.max(open[at + LARGEST], open[at + OPENED] - open[at + CLOSED]);
    open[at + EXIT_BAR] = bar;
    if (isNew && this.listened) this.news.push(this.#describe(open, at, tag, true));
  }

  /** Takes up to `held` base units off the open trade; `last` when that ends it. */
  #leave(row: number, held: number, last: boolean, bar: number): void {
    const fills = this.#fills;
    const instrument = fills.instrument(row);
    const whole = Math.abs(fills.size(row));
    const amount = Math.min(whole, held);
    const price = fills.price(row);
    const open = this.#open;
    const at = instrument * WIDTH;
    open[at + EXIT_PRICE] = average(open[at + EXIT_PRICE], open[at + CLOSED], price, amount);
    open[at + CLOSED] += amount;
    open[at + PNL] += amount * (price - this.#averages[instrument]) * open[at + DIRECTION];
    open[at + FEES] += (fills.fee(row) * amount) / whole;
    if (!last) return;
    open[at + EXIT_TIME] = fills.time(row);
    open[at + EXIT_BAR] = bar;
    const tag = this.#openTags[instrument];
    if (tag !== '') this.#tags.set(open[at + ID], tag);
    const closed = this.#closed.add();
    const block = this.#closed.block(closed);
    const offset = this.#closed.offset(closed);
    for (let i = 0; i < WIDTH; i++) block[offset + i] = open[at + i];
    open[at + OPENED] = 0;
    if (this.listened) this.news.push(this.at(closed));
  }

  /** The closed trade number `index`, in the order in which they closed. */
  at(index: number): Trade {
    this.#closed.check(index);
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

  /**
   * The trade that is open on an instrument at bar `bar` of its matching feed: its realised result so far, without
   * what is still at risk.
   */
  openOn(instrument: number, bar: number): Trade | undefined {
    const at = instrument * WIDTH;
    if (this.#open[at + OPENED] === 0) return undefined;
    this.#open[at + EXIT_BAR] = bar;
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
      entryPrice: values[at + ENTRY_PRICE],
      exitTime: values[at + EXIT_TIME],
      exitPrice: values[at + CLOSED] === 0 ? Number.NaN : values[at + EXIT_PRICE],
      pnl: values[at + PNL],
      fees: values[at + FEES],
      net: values[at + PNL] - values[at + FEES],
      bars: values[at + EXIT_BAR] - values[at + ENTRY_BAR],
      tag,
      open,
    };
  }
}

/** The average price of `held` at `price` and `amount` more at `next`; exactly `next` when nothing was held. */
function average(price: number, held: number, next: number, amount: number): number {
  return held === 0 ? next : (price * held + next * amount) / (held + amount);
}
