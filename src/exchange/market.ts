import type { DataFeed } from '../feeds/feed.ts';
import { DataError, InputError } from '../model/errors.ts';
import { barEnd, type Interval, intervalMs, isFixed } from '../model/interval.ts';
import { BINANCE_INTERVALS, binanceBarStart } from '../venues/binance/intervals.ts';
import { isMadeOf } from './intervals.ts';
import { BAR_LIMIT, loadSource, type Source } from './source.ts';

/** Klines of one symbol and interval: a source's own bars, or longer ones made of them. */
export interface Series {
  readonly source: Source;
  readonly interval: Interval;
  /** False when the klines are the source's own. */
  readonly derived: boolean;
  /** `btcusdt@kline_1m`. */
  readonly stream: string;
}

/** All that is traded of one symbol. */
export interface Listing {
  readonly symbol: string;
  /** The source with the shortest bars: prices and books come from it. */
  readonly finest: Source;
  readonly series: ReadonlyMap<string, Series>;
}

/** The data behind an exchange: immutable, so that many exchanges may replay one market. */
export class Market {
  readonly sources: readonly Source[];
  readonly listings: ReadonlyMap<string, Listing>;
  /** Open time of the first bar, epoch ms UTC. */
  readonly start: number;
  /** Close of the last bar. */
  readonly end: number;

  constructor(sources: readonly Source[]) {
    this.sources = sources.filter(source => source.length > 0);
    if (this.sources.length === 0) {
      throw new DataError('EXCHANGE_NO_BARS', 'there are no bars to replay', {
        value: 0,
        limit: 1,
        fix: 'give data with bars, and a --to behind the first of them',
      });
    }
    const listings = new Map<string, Listing>();
    for (const source of this.sources) {
      const own = this.sources.filter(other => other.symbol === source.symbol);
      if (own.some(other => other !== source && other.interval === source.interval)) {
        throw new InputError('SERIES_TWICE', `${source.symbol} ${source.interval} was given twice`, {
          value: source.symbol,
          fix: 'give each symbol once an interval, or name the files apart with --symbol',
        });
      }
      if (!listings.has(source.symbol)) listings.set(source.symbol, listingOf(source.symbol, own));
    }
    this.listings = listings;
    this.start = Math.min(...this.sources.map(source => source.time[0]));
    this.end = Math.max(...this.sources.map(source => source.end(source.length - 1)));
  }
}

/** Reads feeds into a market, which ends with the bar before `to` (epoch ms UTC). */
export async function loadMarket(
  feeds: readonly DataFeed[],
  options: { readonly to?: number | undefined; readonly limit?: number; readonly signal?: AbortSignal } = {},
): Promise<Market> {
  let left = options.limit ?? BAR_LIMIT;
  const sources: Source[] = [];
  for (const feed of feeds) {
    const source = await loadSource(feed, { ...options, limit: left });
    left -= source.length;
    sources.push(source);
  }
  return new Market(sources);
}

function listingOf(symbol: string, sources: readonly Source[]): Listing {
  const ascending = [...sources].sort((a, b) => intervalMs(a.interval) - intervalMs(b.interval));
  const series = new Map<string, Series>();
  const add = (source: Source, interval: Interval) => {
    const stream = `${symbol.toLowerCase()}@kline_${interval}`;
    series.set(interval, { source, interval, derived: interval !== source.interval, stream });
  };
  for (const source of ascending) add(source, source.interval);
  for (const source of ascending.filter(isAligned)) {
    for (const longer of BINANCE_INTERVALS) {
      if (!series.has(longer) && isMadeOf(longer, source.interval)) add(source, longer);
    }
  }
  return { symbol, finest: ascending[0], series };
}

/** Bars that begin elsewhere than Binance's do (days from 17:00) cannot be put together to Binance's longer ones. */
function isAligned({ interval, time, length }: Source): boolean {
  if (!isFixed(interval)) return false;
  for (let i = 0; i < length; i++) if (binanceBarStart(time[i], interval) !== time[i]) return false;
  return true;
}

/** From when to when (exclusive) the kline of a series lasts that holds the source's bar `row`; epoch ms UTC. */
export function spanOf({ source, interval, derived }: Series, row: number): readonly [number, number] {
  if (!derived) return [source.time[row], source.end(row)];
  const start = binanceBarStart(source.time[row], interval);
  return [start, barEnd(start, interval)];
}
