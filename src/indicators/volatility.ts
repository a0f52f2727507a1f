import { int } from '../model/parameters.ts';
import { Kernel } from '../series/kernel.ts';
import { type Line, ringOf } from '../series/line.ts';
import { indicator, MOST_BARS } from './definition.ts';
import { ExponentialMean } from './moving-averages.ts';

class Atr extends Kernel<'atr'> {
  private readonly mean: ExponentialMean;

  constructor(high: Line, low: Line, close: Line, bars: number) {
    super({
      label: `ATR(${bars})`,
      inputs: [high, low, close],
      outputs: ['atr'],
      warmup: bars,
      recursive: true,
    });
    this.mean = new ExponentialMean(bars, 1 / bars);
  }

  compute(from: number, to: number): void {
    const [high, low, close] = this.inputs.map(ringOf);
    const out = ringOf(this.outputs.atr);
    const { mask } = this.clock;
    for (let i = from; i < to; i++) {
      const p = i & mask;
      if (i <= this.start) {
        out[p] = Number.NaN;
        continue;
      }
      const before = close[(i - 1) & mask];
      out[p] = this.mean.next(Math.max(high[p], before) - Math.min(low[p], before));
    }
  }
}

/** Wilder's average true range, in price units. */
export const atr = indicator({
  name: 'atr',
  title: 'Average true range',
  group: 'volatility',
  formula:
    'max(high, previous close) − min(low, previous close), smoothed with 1 ÷ `bars` and seeded with its simple mean; first value at bar `bars` + 1',
  source: 'Wilder, New Concepts in Technical Trading Systems, 1978; TA-Lib ATR, backtrader AverageTrueRange',
  inputs: ['high', 'low', 'close'],
  parameters: { bars: int(14, { min: 1, max: MOST_BARS }) },
  lines: ['atr'],
  build: ({ bars }, high, low, close) => new Atr(high, low, close, bars).outputs,
});
