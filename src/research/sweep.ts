import type { ParameterValue } from '../model/parameters.ts';
import type { Combinations } from './combinations.ts';
import type { Outcome } from './evaluate.ts';
import { FIGURE_NAMES, type Figures, type Objective } from './figures.ts';

/** One combination and what came of it. */
export interface SweepRun {
  /** Its place in the sweep, counted from 1: the same whoever computed it, and when. */
  readonly number: number;
  readonly params: Readonly<Record<string, ParameterValue>>;
  /** Undefined where the run failed. */
  readonly figures: Figures | undefined;
  readonly error: { readonly code: string; readonly message: string } | undefined;
}

/** The table of a sweep while it fills: figures in columns, runs made when they are read. */
export class SweepTable {
  readonly combinations: Combinations;
  readonly objective: Objective;
  readonly #figures: Float64Array;
  /** 1 for a run with figures, 2 for one that failed. */
  readonly #state: Uint8Array;
  readonly #errors = new Map<number, { readonly code: string; readonly message: string }>();
  #done = 0;

  constructor(combinations: Combinations, objective: Objective) {
    this.combinations = combinations;
    this.objective = objective;
    this.#figures = new Float64Array(combinations.length * FIGURE_NAMES.length);
    this.#state = new Uint8Array(combinations.length);
  }

  /** How many combinations there are. */
  get total(): number {
    return this.combinations.length;
  }

  get done(): number {
    return this.#done;
  }

  get failed(): number {
    return this.#errors.size;
  }

  has(index: number): boolean {
    return this.#state[index] !== 0;
  }

  add({ index, figures, error }: Outcome): void {
    if (this.has(index)) return;
    this.#done++;
    if (figures === undefined) {
      this.#state[index] = 2;
      this.#errors.set(index, error ?? { code: 'INTERNAL', message: 'no outcome' });
      return;
    }
    this.#state[index] = 1;
    this.#figures.set(figures, index * FIGURE_NAMES.length);
  }

  /** Undefined while it has not been computed. */
  run(index: number): SweepRun | undefined {
    if (!this.has(index)) return undefined;
    return {
      number: index + 1,
      params: this.combinations.params(index),
      figures: this.#figuresOf(index),
      error: this.#errors.get(index),
    };
  }

  /** All that have been computed, in the order of the sweep. */
  *runs(): Generator<SweepRun> {
    for (let index = 0; index < this.total; index++) {
      const run = this.run(index);
      if (run !== undefined) yield run;
    }
  }

  /** The best `count`, best first: by the objective, then by number. What failed comes last. */
  best(count = this.total): SweepRun[] {
    return this.#ranking()
      .slice(0, count)
      .map(index => this.run(index)!);
  }

  #ranking(): number[] {
    const scores = new Float64Array(this.total);
    const indices: number[] = [];
    for (let index = 0; index < this.total; index++) {
      if (!this.has(index)) continue;
      indices.push(index);
      const figures = this.#figuresOf(index);
      scores[index] = figures === undefined ? Number.NaN : this.objective.score(figures);
    }
    const order = (index: number) => (Number.isNaN(scores[index]) ? this.#state[index] : 0);
    return indices.sort(
      (a, b) => order(a) - order(b) || (order(a) === 0 ? compare(scores[b], scores[a]) : 0) || a - b,
    );
  }

  #figuresOf(index: number): Figures | undefined {
    if (this.#state[index] !== 1) return undefined;
    const from = index * FIGURE_NAMES.length;
    return Object.fromEntries(FIGURE_NAMES.map((name, i) => [name, this.#figures[from + i]])) as Figures;
  }
}

/** Not by difference: two infinities are equal. */
function compare(a: number, b: number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
