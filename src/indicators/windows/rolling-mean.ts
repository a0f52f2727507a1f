import { blockRangeOf } from './block-range.ts';
import { exactSum } from './exact-sum.ts';

/** Below this many bars at a time looking at the range costs more than it saves. */
const SHORT = 32;

/**
 * The mean of the last `period` values: their exact sum, rounded once, divided by the period. O(1) a bar.
 *
 * The sum is kept as `high + low`. Every value is a multiple of u, the last place of the smallest magnitude seen, and
 * so is every rounding error that `low` collects; as long as `low` stays below that magnitude it is a multiple of u
 * below 2^53 u and nothing is lost. Where that fails (values of wildly different size, NaN, Infinity) the window is
 * summed anew, and the reference magnitude with it.
 */
export class RollingMean {
  private readonly period: number;
  private readonly divisor: number;
  /** The first bar number whose window is complete. */
  private readonly first: number;
  private high = 0;
  private low = 0;
  /** The smallest non-zero magnitude since the last summation; -1 asks for a summation at every bar. */
  private least = -1;

  /** `start`: the first bar number that holds a value; `divisor`: 1 gives the sum. */
  constructor(period: number, start: number, divisor: number = period) {
    this.period = period;
    this.divisor = divisor;
    this.first = start + period - 1;
  }

  /** Writes the means of bars `from`..`to` of ring `x` to ring `out`, NaN where the window is not complete. */
  run(x: Float64Array, out: Float64Array, mask: number, from: number, to: number): void {
    const period = this.period;
    let i = from;
    for (; i < to && i < this.first; i++) out[i & mask] = Number.NaN;
    if (i < to && i === this.first) {
      this.resum(x, mask, i);
      out[i & mask] = this.high / this.divisor;
      i++;
    }
    if (to - i >= SHORT && this.isTame(x, mask, i - period, from, to)) this.slide(x, out, mask, i, to);
    else this.slideChecked(x, out, mask, i, to);
  }

  /**
   * True when all values of `from`..`to` lie within a factor of two of each other: then every difference of two of
   * them is exact (Sterbenz), and over one block `low` cannot come near the smallest.
   */
  private isTame(x: Float64Array, mask: number, from: number, blockFrom: number, to: number): boolean {
    const range = blockRangeOf(x);
    if (!range.isNarrow(x, mask, from, blockFrom, to)) return false;
    if (!(this.least >= 0 && Math.abs(this.low) * 4 < range.smallest)) return false;
    this.least = Math.min(this.least, range.smallest);
    return true;
  }

  /** The hot loop, for tame values only. */
  private slide(x: Float64Array, out: Float64Array, mask: number, from: number, to: number): void {
    const { period, divisor } = this;
    let high = this.high;
    let low = this.low;
    for (let i = from; i < to; i++) {
      const change = x[i & mask] - x[(i - period) & mask];
      const sum = high + change;
      low += change - (sum - high);
      high = sum;
      out[i & mask] = (high + low) / divisor;
    }
    this.high = high;
    this.low = low;
  }

  /** The same for any values, looking at each step whether it is still exact. */
  private slideChecked(x: Float64Array, out: Float64Array, mask: number, from: number, to: number): void {
    const { period, divisor } = this;
    let i = from;
    let high = this.high;
    let low = this.low;
    let least = this.least;
    for (; i < to; i++) {
      const entering = x[i & mask];
      const leaving = x[(i - period) & mask];
      const change = entering - leaving;
      const c = change - entering;
      const changeError = entering - (change - c) - (leaving + c);
      const sum = high + change;
      const s = sum - high;
      const error = high - (sum - s) + (change - s) + changeError;
      const magnitude = Math.abs(entering);
      if (magnitude < least && magnitude > 0) least = magnitude;
      const rest = low + error;
      if (Math.abs(error) + Math.abs(rest) < least) {
        high = sum;
        low = rest;
        out[i & mask] = (high + low) / divisor;
      } else {
        this.resum(x, mask, i);
        high = this.high;
        low = this.low;
        least = this.least;
        out[i & mask] = high / divisor;
      }
    }
    this.high = high;
    this.low = low;
    this.least = least;
  }

  private resum(x: Float64Array, mask: number, last: number): void {
    const first = last - this.period + 1;
    const { sum, rest, complete } = exactSum(x, mask, first, this.period);
    this.high = sum;
    this.low = rest;
    this.least = complete ? leastMagnitude(x, mask, first, last) : -1;
  }
}

function leastMagnitude(x: Float64Array, mask: number, first: number, last: number): number {
  let least = Number.POSITIVE_INFINITY;
  for (let i = first; i <= last; i++) {
    const magnitude = Math.abs(x[i & mask]);
    if (magnitude < least && magnitude > 0) least = magnitude;
  }
  return least;
}
