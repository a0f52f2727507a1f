import { NumberColumn } from '../../model/columns.ts';
import type { Analyzer, RunStart, Steps } from './analyzer.ts';

export interface EquityCurve {
  /** When each step's bars were complete, epoch ms UTC. */
  readonly time: Float64Array;
  /** The account's value after each step, in quote. */
  readonly value: Float64Array;
}

/** Keeps the account's value at every step. */
export class EquityAnalyzer implements Analyzer<EquityCurve> {
  #time = new NumberColumn();
  #value = new NumberColumn();

  begin(start: RunStart): void {
    const capacity = Math.max(1024, start.expectedSteps);
    this.#time = new NumberColumn(capacity);
    this.#value = new NumberColumn(capacity);
  }

  steps(steps: Steps): void {
    this.#time.append(steps.time.subarray(0, steps.length));
    this.#value.append(steps.value.subarray(0, steps.length));
  }

  end(): EquityCurve {
    return { time: this.#time.view(), value: this.#value.view() };
  }
}
