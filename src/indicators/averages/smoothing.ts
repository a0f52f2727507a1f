import { choice, float, int, numbers } from '../../model/parameters.ts';
import { Kernel } from '../../series/kernel.ts';
import { type Line, ringOf } from '../../series/line.ts';
import { CONVENTIONS, indicator, MOST_BARS } from '../definition.ts';
import { Ema } from './exponential.ts';

/** Exponential smoothing with any factor, in the units of its input. */
export const exponentialSmoothing = indicator({
  name: 'exponentialSmoothing',
  label: 'ExpSmoothing',
  title: 'Exponential smoothing',
  group: 'moving averages',
  formula:
    '`alpha` · value + (1 − `alpha`) · before, seeded with the simple mean of the first `bars` values; an `alpha` of 0 stands for 2 ÷ (`bars` + 1); a NaN is passed over. The conventions differ in rounding only',
  source: 'backtrader ExponentialSmoothing',
  inputs: 'line',
  parameters: {
    bars: int(30, { min: 1, max: MOST_BARS }),
    alpha: float(0, { min: 0 }),
    convention: choice(CONVENTIONS),
  },
  lines: ['average'],
  build: ({ bars, alpha, convention }, input) => ({
    average: new Ema(input, bars, alpha === 0 ? 2 / (bars + 1) : alpha, convention).outputs.ema,
  }),
});

class DynamicSmoothing extends Kernel<'average'> {
  private readonly bars: number;
  private seen = 0;
  private mean = 0;
  /** The last `bars` values: a ring. */
  private readonly latest: Float64Array;

  constructor(input: Line, alpha: Line, bars: number) {
    const late = Math.max(0, alpha.minPeriod - input.minPeriod);
    super({
      label: `ExpSmoothing(${bars})`,
      inputs: [input, alpha],
      outputs: ['average'],
      warmup: Math.max(0, bars - 1 - late),
      depth: bars,
      recursive: true,
    });
    this.bars = bars;
    this.latest = new Float64Array(bars);
  }

  compute(from: number, to: number): void {
    const [x, alpha] = this.inputs.map(ringOf);
    const out = ringOf(this.outputs.average);
    const { mask } = this.clock;
    const first = this.minPeriod - 1;
    for (let i = from; i < to; i++) out[i & mask] = this.next(x[i & mask], alpha[i & mask], i >= first);
  }

  private next(value: number, alpha: number, ready: boolean): number {
    if (Number.isNaN(value)) return Number.NaN;
    const { bars, latest } = this;
    if (this.seen >= 0) {
      latest[this.seen++ % bars] = value;
      if (!ready || this.seen < bars) return Number.NaN;
      let sum = 0;
      for (let k = this.seen - bars; k < this.seen; k++) sum += latest[k % bars];
      this.mean = sum / bars;
      // Seeded: the values are needed no more.
      this.seen = -1;
      return this.mean;
    }
    if (Number.isNaN(alpha)) return Number.NaN;
    const part = Math.max(0, Math.min(1, alpha));
    this.mean = this.mean * (1 - part) + value * part;
    return this.mean;
  }
}

/** Exponential smoothing whose factor is a line, in the units of its input. */
export const dynamicSmoothing = indicator({
  name: 'dynamicSmoothing',
  label: 'ExpSmoothing',
  title: 'Exponential smoothing with a factor that changes',
  group: 'moving averages',
  formula:
    'a · value + (1 − a) · before, a being the value of the second line within 0 … 1, seeded with the simple mean of the `bars` values up to the first bar at which both lines and so many values are there; a NaN in either line is passed over',
  source: 'backtrader ExponentialSmoothingDynamic',
  inputs: 'two lines',
  parameters: { bars: int(30, { min: 1, max: MOST_BARS }) },
  lines: ['average'],
  build: ({ bars }, input, alpha) => new DynamicSmoothing(input, alpha, bars).outputs,
});

class WeightedAverage extends Kernel<'average'> {
  private readonly bars: number;
  private readonly weights: Float64Array;
  private readonly coefficient: number;

  constructor(input: Line, bars: number, weights: readonly number[], coefficient: number) {
    super({
      label: `Weighted(${bars})`,
      inputs: [input],
      outputs: ['average'],
      warmup: bars - 1,
      depth: bars,
    });
    this.bars = bars;
    this.weights = Float64Array.from(weights.slice(0, bars));
    this.coefficient = coefficient;
  }

  compute(from: number, to: number): void {
    const x = ringOf(this.inputs[0]);
    const out = ringOf(this.outputs.average);
    const { mask } = this.clock;
    const { bars, weights } = this;
    const first = this.start + bars - 1;
    for (let i = from; i < to; i++) {
      if (i < first) {
        out[i & mask] = Number.NaN;
        continue;
      }
      let sum = 0;
      for (let k = 0; k < weights.length; k++) sum += weights[k] * x[(i - bars + 1 + k) & mask];
      out[i & mask] = this.coefficient * sum;
    }
  }
}

/** A moving average with weights of one's own, in the units of its input times theirs. */
export const weightedAverage = indicator({
  name: 'weightedAverage',
  label: 'Weighted',
  title: 'Moving average with given weights',
  group: 'moving averages',
  formula:
    '`coefficient` · Σ weight · value over the last `bars` values, the oldest with the first of `weights`; missing weights are 0, weights beyond `bars` count for nothing. Takes `bars` steps a bar',
  source: 'backtrader WeightedAverage',
  inputs: 'line',
  parameters: {
    bars: int(3, { min: 1, max: MOST_BARS }),
    weights: numbers([1, 1, 1]),
    coefficient: float(1 / 3),
  },
  lines: ['average'],
  build: ({ bars, weights, coefficient }, input) =>
    new WeightedAverage(input, bars, weights, coefficient).outputs,
});

/** This family, for the registry. */
export const SMOOTHING = [exponentialSmoothing, dynamicSmoothing, weightedAverage] as const;
