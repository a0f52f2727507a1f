import { measure } from '../backtest/backtest.ts';
import type { DataFeed } from '../feeds/feed.ts';
import type { Range } from '../feeds/range.ts';
import { ArrayPool } from '../model/array-pool.ts';
import { QtError } from '../model/errors.ts';
import type { ParameterValue } from '../model/parameters.ts';
import { LineMemory } from '../series/line-memory.ts';
import { figuresOf } from './figures.ts';
import type { RunPlan } from './plan.ts';
import { type SharedBars, sharedFeed } from './shared-bars.ts';

/** The bars of all runs of a sweep, and which part of them is run. */
export interface SharedHistory {
  readonly data: readonly SharedBars[];
  readonly fillData: readonly SharedBars[];
  readonly benchmark: SharedBars | undefined;
  readonly range: Range;
}

/** What came of a combination: its figures in the order of `FIGURE_NAMES`, or an error. */
export interface Outcome {
  readonly index: number;
  readonly figures?: readonly number[];
  readonly error?: { readonly code: string; readonly message: string };
}

/** Indicators that a thread keeps from run to run, bytes. */
const MEMORY = 12 * 2 ** 20;

/** Runs combinations one after the other on the bars that all threads share. */
export class Evaluator {
  readonly #plan: RunPlan;
  readonly #data: readonly DataFeed[];
  readonly #further: { readonly fillData?: readonly DataFeed[]; readonly benchmark?: DataFeed };
  readonly #range: Range;
  readonly #arrays = new ArrayPool();

  constructor(plan: RunPlan, { data, fillData, benchmark, range }: SharedHistory) {
    this.#plan = plan;
    const memory = MEMORY / data.length;
    this.#data = data.map(one => sharedFeed(one, new LineMemory(memory)));
    this.#further = {
      ...(fillData.length === 0 ? {} : { fillData: fillData.map(one => sharedFeed(one)) }),
      ...(benchmark === undefined ? {} : { benchmark: sharedFeed(benchmark) }),
    };
    this.#range = range;
  }

  /** Never rejects: what the run throws is its outcome. */
  async evaluate(index: number, params: Readonly<Record<string, ParameterValue>>): Promise<Outcome> {
    const { strategy, terms } = this.#plan;
    try {
      const options = { ...terms, ...this.#further, ...this.#range, strategy, params, data: this.#data };
      const metrics = await measure(options, this.#arrays);
      return { index, figures: figuresOf(metrics) };
    } catch (error) {
      return { index, error: told(error) };
    } finally {
      this.#arrays.recycle();
    }
  }
}

export function told(error: unknown): { code: string; message: string } {
  if (error instanceof QtError) return { code: error.code, message: error.message };
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return { code: 'INTERNAL', message };
}
