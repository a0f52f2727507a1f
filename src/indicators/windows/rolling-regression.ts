import { MISSING, RESTART, SLIDE, WindowSums } from './window-sums.ts';

/** A sum this much smaller than what has been in it has lost too many digits. */
const CANCELLED = 1e-5;

/**
 * The straight line through the last `bars` values by least squares, O(1) a bar on average: the values stand at
 * 0 (oldest) … bars − 1. Sums of the values' distances from an anchor slide along; the anchor is taken anew once a
 * window and where what is left has been dwarfed by what was there, so that nothing cancels on large prices.
 */
export class RollingRegression {
  private readonly bars: number;
  private readonly sums: WindowSums;
  private anchor = 0;
  private sum = 0;
  private squares = 0;
  /** Σ place · distance. */
  private moment = 0;
  private largest = 0;
  private equal = 0;
  private before = Number.NaN;
  /** The line's height in the middle of the window. */
  mean = Number.NaN;
  /** Its rise a bar. */
  slope = Number.NaN;
  /** Squared distances of the values from their mean, summed. */
  spread = Number.NaN;
  /** Squared distances of the values from the line, summed. */
  residual = Number.NaN;

  /** `start`: the first bar number that holds a value. */
  constructor(bars: number, start: number) {
    this.bars = bars;
    this.sums = new WindowSums(bars, start);
  }

  /** Takes bar `i` of ring `x`, in order; false where the window is not complete or a value of it is missing. */
  next(x: Float64Array, mask: number, i: number): boolean {
    const n = this.bars;
    if (i <= this.sums.first - n) return false;
    const value = x[i & mask];
    this.equal = value === this.before ? this.equal + 1 : 1;
    this.before = value;
    const step = this.sums.next(i, value);
    if (step === MISSING) return false;
    if (step === SLIDE) this.slide(value - this.anchor, x[(i - n) & mask] - this.anchor);
    if (this.equal >= n) {
      if (step === RESTART) this.restart(x, mask, i);
      this.mean = value;
      this.slope = 0;
      this.spread = 0;
      this.residual = 0;
      return true;
    }
    if (step === RESTART || !(this.squares - (this.sum * this.sum) / n > CANCELLED * this.largest))
      this.restart(x, mask, i);
    this.fit();
    return true;
  }

  private slide(entering: number, leaving: number): void {
    this.moment += (this.bars - 1) * entering - (this.sum - leaving);
    this.sum += entering - leaving;
    this.squares += entering * entering - leaving * leaving;
    if (this.squares > this.largest) this.largest = this.squares;
  }

  private fit(): void {
    const n = this.bars;
    const places = (n * (n * n - 1)) / 12;
    const joint = this.moment - ((n - 1) / 2) * this.sum;
    this.mean = this.anchor + this.sum / n;
    this.slope = joint / places;
    this.spread = Math.max(0, this.squares - (this.sum * this.sum) / n);
    this.residual = Math.max(0, this.spread - this.slope * joint);
  }

  private restart(x: Float64Array, mask: number, last: number): void {
    const n = this.bars;
    const oldest = last - n + 1;
    const origin = x[last & mask];
    let total = 0;
    for (let k = 0; k < n; k++) total += x[(oldest + k) & mask] - origin;
    this.anchor = origin + total / n;
    let sum = 0;
    let squares = 0;
    let moment = 0;
    for (let k = 0; k < n; k++) {
      const d = x[(oldest + k) & mask] - this.anchor;
      sum += d;
      squares += d * d;
      moment += k * d;
    }
    this.sum = sum;
    this.squares = squares;
    this.moment = moment;
    this.largest = squares;
  }
}
