import type { BookSnapshot, MarketSymbol, MarketTrade } from './market.ts';
import type { VenueProtocol } from './protocol.ts';

const MINUTE = 60_000;

/** One kline as it stands after some trades; prices in ticks, volume in lots. */
export interface MarketKline {
  readonly symbol: string;
  /** Epoch ms UTC, and the length, ms. */
  readonly openTime: number;
  readonly length: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
  readonly count: number;
  readonly isClosed: boolean;
  /** Now. */
  readonly time: number;
}

/** Best prices and the last trade. */
export interface MarketTicker {
  readonly symbol: string;
  readonly bid: readonly [price: number, size: number];
  readonly ask: readonly [price: number, size: number];
  readonly last: number;
  readonly sequence: number;
  readonly time: number;
}

/** A last row that is lost shows. */
export const marksClosed = ({ venue }: VenueProtocol) => /^(binance|okx|bybit)/.test(venue);
/** Coinbase has no others. */
export const lengthOf = ({ venue }: VenueProtocol) => (venue === 'coinbase' ? 5 * MINUTE : MINUTE);
export const intervalName = (protocol: VenueProtocol) => `${lengthOf(protocol) / MINUTE}m`;

/** All klines of the trades until now, oldest first; none without trades. */
export function klinesOf(
  { symbol, trades }: Pick<MarketSymbol, 'symbol' | 'trades'>,
  length: number,
  now: number,
): MarketKline[] {
  const found = new Map<number, MarketTrade[]>();
  for (const trade of trades) {
    const openTime = Math.floor(trade.time / length) * length;
    const own = found.get(openTime);
    if (own === undefined) found.set(openTime, [trade]);
    else own.push(trade);
  }
  return [...found].map(([openTime, own]) => klineOf(symbol, openTime, length, own, now));
}

/** The kline of trades that are all within it. */
export function klineOf(
  symbol: string,
  openTime: number,
  length: number,
  trades: readonly MarketTrade[],
  now: number,
): MarketKline {
  const prices = trades.map(({ price }) => price);
  return {
    ...{ symbol, openTime, length, time: now, isClosed: now >= openTime + length },
    ...{ open: prices[0], close: prices[prices.length - 1] },
    ...{ high: Math.max(...prices), low: Math.min(...prices) },
    volume: trades.reduce((sum, { size }) => sum + size, 0),
    count: trades.length,
  };
}

export function tickerOf(symbol: string, now: BookSnapshot, trades: readonly MarketTrade[]): MarketTicker {
  const last = trades.at(-1)?.price ?? now.bids[0][0];
  return { symbol, bid: now.bids[0], ask: now.asks[0], last, sequence: now.last, time: now.time };
}
