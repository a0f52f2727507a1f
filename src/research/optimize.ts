import { availableParallelism } from 'node:os';
import type { TermsOptions } from '../backtest/terms.ts';
import type { StrategyClass } from '../engine/strategy.ts';
import type { DataFeed } from '../feeds/feed.ts';
import type { Range } from '../feeds/range.ts';
import { rangeFeed } from '../feeds/range.ts';
import { DataError, InputError, StrategyError } from '../model/errors.ts';
import type { ParameterSet, ParameterValue } from '../model/parameters.ts';
import { resolveParameters } from '../model/parameters.ts';
import { SweepStore } from '../store/sweeps.ts';
import { type AxisInput, axesOf } from './axes.ts';
import { combine, type Search } from './combinations.ts';
import { type Condition, parseCondition } from './condition.ts';
import { Evaluator, type Outcome, type SharedHistory } from './evaluate.ts';
import { type Figures, objectiveOf } from './figures.ts';
import { Keeping } from './keeping.ts';
import { isStrategy, loadPlan, type PlanModule, planSource, type RunPlan } from './plan.ts';
import { Pool } from './pool.ts';
import { shareFeed } from './shared-bars.ts';
import { SweepTable } from './sweep.ts';
import { warmupsOf } from './warm-up.ts';

export interface OptimizeOptions extends Range, TermsOptions {
  /**
   * A strategy, which is run on this thread; or a module that holds one, which worker threads import. With a module, terms that
   * are objects with functions (a commission, a sizer) come from the module: `terms` of its plan.
   */
  readonly strategy: StrategyClass | PlanModule;
  /** One feed or several; the first is the strategy's `data`. Read once, whatever the number of runs. */
  readonly data: DataFeed | readonly DataFeed[];
  readonly benchmark?: DataFeed | undefined;
  readonly fillData?: DataFeed | readonly DataFeed[] | undefined;
  /** What each parameter is to be tried with; those left out keep their defaults. */
  readonly params: Readonly<Record<string, AxisInput>>;
  /** Which combinations to try, beside what the strategy's own `static constraint(params)` says: `'fast < slow'`. */
  readonly where?: string | Condition | undefined;
  /** By what runs are ranked: a figure, `min:` or `max:` a figure, or a function of the figures; default `sharpe`. */
  readonly objective?: string | ((figures: Figures) => number) | undefined;
  /** Default: the whole grid. */
  readonly search?: Search | undefined;
  /** Threads; default one a processor with a module, and none but this one with a strategy. */
  readonly workers?: number | undefined;
  /** A SQLite file for the results, as they come; default: none. */
  readonly store?: string | undefined;
  /** Go on with the newest sweep in the store that computes the same, if there is one. */
  readonly resume?: boolean | undefined;
  /** Plain data to be kept with the sweep in the store, for whoever reads it. */
  readonly about?: Readonly<Record<string, unknown>> | undefined;
  /** Plain data that makes a sweep another one when it changes: a hash of the strategy's code, a version. */
  readonly identity?: Readonly<Record<string, unknown>> | undefined;
  readonly onProgress?: ((progress: SweepProgress) => void) | undefined;
  /** Ends the sweep with what has been computed by then. */
  readonly signal?: AbortSignal | undefined;
}

export interface SweepProgress {
  readonly total: number;
  /** Combinations computed, now or in a sweep that is gone on with. */
  readonly done: number;
  readonly failed: number;
  /** Combinations a second since the start; NaN at first. */
  readonly rate: number;
  /** At that rate, ms. */
  readonly leftMs: number;
}

export interface SweepResult {
  readonly strategy: string;
  /** Parameters that are the same in all runs. */
  readonly fixed: Readonly<Record<string, ParameterValue>>;
  readonly table: SweepTable;
  /** The sweep's number in the store. */
  readonly id: number | undefined;
  /** How many combinations were found in the store. */
  readonly resumed: number;
  /** True when it was stopped before all was computed. */
  readonly stopped: boolean;
  readonly bars: number;
  readonly elapsedMs: number;
  /** Sentences about the data that a reader should know. */
  readonly notes: readonly string[];
}

/**
 * Runs a strategy with many combinations of its parameters over the same bars. The table does not depend on the number of
 * workers, nor on whether the sweep was interrupted. A combination whose run fails is a row with its error. Throws before the
 * start what is wrong with ranges, condition, objective or data.
 */
