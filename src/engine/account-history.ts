import type { Account } from '../brokers/account.ts';
import { type Arrays, NEW_ARRAYS } from '../model/array-pool.ts';
import type { Bars } from '../model/bars.ts';
import { BLOCK } from '../series/clock.ts';
import type { Analyzer } from './analyzers/analyzer.ts';
import { type EquityCurve, GrowingEquity } from './equity.ts';

/** Keeps the account's value step by step, and hands it to the analyzers a block at a time. */
export class AccountHistory {
  /** Steps at whose end a position was held. */
  exposedSteps = 0;
  readonly #account: Account;
  readonly #analyzers: readonly Analyzer[];
  readonly #equity: GrowingEquity;
  /** Times and values of steps that were added one by one and not handed over yet. */
  readonly #times: Float64Array;
  readonly #values: Float64Array;
  /** What buying and holding had made of 1 by then. */
  readonly #held: Float64Array;
  #pending = 0;
  readonly #firstPrices: readonly number[];

  /** Steps so far, but for those that were added one by one and not handed over. */
  #length = 0;
  /** Where values stand while the analyzers look at them, when none are kept. */
  #passing: Float64Array | undefined;

  /**
   * `firstPrices`: first opens of the instruments, NaN before; `expected`: about how many steps will come; `keeps`: false for a
   * run of which nobody will see the curve.
   */
  constructor(
    account: Account,
    analyzers: readonly Analyzer[],
    firstPrices: readonly number[],
    expected: number,
    keeps = true,
    arrays: Arrays = NEW_ARRAYS,
  ) {
    this.#times = arrays.take(BLOCK);
    this.#values = arrays.take(BLOCK);
    this.#held = arrays.take(BLOCK);
    this.#firstPrices = firstPrices;
    this.#account = account;
    this.#analyzers = analyzers.filter(analyzer => analyzer.steps !== undefined);
    this.#equity = new GrowingEquity(keeps ? expected : 0);
    if (!keeps) this.#passing = arrays.take(BLOCK);
  }

  /** Steps so far; complete after {@link flush}. */
  get length(): number {
    return this.#length;
  }

  get curve(): EquityCurve {
    return this.#equity;
  }

  /** Adds one step with the account as it is now. */
  add(time: number): void {
    this.#times[this.#pending] = time;
    this.#values[this.#pending] = this.#account.value;
    this.#held[this.#pending] = this.#buyAndHold(this.#account.marks);
    this.#pending++;
    if (this.#account.openPositions !== 0) this.exposedSteps++;
    if (this.#pending === BLOCK) this.flush();
  }

  /** Makes room for the steps of the rows `from`..`to` of a chunk, whose values come through {@link setRows}. */
  beginRows(bars: Bars, from: number, to: number, shift: number): Float64Array {
    return this.#extend(to - from, bars.time, from, shift);
  }

  #extend(count: number, stamps: Float64Array, first: number, shift: number): Float64Array {
    this.#length += count;
    if (this.#passing === undefined) return this.#equity.extend(count, stamps, first, shift);
    return this.#passing.subarray(0, count);
  }

  /**
   * Writes the values of `close[from]`..`close[to]` to `values` from index `at` on: steps of a run with one instrument
   * during which the account did not change but for the price.
   */
  setRows(values: Float64Array, at: number, close: Float64Array, from: number, to: number): void {
    const { cash } = this.#account;
    const size = this.#account.sizes[0];
    const shift = at - from;
    if (size === 0) {
      for (let row = from; row < to; row++) values[row + shift] = cash;
    } else {
      for (let row = from; row < to; row++) values[row + shift] = cash + size * close[row];
      this.exposedSteps += to - from;
    }
  }

  endRows(values: Float64Array, bars: Bars, from: number, shift: number): void {
    const { close } = bars;
    const [first] = this.#firstPrices;
    const steps = {
      length: values.length,
      stamps: bars.time,
      first: from,
      shift,
      value: values,
      buyAndHold: (i: number) => close[from + i] / first,
    };
    for (const analyzer of this.#analyzers) analyzer.steps!(steps);
  }

  /** Hands over what was added one by one. */
  flush(): void {
    const length = this.#pending;
    if (length === 0) return;
    this.#pending = 0;
    const value = this.#extend(length, this.#times, 0, 0);
    value.set(this.#values.subarray(0, length));
    const held = this.#held;
    const buyAndHold = (i: number) => held[i];
    const steps = { length, stamps: this.#times, first: 0, shift: 0, value, buyAndHold };
    for (const analyzer of this.#analyzers) analyzer.steps!(steps);
  }

  #buyAndHold(marks: Float64Array): number {
    const first = this.#firstPrices;
    let growth = 0;
    for (let i = 0; i < first.length; i++) growth += Number.isNaN(first[i]) ? 1 : marks[i] / first[i];
    return growth / first.length;
  }
}
