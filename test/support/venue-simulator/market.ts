/** A price and the size there, in ticks and lots: integers, so that nothing is ever rounded. */
export type Ticks = readonly [price: number, size: number];

/** What changed in one book at one moment. Sizes are absolute, 0 takes the level away. */
export interface BookChange {
  readonly symbol: string;
  /** Counts the changes of this book. */
  readonly version: number;
  /** Update ids that it sums up, and the last one before it. */
  readonly first: number;
  readonly last: number;
  readonly previous: number;
  /** Epoch ms UTC. */
  readonly time: number;
  readonly bids: readonly Ticks[];
  readonly asks: readonly Ticks[];
}

export interface MarketTrade {
  readonly symbol: string;
  readonly id: number;
  readonly time: number;
  readonly isBuy: boolean;
  readonly price: number;
  readonly size: number;
}

/** A book as it was: best levels first. */
export interface BookSnapshot {
  readonly version: number;
  readonly last: number;
  readonly time: number;
  readonly bids: readonly Ticks[];
  readonly asks: readonly Ticks[];
}

export const PRICE_DECIMALS = 2;
export const SIZE_DECIMALS = 3;
const REACH = 30;

/** An integer as a decimal with all its zeros: 61000 ticks → `610.00`. */
export function fixed(value: number, decimals: number): string {
  const digits = String(value).padStart(decimals + 1, '0');
  return `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}

/** Without zeros at its end, as a number is printed. */
export function bare(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}

export const priceText = (ticks: number) => fixed(ticks, PRICE_DECIMALS);
export const sizeText = (lots: number) => fixed(lots, SIZE_DECIMALS);

/** A side as text, to compare. */
export function sideText(levels: readonly Ticks[], depth: number): string {
  return levels
    .slice(0, depth)
    .map(([price, size]) => `${bare(priceText(price))}@${bare(sizeText(size))}`)
    .join(' ');
}

/** One symbol's truth: its book at every moment that was, and all its trades. */
export class SimulatedSymbol {
  readonly symbol: string;
  readonly history: BookSnapshot[] = [];
  readonly trades: MarketTrade[] = [];
  readonly #bids = new Map<number, number>();
  readonly #asks = new Map<number, number>();
  readonly #random: () => number;
  #middle: number;
  #last: number;

  constructor(symbol: string, random: () => number, time: number) {
    this.symbol = symbol;
    this.#random = random;
    this.#middle = 50_000 + this.#below(50_000);
    this.#last = 1_000_000 + this.#below(1_000_000);
    this.#fill();
    this.#keep(time);
  }

  get now(): BookSnapshot {
    return this.history[this.history.length - 1];
  }

  /** Changes a few levels; the best prices move now and then. */
  step(time: number): BookChange {
    const changed = { bids: new Map<number, number>(), asks: new Map<number, number>() };
    const set = (isBid: boolean, price: number, size: number) => {
      const own = isBid ? this.#bids : this.#asks;
      if (size === 0) own.delete(price);
      else own.set(price, size);
      changed[isBid ? 'bids' : 'asks'].set(price, size);
    };
    if (this.#random() < 0.4) {
      this.#middle += this.#random() < 0.5 ? -1 : 1;
      if (this.#bids.has(this.#middle)) set(true, this.#middle, 0);
      if (this.#asks.has(this.#middle)) set(false, this.#middle, 0);
    }
    const count = 1 + this.#below(4);
    for (let at = 0; at < count; at++) {
      const isBid = this.#random() < 0.5;
      const away = 1 + Math.floor(this.#random() ** 2 * REACH);
      const price = this.#middle + (isBid ? -away : away);
      const own = isBid ? this.#bids : this.#asks;
      const isGone = own.has(price) && own.size > 5 && this.#random() < 0.5;
      set(isBid, price, isGone ? 0 : 1 + this.#below(5000));
    }
    const previous = this.#last;
    this.#last += 1 + this.#below(3);
    this.#keep(time);
    const { symbol } = this;
    const { version } = this.now;
    const of = (side: Map<number, number>, sign: number) => [...side].sort((a, b) => sign * (a[0] - b[0]));
    return {
      ...{ symbol, version, first: previous + 1, last: this.#last, previous, time },
      ...{ bids: of(changed.bids, -1), asks: of(changed.asks, 1) },
    };
  }

  trade(time: number): MarketTrade {
    const isBuy = this.#random() < 0.5;
    const price = this.#middle + (isBuy ? 1 : -1);
    const id = 5000 + this.trades.length;
    const trade = { symbol: this.symbol, id, time, isBuy, price, size: 1 + this.#below(900) };
    this.trades.push(trade);
    return trade;
  }

  #fill(): void {
    for (let away = 1; away <= REACH; away++) {
      if (this.#random() < 0.7) this.#bids.set(this.#middle - away, 1 + this.#below(5000));
      if (this.#random() < 0.7) this.#asks.set(this.#middle + away, 1 + this.#below(5000));
    }
  }

  #keep(time: number): void {
    const of = (side: Map<number, number>, sign: number) => [...side].sort((a, b) => sign * (a[0] - b[0]));
    const version = this.history.length;
    const sides = { bids: of(this.#bids, -1), asks: of(this.#asks, 1) };
    this.history.push({ version, last: this.#last, time, ...sides });
  }

  #below(count: number): number {
    return Math.floor(this.#random() * count);
  }
}

/** What is traded at a simulated venue. */
export class SimulatedMarket {
  readonly symbols: ReadonlyMap<string, SimulatedSymbol>;

  constructor(symbols: readonly string[], random: () => number, time: number) {
    this.symbols = new Map(symbols.map(symbol => [symbol, new SimulatedSymbol(symbol, random, time)]));
  }

  of(symbol: string): SimulatedSymbol {
    return this.symbols.get(symbol)!;
  }
}
