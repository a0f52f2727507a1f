import { NumberColumn } from '../model/columns.ts';
import { TimeColumn } from '../model/time-column.ts';

/** The account's value at every step. */
export interface EquityCurve {
  readonly length: number;
  /** When each step's bars were complete, epoch ms UTC; unpacked on first reading. */
  readonly time: Float64Array;
  /** The account's value after each step, in quote. */
  readonly value: Float64Array;
}

/** The curve as it grows: times packed, values in one column. */
export class GrowingEquity implements EquityCurve {
  readonly #times = new TimeColumn();
  readonly #values: NumberColumn;
  #unpacked: Float64Array | undefined;

  /** `expected`: about how many steps will come; 0 where nobody knows, or none. */
  constructor(expected: number) {
    this.#values = new NumberColumn(expected);
  }

  /** Adds `count` steps at `stamps[first + i] + shift`; the caller writes their values to the view returned. */
  extend(count: number, stamps: Float64Array, first: number, shift: number): Float64Array {
    this.#times.append(stamps, first, first + count, shift);
    this.#unpacked = undefined;
    return this.#values.extend(count);
  }

  get length(): number {
    return this.#values.length;
  }

  get time(): Float64Array {
    this.#unpacked ??= this.#times.toArray();
    return this.#unpacked;
  }

  get value(): Float64Array {
    return this.#values.view();
  }
}
