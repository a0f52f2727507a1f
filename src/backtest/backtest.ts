import type { AnalyzerSet } from '../engine/analyzers/analyzer.ts';
import type { DataFeed } from '../feeds/feed.ts';
import { type Range, rangeFeed } from '../feeds/range.ts';
import { readBenchmark } from './benchmark-feed.ts';
import type { BacktestResult } from './result.ts';
import { type RunOptions, SimulatedRun } from './run.ts';

export interface BacktestOptions<A extends AnalyzerSet = AnalyzerSet> extends Range, RunOptions<A> {
  /** One feed or several; the first is the strategy's `data`. */
  readonly data: DataFeed | readonly DataFeed[];
  /** What to compare with, over the same time; default: buying the data at its first open and holding it. */
  readonly benchmark?: DataFeed | undefined;
  /**
   * Finer bars of the same instruments, one feed each, on which their orders are matched. The strategy does not see them,
   * and is not asked at them.
   */
  readonly fillData?: DataFeed | readonly DataFeed[] | undefined;
}

/** Runs a strategy over historical data with the simulated broker. */
export async function backtest<A extends AnalyzerSet = Readonly<Record<never, never>>>(
  options: BacktestOptions<A>,
): Promise<BacktestResult<A>> {
  const feeds = ([] as DataFeed[]).concat(options.data).map(feed => rangeFeed(feed, options));
  const { benchmark } = options;
  const compared = benchmark && (await readBenchmark(rangeFeed(benchmark, options), options.signal));
  const fillFeeds = ([] as DataFeed[])
    .concat(options.fillData ?? [])
    .map(feed => rangeFeed(feed, { ...options, warmup: 0 }));
  const run = new SimulatedRun(feeds, options, { benchmark: compared, fillFeeds });
  const before = performance.now();
  const stats = await run.engine.run();
  return run.result(stats, performance.now() - before);
}
