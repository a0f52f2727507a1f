import { choice, int } from '../../model/parameters.ts';
import { Kernel } from '../../series/kernel.ts';
import { type Line, ringOf } from '../../series/line.ts';
import { indicator, MOST_BARS } from '../definition.ts';

class Momentum extends Kernel<'momentum'> {
  private readonly bars: number;
  private readonly sign: 1 | -1;

  constructor(input: Line, bars: number, sign: 1 | -1) {
    super({ label: `Momentum(${bars})`, inputs: [input], outputs: ['momentum'], warmup: bars });
    this.bars = bars;
    this.sign = sign;
  }

  compute(from: number, to: number): void {
    const x = ringOf(this.inputs[0]);
    const out = ringOf(this.outputs.momentum);
    const { mask } = this.clock;
    const { bars, sign } = this;
    const first = this.start + bars;
    let i = from;
    for (; i < to && i < first; i++) out[i & mask] = Number.NaN;
    for (; i < to; i++) out[i & mask] = sign * (x[i & mask] - x[(i - bars) & mask]);
  }
}

/** The change over some bars, in the units of its input. */
export const momentum = indicator({
  name: 'momentum',
  title: 'Momentum',
  group: 'momentum',
  formula: 'value − value `bars` ago; with `direction` down the reverse, so that a fall is positive',
  source: 'TA-Lib MOM, backtrader Momentum, UpMove, DownMove',
  inputs: 'line',
  parameters: { bars: int(10, { min: 1, max: MOST_BARS }), direction: choice(['up', 'down']) },
  lines: ['momentum'],
  build: ({ bars, direction }, input) => new Momentum(input, bars, direction === 'up' ? 1 : -1).outputs,
});

/** What a rate of change is told in: 5 % up is 5, 0.05, 1.05 or 105. */
const UNITS = ['percent', 'share', 'ratio', 'ratio in percent'] as const;

class RateOfChange extends Kernel<'roc'> {
  private readonly bars: number;
  private readonly factor: number;
  private readonly subtracted: number;

  constructor(input: Line, bars: number, unit: (typeof UNITS)[number]) {
    super({ label: `ROC(${bars})`, inputs: [input], outputs: ['roc'], warmup: bars });
    this.bars = bars;
    this.factor = unit === 'percent' || unit === 'ratio in percent' ? 100 : 1;
    this.subtracted = unit === 'percent' || unit === 'share' ? 1 : 0;
  }

  compute(from: number, to: number): void {
    const x = ringOf(this.inputs[0]);
    const out = ringOf(this.outputs.roc);
    const { mask } = this.clock;
    const { bars, factor, subtracted } = this;
    const first = this.start + bars;
    let i = from;
    for (; i < to && i < first; i++) out[i & mask] = Number.NaN;
    for (; i < to; i++) {
      const before = x[(i - bars) & mask];
      // One division of the difference: a quotient minus 1 would lose what small changes are made of.
      out[i & mask] = before === 0 ? 0 : (factor * (x[i & mask] - subtracted * before)) / before;
    }
  }
}

/** The change over some bars in relation to where it began. */
export const roc = indicator({
  name: 'roc',
  title: 'Rate of change',
  group: 'momentum',
  formula:
    'value ÷ value `bars` ago, in the `unit` asked for: percent 100 · (quotient − 1), share quotient − 1, ratio, or ratio in percent; 0 where the value then was 0',
  source:
    'TA-Lib ROC, ROCP, ROCR, ROCR100; backtrader RateOfChange, RateOfChange100, MomentumOscillator, PercentChange',
  inputs: 'line',
  parameters: { bars: int(10, { min: 1, max: MOST_BARS }), unit: choice(UNITS) },
  lines: ['roc'],
  build: ({ bars, unit }, input) => new RateOfChange(input, bars, unit).outputs,
});
