import type { BookChange, BookSnapshot, MarketOptions, MarketSymbol, MarketTrade, Ticks } from './market.ts';

const REACH = 30;

/** What markets of levels and of orders have in common: the middle, the ids of updates, the trades. */
export abstract class MovingMarket implements MarketSymbol {
  readonly symbol: string;
  readonly history: BookSnapshot[] = [];
  readonly trades: MarketTrade[] = [];
  protected readonly random: () => number;
  protected readonly reach: number;
  protected middle: number;
  protected last: number;

  constructor(symbol: string, random: () => number, { reach = REACH }: MarketOptions) {
    this.symbol = symbol;
    this.random = random;
    this.reach = reach;
    this.middle = 50_000 + this.below(50_000);
    this.last = 1_000_000 + this.below(1_000_000);
  }

  abstract step(time: number): BookChange;

  get now(): BookSnapshot {
    return this.history[this.history.length - 1];
  }

  trade(time: number): MarketTrade {
    const isBuy = this.random() < 0.5;
    const price = this.middle + (isBuy ? 1 : -1);
    const id = 5000 + this.trades.length;
    const trade = { symbol: this.symbol, id, time, isBuy, price, size: 1 + this.below(900) };
    this.trades.push(trade);
    return trade;
  }

  /** Nearer prices are taken more often. */
  protected away(isBid: boolean): number {
    const away = 1 + Math.floor(this.random() ** 2 * this.reach);
    return this.middle + (isBid ? -away : away);
  }

  protected below(count: number): number {
    return Math.floor(this.random() * count);
  }
}

/** A market of which only levels are known. */
export class LevelMarket extends MovingMarket {
  readonly #bids = new Map<number, number>();
  readonly #asks = new Map<number, number>();
  readonly #isSingle: boolean;

  constructor(symbol: string, random: () => number, time: number, options: MarketOptions) {
    super(symbol, random, options);
    this.#isSingle = options.isSingle === true;
    this.#fill();
    this.#keep(time);
  }

  step(time: number): BookChange {
    const changed = { bids: new Map<number, number>(), asks: new Map<number, number>() };
    const set = (isBid: boolean, price: number, size: number) => {
      const own = isBid ? this.#bids : this.#asks;
      if (size === 0) own.delete(price);
      else own.set(price, size);
      changed[isBid ? 'bids' : 'asks'].set(price, size);
    };
    if (this.random() < 0.4) {
      this.middle += this.random() < 0.5 ? -1 : 1;
      if (this.#bids.has(this.middle)) set(true, this.middle, 0);
      if (this.#asks.has(this.middle)) set(false, this.middle, 0);
    }
    let count = 1 + this.below(4);
    if (this.#isSingle) count = changed.bids.size + changed.asks.size > 0 ? 0 : 1;
    for (let at = 0; at < count; at++) {
      const isBid = this.random() < 0.5;
      const price = this.away(isBid);
      const own = isBid ? this.#bids : this.#asks;
      const isGone = own.has(price) && own.size > 5 && this.random() < 0.5;
      set(isBid, price, isGone ? 0 : 1 + this.below(5000));
    }
    const previous = this.last;
    this.last += 1 + this.below(3);
    this.#keep(time);
    const { symbol } = this;
    const { version } = this.now;
    return {
      ...{ symbol, version, first: previous + 1, last: this.last, previous, time },
      ...{ bids: sorted(changed.bids, -1), asks: sorted(changed.asks, 1), orders: [] },
    };
  }

  #fill(): void {
    for (let away = 1; away <= this.reach; away++) {
      if (this.random() < 0.7) this.#bids.set(this.middle - away, 1 + this.below(5000));
      if (this.random() < 0.7) this.#asks.set(this.middle + away, 1 + this.below(5000));
    }
  }

  #keep(time: number): void {
    const version = this.history.length;
    const sides = { bids: sorted(this.#bids, -1), asks: sorted(this.#asks, 1) };
    this.history.push({ version, last: this.last, time, ...sides, bidOrders: [], askOrders: [] });
  }
}

function sorted(side: ReadonlyMap<number, number>, sign: number): Ticks[] {
  return [...side].sort((one, other) => sign * (one[0] - other[0]));
}
