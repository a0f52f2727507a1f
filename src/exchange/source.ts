import type { DataFeed } from '../feeds/feed.ts';
import type { Bars } from '../model/bars.ts';
import { NumberColumn } from '../model/columns.ts';
import { DataError } from '../model/errors.ts';
import type { Instrument } from '../model/instrument.ts';
import { barEnd, barStart, type Interval, intervalMs, isFixed } from '../model/interval.ts';
import { AMOUNT_PLACES, decimalPlaces, roundTo } from './decimal.ts';

/** Bars of all sources together; a bar takes some 70 bytes. */
export const BAR_LIMIT = 20_000_000;

/** Trades that a bar with volume is said to have where the data does not tell. */
const TRADES_A_BAR = 100;

/** Bars of which the number of decimals is read off. */
const OPENING_BARS = 1000;

/** One data file in memory: bars of one symbol and interval by open time, with all that a kline says. */
export class Source {
  /** As on Binance: upper case, nothing between base and quote. */
  readonly symbol: string;
  readonly instrument: Instrument;
  readonly interval: Interval;
  readonly length: number;
  /** Open times, epoch ms UTC, ascending. */
  readonly time: Float64Array;
  readonly open: Float64Array;
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
  readonly volume: Float64Array;
  /** Decimals that prices have. */
  readonly places: number;
  /** Of every bar, ms; NaN when it varies. */
  readonly #barLength: number;
  /** Trades before each bar. */
  readonly #trades: Float64Array;
  readonly #quoteVolume: Float64Array | undefined;
  readonly #takerBase: Float64Array | undefined;
  readonly #takerQuote: Float64Array | undefined;

  constructor(instrument: Instrument, interval: Interval, bars: Bars) {
    this.symbol = exchangeSymbol(instrument.symbol);
    this.instrument = instrument;
    this.interval = interval;
    this.#barLength = isFixed(interval) ? intervalMs(interval) : Number.NaN;
    this.length = bars.length;
    this.time = bars.time;
    this.open = bars.open;
    this.high = bars.high;
    this.low = bars.low;
    this.close = bars.close;
    this.volume = bars.volume;
    const { extra } = bars;
    // Older tables of the field call the quote volume the base volume.
    this.#quoteVolume = extra.quoteVolume ?? extra.baseVolume;
    this.#takerBase = extra.takerBuyBase ?? extra.takerBuy;
    this.#takerQuote = extra.takerBuyQuote;
    this.#trades = new Float64Array(bars.length + 1);
    for (let i = 0; i < bars.length; i++) {
      const told = extra.trades?.[i] ?? Number.NaN;
      const count = told >= 0 ? Math.round(told) : bars.volume[i] > 0 ? TRADES_A_BAR : 0;
      this.#trades[i + 1] = this.#trades[i] + count;
    }
    let places = 0;
    for (let i = 0; i < Math.min(OPENING_BARS, bars.length); i++) {
      places = Math.max(places, decimalPlaces(bars.high[i]), decimalPlaces(bars.low[i]));
    }
    this.places = Math.min(places, AMOUNT_PLACES);
  }

  /** When the bar closes: the open of one that follows without a gap. */
  end(row: number): number {
    const end = this.time[row] + this.#barLength;
    return Number.isNaN(end) ? barEnd(this.time[row], this.interval) : end;
  }

  quoteVolume(row: number): number {
    const told = this.#quoteVolume?.[row] ?? Number.NaN;
    if (told >= 0) return told;
    const mean = (this.open[row] + this.high[row] + this.low[row] + this.close[row]) / 4;
    return roundTo(this.volume[row] * mean, AMOUNT_PLACES);
  }

  takerBase(row: number): number {
    const told = this.#takerBase?.[row] ?? Number.NaN;
    return told >= 0 ? told : roundTo(this.volume[row] / 2, AMOUNT_PLACES);
  }

