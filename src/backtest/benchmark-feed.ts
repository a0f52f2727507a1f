import type { BenchmarkSource } from '../engine/analyzers/returns.ts';
import type { DataFeed } from '../feeds/feed.ts';
import { NumberColumn } from '../model/columns.ts';
import { InputError } from '../model/errors.ts';
import { barEnd, barStart } from '../model/interval.ts';

/** Reads a feed to its end: what to compare a run with. Throws `BENCHMARK_EMPTY` for one without bars. */
export async function readBenchmark(feed: DataFeed, signal?: AbortSignal): Promise<BenchmarkSource> {
  const opened = new NumberColumn(1024);
  const closed = new NumberColumn(1024);
  const open = new NumberColumn(1024);
  const close = new NumberColumn(1024);
  const { instrument, interval, stamps } = feed;
  for await (const event of feed.events({ signal: signal ?? new AbortController().signal, warmup: 0 })) {
    if (event.kind !== 'bars') continue;
    const { bars } = event;
    for (let row = 0; row < bars.length; row++) {
      const stamp = bars.time[row];
      opened.push(stamps === 'open' ? stamp : barStart(stamp, interval));
      closed.push(stamps === 'close' ? stamp : barEnd(stamp, interval));
    }
    open.append(bars.open.subarray(0, bars.length));
    close.append(bars.close.subarray(0, bars.length));
  }
  const name = `${instrument.symbol} ${interval}`;
  if (close.length === 0) {
    throw new InputError('BENCHMARK_EMPTY', `the benchmark ${name} has no bars`, {
      value: name,
      fix: 'give a feed that covers the run, or leave it out to compare with buying and holding',
    });
  }
  return {
    name,
    growth: from => {
      const first = Math.min(countUpTo(opened.view(), from - 1e-3), open.length - 1);
      const base = open.at(first);
      // Times are asked for in ascending order.
      let next = first;
      return time => {
        while (next < close.length && closed.at(next) <= time) next++;
        return next === first ? 1 : close.at(next - 1) / base;
      };
    },
  };
}

/** How many of the ascending `values` are at most `limit`. */
function countUpTo(values: Float64Array, limit: number): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle] <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}
