import type { Interval } from './interval.ts';

/**
 * Bars in columns. Every array has exactly `length` values; row i of all of them is one bar.
 * Whoever emits a `Bars` gives it away: it is not written to afterwards.
 */
export interface Bars {
  readonly length: number;
  /** Epoch milliseconds UTC, strictly ascending; what a stamp means (open or close of the bar) the feed says. */
  readonly time: Float64Array;
  readonly open: Float64Array;
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
  /** In units of the base asset. */
  readonly volume: Float64Array;
  /** Named columns beyond OHLCV: quoteVolume, trades, takerBuy, or any of the user's file. */
  readonly extra: Readonly<Record<string, Float64Array>>;
}

/**
 * What a chunk of bars that grow says beside its rows: each row is a bar as it stood when one more of the finer bars that it
 * is made of, its latest part, had closed. The last row of a bar is the bar. Rows of all arrays belong together.
 */
export interface Growth {
  /** 1 where a row is the bar of the row before it, grown (chunks make no difference); 0 where it begins a bar. */
  readonly revises: Uint8Array;
  /** When each row became known: when its latest part had closed, epoch ms UTC, strictly ascending. */
  readonly known: Float64Array;
  /**
   * The latest part of each row, as the source had it; `time` is when it began, epoch ms UTC. Orders are matched on parts, so
   * that no fill uses what was traded before its order.
   */
  readonly parts: Bars;
}

/** One bar as an object; `time` as in {@link Bars}. */
export interface Bar {
  readonly time: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
}

export const OHLCV = ['open', 'high', 'low', 'close', 'volume'] as const;
export type OhlcvColumn = (typeof OHLCV)[number];

/** Rows `from` (inclusive) to `to` (exclusive) as a view: nothing is copied. */
export function sliceBars(bars: Bars, from: number, to: number): Bars {
  if (from === 0 && to === bars.length) return bars;
  const extra: Record<string, Float64Array> = {};
  for (const name of Object.keys(bars.extra)) extra[name] = bars.extra[name].subarray(from, to);
  return {
    length: to - from,
    time: bars.time.subarray(from, to),
    open: bars.open.subarray(from, to),
    high: bars.high.subarray(from, to),
    low: bars.low.subarray(from, to),
    close: bars.close.subarray(from, to),
    volume: bars.volume.subarray(from, to),
    extra,
  };
}

/** What a bar's time means in a source. */
export type Stamps = 'open' | 'close';

/** A series of bars as its reader needs to know it. */
export interface SeriesInfo {
  readonly symbol: string;
  readonly interval: Interval;
  readonly stamps: Stamps;
}
