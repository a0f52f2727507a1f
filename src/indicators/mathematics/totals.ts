import { float, int } from '../../model/parameters.ts';
import { Kernel } from '../../series/kernel.ts';
import { type Line, ringOf } from '../../series/line.ts';
import { indicator, MOST_BARS } from '../definition.ts';
import { RollingMean } from '../windows/rolling-mean.ts';

class Sum extends Kernel<'sum'> {
  private readonly total: RollingMean;

  constructor(input: Line, bars: number) {
    super({ label: `Sum(${bars})`, inputs: [input], outputs: ['sum'], warmup: bars - 1, depth: bars });
    this.total = new RollingMean(bars, this.start, 1);
  }

  compute(from: number, to: number): void {
    this.total.run(ringOf(this.inputs[0]), ringOf(this.outputs.sum), this.clock.mask, from, to);
  }
}

/** The sum of the last `bars` values of a line, as a line. */
export function sumOf(input: Line, bars: number): Line {
  return new Sum(input, bars).outputs.sum;
}

/** The sum of the last `bars` values, in the units of its input. */
export const sum = indicator({
  name: 'sum',
  label: 'Sum',
  title: 'Sum',
  group: 'mathematics',
  formula: 'the exact sum of the last `bars` values, rounded once; NaN while one of them is missing',
  source: 'TA-Lib SUM, backtrader SumN',
  inputs: 'line',
  parameters: { bars: int(30, { min: 1, max: MOST_BARS }) },
  lines: ['sum'],
  build: ({ bars }, input) => ({ sum: sumOf(input, bars) }),
});

class CumulativeSum extends Kernel<'sum'> {
  private high: number;
  /** What rounding has cost `high` so far (Neumaier). */
  private low = 0;

  constructor(input: Line, seed: number) {
    super({ label: 'CumSum', inputs: [input], outputs: ['sum'], warmup: 0 });
    this.high = seed;
  }

  compute(from: number, to: number): void {
    const x = ringOf(this.inputs[0]);
    const out = ringOf(this.outputs.sum);
    const { mask } = this.clock;
    for (let i = from; i < to; i++) {
      const value = x[i & mask];
      if (i < this.start || value - value !== 0) {
        out[i & mask] = Number.NaN;
        continue;
      }
      const { high } = this;
      const next = high + value;
      this.low += Math.abs(high) >= Math.abs(value) ? high - next + value : value - next + high;
      this.high = next;
      out[i & mask] = next + this.low;
    }
  }
}

/** The sum of all values so far, in the units of its input. */
export const cumulativeSum = indicator({
  name: 'cumulativeSum',
  label: 'CumSum',
  title: 'Cumulative sum',
  group: 'mathematics',
  formula:
    '`seed` plus all values so far, with compensated rounding; a missing value gives NaN and is passed over',
  source: 'Neumaier, 1974; backtrader Accum',
  inputs: 'line',
  parameters: { seed: float(0) },
  lines: ['sum'],
  build: ({ seed }, input) => new CumulativeSum(input, seed).outputs,
});

export const TOTALS = [sum, cumulativeSum] as const;
