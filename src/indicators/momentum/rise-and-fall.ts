import { bool, int } from '../../model/parameters.ts';
import { Kernel } from '../../series/kernel.ts';
import { type Line, ringOf } from '../../series/line.ts';
import { indicator, MOST_BARS } from '../definition.ts';

/** The change over some bars in one direction, 0 in the other; or whether there was one. */
class Directed extends Kernel<'value'> {
  private readonly bars: number;
  private readonly sign: 1 | -1;
  private readonly counted: boolean;

  constructor(name: string, input: Line, bars: number, sign: 1 | -1, counted: boolean) {
    super({ label: `${name}(${bars})`, inputs: [input], outputs: ['value'], warmup: bars });
    this.bars = bars;
    this.sign = sign;
    this.counted = counted;
  }

  compute(from: number, to: number): void {
    const x = ringOf(this.inputs[0]);
    const out = ringOf(this.outputs.value);
    const { mask } = this.clock;
    const { bars, sign, counted } = this;
    const first = this.start + bars;
    for (let i = from; i < to; i++) {
      const change = sign * (x[i & mask] - x[(i - bars) & mask]);
      out[i & mask] =
        i < first ? Number.NaN : change > 0 ? (counted ? 1 : change) : change <= 0 ? 0 : Number.NaN;
    }
  }
}

/** How far the line rose over `bars` bars; 0 where it did not. */
export function riseOf(input: Line, bars: number): Line {
  return new Directed('Rise', input, bars, 1, false).outputs.value;
}

/** How far the line fell over `bars` bars, as a positive number; 0 where it did not. */
export function fallOf(input: Line, bars: number): Line {
  return new Directed('Fall', input, bars, -1, false).outputs.value;
}

const parameters = { bars: int(1, { min: 1, max: MOST_BARS }), counted: bool(false) };

/** How far its input rose, in the input's units. */
export const rise = indicator({
  name: 'rise',
  title: 'Rise',
  group: 'momentum',
  formula: 'value − value `bars` ago where that is positive, else 0; with `counted` 1 and 0',
  source: 'Wilder, 1978; backtrader UpDay, UpDayBool',
  inputs: 'line',
  parameters,
  lines: ['rise'],
  build: ({ bars, counted }, input) => ({
    rise: new Directed('Rise', input, bars, 1, counted).outputs.value,
  }),
});

/** How far its input fell, in the input's units, as a positive number. */
export const fall = indicator({
  name: 'fall',
  title: 'Fall',
  group: 'momentum',
  formula: 'value `bars` ago − value where that is positive, else 0; with `counted` 1 and 0',
  source: 'Wilder, 1978; backtrader DownDay, DownDayBool',
  inputs: 'line',
  parameters,
  lines: ['fall'],
  build: ({ bars, counted }, input) => ({
    fall: new Directed('Fall', input, bars, -1, counted).outputs.value,
  }),
});
