import type { Account } from '../../brokers/account.ts';

/** A stretch of consecutive steps; do not keep the arrays. */
export interface Steps {
  readonly length: number;
  /** Step i's bars were complete at `stamps[first + i] + shift`, epoch ms UTC. */
  readonly stamps: Float64Array;
  readonly first: number;
  readonly shift: number;
  /** The account's value after each step, in quote; exactly `length` values. */
  readonly value: Float64Array;
}

export interface RunStart {
  /** Open time of the first bar of the run, epoch ms UTC. */
  readonly time: number;
  /** The account's value before it, in quote. */
  readonly value: number;
  /** The typical distance between steps, ms. */
  readonly stepMs: number;
  readonly account: Account;
}

/**
 * Watches a run. Steps arrive in blocks of any size; an analyzer goes through them one by one, so that how they were
 * cut never shows in its result.
 */
export interface Analyzer<R = unknown> {
  begin(start: RunStart): void;
  steps(steps: Steps): void;
  /**
   * Called after each step of the run, once the strategy has acted, with the step's time (epoch ms UTC) and the account as
   * it is then. A run with an analyzer that has this goes step by step, which is slower.
   */
  step?(time: number): void;
  end(): R;
}
