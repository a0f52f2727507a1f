/**
 * The population standard deviation of the last `period` values, O(1) a bar on average.
 *
 * Sums of d and d², with d = value − anchor, slide along; the anchor is the window's own mean, taken anew once a
 * window (by bar number, so chunking cannot matter). That keeps d small, so nothing cancels on large prices, and
 * bounds how long a rounding error or a NaN lives.
 */
export class RollingDeviation {
  private readonly period: number;
  private readonly first: number;
  private anchor = 0;
  private sum = 0;
  private squares = 0;
  /** How many of the latest values are equal; a flat window is exactly 0, whatever rounding has left. */
  private equal = 0;

  /** `start`: the first bar number that holds a value. */
  constructor(period: number, start: number) {
    this.period = period;
    this.first = start + period - 1;
  }

  /** The deviation at bar `i` of ring `x`; bars must be asked for in order. NaN where the window is not complete. */
  at(x: Float64Array, mask: number, i: number): number {
    const n = this.period;
    const value = x[i & mask];
    this.equal = value === x[(i - 1) & mask] ? this.equal + 1 : 1;
    if (i < this.first) return Number.NaN;
    if ((i - this.first) % n === 0) {
      this.restart(x, mask, i - n + 1);
    } else {
      const entering = value - this.anchor;
      const leaving = x[(i - n) & mask] - this.anchor;
      this.sum += entering - leaving;
      this.squares += entering * entering - leaving * leaving;
    }
    if (this.equal >= n) return 0;
    const mean = this.sum / n;
    const variance = this.squares / n - mean * mean;
    return variance > 0 ? Math.sqrt(variance) : variance <= 0 ? 0 : Number.NaN;
  }

  private restart(x: Float64Array, mask: number, oldest: number): void {
    let sum = 0;
    for (let k = 0; k < this.period; k++) sum += x[(oldest + k) & mask];
    this.anchor = sum / this.period;
    this.sum = 0;
    this.squares = 0;
    for (let k = 0; k < this.period; k++) {
      const d = x[(oldest + k) & mask] - this.anchor;
      this.sum += d;
      this.squares += d * d;
    }
  }
}
