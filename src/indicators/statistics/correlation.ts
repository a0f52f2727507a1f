import { choice, int } from '../../model/parameters.ts';
import { Kernel } from '../../series/kernel.ts';
import { type Line, ringOf } from '../../series/line.ts';
import { indicator, MOST_BARS } from '../definition.ts';
import { RollingPair, RunningPair } from '../windows/rolling-pair.ts';

/** `exact` to the last digits; `talib` with the sums of TA-Lib and its rounding. */
const ARITHMETIC = ['exact', 'talib'] as const;
type Arithmetic = (typeof ARITHMETIC)[number];

class Correlation extends Kernel<'correlation'> {
  private readonly exact: RollingPair | undefined;
  private readonly talib: RunningPair | undefined;

  constructor(a: Line, b: Line, bars: number, arithmetic: Arithmetic) {
    super({ label: `Correl(${bars})`, inputs: [a, b], outputs: ['correlation'], warmup: bars - 1 });
    if (arithmetic === 'talib') this.talib = new RunningPair(bars, this.start);
    else this.exact = new RollingPair(bars, this.start);
  }

  compute(from: number, to: number): void {
    const [a, b] = this.inputs.map(ringOf);
    const out = ringOf(this.outputs.correlation);
    const { mask } = this.clock;
    const { exact, talib, start } = this;
    for (let i = from; i < to; i++) {
      const p = i & mask;
      out[p] = Number.NaN;
      if (i < start) continue;
      if (exact?.next(i, a[p], b[p])) {
        const scale = Math.sqrt(exact.spreadA) * Math.sqrt(exact.spreadB);
        out[p] = scale === 0 ? 0 : Math.min(1, Math.max(-1, exact.joint / scale));
      } else if (talib?.next(i, a[p], b[p])) out[p] = talib.correlation;
    }
  }
}

/** Pearson's correlation of two lines, −1 … 1. */
export const correlation = indicator({
  name: 'correlation',
  label: 'Correl',
  title: 'Correlation',
  group: 'statistics',
  formula:
    'Pearson’s correlation of the last `bars` values of both lines; 0 where one of them is flat; `talib` rounds as TA-Lib does; NaN while a value of the window is missing',
  source: 'Pearson, 1895; TA-Lib CORREL',
  inputs: 'two lines',
  parameters: { bars: int(30, { min: 1, max: MOST_BARS }), convention: choice(ARITHMETIC) },
  lines: ['correlation'],
  build: ({ bars, convention }, a, b) => new Correlation(a, b, bars, convention).outputs,
});

/** TA-Lib takes a price nearer to 0 than this for 0. */
const TALIB_ZERO = 1e-14;

class Beta extends Kernel<'beta'> {
  private readonly exact: RollingPair | undefined;
  private readonly talib: RunningPair | undefined;

  constructor(a: Line, b: Line, bars: number, arithmetic: Arithmetic) {
    super({ label: `Beta(${bars})`, inputs: [a, b], outputs: ['beta'], warmup: bars });
    if (arithmetic === 'talib') this.talib = new RunningPair(bars, this.start + 1);
    else this.exact = new RollingPair(bars, this.start + 1);
  }

  compute(from: number, to: number): void {
    const [a, b] = this.inputs.map(ringOf);
    const out = ringOf(this.outputs.beta);
    const { mask } = this.clock;
    const { exact, talib, start } = this;
    for (let i = from; i < to; i++) {
      const p = i & mask;
      out[p] = Number.NaN;
      if (i <= start) continue;
      const before = (i - 1) & mask;
      const changeA = returnOf(a[before], a[p]);
      const changeB = returnOf(b[before], b[p]);
      if (exact?.next(i, changeA, changeB)) out[p] = exact.spreadA === 0 ? 0 : exact.joint / exact.spreadA;
      else if (talib?.next(i, changeA, changeB)) out[p] = talib.slope;
    }
  }
}

function returnOf(before: number, now: number): number {
  return before > -TALIB_ZERO && before < TALIB_ZERO ? 0 * now : (now - before) / before;
}

/** How much the returns of `b` move with those of `a`. */
export const beta = indicator({
  name: 'beta',
  title: 'Beta',
  group: 'statistics',
  formula:
    'covariance of the last `bars` returns of both lines ÷ variance of those of `a`, which is the market, `b` the asset; 0 where the market is flat; a return from 0 counts as 0; `talib` rounds as TA-Lib does; NaN while a value of the window is missing',
  source: 'Sharpe, 1964; TA-Lib BETA, whose first input is the one that the other is regressed on',
  inputs: 'two lines',
  parameters: { bars: int(5, { min: 1, max: MOST_BARS }), convention: choice(ARITHMETIC) },
  lines: ['beta'],
  build: ({ bars, convention }, a, b) => new Beta(a, b, bars, convention).outputs,
});

/** Least squares of y on x over the last `bars` values. */
export class PairRegression extends Kernel<'slope' | 'intercept'> {
  private readonly pair: RollingPair;

  constructor(y: Line, x: Line, bars: number) {
    super({ label: `OLS(${bars})`, inputs: [y, x], outputs: ['slope', 'intercept'], warmup: bars - 1 });
    this.pair = new RollingPair(bars, this.start);
  }

  compute(from: number, to: number): void {
    const [y, x] = this.inputs.map(ringOf);
    const slope = ringOf(this.outputs.slope);
    const intercept = ringOf(this.outputs.intercept);
    const { mask } = this.clock;
    const { pair } = this;
    for (let i = from; i < to; i++) {
      const p = i & mask;
      slope[p] = Number.NaN;
      intercept[p] = Number.NaN;
      if (i < this.start || !pair.next(i, x[p], y[p])) continue;
      slope[p] = pair.spreadA === 0 ? 0 : pair.joint / pair.spreadA;
      intercept[p] = pair.meanB - slope[p] * pair.meanA;
    }
  }
}

/** The straight line that says one line by another: y ≈ intercept + slope · x. */
export const pairRegression = indicator({
  name: 'pairRegression',
  label: 'OLS',
  title: 'Regression of one line on another',
  group: 'statistics',
  formula:
    'least squares over the last `bars` values of `a` (y) on `b` (x): slope, and intercept in the units of y; slope 0 where x is flat; NaN while a value of the window is missing',
  source: 'Ordinary least squares; backtrader OLS_Slope_InterceptN',
  inputs: 'two lines',
  parameters: { bars: int(10, { min: 1, max: MOST_BARS }) },
  lines: ['slope', 'intercept'],
  build: ({ bars }, y, x) => new PairRegression(y, x, bars).outputs,
});

export const CORRELATION = [correlation, beta, pairRegression] as const;
