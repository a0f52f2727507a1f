/** What can be traded: the terms of one symbol on one market. Steps and limits of 0 mean "no such rule". */
export interface Instrument {
  readonly symbol: string;
  readonly base: string;
  readonly quote: string;
  readonly market: Market;
  /** Prices are multiples of this. */
  readonly tickSize: number;
  /** Sizes are multiples of this. */
  readonly lotStep: number;
  /** The smallest size of an order, in base units. */
  readonly minSize: number;
  /** The largest size of an order, in base units. */
  readonly maxSize: number;
  /** The largest size of a market order; absent where `maxSize` is for all. */
  readonly maxMarketSize?: number;
  /** The least size × price of an order, in quote. */
  readonly minNotional: number;
  /** The least size × price of a market order, in quote; absent where `minNotional` is for all. */
  readonly minMarketNotional?: number;
}

/** `spot`: what is sold must be owned. `usdm`: a linear perpetual, which may be sold short. */
export type Market = 'spot' | 'usdm';

const QUOTES = [
  'USDT',
  'USDC',
  'FDUSD',
  'BUSD',
  'TUSD',
  'USD',
  'EUR',
  'GBP',
  'TRY',
  'JPY',
  'BTC',
  'ETH',
  'BNB',
];

/** An instrument with the given terms; base and quote are read off the symbol (`BTCUSDT`, `BTC-USDT`, `BTC/USD`). */
export function instrument(symbol: string, terms: Partial<Omit<Instrument, 'symbol'>> = {}): Instrument {
  const { base, quote } = splitSymbol(symbol);
  return {
    symbol,
    base,
    quote,
    market: 'spot',
    tickSize: 0,
    lotStep: 0,
    minSize: 0,
    maxSize: 0,
    minNotional: 0,
    ...terms,
  };
}

/**
 * True for what no order could sell: less than a lot, or than the smallest order. A perpetual has none, for an order may
 * go through it to the other side.
 */
export function isDust({ market, lotStep, minSize }: Instrument, size: number): boolean {
  return market === 'spot' && Math.abs(size) < Math.max(lotStep, minSize) * (1 - 1e-9);
}

function splitSymbol(symbol: string): { base: string; quote: string } {
  const separated = /^([A-Za-z0-9]+)[-/_]([A-Za-z0-9]+)$/.exec(symbol);
  if (separated !== null) return { base: separated[1].toUpperCase(), quote: separated[2].toUpperCase() };
  const upper = symbol.toUpperCase();
  const quote = QUOTES.find(name => upper.endsWith(name) && upper.length > name.length);
  return quote === undefined ? { base: upper, quote: 'USD' } : { base: upper.slice(0, -quote.length), quote };
}
