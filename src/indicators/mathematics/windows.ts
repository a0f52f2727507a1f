import { int } from '../../model/parameters.ts';
import { Kernel, period } from '../../series/kernel.ts';
import { type Line, ringOf } from '../../series/line.ts';
import { indicator, MOST_BARS } from '../definition.ts';

class Truth extends Kernel<'value'> {
  private readonly bars: number;
  private readonly first: number;
  /** What decides a window: one 0 against `every`, one value other than 0 for `some`. */
  private readonly deciding: 0 | 1;
  private lastDeciding = Number.NEGATIVE_INFINITY;
  private lastMissing = Number.NEGATIVE_INFINITY;

  constructor(name: string, input: Line, bars: number, deciding: 0 | 1) {
    super({ label: `${name}(${bars})`, inputs: [input], outputs: ['value'], warmup: bars - 1 });
    this.bars = bars;
    this.first = this.start + bars - 1;
    this.deciding = deciding;
  }

  compute(from: number, to: number): void {
    const x = ringOf(this.inputs[0]);
    const out = ringOf(this.outputs.value);
    const { mask } = this.clock;
    const { bars, deciding } = this;
    for (let i = from; i < to; i++) {
      const value = x[i & mask];
      if (i >= this.start && Number.isNaN(value)) this.lastMissing = i;
      else if ((value === 0 ? 0 : 1) === deciding) this.lastDeciding = i;
      if (i < this.first || this.lastMissing > i - bars) out[i & mask] = Number.NaN;
      else out[i & mask] = this.lastDeciding > i - bars ? deciding : 1 - deciding;
    }
  }
}

const PARAMETERS = { bars: int(1, { min: 1, max: MOST_BARS }) } as const;

/** 1 where all of the last `bars` values are true. */
export const every = indicator({
  name: 'every',
  label: 'Every',
  title: 'True throughout',
  group: 'mathematics',
  formula: '1 where none of the last `bars` values is 0, else 0; NaN while one of them is missing',
  source: 'backtrader AllN',
  inputs: 'line',
  parameters: PARAMETERS,
  lines: ['every'],
  build: ({ bars }, input) => ({ every: new Truth('Every', input, bars, 0).outputs.value }),
});

/** 1 where one of the last `bars` values is true. */
export const some = indicator({
  name: 'some',
  label: 'Some',
  title: 'True at least once',
  group: 'mathematics',
  formula: '1 where one of the last `bars` values is not 0, else 0; NaN while one of them is missing',
  source: 'backtrader AnyN',
  inputs: 'line',
  parameters: PARAMETERS,
  lines: ['some'],
  build: ({ bars }, input) => ({ some: new Truth('Some', input, bars, 1).outputs.value }),
});

/** Computes a value from a window: oldest value first, the current one last. The array is used again for the next bar. */
export type WindowFunction = (window: readonly number[]) => number;

class Rolling extends Kernel<'value'> {
  private readonly bars: number;
  private readonly of: WindowFunction;
  private readonly window: number[];

  constructor(input: Line, bars: number, of: WindowFunction) {
    super({ label: `Rolling(${bars})`, inputs: [input], outputs: ['value'], warmup: bars - 1 });
    this.bars = bars;
    this.of = of;
    this.window = new Array<number>(bars).fill(0);
  }

  compute(from: number, to: number): void {
    const x = ringOf(this.inputs[0]);
    const out = ringOf(this.outputs.value);
    const { mask } = this.clock;
    const { bars, window, of } = this;
    const first = this.start + bars - 1;
    for (let i = from; i < to; i++) {
      if (i < first) {
        out[i & mask] = Number.NaN;
        continue;
      }
      const oldest = i - bars + 1;
      for (let k = 0; k < bars; k++) window[k] = x[(oldest + k) & mask];
      const value = of(window);
      out[i & mask] = value - value === 0 ? value : Number.NaN;
    }
  }
}

/**
 * Any function of the last `bars` values, bar by bar: `rolling(this.data.close, 7, window => …)`. O(bars) a bar. The
 * function must be pure: its value may follow from the window alone; one that is not finite becomes NaN. Throws `PERIOD_INVALID`.
 */
export function rolling(line: Line, bars: number, of: WindowFunction): Line {
  return new Rolling(line, period('rolling', bars), of).outputs.value;
}

export const WINDOWS = [every, some] as const;
