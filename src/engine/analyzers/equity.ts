import { NumberColumn } from '../../model/columns.ts';
import type { Analyzer, Steps } from './analyzer.ts';

export interface EquityCurve {
  /** When each step's bars were complete, epoch ms UTC. */
  readonly time: Float64Array;
  /** The account's value after each step, in quote. */
  readonly value: Float64Array;
}

/** Keeps the account's value at every step. */
export class EquityAnalyzer implements Analyzer<EquityCurve> {
  readonly #time = new NumberColumn(1024);
  readonly #value = new NumberColumn(1024);

  begin(): void {}

  steps(steps: Steps): void {
    this.#time.append(steps.time.subarray(0, steps.length));
    this.#value.append(steps.value.subarray(0, steps.length));
  }

  end(): EquityCurve {
    return { time: this.#time.view(), value: this.#value.view() };
  }
}
