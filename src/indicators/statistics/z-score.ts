import { int } from '../../model/parameters.ts';
import { Kernel } from '../../series/kernel.ts';
import { type Line, ringOf } from '../../series/line.ts';
import { indicator, MOST_BARS } from '../definition.ts';
import { RollingDeviation } from '../windows/rolling-deviation.ts';

class ZScore extends Kernel<'zScore'> {
  private readonly deviation: RollingDeviation;

  constructor(input: Line, bars: number) {
    super({ label: `ZScore(${bars})`, inputs: [input], outputs: ['zScore'], warmup: bars - 1, depth: bars });
    this.deviation = new RollingDeviation(bars, this.start);
  }

  compute(from: number, to: number): void {
    const x = ringOf(this.inputs[0]);
    const out = ringOf(this.outputs.zScore);
    const { mask } = this.clock;
    for (let i = from; i < to; i++) {
      const width = this.deviation.at(x, mask, i);
      out[i & mask] = width === 0 ? 0 : this.deviation.distance(x[i & mask]) / width;
    }
  }
}

/** How many standard deviations the value is from its mean. */
export const zScore = indicator({
  name: 'zScore',
  label: 'ZScore',
  title: 'Z-score',
  group: 'statistics',
  formula:
    '(value − mean) ÷ population standard deviation of the last `bars` values, the current one included; 0 on a flat window; NaN while a value of the window is missing',
  source: 'Standard score',
  inputs: 'line',
  parameters: { bars: int(20, { min: 1, max: MOST_BARS }) },
  lines: ['zScore'],
  build: ({ bars }, input) => new ZScore(input, bars).outputs,
});

export const Z_SCORE = [zScore] as const;
