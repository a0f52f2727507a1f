import { int } from '../model/parameters.ts';

import { Kernel } from '../series/kernel.ts';
import { type Line, ringOf } from '../series/line.ts';
import { indicator, MOST_BARS } from './definition.ts';
import { ExponentialMean } from './moving-averages.ts';

class Rsi extends Kernel<'rsi'> {
  private readonly up: ExponentialMean;
  private readonly down: ExponentialMean;

  constructor(input: Line, bars: number) {
    super({ label: `RSI(${bars})`, inputs: [input], outputs: ['rsi'], warmup: bars, recursive: true });
    this.up = new ExponentialMean(bars, 1 / bars);
    this.down = new ExponentialMean(bars, 1 / bars);
  }

  compute(from: number, to: number): void {
    const x = ringOf(this.inputs[0]);
    const out = ringOf(this.outputs.rsi);
    const { mask } = this.clock;
    for (let i = from; i < to; i++) {
      if (i <= this.start) {
        out[i & mask] = Number.NaN;
        continue;
      }
      const change = x[i & mask] - x[(i - 1) & mask];
      const up = this.up.next(Math.max(change, 0));
      const down = this.down.next(Math.max(-change, 0));
      const range = up + down;
      out[i & mask] = range === 0 ? 0 : (100 * up) / range;
    }
  }
}

/** Wilder's relative strength index, 0 … 100. */
export const rsi = indicator({
  name: 'rsi',
  title: 'Relative strength index',
  group: 'momentum',
  formula:
    '100 · up ÷ (up + down): the rises and the falls from bar to bar, each smoothed with 1 ÷ `bars` and seeded with its simple mean; 0 where nothing moved',
  source: 'Wilder, New Concepts in Technical Trading Systems, 1978; TA-Lib RSI',
  inputs: 'line',
  parameters: { bars: int(14, { min: 1, max: MOST_BARS }) },
  lines: ['rsi'],
  build: ({ bars }, input) => new Rsi(input, bars).outputs,
});
