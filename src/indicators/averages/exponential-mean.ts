import type { AverageConvention } from './convention.ts';

/**
 * Exponential smoothing with factor `alpha`, seeded with the simple mean of the first `bars` values.
 * Shared by everything that is such an average inside: EMA, Wilder's RSI and ATR, MACD.
 */
export class ExponentialMean {
  private readonly bars: number;
  readonly alpha: number;
  /** The two conventions round differently, which differences of averages near 0 show. */
  private readonly twoProducts: boolean;
  /** backtrader's seed is rounded once, TA-Lib's at every addition. */
  private readonly accurate: boolean;
  private seen = 0;
  /** What rounding has cost the seed so far. */
  private lost = 0;
  /** The mean, once {@link seeded}; a kernel whose loop takes the step itself gives it back here. */
  value = 0;

  /** `twoProducts`: mean · (1 − alpha) + value · alpha in place of mean + alpha · (value − mean). */
  constructor(
    bars: number,
    alpha: number = 2 / (bars + 1),
    convention: AverageConvention = 'talib',
    twoProducts: boolean = convention === 'backtrader',
  ) {
    this.bars = bars;
    this.alpha = alpha;
    this.accurate = convention === 'backtrader';
    this.twoProducts = twoProducts;
  }

  /** True once the mean has its seed. */
  get seeded(): boolean {
    return this.seen >= this.bars;
  }

  /**
   * Takes the next value and returns the mean; NaN for the first `bars` - 1 values. A NaN is passed over: it gives NaN
   * and leaves the mean as it was.
   */
  next(value: number): number {
    if (this.seen < this.bars) return this.seed(value);
    const mean = this.value;
    const next = this.twoProducts
      ? mean * (1 - this.alpha) + value * this.alpha
      : mean + this.alpha * (value - mean);
    if (!Number.isNaN(next)) this.value = next;
    return next;
  }

  private seed(value: number): number {
    if (Number.isNaN(value)) return Number.NaN;
    this.sum(value);
    if (++this.seen < this.bars) return Number.NaN;
    this.value = (this.value + this.lost) / this.bars;
    return this.value;
  }

  private sum(value: number): void {
    const before = this.value;
    this.value += value;
    if (!this.accurate) return;
    const part = this.value - before;
    this.lost += before - (this.value - part) + (value - part);
  }

  /** The same for bars `from`..`to` of ring `x`, into ring `out`. */
  run(x: Float64Array, out: Float64Array, mask: number, from: number, to: number): void {
    let i = from;
    while (i < to && this.seen < this.bars) {
      out[i & mask] = this.next(x[i & mask]);
      i++;
    }
    const { alpha } = this;
    const kept = 1 - alpha;
    let mean = this.value;
    if (this.twoProducts) {
      for (; i < to; i++) {
        const next = mean * kept + x[i & mask] * alpha;
        out[i & mask] = next;
        if (!Number.isNaN(next)) mean = next;
      }
    } else {
      for (; i < to; i++) {
        const next = mean + alpha * (x[i & mask] - mean);
        out[i & mask] = next;
        if (!Number.isNaN(next)) mean = next;
      }
    }
    if (this.seen >= this.bars) this.value = mean;
  }
}
