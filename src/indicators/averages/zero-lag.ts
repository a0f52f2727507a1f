import { Kernel } from '../../series/kernel.ts';
import { type Line, ringOf } from '../../series/line.ts';
import type { AverageConvention } from './convention.ts';
import { ExponentialMean } from './exponential-mean.ts';

/** The EMA of the value plus what it has gained over the EMA's lag. */
export class Zlema extends Kernel<'zlema'> {
  private readonly mean: ExponentialMean;
  private readonly lag: number;

  constructor(input: Line, bars: number, lag: number, convention: AverageConvention) {
    super({
      label: `ZLEMA(${bars})`,
      inputs: [input],
      outputs: ['zlema'],
      warmup: lag + bars - 1,
      recursive: true,
    });
    this.mean = new ExponentialMean(bars, undefined, convention);
    this.lag = lag;
  }

  compute(from: number, to: number): void {
    const x = ringOf(this.inputs[0]);
    const out = ringOf(this.outputs.zlema);
    const { mask } = this.clock;
    const first = this.start + this.lag;
    for (let i = from; i < to; i++) {
      out[i & mask] = i < first ? Number.NaN : this.mean.next(2 * x[i & mask] - x[(i - this.lag) & mask]);
    }
  }
}

/**
 * Ehlers' error-correcting average: `alpha · (ema + gain · (value − before)) + (1 − alpha) · before`, with the gain, a
 * multiple of 0.1 within ± `limit` tenths, that brings it nearest to the value; of equally near ones the lowest.
 */
export class ErrorCorrecting extends Kernel<'zeroLag'> {
  private readonly alpha: number;
  private readonly limit: number;
  private seeded = false;
  private before = 0;

  constructor(input: Line, ema: Line, bars: number, limit: number) {
    super({
      label: `ZeroLag(${bars})`,
      inputs: [input, ema],
      outputs: ['zeroLag'],
      warmup: 0,
      recursive: true,
    });
    this.alpha = 2 / (bars + 1);
    this.limit = limit;
  }

  compute(from: number, to: number): void {
    const [x, ema] = this.inputs.map(ringOf);
    const out = ringOf(this.outputs.zeroLag);
    const { mask } = this.clock;
    for (let i = from; i < to; i++) {
      const p = i & mask;
      if (i < this.start || Number.isNaN(x[p]) || Number.isNaN(ema[p])) {
        out[p] = Number.NaN;
        continue;
      }
      this.before = this.seeded ? this.nearest(x[p], ema[p]) : ema[p];
      this.seeded = true;
      out[p] = this.before;
    }
  }

  /** The error is the distance of a straight line in the gain from the value: the best gain is beside where it is 0. */
  private nearest(value: number, ema: number): number {
    const { alpha, limit, before } = this;
    const slope = (alpha * (value - before)) / 10;
    const best = (value - alpha * ema - (1 - alpha) * before) / slope;
    const middle = Number.isNaN(best) ? -limit : Math.floor(Math.max(-limit, Math.min(limit, best)));
    let least = Number.POSITIVE_INFINITY;
    let nearest = before;
    for (let step = Math.max(-limit, middle - 1); step <= Math.min(limit, middle + 2); step++) {
      const gain = step / 10;
      const corrected = alpha * (ema + gain * (value - before)) + (1 - alpha) * before;
      const error = Math.abs(value - corrected);
      if (error < least) {
        least = error;
        nearest = corrected;
      }
    }
    return nearest;
  }
}
