import type { DataFeed } from '../feeds/feed.ts';
import { type Range, rangeFeed } from '../feeds/range.ts';
import type { BacktestResult } from './result.ts';
import { type RunOptions, SimulatedRun } from './run.ts';

export interface BacktestOptions extends Range, RunOptions {
  /** One feed or several; the first is the strategy's `data`. */
  readonly data: DataFeed | readonly DataFeed[];
  /**
   * Finer bars of the same instruments, one feed each, on which their orders are matched. The strategy does not see them,
   * and is not asked at them.
   */
  readonly fillData?: DataFeed | readonly DataFeed[] | undefined;
}

/** Runs a strategy over historical data with the simulated broker. */
export async function backtest(options: BacktestOptions): Promise<BacktestResult> {
  const feeds = ([] as DataFeed[]).concat(options.data).map(feed => rangeFeed(feed, options));
  const fillFeeds = ([] as DataFeed[])
    .concat(options.fillData ?? [])
    .map(feed => rangeFeed(feed, { ...options, warmup: 0 }));
  const run = new SimulatedRun(feeds, options, fillFeeds);
  const before = performance.now();
  const stats = await run.engine.run();
  return run.result(stats, performance.now() - before);
}
