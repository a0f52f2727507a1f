/**
 * A sum that values enter and leave, kept as two doubles: `low` collects what rounding `high` loses, so that nothing
 * piles up and a window of zeros sums to exactly 0. A value that is not finite makes it NaN until it has left.
 */
export class SlidingSum {
  private readonly exact: boolean;
  private high = 0;
  private low = 0;
  private missing = 0;

  /** `exact` false leaves out the second double, as TA-Lib does. */
  constructor(exact: boolean = true) {
    this.exact = exact;
  }

  add(value: number): void {
    if (value - value !== 0) {
      this.missing++;
      return;
    }
    const sum = this.high + value;
    const rest = sum - this.high;
    if (this.exact) this.low += this.high - (sum - rest) + (value - rest);
    this.high = sum;
  }

  remove(value: number): void {
    if (value - value !== 0) this.missing--;
    else this.add(-value);
  }

  get value(): number {
    return this.missing > 0 ? Number.NaN : this.high + this.low;
  }
}

/** The mean of the last `bars` values that it was given, which it keeps; its sum is exact or not as {@link SlidingSum}. */
export class WindowMean {
  private readonly exact: boolean;
  private readonly values: Float64Array;
  private turn = 0;
  private high = 0;
  private low = 0;
  /** The first bar whose window holds only finite values. */
  private clean = 0;

  constructor(bars: number, exact: boolean) {
    this.exact = exact;
    this.values = new Float64Array(bars);
  }

  /** Takes bars `from`..`to` of ring `x` and writes the means to ring `out`; before the window is full 0 stands in. */
  run(x: Float64Array, out: Float64Array, mask: number, from: number, to: number): void {
    const { exact, values } = this;
    const bars = values.length;
    let { turn, high, low, clean } = this;
    for (let i = from; i < to; i++) {
      let value = x[i & mask];
      if (value - value !== 0) {
        clean = i + bars;
        value = 0;
      }
      values[turn] = value;
      const sum = high + value;
      const added = sum - high;
      if (exact) low += high - (sum - added) + (value - added);
      out[i & mask] = i < clean ? Number.NaN : (sum + low) / bars;
      if (++turn === bars) turn = 0;
      // What leaves with the next value, taken out at once: TA-Lib's order.
      const leaving = values[turn];
      high = sum - leaving;
      const removed = high - sum;
      if (exact) low += sum - (high - removed) - (leaving + removed);
    }
    this.turn = turn;
    this.high = high;
    this.low = low;
    this.clean = clean;
  }
}

/** Windows of no more bars than this are looked through again when their extreme leaves, which is cheaper than a deque. */
const SHORT = 32;

/**
 * The extreme of the last `bars` values of a ring, a block at a time. A short window is looked through again only when its
 * extreme has left, so that no bar costs more than {@link SHORT} comparisons; a longer one has a deque.
 */
export class SlidingBest {
  private readonly bars: number;
  private readonly sign: 1 | -1;
  private readonly deque: SlidingExtreme | undefined;
  private best = Number.NEGATIVE_INFINITY;
  private at = -1;
  /** The first bar whose window has no NaN of those seen. */
  private clean = 0;

  /** `sign` 1 finds the highest, -1 the lowest value. */
  constructor(bars: number, sign: 1 | -1) {
    this.bars = bars;
    this.sign = sign;
    this.deque = bars <= SHORT ? undefined : new SlidingExtreme(bars, sign);
  }

  /**
   * Takes bars `from`..`to` of ring `x` and writes the extremes to ring `out`, of what there is before the window is full;
   * NaN while a value of the window is.
   */
  run(x: Float64Array, out: Float64Array, mask: number, from: number, to: number): void {
    const { bars, sign, deque } = this;
    if (deque !== undefined) {
      for (let i = from; i < to; i++) out[i & mask] = deque.next(i, x[i & mask]);
      return;
    }
    let { best, at, clean } = this;
    for (let i = from; i < to; i++) {
      const value = sign * x[i & mask];
      if (value >= best) {
        best = value;
        at = i;
      } else {
        if (Number.isNaN(value)) clean = i + bars;
        if (at <= i - bars) {
          best = Number.NEGATIVE_INFINITY;
          for (let k = i - bars + 1; k <= i; k++) {
            const one = sign * x[k & mask];
            if (one >= best) {
              best = one;
              at = k;
            }
          }
        }
      }
      out[i & mask] = i < clean ? Number.NaN : sign * best;
    }
    this.best = best;
    this.at = at;
    this.clean = clean;
  }
}

/**
 * Where the extreme of the last `bars` values stands, by a monotonic deque: candidates in ascending age, each better
 * than all newer ones. Amortised O(1) a value; of equal values the newest counts.
 */
export class SlidingExtreme {
  private readonly bars: number;
  private readonly sign: 1 | -1;
  private readonly numbers: Int32Array;
  private readonly values: Float64Array;
  private head = 0;
  private tail = 0;
  private lastNaN = Number.NEGATIVE_INFINITY;

  /** `sign` 1 finds the highest, -1 the lowest value. */
  constructor(bars: number, sign: 1 | -1) {
    this.bars = bars;
    this.sign = sign;
    let size = 1;
    while (size < bars + 1) size *= 2;
    this.numbers = new Int32Array(size);
    this.values = new Float64Array(size);
  }

  /** Takes the value of bar `i`, the one after the last, and returns the window's extreme; NaN while one of them is. */
  next(i: number, given: number): number {
    const { numbers, values, sign } = this;
    const mask = numbers.length - 1;
    const value = sign * given;
    const oldest = i - this.bars;
    let { head, tail } = this;
    if (Number.isNaN(value)) this.lastNaN = i;
    while (tail !== head && values[(tail - 1) & mask] <= value) tail = (tail - 1) | 0;
    numbers[tail & mask] = i;
    values[tail & mask] = value;
    tail = (tail + 1) | 0;
    while (numbers[head & mask] <= oldest) head = (head + 1) | 0;
    this.head = head;
    this.tail = tail;
    return this.lastNaN > oldest ? Number.NaN : sign * values[head & mask];
  }

  /** The bar number of the extreme that {@link next} has just returned. */
  get at(): number {
    return this.numbers[this.head & (this.numbers.length - 1)];
  }
}
