import { int } from '../../model/parameters.ts';
import { Kernel } from '../../series/kernel.ts';
import { type Line, ringOf } from '../../series/line.ts';
import { mul } from '../../series/operators.ts';
import { average, averageOf } from '../averages/average-of.ts';
import { indicator, MOST_BARS } from '../definition.ts';
import { pointwise } from '../mathematics/pointwise.ts';
import { SortedWindow } from '../windows/sorted-window.ts';

class Rank extends Kernel<'value'> {
  private readonly bars: number;
  private readonly window: SortedWindow;
  private missing = 0;

  constructor(input: Line, bars: number) {
    super({
      label: `Percent rank(${bars})`,
      inputs: [input],
      outputs: ['value'],
      warmup: bars - 1,
      depth: bars,
    });
    this.bars = bars;
    this.window = new SortedWindow(bars);
  }

  compute(from: number, to: number): void {
    const x = ringOf(this.inputs[0]);
    const out = ringOf(this.outputs.value);
    const { mask } = this.clock;
    const { bars, window, start } = this;
    for (let i = from; i < to; i++) {
      out[i & mask] = Number.NaN;
      if (i < start) continue;
      if (i >= start + bars) {
        const leaving = x[(i - bars) & mask];
        if (Number.isNaN(leaving)) this.missing--;
        else window.remove(leaving);
      }
      const value = x[i & mask];
      if (Number.isNaN(value)) this.missing++;
      else window.insert(value);
      if (i >= start + bars - 1 && this.missing === 0) out[i & mask] = window.below(value) / bars;
    }
  }
}

/** The share of the last values that the current one exceeds, 0 … below 1. */
export const percentRank = indicator({
  name: 'percentRank',
  title: 'Percent rank',
  group: 'statistics',
  formula:
    'how many of the last `bars` values are less than the current one, ÷ `bars`; NaN while one of them is missing',
  source: 'backtrader PercentRank',
  inputs: 'line',
  parameters: { bars: int(50, { min: 1, max: MOST_BARS }) },
  lines: ['percentRank'],
  build: ({ bars }, input) => ({ percentRank: new Rank(input, bars).outputs.value }),
});

/** Varadi's DV2, 0 … 100. */
export const dv2 = indicator({
  name: 'dv2',
  title: 'DV2',
  group: 'momentum',
  formula:
    '100 · the percent rank over `bars` bars of close ÷ ((high + low) ÷ 2), 1 where that middle is 0, averaged over `smoothing` bars',
  source: 'Varadi, CSS Analytics, 2009; backtrader DV2',
  inputs: ['high', 'low', 'close'],
  parameters: {
    bars: int(252, { min: 1, max: MOST_BARS }),
    smoothing: int(2, { min: 1, max: MOST_BARS }),
    average: average('sma'),
  },
  lines: ['dv2'],
  build: ({ bars, smoothing, average }, high, low, close) => {
    const place = pointwise('Close to middle', [high, low, close], (high, low, close) => {
      const middle = (high + low) / 2;
      return middle === 0 ? 1 : close / middle;
    });
    const smooth = averageOf(average, place, smoothing, 'backtrader');
    return { dv2: mul(100, new Rank(smooth, bars).outputs.value) };
  },
});
