import { Kernel } from '../../series/kernel.ts';
import { type Line, ringOf } from '../../series/line.ts';
import { RollingRegression } from '../windows/rolling-regression.ts';

/** `exact` to the last digits in O(1) a bar; `talib` sums each window afresh as TA-Lib does, and rounds as it does. */
export const ARITHMETIC = ['exact', 'talib'] as const;
type Arithmetic = (typeof ARITHMETIC)[number];

type Measure = 'value' | 'slope' | 'intercept' | 'angle' | 'forecast' | 'rSquared' | 'error';

const DEGREES = 180 / Math.PI;

class Regression extends Kernel<'value'> {
  private readonly line: RollingRegression;
  private readonly bars: number;
  private readonly measure: Measure;

  constructor(input: Line, bars: number, measure: Measure) {
    super({
      label: `LinReg.${measure}(${bars})`,
      inputs: [input],
      outputs: ['value'],
      warmup: bars - 1,
      depth: bars,
    });
    this.line = new RollingRegression(bars, this.start);
    this.bars = bars;
    this.measure = measure;
  }

  compute(from: number, to: number): void {
    const x = ringOf(this.inputs[0]);
    const out = ringOf(this.outputs.value);
    const { mask } = this.clock;
    for (let i = from; i < to; i++) out[i & mask] = this.line.next(x, mask, i) ? this.read() : Number.NaN;
  }

  private read(): number {
    const { mean, slope, spread, residual } = this.line;
    const half = (this.bars - 1) / 2;
    switch (this.measure) {
      case 'value':
        return mean + slope * half;
      case 'slope':
        return slope;
      case 'intercept':
        return mean - slope * half;
      case 'angle':
        return Math.atan(slope) * DEGREES;
      case 'forecast':
        return mean + slope * (half + 1);
      case 'rSquared':
        return spread === 0 ? 0 : Math.min(1, Math.max(0, 1 - residual / spread));
      case 'error':
        return this.bars > 2 ? Math.sqrt(residual / (this.bars - 2)) : 0;
    }
  }
}

/** The same sums in the same order as TA-Lib has them; O(bars) a bar, as there. */
class TalibRegression extends Kernel<'value'> {
  private readonly bars: number;
  private readonly measure: Measure;

  constructor(input: Line, bars: number, measure: Measure) {
    super({
      label: `LinReg.${measure}(${bars})`,
      inputs: [input],
      outputs: ['value'],
      warmup: bars - 1,
      depth: bars,
    });
    this.bars = bars;
    this.measure = measure;
  }

  compute(from: number, to: number): void {
    const x = ringOf(this.inputs[0]);
    const out = ringOf(this.outputs.value);
    const { mask } = this.clock;
    const n = this.bars;
    const first = this.start + n - 1;
    const sumX = n * (n - 1) * 0.5;
    const divisor = sumX * sumX - n * ((n * (n - 1) * (2 * n - 1)) / 6);
    for (let i = from; i < to; i++) {
      if (i < first) {
        out[i & mask] = Number.NaN;
        continue;
      }
      // Places count backwards: 0 is the newest value.
      let sum = 0;
      let moment = 0;
      for (let k = n - 1; k >= 0; k--) {
        const value = x[(i - k) & mask];
        sum += value;
        moment += k * value;
      }
      const slope = (n * moment - sumX * sum) / divisor;
      const value = this.read(slope, (sum - slope * sumX) / n);
      out[i & mask] = value - value === 0 ? value : Number.NaN;
    }
  }

  private read(slope: number, intercept: number): number {
    switch (this.measure) {
      case 'slope':
        return slope;
      case 'intercept':
        return intercept;
      case 'angle':
        return Math.atan(slope) * DEGREES;
      case 'forecast':
        return intercept + slope * this.bars;
      default:
        return intercept + slope * (this.bars - 1);
    }
  }
}

/** A measure of the regression line through the last `bars` values of a line, as a line. */
export function regressionOf(input: Line, bars: number, measure: Measure, arithmetic: Arithmetic): Line {
  const Form = arithmetic === 'talib' ? TalibRegression : Regression;
  return new Form(input, bars, measure).outputs.value;
}
