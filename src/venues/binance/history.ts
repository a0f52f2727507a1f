import type { Market } from '../../model/instrument.ts';
import { type Interval, intervalMs, isFixed } from '../../model/interval.ts';
import { KLINES_WEIGHT, klinesPath, MOST_KLINES } from './kline.ts';
import { REQUEST_WEIGHT_LIMIT, TIME_PATH } from './rest.ts';

/** Where the past of one of Binance's markets is, and what asking for it counts. */
export interface HistoryMarket {
  readonly market: Market;
  /** Without a slash at the end. */
  readonly archiveUrl: string;
  readonly restUrl: string;
  readonly timePath: string;
  /** The path of a page of at most `limit` klines that open from `from` (inclusive) to `to` (exclusive), oldest first. */
  readonly klinesPath: (symbol: string, interval: Interval, page: HistoryPage) => string;
  /** Request weight of a page of so many klines. */
  readonly weight: (limit: number) => number;
  /** Request weight a minute. */
  readonly weightLimit: number;
}

export interface HistoryPage {
  readonly from: number;
  readonly to: number;
  readonly limit: number;
}

const ARCHIVE_URL = 'https://data.binance.vision';

/** The USD-M market's weights: the documents of its klines have this table. */
function futuresWeight(limit: number): number {
  if (limit < 100) return 1;
  if (limit < 500) return 2;
  return limit <= 1000 ? 5 : 10;
}

const MARKETS: Readonly<Record<Market, HistoryMarket>> = {
  spot: {
    market: 'spot',
    archiveUrl: ARCHIVE_URL,
    restUrl: 'https://data-api.binance.vision',
    timePath: TIME_PATH,
    klinesPath: (symbol, interval, { from, to, limit }) =>
      klinesPath(symbol, interval, { from, to: to - 1, limit }),
    weight: () => KLINES_WEIGHT,
    weightLimit: REQUEST_WEIGHT_LIMIT,
  },
  usdm: {
    market: 'usdm',
    archiveUrl: ARCHIVE_URL,
    restUrl: 'https://fapi.binance.com',
    timePath: '/fapi/v1/time',
    klinesPath: (symbol, interval, { from, to, limit }) =>
      klinesPath(symbol, interval, { from, to: to - 1, limit }).replace('/api/v3/', '/fapi/v1/'),
    weight: futuresWeight,
    weightLimit: 2400,
  },
};

/** A market, reached at other addresses where they are given. */
export function historyMarket(
  market: Market,
  urls: { readonly archiveUrl?: string | undefined; readonly restUrl?: string | undefined } = {},
): HistoryMarket {
  const known = MARKETS[market];
  return {
    ...known,
    archiveUrl: urls.archiveUrl ?? known.archiveUrl,
    restUrl: urls.restUrl ?? known.restUrl,
  };
}

/** A file of klines of one UTC month or day. */
export interface Archive {
  readonly period: 'month' | 'day';
  /** Open times of its bars, epoch ms UTC; `to` is exclusive. */
  readonly from: number;
  readonly to: number;
  /** Without folder: `BTCUSDT-1m-2024-01.zip`. */
  readonly name: string;
  /** Below the archives' address; the checksum is beside it, with `.CHECKSUM` behind its name. */
  readonly path: string;
}

const FOLDERS: Readonly<Record<Market, string>> = { spot: 'spot', usdm: 'futures/um' };

/** The archive of the month or day that begins at `from` (epoch ms UTC). */
export function archiveOf(
  market: Market,
  symbol: string,
  interval: Interval,
  period: Archive['period'],
  from: number,
): Archive {
  const date = new Date(from).toISOString().slice(0, period === 'month' ? 7 : 10);
  const name = `${symbol}-${interval}-${date}.zip`;
  const folder = period === 'month' ? 'monthly' : 'daily';
  return {
    period,
    from,
    to: period === 'month' ? nextMonth(from) : from + DAY,
    name,
    path: `/data/${FOLDERS[market]}/${folder}/klines/${symbol}/${interval}/${name}`,
  };
}

const DAY = 86_400_000;

/**
 * Which archives there may be. None where a bar may begin in one month and end in the next: which one has it, no document
 * says. A day's only where REST would need more than one page for it: for less, it takes one request, a file two.
 */
export function hasArchives(interval: Interval, period: Archive['period']): boolean {
  if (!isFixed(interval) || DAY % intervalMs(interval) !== 0) return false;
  return period === 'month' || DAY / intervalMs(interval) > MOST_KLINES;
}

/** The first moment of the UTC month that holds `time`. */
export function monthStart(time: number): number {
  const date = new Date(time);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth());
}

/** The first moment of the UTC month after the one that holds `time`. */
export function nextMonth(time: number): number {
  const date = new Date(time);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1);
}
