import { int } from '../../model/parameters.ts';
import { Kernel } from '../../series/kernel.ts';
import { type Line, ringOf } from '../../series/line.ts';
import { delay } from '../../series/operators.ts';
import { indicator, MOST_BARS } from '../definition.ts';
import { pointwise } from '../mathematics/pointwise.ts';
import { SlidingExtreme } from '../windows/sliding.ts';

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
    const mean = pointwise('Mean', [fast, slow], (fast, slow) => (fast + slow) / 2);
    return {
      tenkan: fast,
      kijun: slow,
      spanA: delay(mean, lead),
      spanB: delay(middle(senkou), lead),
      chikou: pointwise('Close', [close], close => close),
    };
  },
});
