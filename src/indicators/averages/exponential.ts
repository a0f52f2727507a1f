import { Kernel } from '../../series/kernel.ts';
import { type Line, ringOf } from '../../series/line.ts';
import type { Convention } from '../definition.ts';
import { ExponentialMean } from './exponential-mean.ts';

/** Exponential smoothing with any factor: EMA with 2 ÷ (bars + 1), Wilder's with 1 ÷ bars. */
export class Ema extends Kernel<'ema'> {
  private readonly mean: ExponentialMean;

  constructor(input: Line, bars: number, alpha: number, convention: Convention) {
    super({ label: `EMA(${bars})`, inputs: [input], outputs: ['ema'], warmup: bars - 1, recursive: true });
    this.mean = new ExponentialMean(bars, alpha, convention);
  }

  compute(from: number, to: number): void {
    const out = ringOf(this.outputs.ema);
    const { mask } = this.clock;
    let i = from;
    for (; i < to && i < this.start; i++) out[i & mask] = Number.NaN;
    this.mean.run(ringOf(this.inputs[0]), out, mask, i, to);
  }
}

/**
 * Exponential means of exponential means, each seeded on the first values of the one before, and a sum of them with
 * given weights: DEMA, TEMA and T3 are such sums.
 */
export class NestedEma extends Kernel<'value'> {
  private readonly means: readonly ExponentialMean[];
  private readonly weights: Float64Array;

  /** `weights`: of the first mean, of the second, …; as many means are nested. */
  constructor(name: string, input: Line, bars: number, weights: readonly number[], convention: Convention) {
    super({
      label: `${name}(${bars})`,
      inputs: [input],
      outputs: ['value'],
      warmup: weights.length * (bars - 1),
      recursive: true,
    });
    this.means = weights.map(() => new ExponentialMean(bars, undefined, convention));
    this.weights = Float64Array.from(weights);
  }

  compute(from: number, to: number): void {
    const x = ringOf(this.inputs[0]);
    const out = ringOf(this.outputs.value);
    const { mask } = this.clock;
    const { means, weights } = this;
    for (let i = from; i < to; i++) {
      let mean = i < this.start ? Number.NaN : x[i & mask];
      let sum = 0;
      for (let k = 0; k < means.length; k++) {
        mean = means[k].next(mean);
        sum += weights[k] * mean;
      }
      out[i & mask] = sum;
    }
  }
}

/** The weights of {@link NestedEma} that make Tillson's T3 of volume factor `factor`. */
export function t3Weights(factor: number): readonly number[] {
  const square = factor * factor;
  const cube = square * factor;
  return [
    0,
    0,
    1 + 3 * factor + cube + 3 * square,
    -6 * square - 3 * (factor + cube),
    3 * (square + cube),
    -cube,
  ];
}
