import { Kernel } from '../../series/kernel.ts';
import { type Line, ringOf } from '../../series/line.ts';
import { indicator } from '../definition.ts';
import { SlidingSum } from '../windows/sliding.ts';

class WilliamsAd extends Kernel<'value'> {
  private readonly sum = new SlidingSum();

  constructor(high: Line, low: Line, close: Line) {
    super({ label: 'Williams A/D', inputs: [high, low, close], outputs: ['value'], warmup: 1 });
  }

  compute(from: number, to: number): void {
    const high = ringOf(this.inputs[0]);
    const low = ringOf(this.inputs[1]);
    const close = ringOf(this.inputs[2]);
    const out = ringOf(this.outputs.value);
    const { mask } = this.clock;
    const { sum } = this;
    for (let i = from; i < to; i++) {
      const p = i & mask;
      out[p] = Number.NaN;
      if (i <= this.start) continue;
      const before = close[(i - 1) & mask];
      const end = close[p] > before ? Math.min(low[p], before) : Math.max(high[p], before);
      const moved = close[p] === before ? 0 : close[p] - end;
      if (moved - moved !== 0) continue;
      sum.add(moved);
      out[p] = sum.value;
    }
  }
}

/** Williams' accumulation/distribution, in price units since the data's start. */
export const williamsAd = indicator({
  name: 'williamsAd',
  label: 'WAD',
  title: 'Williams accumulation/distribution',
  group: 'momentum',
  formula:
    'the sum since the second bar of close − the lower of low and previous close where the close rose, and of close − the higher of high and previous close where it fell; a bar with a NaN gives NaN and adds nothing',
  source: 'Williams, How I Made One Million Dollars, 1973; backtrader WilliamsAD',
  inputs: ['high', 'low', 'close'],
  parameters: {},
  lines: ['williamsAd'],
  build: (_, high, low, close) => ({ williamsAd: new WilliamsAd(high, low, close).outputs.value }),
});
