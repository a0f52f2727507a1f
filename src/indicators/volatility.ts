import { float, int } from '../model/parameters.ts';
import { Kernel } from '../series/kernel.ts';
import { type Line, ringOf } from '../series/line.ts';
import { indicator, MOST_BARS } from './definition.ts';
import { ExponentialMean } from './moving-averages.ts';
import { RollingDeviation } from './rolling-deviation.ts';
import { RollingMean } from './rolling-mean.ts';

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

class Bollinger extends Kernel<'upper' | 'middle' | 'lower'> {
  private readonly mean: RollingMean;
  private readonly deviation: RollingDeviation;
  private readonly width: number;

  constructor(input: Line, bars: number, width: number) {
    super({
      label: `BB(${bars}, ${width})`,
      inputs: [input],
      outputs: ['upper', 'middle', 'lower'],
      warmup: bars - 1,
      depth: bars,
    });
    this.mean = new RollingMean(bars, this.start);
    this.deviation = new RollingDeviation(bars, this.start);
    this.width = width;
  }

  compute(from: number, to: number): void {
    const x = ringOf(this.inputs[0]);
    const upper = ringOf(this.outputs.upper);
    const middle = ringOf(this.outputs.middle);
    const lower = ringOf(this.outputs.lower);
    const { mask } = this.clock;
    this.mean.run(x, middle, mask, from, to);
    for (let i = from; i < to; i++) {
      const p = i & mask;
      const distance = this.width * this.deviation.at(x, mask, i);
      upper[p] = middle[p] + distance;
      lower[p] = middle[p] - distance;
    }
  }
}

/** Bollinger bands, in the units of their input. */
export const bollinger = indicator({
  name: 'bollinger',
  label: 'BB',
  title: 'Bollinger bands',
  group: 'bands',
  formula: 'the simple moving average, and `width` population standard deviations above and below it',
  source: 'Bollinger, 1983; TA-Lib BBANDS, backtrader BollingerBands',
  inputs: 'line',
  parameters: { bars: int(20, { min: 1, max: MOST_BARS }), width: float(2, { min: 0 }) },
  lines: ['upper', 'middle', 'lower'],
  build: ({ bars, width }, input) => new Bollinger(input, bars, width).outputs,
});
