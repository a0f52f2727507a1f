import { choice, int } from '../../model/parameters.ts';
import { Kernel } from '../../series/kernel.ts';
import { type Line, ringOf } from '../../series/line.ts';
import { average, averageOf } from '../averages/average-of.ts';
import { CONVENTIONS, indicator, MOST_BARS } from '../definition.ts';
import { pointwise } from '../mathematics/pointwise.ts';

/** Distances from the window's own mean, which moves with every bar: O(bars) a bar, in TA-Lib's order. */
class MeanDeviation extends Kernel<'value'> {
  private readonly bars: number;

  constructor(input: Line, bars: number) {
    super({ label: `MeanDev(${bars})`, inputs: [input], outputs: ['value'], warmup: bars - 1 });
    this.bars = bars;
  }

  compute(from: number, to: number): void {
    const x = ringOf(this.inputs[0]);
    const out = ringOf(this.outputs.value);
    const { mask } = this.clock;
    const n = this.bars;
    const first = this.start + n - 1;
    for (let i = from; i < to; i++) {
      if (i < first) {
        out[i & mask] = Number.NaN;
        continue;
      }
      let sum = 0;
      for (let k = 0; k < n; k++) sum += x[(i - k) & mask];
      const mean = sum / n;
      let distances = 0;
      for (let k = 0; k < n; k++) distances += Math.abs(x[(i - k) & mask] - mean);
      const value = distances / n;
      out[i & mask] = value - value === 0 ? value : Number.NaN;
    }
  }
}

/** Mean absolute deviation, in the units of its input. */
export const meanDeviation = indicator({
  name: 'meanDeviation',
  label: 'MeanDev',
  title: 'Mean absolute deviation',
  group: 'statistics',
  formula:
    'the mean distance of the last `bars` values from their mean; `backtrader`: the `average` of the distances of the values from their `average` at each bar; NaN while a value of the window is missing',
  source: 'TA-Lib AVGDEV, backtrader MeanDeviation',
  inputs: 'line',
  parameters: {
    bars: int(14, { min: 1, max: MOST_BARS }),
    average: average('sma'),
    convention: choice(CONVENTIONS),
  },
  lines: ['meanDeviation'],
  build: ({ bars, average: kind, convention }, input) => {
    if (convention === 'talib') return { meanDeviation: new MeanDeviation(input, bars).outputs.value };
    const mean = averageOf(kind, input, bars, convention);
    const distance = pointwise('distance', [input, mean], (value, mean) => Math.abs(value - mean));
    return { meanDeviation: averageOf(kind, distance, bars, convention) };
  },
});

export const MEAN_DEVIATION = [meanDeviation] as const;