  takerQuote(row: number): number {
    const told = this.#takerQuote?.[row] ?? Number.NaN;
    return told >= 0 ? told : roundTo(this.quoteVolume(row) / 2, AMOUNT_PLACES);
  }

  /** Trades of all bars before `row`. */
  tradesBefore(row: number): number {
    return this.#trades[row];
  }

  /** The first bar that opens at or after `time`; `length` when none does. */
  rowAt(time: number): number {
    let low = 0;
    let high = this.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.time[middle] < time) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** `btc-usdt` → `BTCUSDT`. */
export function exchangeSymbol(symbol: string): string {
  return symbol.toUpperCase().replace(/[^A-Z0-9]/g, '');
}

/**
 * Reads a feed into memory, up to the bar that opens at `to` (epoch ms UTC). Throws `EXCHANGE_BARS_LIMIT` beyond
 * `limit` bars and `BARS_OVERLAP` for bars of which one opens before the last has closed.
 */
export async function loadSource(
  feed: DataFeed,
  options: { readonly to?: number | undefined; readonly limit?: number; readonly signal?: AbortSignal } = {},
): Promise<Source> {
  const { to = Number.POSITIVE_INFINITY, limit = BAR_LIMIT } = options;
  const { signal = new AbortController().signal } = options;
  const opens = (stamp: number) => (feed.stamps === 'open' ? stamp : barStart(stamp, feed.interval));
  const columns = {
    open: new NumberColumn(),
    high: new NumberColumn(),
    low: new NumberColumn(),
    close: new NumberColumn(),
    volume: new NumberColumn(),
  };
  const time = new NumberColumn();
  const extra: Record<string, NumberColumn> = {};
  let last = Number.NEGATIVE_INFINITY;
  reading: for await (const event of feed.events({ signal, warmup: 0 })) {
    if (event.kind !== 'bars') continue;
    const { bars } = event;
    for (const name of KEPT) if (bars.extra[name] !== undefined) extra[name] ??= new NumberColumn();
    for (let i = 0; i < bars.length; i++) {
      const open = opens(bars.time[i]);
      if (open >= to) break reading;
      if (open < last) throw overlap(feed, open, last);
      if (time.length === limit) throw tooMany(feed, limit);
      time.push(open);
      columns.open.push(bars.open[i]);
      columns.high.push(bars.high[i]);
      columns.low.push(bars.low[i]);
      columns.close.push(bars.close[i]);
      columns.volume.push(bars.volume[i]);
      for (const [name, column] of Object.entries(extra)) column.push(bars.extra[name]?.[i] ?? Number.NaN);
      last = barEnd(open, feed.interval);
    }
  }
  return new Source(feed.instrument, feed.interval, {
    length: time.length,
    time: time.view(),
    open: columns.open.view(),
    high: columns.high.view(),
    low: columns.low.view(),
    close: columns.close.view(),
    volume: columns.volume.view(),
    extra: Object.fromEntries(Object.entries(extra).map(([name, column]) => [name, column.view()])),
  });
}

const KEPT = ['quoteVolume', 'baseVolume', 'trades', 'takerBuyBase', 'takerBuy', 'takerBuyQuote'] as const;

function overlap(feed: DataFeed, open: number, end: number): DataError {
  const { symbol } = feed.instrument;
  const at = (time: number) => new Date(time).toISOString();
  return new DataError(
    'BARS_OVERLAP',
    `${symbol} ${feed.interval}: a bar opens at ${at(open)}, the one before it closes at ${at(end)}`,
    { value: open, limit: end, fix: 'give data whose bars follow each other, or its true --interval' },
  );
}

function tooMany(feed: DataFeed, limit: number): DataError {
  const { symbol } = feed.instrument;
  return new DataError('EXCHANGE_BARS_LIMIT', `${symbol} ${feed.interval}: more than ${limit} bars`, {
    value: limit + 1,
    limit,
    fix: 'replay a shorter file or end it with --to, the exchange keeps its bars in memory',
  });
}
