import { MISSING, RESTART, SLIDE, WindowSums } from './window-sums.ts';

/** A variance this much smaller than the squares it is the difference of has lost too many digits. */
const CANCELLED = 1e-5;

/** Something that gives the variance of the last values, bar by bar. */
export interface RollingVariance {
  /** The variance at bar `i` of ring `x`; bars must be asked for in order. NaN where the window is not complete. */
  variance(x: Float64Array, mask: number, i: number): number;
  /** Its square root, the standard deviation: instead of `variance`, not beside it. */
  at(x: Float64Array, mask: number, i: number): number;
}

/**
 * The population variance and standard deviation of the last `bars` values, O(1) a bar on average.
 *
 * Sums of d and d², with d = value − anchor, slide along; the anchor is the window's own mean, taken anew once a window
 * and wherever the squares still in the sum have been dwarfed by ones that have left it. That keeps d small, so nothing
 * cancels on large prices.
 */
export class RollingDeviation implements RollingVariance {
  private readonly bars: number;
  private readonly sums: WindowSums;
  private anchor = 0;
  private sum = 0;
  private squares = 0;
  /** The largest sum of squares since the anchor was taken: what rounding is relative to. */
  private largest = 0;
  /** How many of the latest values are equal; a flat window is exactly 0, whatever rounding has left. */
  private equal = 0;
  private before = Number.NaN;

  /** `start`: the first bar number that holds a value. */
  constructor(bars: number, start: number) {
    this.bars = bars;
    this.sums = new WindowSums(bars, start);
  }

  variance(x: Float64Array, mask: number, i: number): number {
    const n = this.bars;
    const value = x[i & mask];
    if (i <= this.sums.first - n) return Number.NaN;
    this.equal = value === this.before ? this.equal + 1 : 1;
    this.before = value;
    const step = this.sums.next(i, value);
    if (step === MISSING) return Number.NaN;
    if (step === SLIDE) {
      const entering = value - this.anchor;
      const leaving = x[(i - n) & mask] - this.anchor;
      this.sum += entering - leaving;
      this.squares += entering * entering - leaving * leaving;
      if (this.squares > this.largest) this.largest = this.squares;
    }
    if (this.equal >= n) {
      if (step === RESTART) this.restart(x, mask, i);
      return 0;
    }
    const spread = step === RESTART ? Number.NaN : this.squares - (this.sum * this.sum) / n;
    if (spread > CANCELLED * this.largest) return spread / n;
    this.restart(x, mask, i);
    return Math.max(0, (this.squares - (this.sum * this.sum) / n) / n);
  }

  at(x: Float64Array, mask: number, i: number): number {
    return Math.sqrt(this.variance(x, mask, i));
  }

  /** The standard deviations of bars `from`..`to` of ring `x`, into ring `out`. */
  run(x: Float64Array, out: Float64Array, mask: number, from: number, to: number): void {
    let i = from;
    while (i < to) {
      const end = Math.min(to, this.sums.nextRestart(i));
      if (i < end) i = this.slide(x, out, mask, i, end);
      if (i < to) {
        out[i & mask] = this.at(x, mask, i);
        i++;
      }
    }
  }

  /** The hot loop over bars that do nothing but slide; returns the first one that has to be looked at. */
  private slide(x: Float64Array, out: Float64Array, mask: number, from: number, to: number): number {
    const n = this.bars;
    const { anchor } = this;
    let { sum, squares, largest, equal, before } = this;
    let i = from;
    for (; i < to; i++) {
      const value = x[i & mask];
      const same = value === before ? equal + 1 : 1;
      const entering = value - anchor;
      const leaving = x[(i - n) & mask] - anchor;
      const nextSum = sum + (entering - leaving);
      const nextSquares = squares + (entering * entering - leaving * leaving);
      const most = nextSquares > largest ? nextSquares : largest;
      const spread = nextSquares - (nextSum * nextSum) / n;
      // A missing value fails the first test.
      if (!(spread > CANCELLED * most) || same >= n) break;
      out[i & mask] = Math.sqrt(spread / n);
      sum = nextSum;
      squares = nextSquares;
      largest = most;
      equal = same;
      before = value;
    }
    this.sum = sum;
    this.squares = squares;
    this.largest = largest;
    this.equal = equal;
    this.before = before;
    return i;
  }

  /** How far a value is above the mean of the window that was asked for last. */
  distance(value: number): number {
    return value - this.anchor - this.sum / this.bars;
  }

  private restart(x: Float64Array, mask: number, last: number): void {
    const n = this.bars;
    const oldest = last - n + 1;
    const origin = x[last & mask];
    let sum = 0;
    for (let k = 0; k < n; k++) sum += x[(oldest + k) & mask] - origin;
    this.anchor = origin + sum / n;
    this.sum = 0;
    this.squares = 0;
    for (let k = 0; k < n; k++) {
      const d = x[(oldest + k) & mask] - this.anchor;
      this.sum += d;
      this.squares += d * d;
    }
    this.largest = this.squares;
  }
}

/** TA-Lib takes a variance below this for none. */
const TALIB_ZERO = 1e-14;

/**
 * The same as TA-Lib computes it: the mean of the squares less the square of the mean, from sums that run from the
 * first bar to the last. It loses digits where prices hardly move, and can be negative; here so that TA-Lib's own
 * numbers come out. After a missing value has left the window the sums begin anew, where TA-Lib's stay lost.
 */
export class RunningMoments implements RollingVariance {
  private readonly bars: number;
  private readonly first: number;
  private sum = 0;
  private squares = 0;
  private lastMissing = Number.NEGATIVE_INFINITY;
  private lost = true;

  /** `start`: the first bar number that holds a value. */
  constructor(bars: number, start: number) {
    this.bars = bars;
    this.first = start + bars - 1;
  }

  variance(x: Float64Array, mask: number, i: number): number {
    const n = this.bars;
    const value = x[i & mask];
    if (i > this.first - n && value - value !== 0) this.lastMissing = i;
    if (i < this.first) return Number.NaN;
    if (this.lastMissing > i - n) {
      this.lost = true;
      return Number.NaN;
    }
    if (this.lost) this.begin(x, mask, i);
    this.sum += value;
    this.squares += value * value;
    const mean = this.sum / n;
    const variance = this.squares / n - mean * mean;
    const leaving = x[(i - n + 1) & mask];
    this.sum -= leaving;
    this.squares -= leaving * leaving;
    return variance;
  }

  at(x: Float64Array, mask: number, i: number): number {
    const variance = this.variance(x, mask, i);
    return variance < TALIB_ZERO ? 0 : Math.sqrt(variance);
  }

  private begin(x: Float64Array, mask: number, last: number): void {
    this.lost = false;
    this.sum = 0;
    this.squares = 0;
    for (let k = last - this.bars + 1; k < last; k++) {
      const value = x[k & mask];
      this.sum += value;
      this.squares += value * value;
    }
  }
}
