import { SimulatedRun } from '../backtest/run.ts';
import type { DataFeed } from '../feeds/feed.ts';
import type { Combinations } from './combinations.ts';
import type { RunPlan } from './plan.ts';

/**
 * The most bars of warm-up that any combination asks of each feed: they are read once, for all of them. A combination whose
 * strategy cannot even be made asks for none, and fails in its own run.
 */
export function warmupsOf(plan: RunPlan, feeds: readonly DataFeed[], combinations: Combinations): number[] {
  const most = feeds.map(() => 0);
  for (let index = 0; index < combinations.length; index++) {
    try {
      const options = { ...plan.terms, strategy: plan.strategy, params: combinations.params(index) };
      const { warmups } = new SimulatedRun(feeds, options, { keepEquity: false }).engine;
      for (const [i, bars] of warmups.entries()) most[i] = Math.max(most[i], bars);
    } catch {
      // Told as the outcome of its run.
    }
  }
  return most;
}
