import { float, int } from '../../model/parameters.ts';
import { Kernel } from '../../series/kernel.ts';
import { type Line, ringOf } from '../../series/line.ts';
import { indicator, MOST_BARS } from '../definition.ts';
import { SortedWindow } from '../windows/sorted-window.ts';

class Quantile extends Kernel<'value'> {
  private readonly bars: number;
  /** The rank below the quantile, counted from 0, and how far it is from there to the next. */
  private readonly rank: number;
  private readonly rest: number;
  private readonly sorted: SortedWindow;
  private lastMissing = Number.NEGATIVE_INFINITY;

  constructor(name: string, input: Line, bars: number, share: number) {
    super({
      label: `${name}(${bars})`,
      inputs: [input],
      outputs: ['value'],
      warmup: bars - 1,
      depth: bars,
    });
    this.bars = bars;
    const place = (bars - 1) * share;
    this.rank = Math.min(Math.floor(place), Math.max(0, bars - 2));
    this.rest = bars === 1 ? 0 : place - this.rank;
    this.sorted = new SortedWindow(bars);
  }

  compute(from: number, to: number): void {
    const x = ringOf(this.inputs[0]);
    const out = ringOf(this.outputs.value);
    const { mask } = this.clock;
    const { bars, sorted, start } = this;
    const first = start + bars - 1;
    for (let i = from; i < to; i++) {
      out[i & mask] = Number.NaN;
      if (i < start) continue;
      const leaving = i - bars < start ? Number.NaN : x[(i - bars) & mask];
      if (leaving - leaving === 0) sorted.remove(leaving);
      const value = x[i & mask];
      if (value - value === 0) sorted.insert(value);
      else this.lastMissing = i;
      if (i >= first && this.lastMissing <= i - bars) out[i & mask] = this.read();
    }
  }

  private read(): number {
    const low = this.sorted.at(this.rank);
    return this.rest === 0 ? low : low + this.rest * (this.sorted.at(this.rank + 1) - low);
  }
}

const FORMULA =
  'a place between two values lies on the straight line between them; found in O(log bars) and one block move a bar; NaN while a value of the window is missing';

/** The value that a share of the last `bars` values lies below, in the units of its input. */
export const quantile = indicator({
  name: 'quantile',
  label: 'Quantile',
  title: 'Quantile',
  group: 'statistics',
  formula: `the value at the place (\`bars\` − 1) · \`share\`, counted from 0, of the last \`bars\` values in ascending order; ${FORMULA}`,
  source: 'Hyndman and Fan, The American Statistician 50, 1996, definition 7',
  inputs: 'line',
  parameters: { bars: int(20, { min: 1, max: MOST_BARS }), share: float(0.5, { min: 0, max: 1 }) },
  lines: ['quantile'],
  build: ({ bars, share }, input) => ({
    quantile: new Quantile('Quantile', input, bars, share).outputs.value,
  }),
});

/** The middle one of the last `bars` values, in the units of its input. */
export const median = indicator({
  name: 'median',
  label: 'Median',
  title: 'Median',
  group: 'statistics',
  formula: `the middle one of the last \`bars\` values in ascending order; ${FORMULA}`,
  source: 'Tukey, Exploratory Data Analysis, 1977',
  inputs: 'line',
  parameters: { bars: int(20, { min: 1, max: MOST_BARS }) },
  lines: ['median'],
  build: ({ bars }, input) => ({ median: new Quantile('Median', input, bars, 0.5).outputs.value }),
});

export const QUANTILES = [quantile, median] as const;
