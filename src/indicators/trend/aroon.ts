import { int } from '../../model/parameters.ts';
import { Kernel } from '../../series/kernel.ts';
import { type Line, ringOf } from '../../series/line.ts';
import { indicator, MOST_BARS } from '../definition.ts';
import { SlidingExtreme } from '../windows/sliding.ts';

class Aroon extends Kernel<'up' | 'down' | 'oscillator'> {
  private readonly bars: number;
  private readonly highest: SlidingExtreme;
  private readonly lowest: SlidingExtreme;

  constructor(high: Line, low: Line, bars: number) {
    super({
      label: `Aroon(${bars})`,
      inputs: [high, low],
      outputs: ['up', 'down', 'oscillator'],
      warmup: bars,
      depth: 1,
    });
    this.bars = bars;
    this.highest = new SlidingExtreme(bars + 1, 1);
    this.lowest = new SlidingExtreme(bars + 1, -1);
  }

  compute(from: number, to: number): void {
    const high = ringOf(this.inputs[0]);
    const low = ringOf(this.inputs[1]);
    const up = ringOf(this.outputs.up);
    const down = ringOf(this.outputs.down);
    const oscillator = ringOf(this.outputs.oscillator);
    const { mask } = this.clock;
    const { highest, lowest, bars, start } = this;
    const factor = 100 / bars;
    for (let i = from; i < to; i++) {
      const p = i & mask;
      up[p] = Number.NaN;
      down[p] = Number.NaN;
      oscillator[p] = Number.NaN;
      if (i < start) continue;
      const top = highest.next(i, high[p]);
      const bottom = lowest.next(i, low[p]);
      if (i < start + bars) continue;
      const topKnown = !Number.isNaN(top);
      const bottomKnown = !Number.isNaN(bottom);
      if (topKnown) up[p] = factor * (bars - (i - highest.at));
      if (bottomKnown) down[p] = factor * (bars - (i - lowest.at));
      if (topKnown && bottomKnown) oscillator[p] = factor * (highest.at - lowest.at);
    }
  }
}

/** Chande's Aroon, 0 … 100: how fresh the highest high and the lowest low are. */
export const aroon = indicator({
  name: 'aroon',
  title: 'Aroon',
  group: 'trend',
  formula:
    'up: 100 · (`bars` − bars since the highest high of the last `bars` + 1) ÷ `bars`, down: the same of the lowest low, of equal ones the newest; oscillator: up − down, -100 … 100',
  source: 'Chande, 1995; TA-Lib AROON, AROONOSC; backtrader AroonUpDown, AroonOscillator',
  inputs: ['high', 'low'],
  parameters: { bars: int(14, { min: 1, max: MOST_BARS }) },
  lines: ['up', 'down', 'oscillator'],
  build: ({ bars }, high, low) => new Aroon(high, low, bars).outputs,
});
