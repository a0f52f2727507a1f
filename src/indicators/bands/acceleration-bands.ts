import { int } from '../../model/parameters.ts';
import { Kernel } from '../../series/kernel.ts';
import { type Line, ringOf } from '../../series/line.ts';
import { Sma } from '../averages/simple.ts';
import { indicator, MOST_BARS } from '../definition.ts';

class Acceleration extends Kernel<'upper' | 'lower'> {
  constructor(high: Line, low: Line) {
    super({
      label: 'AccBands',
      inputs: [high, low],
      outputs: ['upper', 'lower'],
      warmup: 0,
      role: 'operator',
    });
  }

  compute(from: number, to: number): void {
    const [high, low] = this.inputs.map(ringOf);
    const upper = ringOf(this.outputs.upper);
    const lower = ringOf(this.outputs.lower);
    const { mask } = this.clock;
    for (let i = from; i < to; i++) {
      const p = i & mask;
      const sum = high[p] + low[p];
      const part = sum === 0 ? 0 : (4 * (high[p] - low[p])) / sum;
      upper[p] = i < this.start ? Number.NaN : high[p] * (1 + part);
      lower[p] = i < this.start ? Number.NaN : low[p] * (1 - part);
    }
  }
}

/** Acceleration bands, prices. */
export const accelerationBands = indicator({
  name: 'accelerationBands',
  label: 'AccBands',
  title: 'Acceleration bands',
  group: 'bands',
  formula:
    'simple averages over `bars` of high · (1 + w), close and low · (1 − w), w = 4 · (high − low) ÷ (high + low), 0 where that has no value',
  source: 'Headley, Big Trends in Trading, 2002; TA-Lib ACCBANDS',
  inputs: ['high', 'low', 'close'],
  parameters: { bars: int(20, { min: 1, max: MOST_BARS }) },
  lines: ['upper', 'middle', 'lower'],
  build: ({ bars }, high, low, close) => {
    const { upper, lower } = new Acceleration(high, low).outputs;
    const mean = (line: Line) => new Sma(line, bars).outputs.sma;
    return { upper: mean(upper), middle: mean(close), lower: mean(lower) };
  },
});
