import type { Bars } from '../../model/bars.ts';
import { NetworkError } from '../../model/errors.ts';
import type { Interval } from '../../model/interval.ts';

/** One kline in numbers. */
export interface Kline {
  /** Open time, epoch ms UTC. */
  readonly time: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  /** In base. */
  readonly volume: number;
  readonly quoteVolume: number;
  /** How many trades. */
  readonly trades: number;
  /** Bought by takers, in base and in quote. */
  readonly takerBuyBase: number;
  readonly takerBuyQuote: number;
}

/** The columns of klines beyond OHLCV. */
export const KLINE_COLUMNS = ['quoteVolume', 'trades', 'takerBuyBase', 'takerBuyQuote'] as const;

/** Klines a REST answer holds at most. */
export const MOST_KLINES = 1000;

/** The path of a page of klines by open time, oldest first; without `from`, the last ones up to `to`. */
export function klinesPath(
  symbol: string,
  interval: Interval,
  range: { readonly from?: number; readonly to?: number; readonly limit?: number },
): string {
  const { from, to, limit = MOST_KLINES } = range;
  const start = from === undefined ? '' : `&startTime=${from}`;
  const end = to === undefined ? '' : `&endTime=${to}`;
  return `/api/v3/klines?symbol=${encodeURIComponent(symbol)}&interval=${interval}${start}${end}&limit=${limit}`;
}

/** What a request for klines counts for. */
export const KLINES_WEIGHT = 2;

/** Reads a REST answer, oldest first; throws `ANSWER_UNREADABLE` when it is something else than klines. */
export function readKlines(document: unknown): Kline[] {
  if (!Array.isArray(document)) throw unreadable(document);
  const rows = document.map(readRow);
  for (let i = 1; i < rows.length; i++) if (rows[i].time <= rows[i - 1].time) throw unreadable(document[i]);
  return rows;
}

function readRow(row: unknown): Kline {
  if (!Array.isArray(row) || row.length < 11) throw unreadable(row);
  const kline: Kline = {
    time: Number(row[0]),
    open: Number(row[1]),
    high: Number(row[2]),
    low: Number(row[3]),
    close: Number(row[4]),
    volume: Number(row[5]),
    quoteVolume: Number(row[7]),
    trades: Number(row[8]),
    takerBuyBase: Number(row[9]),
    takerBuyQuote: Number(row[10]),
  };
  if (!isKline(kline)) throw unreadable(row);
  return kline;
}

function unreadable(value: unknown): NetworkError {
  return new NetworkError('ANSWER_UNREADABLE', 'the answer holds no klines', { value });
}

/** Whether every value is a number: what came over the wire may be anything. */
export function isKline(kline: Kline): boolean {
  const { time, open, high, low, close, volume, quoteVolume, trades, takerBuyBase, takerBuyQuote } = kline;
  // A sum is finite only if all its terms are.
  return Number.isFinite(
    time + open + high + low + close + volume + quoteVolume + trades + takerBuyBase + takerBuyQuote,
  );
}

/** Whether two readings of the same bar agree in every value. */
export function sameKline(a: Kline, b: Kline): boolean {
  return (
    a.time === b.time &&
    a.open === b.open &&
    a.high === b.high &&
    a.low === b.low &&
    a.close === b.close &&
    a.volume === b.volume &&
    a.quoteVolume === b.quoteVolume &&
    a.trades === b.trades &&
    a.takerBuyBase === b.takerBuyBase &&
    a.takerBuyQuote === b.takerBuyQuote
  );
}

/** Klines `from` (inclusive) to `to` (exclusive) in columns, stamped by their open. */
export function klineBars(klines: readonly Kline[], from = 0, to = klines.length): Bars {
  const length = to - from;
  // One buffer for all columns: a single bar is the common case, and a buffer costs more than its views.
  const buffer = new ArrayBuffer(10 * 8 * length);
  const column = (index: number) => new Float64Array(buffer, index * 8 * length, length);
  const [time, open, high, low, close] = [column(0), column(1), column(2), column(3), column(4)];
  const [volume, quoteVolume, trades] = [column(5), column(6), column(7)];
  const [takerBuyBase, takerBuyQuote] = [column(8), column(9)];
  for (let i = 0; i < length; i++) {
    const kline = klines[from + i];
    time[i] = kline.time;
    open[i] = kline.open;
    high[i] = kline.high;
    low[i] = kline.low;
    close[i] = kline.close;
    volume[i] = kline.volume;
    quoteVolume[i] = kline.quoteVolume;
    trades[i] = kline.trades;
    takerBuyBase[i] = kline.takerBuyBase;
    takerBuyQuote[i] = kline.takerBuyQuote;
  }
  const extra = { quoteVolume, trades, takerBuyBase, takerBuyQuote };
  return { length, time, open, high, low, close, volume, extra };
}
