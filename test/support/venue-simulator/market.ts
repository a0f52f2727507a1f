/** A price and the size there, in ticks and lots: integers, so that nothing is ever rounded. */
export type Ticks = readonly [price: number, size: number];

/** An order that rests. */
export interface MarketOrder {
  readonly id: number;
  readonly isBid: boolean;
  readonly price: number;
  readonly size: number;
}

/** What became of one order; of a deletion, what it was before. */
export interface OrderEvent {
  readonly kind: 'add' | 'modify' | 'delete';
  readonly order: MarketOrder;
}

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
  /** Of a market of orders. */
  readonly orders: readonly OrderEvent[];
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
  /** Of a market of orders: best prices first, at one price in the order of the queue. */
  readonly bidOrders: readonly MarketOrder[];
  readonly askOrders: readonly MarketOrder[];
}

export interface MarketOptions {
  /** Prices a side, of which some are taken. */
  readonly reach?: number;
  /** One level, or one order, changes at a time. */
  readonly isSingle?: true;
  /** Of single orders. */
  readonly isOfOrders?: true;
  /** Orders only shrink. */
  readonly neverGrows?: true;
}

export const PRICE_DECIMALS = 2;
export const SIZE_DECIMALS = 3;

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
export interface MarketSymbol {
  readonly symbol: string;
  readonly history: readonly BookSnapshot[];
  readonly trades: readonly MarketTrade[];
  readonly now: BookSnapshot;
  /** Changes the book; the best prices move now and then. */
  step(time: number): BookChange;
  trade(time: number): MarketTrade;
}
