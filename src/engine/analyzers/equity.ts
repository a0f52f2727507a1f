import { NumberColumn } from '../../model/columns.ts';
import { TimeColumn } from '../../model/time-column.ts';
import type { Analyzer, RunStart, Steps } from './analyzer.ts';

/** The account's value at every step. */
export interface EquityCurve {
  readonly length: number;
  /** When each step's bars were complete, epoch ms UTC; unpacked on first reading. */
  readonly time: Float64Array;
  /** The account's value after each step, in quote. */
  readonly value: Float64Array;
}

/** Keeps the account's value at every step. */
export class EquityAnalyzer implements Analyzer<EquityCurve> {
  readonly #time = new TimeColumn();
  #value = new NumberColumn();

  begin(start: RunStart): void {
    this.#value = new NumberColumn(Math.max(1024, start.expectedSteps));
  }

  steps(steps: Steps): void {
    this.#time.append(steps.time, steps.length);
    this.#value.append(steps.value.subarray(0, steps.length));
  }

  end(): EquityCurve {
    return new PackedEquity(this.#time, this.#value.view());
  }
}

class PackedEquity implements EquityCurve {
  readonly value: Float64Array;
  readonly #packed: TimeColumn;
  #time: Float64Array | undefined;

  constructor(time: TimeColumn, value: Float64Array) {
    this.#packed = time;
    this.value = value;
  }

  get length(): number {
    return this.value.length;
  }

  get time(): Float64Array {
    this.#time ??= this.#packed.toArray();
    return this.#time;
  }
}
