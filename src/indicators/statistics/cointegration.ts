import { choice, int } from '../../model/parameters.ts';
import { Kernel } from '../../series/kernel.ts';
import { type Line, ringOf } from '../../series/line.ts';
import { Sma } from '../averages/simple.ts';
import { indicator, MOST_BARS } from '../definition.ts';
import { pointwise } from '../mathematics/pointwise.ts';
import { PairRegression } from './correlation.ts';
import { deviationOf } from './deviation.ts';
import { cointegrationPValue, TRENDS, type Trend } from './mackinnon.ts';
import { dickeyFuller, residualsOf } from './unit-root.ts';

/** How far a pair is from the straight line that says one of them by the other. */
export const pairSpread = indicator({
  name: 'pairSpread',
  label: 'PairSpread',
  title: 'Spread of a pair',
  group: 'statistics',
  formula:
    'a − (slope · b + intercept) by least squares over the last `bars` values, its simple mean and standard deviation over the last `meanBars` bars, and (spread − mean) ÷ deviation, 0 where the deviation is 0; NaN while a value of a window is missing',
  source: 'backtrader OLS_TransformationN',
  inputs: 'two lines',
  parameters: { bars: int(10, { min: 1, max: MOST_BARS }), meanBars: int(10, { min: 1, max: MOST_BARS }) },
  lines: ['spread', 'mean', 'deviation', 'zScore'],
  build: ({ bars, meanBars }, a, b) => {
    const { slope, intercept } = new PairRegression(a, b, bars).outputs;
    const spread = pointwise('spread', [a, b, slope, intercept], (y, x, m, c) => y - (m * x + c));
    const mean = new Sma(spread, meanBars).outputs.sma;
    const deviation = deviationOf(spread, meanBars, 1, 'exact');
    const zScore = pointwise('zScore', [spread, mean, deviation], (value, centre, width) =>
      width === 0 ? 0 : (value - centre) / width,
    );
    return { spread, mean, deviation, zScore };
  },
});

class Cointegration extends Kernel<'score' | 'pValue'> {
  private readonly bars: number;
  private readonly trend: Trend;
  /** Columns that are the same in every window: 1, and the powers of time. */
  private readonly columns: Float64Array[];
  private readonly x: Float64Array;
  private readonly y: Float64Array;

  constructor(y: Line, x: Line, bars: number, trend: Trend) {
    super({ label: `Coint(${bars})`, inputs: [y, x], outputs: ['score', 'pValue'], warmup: bars - 1 });
    this.bars = bars;
    this.trend = trend;
    const powers = { none: 0, constant: 1, linear: 2, quadratic: 3 }[trend];
    this.columns = Array.from({ length: powers }, (_, power) =>
      Float64Array.from({ length: bars }, (_, k) => ((k + 1) / bars) ** power),
    );
    this.x = new Float64Array(bars);
    this.y = new Float64Array(bars);
  }

  compute(from: number, to: number): void {
    const [y, x] = this.inputs.map(ringOf);
    const score = ringOf(this.outputs.score);
    const pValue = ringOf(this.outputs.pValue);
    const { mask } = this.clock;
    const first = this.start + this.bars - 1;
    for (let i = from; i < to; i++) {
      const value = i < first ? Number.NaN : this.scoreAt(y, x, mask, i);
      score[i & mask] = value;
      pValue[i & mask] = value === 0 ? 1 : cointegrationPValue(value, this.trend);
    }
  }

  private scoreAt(y: Float64Array, x: Float64Array, mask: number, i: number): number {
    const oldest = i - this.bars + 1;
    let flatY = true;
    let flatX = true;
    for (let k = 0; k < this.bars; k++) {
      this.y[k] = y[(oldest + k) & mask];
      this.x[k] = x[(oldest + k) & mask];
      if (this.y[k] !== this.y[0]) flatY = false;
      if (this.x[k] !== this.x[0]) flatX = false;
    }
    if (flatY || flatX) return 0;
    const residuals = residualsOf(this.y, [...this.columns, this.x], this.trend !== 'none');
    return residuals === undefined ? Number.NaN : dickeyFuller(residuals);
  }
}

/** Engle and Granger's test of whether two lines go together in the long run. */
export const cointegration = indicator({
  name: 'cointegration',
  label: 'Coint',
  title: 'Cointegration test',
  group: 'statistics',
  formula:
    'least squares of `a` on `b` and the `trend` over the last `bars` values; score: the augmented Dickey–Fuller t-value of the residuals, with the number of lags up to ⌈12 · (bars ÷ 100)^¼⌉ that has the least Akaike criterion, as far as the window leaves a degree of freedom; p-value: MacKinnon’s approximation, which is for long windows; score 0 and p-value 1 where a line is flat; NaN where one line explains the other but for rounding or a value is missing; O(bars) a bar, times the square of the lags',
  source:
    'Engle and Granger, Econometrica 55, 1987; MacKinnon, Journal of Business & Economic Statistics 12, 1994; backtrader CointN',
  inputs: 'two lines',
  parameters: { bars: int(50, { min: 8, max: 5000 }), trend: choice(TRENDS) },
  lines: ['score', 'pValue'],
  build: ({ bars, trend }, a, b) => new Cointegration(a, b, bars, trend).outputs,
});

export const COINTEGRATION = [pairSpread, cointegration] as const;
