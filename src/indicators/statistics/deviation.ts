import { choice, float, int } from '../../model/parameters.ts';
import { Kernel } from '../../series/kernel.ts';
import { type Line, ringOf } from '../../series/line.ts';
import { mul } from '../../series/operators.ts';
import { type Average, average, averageOf } from '../averages/average-of.ts';
import { indicator, MOST_BARS } from '../definition.ts';
import { RollingDeviation, type RollingVariance, RunningMoments } from '../windows/rolling-deviation.ts';

/**
 * How a deviation is computed: `exact` to the last digits; `talib` and `backtrader` from the mean of the squares less
 * the square of the mean, as those do, which loses digits where prices hardly move.
 */
export const DEVIATIONS = ['exact', 'talib', 'backtrader'] as const;

export type DeviationConvention = (typeof DEVIATIONS)[number];

class Deviation extends Kernel<'value'> {
  private readonly moments: RollingVariance;
  private readonly width: number;
  private readonly rooted: boolean;

  constructor(
    name: string,
    input: Line,
    bars: number,
    width: number,
    rooted: boolean,
    convention: 'exact' | 'talib',
  ) {
    super({ label: `${name}(${bars})`, inputs: [input], outputs: ['value'], warmup: bars - 1, depth: bars });
    this.moments =
      convention === 'exact' ? new RollingDeviation(bars, this.start) : new RunningMoments(bars, this.start);
    this.width = width;
    this.rooted = rooted;
  }

  compute(from: number, to: number): void {
    const x = ringOf(this.inputs[0]);
    const out = ringOf(this.outputs.value);
    const { mask } = this.clock;
    const { moments, width } = this;
    if (this.rooted) for (let i = from; i < to; i++) out[i & mask] = width * moments.at(x, mask, i);
    else for (let i = from; i < to; i++) out[i & mask] = moments.variance(x, mask, i);
  }
}

/** The deviation from two averages as backtrader has it: √|mean of squares − mean²|. */
class MomentDeviation extends Kernel<'value'> {
  private readonly width: number;

  constructor(meanOfSquares: Line, mean: Line, width: number) {
    super({ label: 'StdDev', inputs: [meanOfSquares, mean], outputs: ['value'], warmup: 0 });
    this.width = width;
  }

  compute(from: number, to: number): void {
    const [squares, mean] = this.inputs.map(ringOf);
    const out = ringOf(this.outputs.value);
    const { mask } = this.clock;
    for (let i = from; i < to; i++) {
      const p = i & mask;
      out[p] = i < this.start ? Number.NaN : this.width * Math.sqrt(Math.abs(squares[p] - mean[p] * mean[p]));
    }
  }
}

/**
 * `width` population standard deviations of the last `bars` values of a line; `kind` is the average that `backtrader`
 * takes of the values and of their squares.
 */
export function deviationOf(
  input: Line,
  bars: number,
  width: number,
  convention: DeviationConvention,
  kind: Average = 'sma',
): Line {
  if (convention !== 'backtrader')
    return new Deviation('StdDev', input, bars, width, true, convention).outputs.value;
  const squares = averageOf(kind, mul(input, input), bars, 'backtrader');
  return new MomentDeviation(squares, averageOf(kind, input, bars, 'backtrader'), width).outputs.value;
}

/** Population standard deviation, in the units of its input. */
export const stdDev = indicator({
  name: 'stdDev',
  label: 'StdDev',
  title: 'Standard deviation',
  group: 'statistics',
  formula:
    '`width` · √ of the mean squared distance of the last `bars` values from their mean, right to the last digits on prices of any size and exactly 0 on a flat window; `talib` and `backtrader` give √(mean of squares − mean²) with the rounding of theirs, `backtrader` by any `average`; NaN while a value of the window is missing',
  source: 'TA-Lib STDDEV, backtrader StandardDeviation',
  inputs: 'line',
  parameters: {
    bars: int(20, { min: 1, max: MOST_BARS }),
    width: float(1),
    average: average('sma'),
    convention: choice(DEVIATIONS),
  },
  lines: ['stdDev'],
  build: ({ bars, width, average: kind, convention }, input) => ({
    stdDev: deviationOf(input, bars, width, convention, kind),
  }),
});

/** Population variance, in the squared units of its input. */
export const variance = indicator({
  name: 'variance',
  label: 'Variance',
  title: 'Variance',
  group: 'statistics',
  formula:
    'the mean squared distance of the last `bars` values from their mean, exactly 0 on a flat window; `talib` gives mean of squares − mean² with its rounding, which can be below 0; NaN while a value of the window is missing',
  source: 'TA-Lib VAR',
  inputs: 'line',
  parameters: { bars: int(5, { min: 1, max: MOST_BARS }), convention: choice(['exact', 'talib']) },
  lines: ['variance'],
  build: ({ bars, convention }, input) => ({
    variance: new Deviation('Variance', input, bars, 1, false, convention).outputs.value,
  }),
});

export const DEVIATION = [stdDev, variance] as const;
