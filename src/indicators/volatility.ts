import { float, int } from '../model/parameters.ts';
import { Kernel } from '../series/kernel.ts';
import { type Line, ringOf } from '../series/line.ts';
import { indicator, MOST_BARS } from './definition.ts';
import { RollingDeviation } from './rolling-deviation.ts';
import { RollingMean } from './rolling-mean.ts';

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
