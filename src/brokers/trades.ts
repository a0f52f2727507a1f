import { type Arrays, NEW_ARRAYS } from '../model/array-pool.ts';
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
/** Trades of one instrument with different numbers are kept apart. */
const NUMBER = 14;
/** Average cost of what it holds, or held last. */
const AVERAGE = 15;
const WIDTH = 16;

/** How a fill divides into what it closes and what it opens, each with its fee; sizes are negative for sales. */
export interface DividedFill {
  readonly closed: number;
  readonly opened: number;
  readonly closedFee: number;
  readonly openedFee: number;
}

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
  readonly #closed: Rows;
  /**
   * Rows of the trades that are open, if their OPENED is not 0: one an instrument for the number 0, behind them one for
   * each other pair of instrument and number.
   */
  #open: Float64Array;
  readonly #openTags: string[];
  /** Rows of instruments and numbers other than 0. */
  readonly #numbered: Map<number, number>[] = [];
  /** What the trades of divided fills hold, by row; negative for shorts. */
  readonly #held: number[] = [];
  /** Tags by trade id, where there is one. */
  readonly #tags = new Map<number, string>();
  #trades = 0;
  /** Trades that opened or closed and have not been told yet; kept only when somebody listens. */
  readonly news: Trade[] = [];
  listened = false;

  constructor(
    instruments: readonly Instrument[],
    fills: FillTable,
    averages: Float64Array,
    arrays: Arrays = NEW_ARRAYS,
  ) {
    this.#closed = new Rows(WIDTH, arrays);
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
    const price = fills.price(row);
    const fee = fills.fee(row);
    const whole = Math.abs(size);
    const amount = whole - closed;
    const open = this.#open;
    const at = instrument * WIDTH;
    const isNew = open[at + OPENED] === 0;
    if (isNew) this.#begin(instrument, fills.time(row), instrument, 0, size, bar, tag);
    open[at + ENTRY_PRICE] = average(open[at + ENTRY_PRICE], open[at + OPENED], price, amount);
    const held = open[at + OPENED] - open[at + CLOSED];
    open[at + AVERAGE] = average(open[at + AVERAGE], held, price, amount);
    open[at + OPENED] += amount;
    open[at + FEES] += fee - (fee * closed) / whole;
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
    this.#end(instrument, fills.time(row), bar);
  }

  /** Opens a trade in a row of open ones. */
  #begin(
    slot: number,
    time: number,
    instrument: number,
    number: number,
    size: number,
    bar: number,
    tag: string,
  ) {
    const open = this.#open;
    const at = slot * WIDTH;
    open.fill(0, at, at + WIDTH);
    open[at + ID] = ++this.#trades;
    open[at + INSTRUMENT] = instrument;
    open[at + DIRECTION] = size > 0 ? 1 : -1;
    open[at + ENTRY_TIME] = time;
    open[at + ENTRY_BAR] = bar;
    open[at + EXIT_TIME] = Number.NaN;
    open[at + NUMBER] = number;
    this.#openTags[slot] = tag;
  }

  /** Moves a trade from the open ones to the closed ones. */
  #end(slot: number, time: number, bar: number): void {
    const open = this.#open;
    const at = slot * WIDTH;
    open[at + EXIT_TIME] = time;
    open[at + EXIT_BAR] = bar;
    const tag = this.#openTags[slot];
    if (tag !== '') this.#tags.set(open[at + ID], tag);
    const closed = this.#closed.add();
    const block = this.#closed.block(closed);
    const offset = this.#closed.offset(closed);
    for (let i = 0; i < WIDTH; i++) block[offset + i] = open[at + i];
    open[at + OPENED] = 0;
    if (this.listened) this.news.push(this.at(closed));
  }

  /**
   * Books fill number `row` for the trade of this `number`, its closing part before its opening one. A trade follows its
   * own fills only: a part that closes another number's position opens one here. `multiplier`: what a move of the price by
   * 1 makes of a unit. `time`: when the trade changes, epoch ms UTC; a fill may be dated back.
   */
  bookDivided(
    row: number,
    number: number,
    fill: DividedFill,
    multiplier: number,
    time: number,
    bar: number,
    tag: string,
  ): void {
    const slot = this.#slotOf(this.#fills.instrument(row), number);
    let opens = false;
    if (fill.closed !== 0) {
      opens = this.#change(slot, row, number, fill.closed, fill.closedFee, multiplier, time, bar, tag, true);
    }
    if (fill.opened !== 0) {
      opens = this.#change(slot, row, number, fill.opened, fill.openedFee, multiplier, time, bar, tag, false);
    }
    if (!opens || !this.listened) return;
    this.news.push(this.#describe(this.#open, slot * WIDTH, this.#openTags[slot], true));
  }

  /** Changes a trade by a part of a fill; true when that opened it. */
  #change(
    slot: number,
    row: number,
    number: number,
    size: number,
    fee: number,
    multiplier: number,
    time: number,
    bar: number,
    tag: string,
    closes: boolean,
  ): boolean {
    const before = this.#held[slot] ?? 0;
    const after = before + size;
    const price = this.#fills.price(row);
    const at = slot * WIDTH;
    if (before === 0) {
      const instrument = this.#fills.instrument(row);
      // What closes another number's position goes on with the last trade of its own number.
      if (closes && this.#open[at + ID] !== 0) this.#resume(slot, size, time, bar);
      else this.#begin(slot, time, instrument, number, size, bar, tag);
    }
    const open = this.#open;
    this.#held[slot] = after;
    open[at + FEES] += fee;
    const amount = Math.abs(size);
    if (Math.abs(after) > Math.abs(before)) {
      open[at + AVERAGE] = (before * open[at + AVERAGE] + size * price) / after;
      open[at + ENTRY_PRICE] = average(open[at + ENTRY_PRICE], open[at + OPENED], price, amount);
      open[at + OPENED] += amount;
      open[at + LARGEST] = Math.max(open[at + LARGEST], Math.abs(after));
    } else {
      open[at + PNL] += -size * (price - open[at + AVERAGE]) * multiplier;
      open[at + EXIT_PRICE] = average(open[at + EXIT_PRICE], open[at + CLOSED], price, amount);
      open[at + CLOSED] += amount;
    }
    open[at + EXIT_BAR] = bar;
    if (after === 0) this.#end(slot, time, bar);
    return before === 0;
  }

  #resume(slot: number, size: number, time: number, bar: number): void {
    const open = this.#open;
    const at = slot * WIDTH;
    open[at + DIRECTION] = size > 0 ? 1 : -1;
    open[at + ENTRY_TIME] = time;
    open[at + ENTRY_BAR] = bar;
    open[at + EXIT_TIME] = Number.NaN;
    open[at + LARGEST] = 0;
  }

  /** The row of open trades for an instrument and a number; makes one if need be. */
  #slotOf(instrument: number, number: number): number {
    if (number === 0) return instrument;
    this.#numbered[instrument] ??= new Map();
    const numbered = this.#numbered[instrument];
    let slot = numbered.get(number);
    if (slot === undefined) {
      slot = this.#openTags.length;
      this.#openTags.push('');
      numbered.set(number, slot);
      if ((slot + 1) * WIDTH > this.#open.length) {
        const larger = new Float64Array(this.#open.length * 2);
        larger.set(this.#open);
        this.#open = larger;
      }
    }
    return slot;
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

  /** Epoch ms UTC, of closed trade number `index`. */
  entryTime(index: number): number {
    return this.#closed.get(index, ENTRY_TIME);
  }

  exitTime(index: number): number {
    return this.#closed.get(index, EXIT_TIME);
  }

  /** What was put into closed trade number `index`: its largest size at its average entry price, in quote. */
  outlay(index: number): number {
    return this.#closed.get(index, LARGEST) * this.#closed.get(index, ENTRY_PRICE);
  }

  /**
   * The trades that are open on an instrument at bar `bar` of its matching feed, by number: their realised results so
   * far, without what is still at risk.
   */
  openOn(instrument: number, bar: number): Trade[] {
    const slots = [instrument, ...(this.#numbered[instrument]?.values() ?? [])];
    const open = slots.filter(slot => this.#open[slot * WIDTH + OPENED] !== 0);
    return open.map(slot => {
      this.#open[slot * WIDTH + EXIT_BAR] = bar;
      return this.#describe(this.#open, slot * WIDTH, this.#openTags[slot], true);
    });
  }

  /** Puts the ids of the trades that are open on an instrument into `ids`, after emptying it. */
  openIds(instrument: number, ids: number[]): void {
    while (ids.length > 0) ids.pop();
    this.#addOpenId(instrument, ids);
    const numbered = this.#numbered[instrument];
    if (numbered !== undefined) for (const slot of numbered.values()) this.#addOpenId(slot, ids);
  }

  #addOpenId(slot: number, ids: number[]): void {
    if (this.#open[slot * WIDTH + OPENED] !== 0) ids.push(this.#open[slot * WIDTH + ID]);
  }

  *[Symbol.iterator](): Generator<Trade> {
    for (let i = 0; i < this.length; i++) yield this.at(i);
  }

  #describe(values: Float64Array, at: number, tag: string, open: boolean): Trade {
    return {
      id: values[at + ID],
      tradeId: values[at + NUMBER],
      symbol: this.#instruments[values[at + INSTRUMENT]].symbol,
      side: values[at + DIRECTION] < 0 ? 'short' : 'long',
      size: values[at + LARGEST],
      entryTime: values[at + ENTRY_TIME],
      entryPrice: values[at + ENTRY_PRICE],
      averagePrice: values[at + AVERAGE],
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
