import { createHash } from 'node:crypto';
import { termsOf } from '../backtest/terms.ts';
import type { ParameterValue } from '../model/parameters.ts';
import type { Lock } from '../store/lock.ts';
import type { StoredRun, SweepStore } from '../store/sweeps.ts';
import type { Outcome, SharedHistory } from './evaluate.ts';
import { FIGURE_NAMES } from './figures.ts';
import type { RunPlan } from './plan.ts';
import { hashOf, sharedFeed } from './shared-bars.ts';
import type { SweepTable } from './sweep.ts';

/** What a sweep is, for the store. */
export interface Kept {
  readonly plan: RunPlan;
  readonly history: SharedHistory;
  readonly table: SweepTable;
  readonly fixed: Readonly<Record<string, ParameterValue>>;
  readonly options: {
    readonly resume?: boolean | undefined;
    readonly about?: Readonly<Record<string, unknown>> | undefined;
    readonly identity?: Readonly<Record<string, unknown>> | undefined;
  };
}

/** A sweep's place in the store: held by this process until {@link release}. */
export class Keeping {
  readonly id: number;
  readonly #store: SweepStore;
  readonly #table: SweepTable;
  readonly #lock: Lock;

  private constructor(store: SweepStore, id: number, table: SweepTable) {
    this.id = id;
    this.#store = store;
    this.#table = table;
    this.#lock = store.lock(id);
  }

  /** Begins a sweep in the store, or goes on with the same one, whose runs are then in the table. Throws `SWEEP_RUNNING`. */
  static open(store: SweepStore, kept: Kept): Keeping {
    const { table, options } = kept;
    const settings = settingsOf(kept);
    const identity = identityOf(kept, settings);
    const same = options.resume === true ? store.find(identity) : undefined;
    const id =
      same?.id ??
      store.begin({
        identity,
        total: table.total,
        settings: JSON.stringify({ ...settings, ...options.about }),
        now: Date.now(),
      });
    const keeping = new Keeping(store, id, table);
    if (same !== undefined) {
      for (const run of store.runs(id)) table.add(outcomeOf(run));
      if (table.done < table.total) store.setStatus(id, 'running', Date.now());
    }
    return keeping;
  }

  add(outcomes: readonly Outcome[]): void {
    const runs = outcomes.map(({ index, figures, error }) => ({
      number: index + 1,
      params: this.#table.combinations.params(index),
      figures: figures && Object.fromEntries(FIGURE_NAMES.map((name, i) => [name, figures[i]])),
      error,
    }));
    this.#store.add(this.id, runs, Date.now());
  }

  end(status: 'stopped' | 'done'): void {
    this.#store.setStatus(this.id, status, Date.now());
  }

  release(): void {
    this.#lock.release();
  }
}

function outcomeOf({ number, figures, error }: StoredRun): Outcome {
  const index = number - 1;
  if (figures === undefined) return { index, error: error ?? { code: 'INTERNAL', message: '' } };
  return { index, figures: FIGURE_NAMES.map(name => figures[name] ?? Number.NaN) };
}

function settingsOf({ plan, history, table, fixed }: Kept): Record<string, unknown> {
  const {
    broker: _,
    sizer,
    ...terms
  } = termsOf(
    history.data.map(one => sharedFeed(one)),
    plan.terms ?? {},
  );
  return {
    strategy: plan.strategy.name,
    axes: table.combinations.axes,
    fixed,
    objective: table.objective.label,
    data: history.data.map(({ instrument, interval, length }) => ({ instrument, interval, bars: length })),
    range: history.range,
    terms: { ...terms, sizer: sizer.label },
  };
}

/** All that the figures depend on, each combination included; not the objective, which only ranks them. */
function identityOf(
  { history, table, options }: Kept,
  { objective: _, ...settings }: Record<string, unknown>,
): string {
  const hash = createHash('sha256');
  hash.update(JSON.stringify([settings, options.identity, FIGURE_NAMES]));
  for (const one of [...history.data, ...history.fillData]) hash.update(hashOf(one));
  if (history.benchmark !== undefined) hash.update(`benchmark ${hashOf(history.benchmark)}`);
  for (let index = 0; index < table.total; index++) {
    hash.update(`${JSON.stringify(table.combinations.params(index))}\n`);
  }
  return hash.digest('hex');
}