export async function optimize(options: OptimizeOptions): Promise<SweepResult> {
  const { signal = new AbortController().signal } = options;
  const objective = objectiveOf(options.objective ?? 'sharpe');
  const source = isStrategy(options.strategy) ? undefined : planSource(options.strategy);
  const terms = termsIn(options);
  if (source !== undefined) refuseFunctions(terms);
  const found: RunPlan =
    source === undefined ? { strategy: options.strategy as StrategyClass } : await loadPlan(source);
  const plan = { strategy: found.strategy, terms: { ...found.terms, ...terms } };
  const workers = workersOf(options.workers, source !== undefined);
  const { strategy } = plan;
  const set: ParameterSet = strategy.parameters ?? {};
  const axes = axesOf(set, options.params);
  const combinations = combine(axes, checkSearch(options.search), conditionOf(strategy, options.where));
  const history = await historyOf(options, signal, () =>
    warmupsOf(plan, [options.data].flat(), combinations),
  );
  const table = new SweepTable(combinations, objective);
  const fixed = Object.fromEntries(
    Object.entries(resolveParameters(set, {}) as Record<string, ParameterValue>).filter(
      ([name]) => !Object.hasOwn(options.params, name),
    ),
  );
  const store = options.store === undefined ? undefined : new SweepStore(options.store);
  const before = performance.now();
  try {
    const keeping = store && Keeping.open(store, { plan, history, table, fixed, options });
    try {
      const resumed = table.done;
      const missing = Array.from(combinations.schedule).filter(index => !table.has(index));
      const report = () => options.onProgress?.(progressOf(table, resumed, performance.now() - before));
      report();
      const onOutcomes = (outcomes: readonly Outcome[]) => {
        for (const outcome of outcomes) table.add(outcome);
        keeping?.add(outcomes);
        report();
      };
      if (source === undefined) await alone(plan, history, missing, table, onOutcomes, signal);
      else {
        const pool = new Pool(missing, {
          ...{ plan: source, terms, history, workers, onOutcomes },
          params: index => combinations.params(index),
        });
        await pool.run(signal);
      }
      const stopped = table.done < table.total;
      keeping?.end(stopped ? 'stopped' : 'done');
      return {
        ...{ strategy: strategy.name, fixed, table, resumed, stopped },
        id: keeping?.id,
        bars: history.data.reduce((sum, one) => sum + one.length, 0),
        elapsedMs: performance.now() - before,
        notes: notesOf(options),
      };
    } finally {
      keeping?.release();
    }
  } finally {
    store?.close();
  }
}

/** On this thread, with room for what else it has to do between two runs. */
async function alone(
  plan: RunPlan,
  history: SharedHistory,
  indices: readonly number[],
  table: SweepTable,
  onOutcomes: (outcomes: readonly Outcome[]) => void,
  signal: AbortSignal,
): Promise<void> {
  const evaluator = new Evaluator(plan, history);
  for (const index of indices) {
    if (signal.aborted) return;
    onOutcomes([await evaluator.evaluate(index, table.combinations.params(index))]);
    await new Promise(resolve => setImmediate(resolve));
  }
}

function progressOf(table: SweepTable, resumed: number, elapsedMs: number): SweepProgress {
  const { total, done, failed } = table;
  const rate = done > resumed ? ((done - resumed) * 1000) / elapsedMs : Number.NaN;
  return { total, done, failed, rate, leftMs: ((total - done) * 1000) / rate };
}

async function historyOf(
  options: OptimizeOptions,
  signal: AbortSignal,
  wanted: () => readonly number[],
): Promise<SharedHistory> {
  const { from, to, warmup } = options;
  for (const feed of [options.data].flat()) rangeFeed(feed, { ...options });
  // Bars before `from` are kept: how many of them warm up is for the strategy to say, and may depend on its parameters.
  const cut = (feed: DataFeed) => (to === undefined ? feed : rangeFeed(feed, { to }));
  const warmups = from === undefined ? [] : warmup === undefined ? wanted() : undefined;
  const share = (feeds: DataFeed | readonly DataFeed[], bars: (i: number) => number = () => 0) =>
    Promise.all(([] as DataFeed[]).concat(feeds).map((feed, i) => shareFeed(cut(feed), signal, bars(i))));
  const data = await share(options.data, i => (warmups === undefined ? (warmup ?? 0) : (warmups[i] ?? 0)));
  if (data.length === 0) {
    throw new InputError('NO_DATA', 'the sweep has no data', { fix: 'give at least one feed or file' });
  }
  if (!signal.aborted && data.every(one => one.length === 0)) {
    throw new DataError('NO_BARS', 'the data holds no bars', {
      fix: 'give a file with rows, or another range',
    });
  }
  const fillData = await share(options.fillData ?? []);
  const benchmark = options.benchmark && (await shareFeed(cut(options.benchmark), signal));
  // What lies after `to` has not been read.
  const range = {
    ...(from === undefined ? {} : { from }),
    ...(warmup === undefined ? {} : { warmup }),
  };
  return { data, fillData, benchmark, range };
}

