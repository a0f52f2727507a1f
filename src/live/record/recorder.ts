import type { LiveKlines, Series } from '../../feeds/live/contract.ts';
import { type Bar, type Bars, sliceBars } from '../../model/bars.ts';
import type { Interval } from '../../model/interval.ts';
import { binanceBarStart } from '../../venues/binance/intervals.ts';
import { follow } from '../follow.ts';
import type { BarSink } from './sinks.ts';

export interface RecordOptions {
  /** One for each symbol of the feeds. */
  readonly sinks: ReadonlyMap<string, BarSink>;
  /** For symbols that have no row yet: the open of the first bar, epoch ms UTC. */
  readonly from?: number | undefined;
  /** For symbols that have no row yet, without `from`: closed bars to begin with. */
  readonly history?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Bars that have been written. */
  readonly onBars?: ((series: Series, bars: Bars, late: boolean) => void | Promise<void>) | undefined;
  readonly onForming?: ((series: Series, bar: Bar, time: number) => void) | undefined;
  /** The exchange has no bars for this stretch, from its first to behind its last moment, epoch ms UTC. */
  readonly onGap?: ((series: Series, gap: { from: number; to: number; cause: string }) => void) | undefined;
}

/** What a recording did. */
export interface RecordSummary {
  /** Rows that were written. */
  rows: number;
  /** Bars that were there already and came again; they were left out. */
  duplicates: number;
  gaps: number;
}

/** Writes each closed bar to its sink, until the feeds end or `signal` aborts. */
export async function record(live: LiveKlines, options: RecordOptions): Promise<RecordSummary> {
  const { sinks, from, history = 0, onBars, onForming, onGap } = options;
  const summary: RecordSummary = { rows: 0, duplicates: 0, gaps: 0 };
  const last = new Map<string, number>();
  await follow(
    live.feeds,
    ({ instrument: { symbol }, interval }) => {
      const after = sinks.get(symbol)!.last(symbol);
      if (after !== undefined) last.set(symbol, after);
      return {
        warmup: history,
        after: after ?? (from === undefined ? undefined : binanceBarStart(from - 1, interval)),
      };
    },
    {
      onBars(feed, bars, { late }) {
        const series = seriesOf(feed);
        const { symbol } = series;
        const first = firstAfter(bars, last.get(symbol));
        summary.duplicates += first;
        if (first === bars.length) return;
        last.set(symbol, bars.time[bars.length - 1]);
        const written = sinks.get(symbol)!.write(series, sliceBars(bars, first, bars.length));
        summary.rows += bars.length - first;
        if (written === undefined) return onBars?.(series, bars, late);
        return written.then(() => onBars?.(series, bars, late));
      },
      onForming: onForming && ((feed, bar, time) => onForming(seriesOf(feed), bar, time)),
      onGap(feed, gap) {
        const series = seriesOf(feed);
        summary.gaps++;
        sinks.get(series.symbol)!.gap?.(series, gap);
        onGap?.(series, gap);
      },
    },
    options.signal,
  );
  return summary;
}

/** The row of the first bar that opened after `time`. */
function firstAfter(bars: Bars, time = Number.NEGATIVE_INFINITY): number {
  let row = 0;
  while (row < bars.length && bars.time[row] <= time) row++;
  return row;
}

function seriesOf({ instrument, interval }: { instrument: { symbol: string }; interval: Interval }): Series {
  return { symbol: instrument.symbol, interval };
}
