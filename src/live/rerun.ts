import { type Run, type RunOptions, SimulatedRun } from '../backtest/run.ts';
import { makerTakerCommission } from '../brokers/simulated/commission.ts';
import type { DataFeed } from '../feeds/feed.ts';
import { feesOf, realRun } from './real/run.ts';
import { isReal, realSettingsOf } from './real/settings.ts';
import { type SessionSettings, settingsOf } from './settings.ts';

/** What a session is run again with. */
export interface RerunOptions extends Omit<RunOptions, 'onProgress' | 'signal' | 'profile'> {}

/** A session's run made anew, with nobody to ask and nothing to send to. */
export interface Rerun {
  readonly run: Run;
  /** What the run was made with. */
  readonly settings: SessionSettings;
  /** What a backtest is made of that has the session's terms. */
  readonly history: RunOptions;
}

/**
 * Makes a session's run anew, on feeds that have its terms. With real orders the broker is made from the terms of symbols and
 * fees that the session was begun with; commission, slippage and price path, where given, are for the backtest alone, since in
 * the session they were the exchange's.
 */
export function rerun(recorded: SessionSettings, feeds: readonly DataFeed[], options: RerunOptions): Rerun {
  if (!isReal(recorded)) {
    const run = new SimulatedRun(feeds, options);
    return { run, settings: settingsOf(run, feeds, options), history: options };
  }
  const { symbols, commissions, sessionKey, limits, exchange } = recorded;
  const { cash = recorded.cash, sizer, commission, feeIn } = options;
  const { run } = realRun(feeds, options, {
    ...{ symbols, commissions, sessionKey, limits, cash, sizer },
  });
  const fees = feesOf(commissions);
  return {
    run,
    settings: realSettingsOf(run, feeds, { exchange }),
    history: {
      ...options,
      cash,
      commission: commission ?? makerTakerCommission(fees),
      feeIn: feeIn ?? (fees.in === 'base' ? 'base' : 'quote'),
    },
  };
}
