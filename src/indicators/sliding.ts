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
