import { existsSync } from 'node:fs';
import type { Bars } from '../../model/bars.ts';
import { QtError } from '../../model/errors.ts';
import { barEnd, type Interval } from '../../model/interval.ts';
import { BarStore } from '../../store/bars.ts';
import { isKline, type Kline, sameKline } from '../../venues/binance/kline.ts';
import type { LiveNotice, PastBars } from './contract.ts';

/**
 * The past that a store has of a venue's bars, read when it is asked for. A file that is not there has none. What goes wrong
 * with it (`STORE_*`) is thrown by `last`.
 */
export function storedPast(store: BarStore | string, venue: string, market = 'spot'): PastBars {
  return {
    last(symbol, interval, count, before) {
      const key = { venue, market, symbol, interval };
      if (typeof store !== 'string') return store.last(key, count, before);
      if (!existsSync(store)) return NOTHING;
      const open = new BarStore(store, { readOnly: true });
      try {
        return open.last(key, count, before);
      } finally {
        open.close();
      }
    },
  };
}

const EMPTY = new Float64Array();
const NOTHING: Bars = {
  ...{ length: 0, time: EMPTY, open: EMPTY, high: EMPTY, low: EMPTY, close: EMPTY, volume: EMPTY },
  extra: {},
};

export interface PastRequest {
  readonly past: PastBars | undefined;
  readonly symbol: string;
  readonly interval: Interval;
  /** Bars wanted. */
  readonly count: number;
  /** They open before this, epoch ms UTC. */
  readonly before: number;
  readonly notice: (level: LiveNotice['level'], code: string, message: string) => void;
}

/**
 * Bars of the past as klines: the newest ones, without a hole, of which every value is known. They are used where the exchange
 * agrees with the newest of them, and nowhere else: what is in a store may come from anywhere.
 */
export class KnownPast {
  readonly #request: PastRequest;
  /** Oldest first. */
  #klines: readonly Kline[];

  constructor(request: PastRequest) {
    this.#request = request;
    this.#klines = read(request);
  }

  /** Open time of the newest bar, epoch ms UTC; undefined without any. */
  get newest(): number | undefined {
    return this.#klines.at(-1)?.time;
  }

  /** Compares with what the exchange says of the same bars; forgets all where it differs, or says nothing of any. */
  check(rows: readonly Kline[]): void {
    if (this.#klines.length === 0) return;
    const said = new Map(rows.map(row => [row.time, row]));
    const both = this.#klines.filter(({ time }) => said.has(time));
    const odd = both.find(kline => !sameKline(kline, said.get(kline.time)!));
    if (both.length > 0 && odd === undefined) return;
    this.#klines = [];
    if (odd === undefined) return;
    const { symbol, interval, notice } = this.#request;
    const text = `${symbol} ${interval}: the stored bar of ${new Date(odd.time).toISOString()} is not the exchange's; the warm-up is fetched`;
    notice('warning', 'STORE_DIFFERS', text);
  }

  /** Up to `count` bars that end where the bar of `open` begins, oldest first. */
  upTo(open: number, count: number): readonly Kline[] {
    const end = this.#klines.findLastIndex(({ time }) => time < open);
    if (end === -1 || barEnd(this.#klines[end].time, this.#request.interval) !== open) return [];
    return this.#klines.slice(Math.max(0, end + 1 - count), end + 1);
  }
}

function read({ past, symbol, interval, count, before, notice }: PastRequest): Kline[] {
  if (past === undefined || count === 0) return [];
  let bars: Bars;
  try {
    bars = past.last(symbol, interval, count, before);
  } catch (error) {
    if (!(error instanceof QtError)) throw error;
    // The exchange has the same bars; a session must not fail for want of a copy.
    notice('warning', 'STORE_UNREADABLE', `${error.message} (the warm-up of ${symbol} is fetched)`);
    return [];
  }
  const klines: Kline[] = [];
  for (let row = bars.length - 1; row >= 0; row--) {
    const kline = klineOf(bars, row);
    const later = klines.at(-1);
    if (!isKline(kline) || (later !== undefined && barEnd(kline.time, interval) !== later.time)) break;
    klines.push(kline);
  }
  return klines.reverse();
}

function klineOf({ time, open, high, low, close, volume, extra }: Bars, row: number): Kline {
  return {
    time: time[row],
    open: open[row],
    high: high[row],
    low: low[row],
    close: close[row],
    volume: volume[row],
    quoteVolume: extra.quoteVolume?.[row] ?? Number.NaN,
    trades: extra.trades?.[row] ?? Number.NaN,
    takerBuyBase: extra.takerBuyBase?.[row] ?? Number.NaN,
    takerBuyQuote: extra.takerBuyQuote?.[row] ?? Number.NaN,
  };
}
