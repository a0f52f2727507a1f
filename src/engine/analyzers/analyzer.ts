import type { Ledger } from '../../brokers/ledger.ts';

/** A stretch of consecutive steps. Only the first `length` values of each column count; do not keep the arrays. */
export interface Steps {
  length: number;
  /** When each step's bars were complete, epoch ms UTC. */
  readonly time: Float64Array;
  /** The account's value after each step, in quote. */
  readonly value: Float64Array;
}

export interface RunStart {
  /** Open time of the first bar of the run, epoch ms UTC. */
  readonly time: number;
  /** The account's value before it, in quote. */
  readonly value: number;
  /** The typical distance between steps, ms. */
  readonly stepMs: number;
  /** About how many steps will come, for allocating; 0 when nobody knows. */
  readonly expectedSteps: number;
  readonly ledger: Ledger;
}

/**
 * Watches a run. Steps arrive in blocks of any size; an analyzer goes through them one by one, so that how they were
 * cut never shows in its result.
 */
export interface Analyzer<R = unknown> {
  begin(start: RunStart): void;
  steps(steps: Steps): void;
  end(): R;
}
