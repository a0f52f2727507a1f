import { pathToFileURL } from 'node:url';
import type { TermsOptions } from '../backtest/terms.ts';
import { Strategy, type StrategyClass } from '../engine/strategy.ts';
import { InputError, StrategyError } from '../model/errors.ts';

/** What every combination is run with. */
export interface RunPlan {
  readonly strategy: StrategyClass;
  readonly terms?: TermsOptions | undefined;
}

/**
 * A module whose default export is a strategy, or a function of `argument` that returns a {@link RunPlan}. Each thread imports it
 * once; `argument` must be plain data.
 */
export interface PlanModule {
  /** An absolute path, or a URL. */
  readonly module: string | URL;
  readonly argument?: unknown;
}

/** What a thread is given to find its plan. */
export interface PlanSource {
  readonly href: string;
  readonly argument: unknown;
}

export function planSource({ module, argument }: PlanModule): PlanSource {
  const href =
    module instanceof URL || /^[a-z]{2,}:/i.test(module) ? String(module) : pathToFileURL(module).href;
  return { href, argument };
}

/** Imports the module. Throws `STRATEGY_THREW` for what it throws itself, `STRATEGY_INVALID` when it holds no strategy. */
export async function loadPlan({ href, argument }: PlanSource): Promise<RunPlan> {
  let exported: unknown;
  try {
    ({ default: exported } = await import(href));
    if (!isStrategy(exported) && typeof exported === 'function') exported = await exported(argument);
  } catch (error) {
    if (error instanceof InputError || error instanceof StrategyError) throw error;
    const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    throw new StrategyError('STRATEGY_THREW', `${href} threw while it was loaded: ${message}`, {
      value: message,
      cause: error,
    });
  }
  if (isStrategy(exported)) return { strategy: exported };
  if (isStrategy((exported as Partial<RunPlan> | undefined)?.strategy)) return exported as RunPlan;
  throw new StrategyError('STRATEGY_INVALID', `the default export of ${href} is no strategy`, {
    value: typeof exported,
    fix: 'export a class made with strategy({ … }), or a function that returns { strategy, terms }',
  });
}

export function isStrategy(value: unknown): value is StrategyClass {
  return typeof value === 'function' && value.prototype instanceof Strategy;
}
