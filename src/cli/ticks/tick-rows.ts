import type { TickerRecord, TradeRecord } from '../../model/records.ts';

/** A trade as a flat row. */
export interface TradeRow {
  /** Canonical: `BTC-USD`. */
  readonly symbol: string;
  readonly price: number;
  /** In base asset, or contracts; never negative. */
  readonly volume: number;
  /** True when a buyer took; null where the venue does not say. */
  readonly is_buy: boolean | null;
  /** Epoch ms UTC of the exchange; of this machine where the venue tells none. */
  readonly timestamp: number;
}

/** Best prices and the venue's day as a flat row; null for what the venue does not tell. */
export interface TickerRow {
  readonly symbol: string;
  readonly bid: number | null;
  readonly bid_size: number | null;
  readonly ask: number | null;
  readonly ask_size: number | null;
  readonly last: number | null;
  readonly volume: number | null;
  readonly high: number | null;
  readonly low: number | null;
  readonly timestamp: number;
}

export function tradeRow({ price, side, size, symbol, ...times }: TradeRecord): TradeRow {
  return {
    ...{ symbol, price, volume: size, is_buy: side === null ? null : side === 'buy' },
    timestamp: milliseconds(times),
  };
}

export function tickerRow(ticker: TickerRecord): TickerRow {
  return {
    symbol: ticker.symbol,
    bid: numberOf(ticker.bid),
    bid_size: numberOf(ticker.bidSize),
    ask: numberOf(ticker.ask),
    ask_size: numberOf(ticker.askSize),
    last: numberOf(ticker.last),
    volume: numberOf(ticker.volume),
    high: numberOf(ticker.high),
    low: numberOf(ticker.low),
    timestamp: milliseconds(ticker),
  };
}

/** Whole ones, as programs that read such rows expect. */
function milliseconds({ exchangeTime, receiveTime }: Pick<TradeRecord, 'exchangeTime' | 'receiveTime'>) {
  return Math.floor((exchangeTime ?? receiveTime) / 1000);
}

function numberOf(text: string | null): number | null {
  return text === null ? null : Number(text);
}
