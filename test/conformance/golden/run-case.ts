import { SimulatedRun } from '../../../src/backtest/run.ts';
import type { BacktraderBroker } from '../../../src/brokers/simulated/backtrader/broker.ts';
import type { StrategyClass } from '../../../src/index.ts';
import { analyzersOf } from './analyzers.ts';
import type { GoldenCase } from './case.ts';
import { datasOf } from './feeds.ts';
import type { GoldenFolder } from './folder.ts';
import { kindOf } from './kinds/kinds.ts';
import { settingsOf } from './models.ts';
import { type Setup, withSetup } from './recorded.ts';
import { Recording } from './recording.ts';
import { RunView } from './run-view.ts';
import { type SignalTerms, signalsOf } from './signals.ts';
import { sizerOf } from './sizers.ts';

const FIELDS = new Set([
  ...['id', 'set', 'generator', 'description', 'data', 'resample_extra', 'config', 'sizer', 'strategy'],
  ...['signals', 'analyzers_spec', 'modes', 'result'],
]);

/** Runs a case, `chunk` bars at a time, and returns what its result should have recorded. */
export async function runCase(folder: GoldenFolder, golden: GoldenCase, chunk: number): Promise<unknown> {
  for (const field of Object.keys(golden)) {
    if (!FIELDS.has(field)) throw new Error(`the case has the field ${field}, which is not known`);
  }
  const { cash, profile, accumulate, concurrent } = settingsOf(golden.config);
  const datas = datasOf(folder, golden, chunk);
  const feeds = datas.map(({ feed }) => feed);
  const view = new RunView(datas.map(({ input }) => input));
  const recording = new Recording(view, golden.result.bars.stride);
  const run = new SimulatedRun(feeds, {
    strategy: strategyOf(golden, { view, recording, accumulate, concurrent }),
    analyzers: analyzersOf(golden.analyzers_spec),
    sizer: sizerOf(golden.sizer),
    cash,
    profile,
  });
  view.attachBroker(run.broker as BacktraderBroker);
  const { analyzers } = run.result(await run.engine.run(), 0);
  return { ...recording.records, analyzers, extra: recording.extra };
}

function strategyOf(
  { strategy, signals }: GoldenCase,
  setup: Omit<Setup, 'given'> & SignalTerms,
): StrategyClass {
  if (signals != null && signals.length > 0) return signalsOf(signals, setup);
  if (strategy == null) throw new Error('the case has neither a strategy nor signals');
  return withSetup(kindOf(strategy.name), { ...setup, given: strategy.params ?? {} });
}

/** True when the records of a case show days and no times of day. */
export function isDaily(folder: GoldenFolder, golden: GoldenCase): boolean {
  return datasOf(folder, golden, 1).every(data => data.isDaily);
}
