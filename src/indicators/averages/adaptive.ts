import { Kernel } from '../../series/kernel.ts';
import { type Line, ringOf } from '../../series/line.ts';
import { AccurateSum } from './accurate-sum.ts';
import type { AverageConvention } from './convention.ts';

/**
 * Kaufman's average: exponential smoothing whose factor follows the efficiency ratio of the last `bars` changes. The
 * path is summed afresh once a window, by bar number (backtrader: every bar, as it does, in `bars` steps).
 */
export class Kama extends Kernel<'kama'> {
  private readonly bars: number;
  private readonly first: number;
  private readonly sum = new AccurateSum();
  private readonly fast: number;
  private readonly slow: number;
  /** backtrader seeds with the simple mean of the window, TA-Lib with the value before. */
  private readonly meanSeed: boolean;
  /** The path's sum runs from the first bar to the last, as TA-Lib's. */
  private readonly running: boolean;
  private seeded = false;
  private mean = 0;
  private path = 0;

  constructor(input: Line, bars: number, fast: number, slow: number, convention: AverageConvention) {
    super({
      label: `KAMA(${bars})`,
      inputs: [input],
      outputs: ['kama'],
      // backtrader counts an input's delay twice.
      warmup: convention === 'backtrader' ? input.minPeriod + bars - 1 : bars,
      recursive: true,
    });
    this.first = this.minPeriod - 1;
    this.bars = bars;
    this.fast = 2 / (fast + 1);
    this.slow = 2 / (slow + 1);
    this.meanSeed = convention === 'backtrader';
    this.running = convention === 'running';
  }

  compute(from: number, to: number): void {
    const x = ringOf(this.inputs[0]);
    const out = ringOf(this.outputs.kama);
    const { mask } = this.clock;
    const { bars, first, fast, slow } = this;
    for (let i = from; i < to; i++) {
      if (i < first) {
        out[i & mask] = Number.NaN;
        continue;
      }
      const value = x[i & mask];
      const oldest = x[(i - bars) & mask];
      this.follow(x, mask, i);
      const move = Math.abs(value - oldest);
      // Also where nothing moved, and where rounding has made the path shorter than the way.
      const efficiency = this.path <= move ? 1 : move / this.path;
      const alpha = (efficiency * (fast - slow) + slow) ** 2;
      out[i & mask] = this.next(x, mask, i, value, alpha);
    }
  }

  private follow(x: Float64Array, mask: number, i: number): void {
    const { bars } = this;
    const past = i - this.first;
    const restart =
      this.meanSeed || (this.running ? past === 0 || Number.isNaN(this.path) : past % bars === 0);
    if (restart) {
      this.sum.clear();
      for (let k = i - bars + 1; k <= i; k++) this.sum.add(Math.abs(x[k & mask] - x[(k - 1) & mask]));
      this.path = this.sum.total;
    } else {
      this.path -= Math.abs(x[(i - bars) & mask] - x[(i - bars - 1) & mask]);
      this.path += Math.abs(x[i & mask] - x[(i - 1) & mask]);
    }
  }

  private next(x: Float64Array, mask: number, i: number, value: number, alpha: number): number {
    if (Number.isNaN(alpha) || Number.isNaN(value)) return Number.NaN;
    if (!this.seeded) {
      this.seeded = true;
      if (this.meanSeed) {
        this.sum.clear();
        for (let k = i - this.bars + 1; k <= i; k++) this.sum.add(x[k & mask]);
        this.mean = this.sum.total / this.bars;
        return this.mean;
      }
      this.mean = x[(i - 1) & mask];
    }
    this.mean = this.meanSeed
      ? this.mean * (1 - alpha) + value * alpha
      : this.mean + alpha * (value - this.mean);
    return this.mean;
  }
}
