import { int } from '../../model/parameters.ts';
import { Kernel } from '../../series/kernel.ts';
import { type Line, ringOf } from '../../series/line.ts';
import { delay, mul } from '../../series/operators.ts';
import { indicator, MOST_BARS } from '../definition.ts';
import { SlidingExtreme } from '../sliding.ts';

/** The middle of the range of the last bars. */
class Middle extends Kernel<'value'> {
  private readonly bars: number;
  private readonly highest: SlidingExtreme;
  private readonly lowest: SlidingExtreme;

  constructor(high: Line, low: Line, bars: number) {
    super({ label: `Middle(${bars})`, inputs: [high, low], outputs: ['value'], warmup: bars - 1, depth: 1 });
    this.bars = bars;
    this.highest = new SlidingExtreme(bars, 1);
    this.lowest = new SlidingExtreme(bars, -1);
  }

  compute(from: number, to: number): void {
    const high = ringOf(this.inputs[0]);
    const low = ringOf(this.inputs[1]);
    const out = ringOf(this.outputs.value);
    const { mask } = this.clock;
    const { highest, lowest, start } = this;
    for (let i = from; i < to; i++) {
      const p = i & mask;
      out[p] = Number.NaN;
      if (i < start) continue;
      const middle = (highest.next(i, high[p]) + lowest.next(i, low[p])) / 2;
      if (i >= start + this.bars - 1) out[p] = middle;
    }
  }
}

class Mean extends Kernel<'value'> {
  constructor(a: Line, b: Line) {
    super({ label: 'Mean', inputs: [a, b], outputs: ['value'], warmup: 0, role: 'operator' });
  }

  compute(from: number, to: number): void {
    const a = ringOf(this.inputs[0]);
    const b = ringOf(this.inputs[1]);
    const out = ringOf(this.outputs.value);
    const { mask } = this.clock;
    for (let i = from; i < to; i++)
      out[i & mask] = i < this.start ? Number.NaN : (a[i & mask] + b[i & mask]) / 2;
  }
}

/** Ichimoku's five lines, in price units. */
export const ichimoku = indicator({
  name: 'ichimoku',
  title: 'Ichimoku cloud',
  group: 'trend',
  formula:
    'tenkan, kijun: the middle of the highest high and the lowest low of the last `tenkan` and `kijun` bars; spanA: their mean, `lead` bars ago; spanB: the same middle over `senkou` bars, `lead` bars ago; chikou: the close, which charts draw `chikou` bars back',
  source: 'Hosoda, 1969; backtrader Ichimoku',
  inputs: ['high', 'low', 'close'],
  parameters: {
    tenkan: int(9, { min: 1, max: MOST_BARS }),
    kijun: int(26, { min: 1, max: MOST_BARS }),
    senkou: int(52, { min: 1, max: MOST_BARS }),
    lead: int(26, { min: 0, max: MOST_BARS }),
    chikou: int(26, { min: 0, max: MOST_BARS }),
  },
  lines: ['tenkan', 'kijun', 'spanA', 'spanB', 'chikou'],
  plotShift: { chikou: 'chikou' },
  build: ({ tenkan, kijun, senkou, lead }, high, low, close) => {
    const middle = (bars: number) => new Middle(high, low, bars).outputs.value;
    const fast = middle(tenkan);
    const slow = middle(kijun);
    return {
      tenkan: fast,
      kijun: slow,
      spanA: delay(new Mean(fast, slow).outputs.value, lead),
      spanB: delay(middle(senkou), lead),
      chikou: mul(close, 1),
    };
  },
});
