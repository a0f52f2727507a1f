/**
 * The largest of the last `bars` values by a monotonic deque: candidates in ascending age, each larger than all newer
 * ones. Amortised O(1) a bar. Of equal values the newest stays, or with `oldest` all of them, the oldest first.
 */
export class ExtremeWindow {
  private readonly bars: number;
  private readonly start: number;
  private readonly oldest: boolean;
  /** Bar numbers and values of the candidates: a ring that never holds more than `bars` + 1. */
  private readonly numbers: Int32Array;
  private readonly values: Float64Array;
  private head = 0;
  private tail = 0;
  private lastMissing = Number.NEGATIVE_INFINITY;

  /** `start`: the first bar number that holds a value. */
  constructor(bars: number, start: number, oldest = false) {
    this.bars = bars;
    this.start = start;
    this.oldest = oldest;
    let size = 1;
    while (size < bars + 1) size *= 2;
    this.numbers = new Int32Array(size);
    this.values = new Float64Array(size);
  }

  /** The bar number of the largest value. */
  get bar(): number {
    return this.numbers[this.head & (this.numbers.length - 1)];
  }

  /** The largest value. */
  get value(): number {
    return this.values[this.head & (this.values.length - 1)];
  }

  /** Takes the value of bar `i`, from `start` on; false while the window is not complete or a value of it is missing. */
  push(i: number, given: number): boolean {
    const { numbers, values, bars } = this;
    const dequeMask = numbers.length - 1;
    const missing = given - given !== 0;
    const value = missing ? Number.NaN : given;
    if (missing) this.lastMissing = i;
    let tail = this.tail;
    if (this.oldest)
      while (tail !== this.head && values[(tail - 1) & dequeMask] < value) tail = (tail - 1) | 0;
    else while (tail !== this.head && values[(tail - 1) & dequeMask] <= value) tail = (tail - 1) | 0;
    numbers[tail & dequeMask] = i;
    values[tail & dequeMask] = value;
    this.tail = (tail + 1) | 0;
    while (numbers[this.head & dequeMask] <= i - bars) this.head = (this.head + 1) | 0;
    return i >= this.start + bars - 1 && this.lastMissing <= i - bars;
  }

  /**
   * Writes the largest values at bars `from`..`to` of ring `x` to ring `out`, or with `sign` -1 the smallest; NaN while
   * the window is not complete or a value of it is missing. Instead of `push`, not beside it.
   */
  run(x: Float64Array, out: Float64Array, mask: number, from: number, to: number, sign: 1 | -1): void {
    const { numbers, values, bars, start } = this;
    const dequeMask = numbers.length - 1;
    const first = start + bars - 1;
    let { head, tail, lastMissing } = this;
    for (let i = from; i < to; i++) {
      if (i < start) {
        out[i & mask] = Number.NaN;
        continue;
      }
      let value = sign * x[i & mask];
      if (value - value !== 0) {
        lastMissing = i;
        value = Number.NaN;
      }
      while (tail !== head && values[(tail - 1) & dequeMask] <= value) tail = (tail - 1) | 0;
      numbers[tail & dequeMask] = i;
      values[tail & dequeMask] = value;
      tail = (tail + 1) | 0;
      while (numbers[head & dequeMask] <= i - bars) head = (head + 1) | 0;
      out[i & mask] = i < first || lastMissing > i - bars ? Number.NaN : sign * values[head & dequeMask];
    }
    this.head = head;
    this.tail = tail;
    this.lastMissing = lastMissing;
  }
}
