/**
 * The days of a week or of a month on which something is to happen, each at most once. To be asked once a day that has a
 * step, in the order of time. With `carry` a listed day without a step happens on the next day that has one, also when
 * that is in the next week or month.
 */
export class ListedDays {
  readonly #days: readonly number[];
  readonly #carry: boolean;
  readonly #asBacktrader: boolean;
  /** Number of the week or month that `#left` belongs to. */
  #period = Number.NaN;
  /** The listed days of the period that are still to come. */
  #left: readonly number[] = [];

  /**
   * `asBacktrader`: once a listed day has passed without a step, the first day after it happens for the next one that is
   * listed, with or without `carry`, and that one does not: what backtrader does.
   */
  constructor(days: readonly number[], carry: boolean, asBacktrader: boolean) {
    this.#days = [...days].sort((a, b) => a - b);
    this.#carry = carry;
    this.#asBacktrader = asBacktrader;
  }

  /** True when it happens on day `day` of week or month number `period`; always without listed days. */
  includes(period: number, day: number): boolean {
    if (this.#days.length === 0) return true;
    let carried = false;
    if (period !== this.#period) {
      carried = this.#left.length > 0;
      this.#period = period;
      this.#left = this.#days;
    }
    const passed = this.#left.filter(one => one < day).length;
    if (passed > 0) carried = true;
    const next = this.#left[passed];
    const listed = next === day || (this.#asBacktrader && passed > 0 && next !== undefined);
    this.#left = this.#left.slice(listed ? passed + 1 : passed);
    return listed || (this.#carry && carried);
  }
}
