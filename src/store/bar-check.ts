import type { Bars } from '../model/bars.ts';
import { barEnd, type Interval, intervalMs } from '../model/interval.ts';
import { contradictions } from './bar-check-across.ts';
import { type Finding, Joined } from './bar-finding.ts';
import { holesOf, seriesKey } from './bar-series.ts';
import type { BarStore, SeriesKey } from './bars.ts';

/** All that is wrong with these series, and between those of one symbol; in order, read as it is asked for. */
export function* checkSeries(store: BarStore, keys: readonly SeriesKey[]): Generator<Finding> {
  for (const key of keys) {
    yield* gaps(store, key);
    yield* withinSeries(store, key);
    for (const other of keys) {
      const same = other.venue === key.venue && other.market === key.market && other.symbol === key.symbol;
      const finer = intervalMs(other.interval as Interval) < intervalMs(key.interval as Interval);
      if (same && finer) yield* contradictions(store, key, other);
    }
  }
}

function* gaps(store: BarStore, series: SeriesKey): Generator<Finding> {
  const length = intervalMs(seriesKey(series).interval);
  for (const { from, to } of holesOf(store.coverage(series))) {
    const bars = Math.max(1, Math.round((to - from) / length));
    yield {
      kind: 'gap',
      series,
      from,
      to,
      bars,
      problem: `${bars === 1 ? 'a bar is' : `${bars} bars are`} missing`,
    };
  }
}

function* withinSeries(store: BarStore, key: SeriesKey): Generator<Finding> {
  const { interval } = seriesKey(key);
  const impossible = new Joined('impossible', key);
  const duplicate = new Joined('duplicate', key);
  let end = Number.NEGATIVE_INFINITY;
  for (const block of store.inspect(key)) {
    if ('damage' in block) {
      yield* impossible.end();
      yield* duplicate.end();
      yield {
        kind: 'damaged',
        series: key,
        ...block.range,
        bars: 0,
        problem: 'the stored bytes have another checksum',
      };
      continue;
    }
    for (let i = 0; i < block.length; i++) {
      const open = block.time[i];
      const next = barEnd(open, interval);
      yield* impossible.add(open, next, impossibility(block, i));
      yield* duplicate.add(
        open,
        next,
        open < end ? `begins ${(end - open) / 1000} s before the bar before it has ended` : undefined,
      );
      end = next;
    }
  }
  yield* impossible.end();
  yield* duplicate.end();
}

function impossibility({ open, high, low, close, volume }: Bars, i: number): string | undefined {
  if (high[i] < Math.max(open[i], close[i], low[i])) return `its high ${high[i]} is not its highest price`;
  if (low[i] > Math.min(open[i], close[i])) return `its low ${low[i]} is not its lowest price`;
  if (low[i] < 0) return `its low is ${low[i]}`;
  return volume[i] < 0 ? `its volume is ${volume[i]}` : undefined;
}
