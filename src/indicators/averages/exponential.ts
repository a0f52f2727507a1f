import { Kernel } from '../../series/kernel.ts';
import { type Line, ringOf } from '../../series/line.ts';
import type { AverageConvention } from './convention.ts';
import { ExponentialMean } from './exponential-mean.ts';

/** Exponential smoothing with any factor: EMA with 2 ÷ (bars + 1), Wilder's with 1 ÷ bars. */
export class Ema extends Kernel<'ema'> {
  private readonly mean: ExponentialMean;

  constructor(input: Line, bars: number, alpha: number, convention: AverageConvention) {
    super({ label: `EMA(${bars})`, inputs: [input], outputs: ['ema'], warmup: bars - 1, recursive: true });
    this.mean = new ExponentialMean(bars, alpha, convention);
  }

  compute(from: number, to: number): void {
    const out = this.writes[0];
    const { mask } = this.clock;
    let i = from;
    for (; i < to && i < this.start; i++) out[i & mask] = Number.NaN;
    this.mean.run(this.reads[0], out, mask, i, to);
  }

  override step(value: number): number {
    return this.mean.next(value);
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
  constructor(
    name: string,
    input: Line,
    bars: number,
    weights: readonly number[],
    convention: AverageConvention,
  ) {
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

/** Tillson's T3: six nested exponential means, the last four weighted by a volume factor. */
export class T3 extends Kernel<'t3'> {
  private readonly means: readonly ExponentialMean[];
  private readonly weights: Float64Array;

  constructor(input: Line, bars: number, factor: number) {
    super({
      label: `T3(${bars})`,
      inputs: [input],
      outputs: ['t3'],
      warmup: 6 * (bars - 1),
      recursive: true,
    });
    this.means = Array.from({ length: 6 }, () => new ExponentialMean(bars, undefined, 'talib', true));
    const square = factor * factor;
    const cube = -(square * factor);
    const third = -6 * square - 3 * (factor - cube);
    this.weights = Float64Array.of(cube, 3 * (square - cube), third, 1 + 3 * factor - cube + 3 * square);
  }

  compute(from: number, to: number): void {
    const x = ringOf(this.inputs[0]);
    const out = ringOf(this.outputs.t3);
    const { mask } = this.clock;
    const [e1, e2, e3, e4, e5, e6] = this.means;
    const [w6, w5, w4, w3] = this.weights;
    for (let i = from; i < to; i++) {
      const third = e3.next(e2.next(e1.next(i < this.start ? Number.NaN : x[i & mask])));
      const fourth = e4.next(third);
      const fifth = e5.next(fourth);
      out[i & mask] = w6 * e6.next(fifth) + w5 * fifth + w4 * fourth + w3 * third;
    }
  }
}
