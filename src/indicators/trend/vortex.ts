import { int } from '../../model/parameters.ts';
import { Kernel } from '../../series/kernel.ts';
import { type Line, ringOf } from '../../series/line.ts';
import { indicator, MOST_BARS } from '../definition.ts';
import { rangeOf } from '../volatility/true-range.ts';
import { SlidingSum } from '../windows/sliding.ts';

class Vortex extends Kernel<'plus' | 'minus'> {
  private readonly bars: number;
  private readonly ups = new SlidingSum();
  private readonly downs = new SlidingSum();
  private readonly ranges = new SlidingSum();

  constructor(high: Line, low: Line, close: Line, bars: number) {
    super({
      label: `Vortex(${bars})`,
      inputs: [high, low, close],
      outputs: ['plus', 'minus'],
      warmup: bars,
      depth: bars + 1,
    });
    this.bars = bars;
  }

  compute(from: number, to: number): void {
    const high = ringOf(this.inputs[0]);
    const low = ringOf(this.inputs[1]);
    const close = ringOf(this.inputs[2]);
    const plus = ringOf(this.outputs.plus);
    const minus = ringOf(this.outputs.minus);
    const { mask } = this.clock;
    const { bars, start, ups, downs, ranges } = this;
    for (let i = from; i < to; i++) {
      const p = i & mask;
      plus[p] = Number.NaN;
      minus[p] = Number.NaN;
      if (i <= start) continue;
      const q = (i - 1) & mask;
      ups.add(Math.abs(high[p] - low[q]));
      downs.add(Math.abs(low[p] - high[q]));
      ranges.add(rangeOf(high[p], low[p], close[q]));
      if (i < start + bars) continue;
      if (i > start + bars) {
        const r = (i - bars) & mask;
        const s = (i - bars - 1) & mask;
        ups.remove(Math.abs(high[r] - low[s]));
        downs.remove(Math.abs(low[r] - high[s]));
        ranges.remove(rangeOf(high[r], low[r], close[s]));
      }
      const range = ranges.value;
      plus[p] = range === 0 ? 0 : ups.value / range;
      minus[p] = range === 0 ? 0 : downs.value / range;
    }
  }
}

/** The vortex indicator VI+ and VI−, around 1. */
export const vortex = indicator({
  name: 'vortex',
  title: 'Vortex',
  group: 'trend',
  formula:
    'plus: Σ |high − low before| ÷ Σ true range, minus: Σ |low − high before| ÷ Σ true range, over `bars`; 0 where there was no range',
  source: 'Botes and Siepman, 2010; backtrader Vortex',
  inputs: ['high', 'low', 'close'],
  parameters: { bars: int(14, { min: 1, max: MOST_BARS }) },
  lines: ['plus', 'minus'],
  build: ({ bars }, high, low, close) => new Vortex(high, low, close, bars).outputs,
});
