import { NumberColumn } from '../model/columns.ts';
import type { Instrument } from '../model/instrument.ts';
import type { Fill } from '../model/order.ts';
import type { Trade } from '../model/trade.ts';

/** A trade that is being built up or taken down. */
interface OpenTrade {
  id: number;
  long: boolean;
  entryTime: number;
  entryBar: number;
  /** Everything bought or sold to open it, and at what cost. */
  opened: number;
  openedCost: number;
  closed: number;
  closedCost: number;
  largest: number;
  pnl: number;
  fees: number;
  tag: string;
}

/**
 * Turns fills into trades, at average cost: a trade lasts from flat to flat, and a fill that goes through zero closes
 * one and opens the next, its fee split by size. Closed trades live in columns.
 */
export class TradeBook implements Iterable<Trade> {
  readonly #instruments: readonly Instrument[];
  readonly #open: (OpenTrade | undefined)[];
  #opened = 0;
  readonly #id = new NumberColumn();
  readonly #instrument = new NumberColumn();
  /** The largest size held; negative for shorts. */
  readonly #size = new NumberColumn();
  readonly #entryTime = new NumberColumn();
  readonly #entryPrice = new NumberColumn();
  readonly #exitTime = new NumberColumn();
  readonly #exitPrice = new NumberColumn();
  readonly #pnl = new NumberColumn();
  readonly #fees = new NumberColumn();
  readonly #bars = new NumberColumn();
  readonly #tags: string[] = [];
  /** Trades that opened or closed and have not been announced yet. */
  readonly news: Trade[] = [];

  constructor(instruments: readonly Instrument[]) {
    this.#instruments = instruments;
    this.#open = instruments.map(() => undefined);
  }

  /** Closed trades, in the order in which they closed. */
  get length(): number {
    return this.#id.length;
  }

  /** Books a fill against the position `before` it (size and average price); true when a trade opened or closed. */
  book(fill: Fill, before: number, average: number, bar: number, tag: string): boolean {
    const signed = fill.side === 'buy' ? fill.size : -fill.size;
    if (before === 0 || before > 0 === signed > 0) {
      return this.#enter(fill, fill.size, fill.fee, bar, tag);
    }
    const closing = Math.min(fill.size, Math.abs(before));
    const closingFee = closing === fill.size ? fill.fee : (fill.fee * closing) / fill.size;
    const closed = this.#leave(fill, closing, closingFee, average, closing === Math.abs(before), bar);
    if (closing === fill.size) return closed;
    return this.#enter(fill, fill.size - closing, fill.fee - closingFee, bar, tag);
  }

  #enter(fill: Fill, size: number, fee: number, bar: number, tag: string): boolean {
    let trade = this.#open[fill.instrument];
    const isNew = trade === undefined;
    if (trade === undefined) {
      trade = {
        id: ++this.#opened,
        long: fill.side === 'buy',
        entryTime: fill.time,
        entryBar: bar,
        opened: 0,
        openedCost: 0,
        closed: 0,
        closedCost: 0,
        largest: 0,
        pnl: 0,
        fees: 0,
        tag,
      };
      this.#open[fill.instrument] = trade;
    }
    trade.opened += size;
    trade.openedCost += size * fill.price;
    trade.fees += fee;
    trade.largest = Math.max(trade.largest, trade.opened - trade.closed);
    if (isNew) this.news.push(this.#describe(fill.instrument, trade, Number.NaN, bar));
    return isNew;
  }

  #leave(fill: Fill, size: number, fee: number, average: number, last: boolean, bar: number): boolean {
    const trade = this.#open[fill.instrument]!;
    trade.closed += size;
    trade.closedCost += size * fill.price;
    trade.pnl += size * (fill.price - average) * (trade.long ? 1 : -1);
    trade.fees += fee;
    if (!last) return false;
    this.#open[fill.instrument] = undefined;
    this.#id.push(trade.id);
    this.#instrument.push(fill.instrument);
    this.#size.push(trade.long ? trade.largest : -trade.largest);
    this.#entryTime.push(trade.entryTime);
    this.#entryPrice.push(trade.openedCost / trade.opened);
    this.#exitTime.push(fill.time);
    this.#exitPrice.push(trade.closedCost / trade.closed);
    this.#pnl.push(trade.pnl);
    this.#fees.push(trade.fees);
    this.#bars.push(bar - trade.entryBar);
    this.#tags.push(trade.tag);
    this.news.push(this.at(this.length - 1));
    return true;
  }

  /** The closed trade number `index`, in the order in which they closed. */
  at(index: number): Trade {
    const size = this.#size.at(index);
    return {
      id: this.#id.at(index),
      symbol: this.#instruments[this.#instrument.at(index)].symbol,
      side: size < 0 ? 'short' : 'long',
      size: Math.abs(size),
      entryTime: this.#entryTime.at(index),
      entryPrice: this.#entryPrice.at(index),
      exitTime: this.#exitTime.at(index),
      exitPrice: this.#exitPrice.at(index),
      pnl: this.#pnl.at(index),
      fees: this.#fees.at(index),
      net: this.#pnl.at(index) - this.#fees.at(index),
      bars: this.#bars.at(index),
      tag: this.#tags[index],
      open: false,
    };
  }

  /** The trade that is open on an instrument: realised result so far, without what is still at risk. */
  openOn(instrument: number, bar: number): Trade | undefined {
    const trade = this.#open[instrument];
    return trade === undefined ? undefined : this.#describe(instrument, trade, Number.NaN, bar);
  }

  *[Symbol.iterator](): Generator<Trade> {
    for (let i = 0; i < this.length; i++) yield this.at(i);
  }

  #describe(instrument: number, trade: OpenTrade, exitTime: number, bar: number): Trade {
    return {
      id: trade.id,
      symbol: this.#instruments[instrument].symbol,
      side: trade.long ? 'long' : 'short',
      size: trade.largest,
      entryTime: trade.entryTime,
      entryPrice: trade.openedCost / trade.opened,
      exitTime,
      exitPrice: trade.closedCost / trade.closed,
      pnl: trade.pnl,
      fees: trade.fees,
      net: trade.pnl - trade.fees,
      bars: bar - trade.entryBar,
      tag: trade.tag,
      open: true,
    };
  }
}
