import { choice, float, int, numbers } from '../../model/parameters.ts';
import { Kernel } from '../../series/kernel.ts';
import { type Line, ringOf } from '../../series/line.ts';
import { CONVENTIONS, indicator, MOST_BARS } from '../definition.ts';
import { AccurateSum } from './accurate-sum.ts';
import { Ema } from './exponential.ts';
import { WeightedMean } from './weighted.ts';

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

/**
 * The first bar, counted from 1, of a smoothing over `bars` values whose lines begin at these bars: by backtrader's count
 * the factor's delay is added to the input's.
 */
export function seedPeriod(input: number, alpha: number, bars: number): number {
  return input + bars - 1 + Math.max(0, alpha - bars);
}

const periodOf = (a: Line, b: Line) => Math.max(a.minPeriod, b.minPeriod);

class DynamicSmoothing extends Kernel<'average'> {
  private readonly bars: number;
  private seen = 0;
  private mean = 0;
  /** The last `bars` values: a ring. */
  private readonly latest: Float64Array;

  constructor(input: Line, alpha: Line, bars: number) {
    super({
      label: `ExpSmoothing(${bars})`,
      inputs: [input, alpha],
      outputs: ['average'],
      warmup: Math.max(0, seedPeriod(input.minPeriod, alpha.minPeriod, bars) - periodOf(input, alpha)),
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
      const sum = new AccurateSum();
      for (let k = this.seen - bars; k < this.seen; k++) sum.add(latest[k % bars]);
      this.mean = sum.total / bars;
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
    'a · value + (1 − a) · before, a being the value of the second line within 0 … 1, seeded with the simple mean of the `bars` values up to bar i + `bars` − 1 + max(0, j − `bars`), i and j being the first bars of the two lines; a NaN in either line is passed over',
  source: 'backtrader ExponentialSmoothingDynamic',
  inputs: 'two lines',
  parameters: { bars: int(30, { min: 1, max: MOST_BARS }) },
  lines: ['average'],
  build: ({ bars }, input, alpha) => new DynamicSmoothing(input, alpha, bars).outputs,
});

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
    new WeightedMean(input, bars, weights, coefficient).outputs,
});

/** This family, for the registry. */
export const SMOOTHING = [exponentialSmoothing, dynamicSmoothing, weightedAverage] as const;
