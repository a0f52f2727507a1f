import type { AnalyzerSet } from '../engine/analyzers/analyzer.ts';
import type { DataFeed } from '../feeds/feed.ts';
import { type Range, rangeFeed } from '../feeds/range.ts';
import type { Arrays } from '../model/array-pool.ts';
import { readBenchmark } from './benchmark-feed.ts';
import type { BacktestResult, Metrics } from './result.ts';
import { type FurtherData, type RunOptions, SimulatedRun } from './run.ts';

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
  return run(options, {});
}

/** The figures of {@link backtest} and nothing else, for who makes many runs: no equity curve is kept. `arrays`: what
 * the run is made of, which may be used again when it is over. */
export async function measure(options: BacktestOptions, arrays?: Arrays): Promise<Metrics> {
  return (await run(options, { keepEquity: false, arrays })).metrics;
}

async function run<A extends AnalyzerSet>(
  options: BacktestOptions<A>,
  further: FurtherData,
): Promise<BacktestResult<A>> {
  const feeds = ([] as DataFeed[]).concat(options.data).map(feed => rangeFeed(feed, options));
  const { benchmark } = options;
  const compared = benchmark && (await readBenchmark(rangeFeed(benchmark, options), options.signal));
  const fillFeeds = ([] as DataFeed[])
    .concat(options.fillData ?? [])
    .map(feed => rangeFeed(feed, { ...options, warmup: 0 }));
  const simulated = new SimulatedRun(feeds, options, { benchmark: compared, fillFeeds, ...further });
  const before = performance.now();
  const stats = await simulated.engine.run();
  return simulated.result(stats, performance.now() - before);
}