function notesOf({ data }: OptimizeOptions): string[] {
  return ([] as DataFeed[]).concat(data).flatMap(feed => feed.notes?.() ?? []);
}

function conditionOf(strategy: StrategyClass, where: string | Condition | undefined): Condition {
  const set = strategy.parameters ?? {};
  const own = strategy.constraint;
  const given = typeof where === 'string' ? parseCondition(where, Object.keys(set)) : where;
  const defaults = resolveParameters(set, {}) as Record<string, ParameterValue>;
  return params => {
    if (own === undefined && given === undefined) return true;
    const all = { ...defaults, ...params };
    if (given !== undefined && !given(all)) return false;
    return own === undefined || askStrategy(strategy, all);
  };
}

function askStrategy(strategy: StrategyClass, params: Readonly<Record<string, ParameterValue>>): boolean {
  let answer: unknown;
  try {
    answer = strategy.constraint!(params as never);
  } catch (error) {
    const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    throw new StrategyError('STRATEGY_THREW', `the constraint of ${strategy.name} threw: ${message}`, {
      value: params,
      cause: error,
    });
  }
  if (typeof answer === 'boolean') return answer;
  throw new StrategyError(
    'CONSTRAINT_INVALID',
    `the constraint of ${strategy.name} returned ${String(answer)}`,
    {
      value: answer,
      fix: 'return true for combinations that are to be tried, false for others',
    },
  );
}

function checkSearch(search: Search = { kind: 'grid' }): Search {
  if (search.kind === 'grid') return search;
  const { samples, seed } = search;
  if (Number.isSafeInteger(samples) && samples > 0 && Number.isSafeInteger(seed)) return search;
  throw new InputError(
    'SEARCH_INVALID',
    `a random search was given ${samples} samples and the seed ${seed}`,
    {
      value: search,
      fix: 'give whole numbers, samples above 0',
    },
  );
}

function workersOf(given: number | undefined, hasModule: boolean): number {
  const workers = given ?? (hasModule ? availableParallelism() : 1);
  if (!Number.isSafeInteger(workers) || workers < 1 || workers > MOST_WORKERS) {
    throw new InputError('WORKERS_INVALID', `workers was ${workers}`, {
      value: workers,
      limit: MOST_WORKERS,
      fix: `use a whole number from 1 to ${MOST_WORKERS}`,
    });
  }
  if (workers === 1 || hasModule) return workers;
  throw new InputError('WORKERS_NEED_MODULE', `a class cannot be given to ${workers} threads`, {
    value: workers,
    limit: 1,
    fix: "give the module that exports it: strategy: { module: new URL('./my-strategy.ts', import.meta.url) }",
  });
}

const MOST_WORKERS = 256;

const TERMS = [
  ...['cash', 'commission', 'feeIn', 'slippage', 'intrabar', 'leverage', 'maintenance', 'liquidationFee'],
  ...['funding', 'profile', 'sizer'],
] as readonly (keyof TermsOptions)[];

function termsIn(options: OptimizeOptions): TermsOptions {
  return Object.fromEntries(
    TERMS.filter(name => options[name] !== undefined).map(name => [name, options[name]]),
  );
}

/** Functions cannot be handed to other threads. */
function refuseFunctions(terms: TermsOptions): void {
  for (const name of ['commission', 'slippage', 'profile', 'sizer'] as const) {
    const value = terms[name];
    if (typeof value !== 'object') continue;
    throw new InputError(
      'TERMS_NOT_SHAREABLE',
      `${name} is an object with functions, which threads cannot share`,
      {
        value: name,
        fix: `let the module make it: export default () => ({ strategy: Mine, terms: { ${name}: … } })`,
      },
    );
  }
}
