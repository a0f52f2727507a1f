import type { RunPlan } from '../../research/plan.ts';
import type { Config } from '../config/define-config.ts';
import { strategyIn } from '../strategy/strategy-file.ts';
import { accountTerms, type HistoryFlags } from './history.ts';

/** What a thread of a sweep needs to make its plan: bundles, and the flags as they were typed. */
export interface SweepArgument {
  /** URL of the strategy's bundle; undefined where the config holds it. */
  readonly strategy: string | undefined;
  /** The file that it was bundled from. */
  readonly file: string;
  /** URL of the config's bundle. */
  readonly config: string | undefined;
  /** Where relative paths of the config begin. */
  readonly folder: string;
  readonly flags: HistoryFlags;
}

/** Commissions and sizers are objects with functions: each thread makes its own, from what the user wrote. */
export default async function plan(argument: SweepArgument): Promise<RunPlan> {
  const { strategy, file, folder, flags } = argument;
  const config: Config = argument.config === undefined ? {} : (await import(argument.config)).default;
  return {
    strategy: strategy === undefined ? config.strategy! : strategyIn(await import(strategy), file),
    terms: accountTerms(flags, { config, folder }),
  };
}
