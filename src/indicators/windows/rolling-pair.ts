import { MISSING, RESTART, SLIDE, WindowSums } from './window-sums.ts';

/** A sum this much smaller than what has been in it has lost too many digits. */
const CANCELLED = 1e-5;

/**
 * How the last `bars` values of two series move together, O(1) a bar on average: their means, squared distances from
 * them and joint distances. Sums of distances from anchors slide along; the anchors are taken anew once a window and
 * where what is left has been dwarfed by what was there.
 */
export class RollingPair {
  private readonly bars: number;
  private readonly sums: WindowSums;
  private readonly a: Float64Array;
  private readonly b: Float64Array;
  private anchorA = 0;
  private anchorB = 0;
  private sumA = 0;
  private sumB = 0;
  private squaresA = 0;
  private squaresB = 0;
  private products = 0;
  private largestA = 0;
  private largestB = 0;
  private equalA = 0;
  private equalB = 0;
  private beforeA = Number.NaN;
  private beforeB = Number.NaN;
  meanA = Number.NaN;
  meanB = Number.NaN;
  /** Squared distances from the mean, summed: exactly 0 on a flat window. */
  spreadA = Number.NaN;
  spreadB = Number.NaN;
  /** Products of the distances of both, summed. */
  joint = Number.NaN;

  /** `start`: the first bar number that holds values. */
  constructor(bars: number, start: number) {
    this.bars = bars;
    this.sums = new WindowSums(bars, start);
    this.a = new Float64Array(bars);
    this.b = new Float64Array(bars);
  }

  /** Takes the values of bar `i`, in order from `start` on; false while the window lacks one. */
  next(i: number, a: number, b: number): boolean {
    const n = this.bars;
    const slot = i % n;
    const leftA = this.a[slot];
    const leftB = this.b[slot];
    this.a[slot] = a;
    this.b[slot] = b;
    this.equalA = a === this.beforeA ? this.equalA + 1 : 1;
    this.equalB = b === this.beforeB ? this.equalB + 1 : 1;
    this.beforeA = a;
    this.beforeB = b;
    const step = this.sums.next(i, a - a + (b - b));
    if (step === MISSING) return false;
    if (step === SLIDE) this.slide(a, b, leftA, leftB);
    if (step === RESTART || this.hasCancelled()) this.restart();
    const flatA = this.equalA >= n;
    const flatB = this.equalB >= n;
    this.meanA = flatA ? a : this.anchorA + this.sumA / n;
    this.meanB = flatB ? b : this.anchorB + this.sumB / n;
    this.spreadA = flatA ? 0 : Math.max(0, this.squaresA - (this.sumA * this.sumA) / n);
    this.spreadB = flatB ? 0 : Math.max(0, this.squaresB - (this.sumB * this.sumB) / n);
    this.joint = flatA || flatB ? 0 : this.products - (this.sumA * this.sumB) / n;
    return true;
  }

  private slide(a: number, b: number, leftA: number, leftB: number): void {
    const inA = a - this.anchorA;
    const inB = b - this.anchorB;
    const outA = leftA - this.anchorA;
    const outB = leftB - this.anchorB;
    this.sumA += inA - outA;
    this.sumB += inB - outB;
    this.squaresA += inA * inA - outA * outA;
    this.squaresB += inB * inB - outB * outB;
    this.products += inA * inB - outA * outB;
    if (this.squaresA > this.largestA) this.largestA = this.squaresA;
    if (this.squaresB > this.largestB) this.largestB = this.squaresB;
  }

  private hasCancelled(): boolean {
    const n = this.bars;
    const { sumA, sumB } = this;
    return (
      (this.equalA < n && !(this.squaresA - (sumA * sumA) / n > CANCELLED * this.largestA)) ||
      (this.equalB < n && !(this.squaresB - (sumB * sumB) / n > CANCELLED * this.largestB))
    );
  }

  private restart(): void {
    const { a, b, bars: n } = this;
    const [originA, originB] = [a[0], b[0]];
    let totalA = 0;
    let totalB = 0;
    for (let k = 0; k < n; k++) {
      totalA += a[k] - originA;
      totalB += b[k] - originB;
    }
    this.anchorA = originA + totalA / n;
    this.anchorB = originB + totalB / n;
    this.sumA = 0;
    this.sumB = 0;
    this.squaresA = 0;
    this.squaresB = 0;
    this.products = 0;
    for (let k = 0; k < n; k++) {
      const da = a[k] - this.anchorA;
      const db = b[k] - this.anchorB;
      this.sumA += da;
      this.sumB += db;
      this.squaresA += da * da;
      this.squaresB += db * db;
      this.products += da * db;
    }
    this.largestA = this.squaresA;
    this.largestB = this.squaresB;
  }
}

/** TA-Lib takes what is nearer to 0 than this for 0. */
const TALIB_ZERO = 1e-14;

/**
 * The sums as TA-Lib runs them from the first bar to the last, with its rounding. After a missing value has left the
 * window they begin anew, where TA-Lib's stay lost.
 */
export class RunningPair {
  private readonly bars: number;
  private readonly first: number;
  private readonly a: Float64Array;
  private readonly b: Float64Array;
  private sumA = 0;
  private sumB = 0;
  private squaresA = 0;
  private squaresB = 0;
  private products = 0;
  private lastMissing = Number.NEGATIVE_INFINITY;
  private lost = true;

  /** `start`: the first bar number that holds values. */
  constructor(bars: number, start: number) {
    this.bars = bars;
    this.first = start + bars - 1;
    this.a = new Float64Array(bars);
    this.b = new Float64Array(bars);
  }

  /** Takes the values of bar `i`, in order from `start` on; false while the window lacks one. */
  next(i: number, a: number, b: number): boolean {
    const n = this.bars;
    const slot = i % n;
    const whole = i > this.first && !this.lost;
    if (whole) this.add(this.a[slot], this.b[slot], -1);
    this.a[slot] = a;
    this.b[slot] = b;
    if (a - a !== 0 || b - b !== 0) this.lastMissing = i;
    if (i < this.first) return false;
    if (this.lastMissing > i - n) {
      this.lost = true;
      return false;
    }
    if (whole) this.add(a, b, 1);
    else this.begin(i);
    return true;
  }

  /** Covariance ÷ the product of the deviations. */
  get correlation(): number {
    const n = this.bars;
    const spread =
      (this.squaresA - (this.sumA * this.sumA) / n) * (this.squaresB - (this.sumB * this.sumB) / n);
    return spread < TALIB_ZERO ? 0 : (this.products - (this.sumA * this.sumB) / n) / Math.sqrt(spread);
  }

  /** Covariance ÷ the variance of a. */
  get slope(): number {
    const n = this.bars;
    const spread = n * this.squaresA - this.sumA * this.sumA;
    const none = spread > -TALIB_ZERO && spread < TALIB_ZERO;
    return none ? 0 : (n * this.products - this.sumA * this.sumB) / spread;
  }

  private add(a: number, b: number, sign: 1 | -1): void {
    this.sumA += sign * a;
    this.squaresA += sign * (a * a);
    this.products += sign * (a * b);
    this.sumB += sign * b;
    this.squaresB += sign * (b * b);
  }

  private begin(last: number): void {
    this.lost = false;
    this.sumA = 0;
    this.sumB = 0;
    this.squaresA = 0;
    this.squaresB = 0;
    this.products = 0;
    const n = this.bars;
    for (let k = last - n + 1; k <= last; k++) this.add(this.a[k % n], this.b[k % n], 1);
  }
}
