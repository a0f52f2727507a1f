import { int } from '../../model/parameters.ts';
import { Kernel } from '../../series/kernel.ts';
import { type Line, ringOf } from '../../series/line.ts';
import { indicator, MOST_BARS } from '../definition.ts';
import { ExtremeWindow } from '../windows/extreme-window.ts';

class Extreme extends Kernel<'value'> {
  private readonly window: ExtremeWindow;
  private readonly sign: 1 | -1;

  constructor(name: string, input: Line, bars: number, sign: 1 | -1) {
    super({ label: `${name}(${bars})`, inputs: [input], outputs: ['value'], warmup: bars - 1 });
    this.window = new ExtremeWindow(bars, this.start);
    this.sign = sign;
  }

  compute(from: number, to: number): void {
    const x = ringOf(this.inputs[0]);
    const out = ringOf(this.outputs.value);
    this.window.run(x, out, this.clock.mask, from, to, this.sign);
  }
}

/** The highest of the last `bars` values of a line, as a line. */
export function highestOf(input: Line, bars: number): Line {
  return new Extreme('Highest', input, bars, 1).outputs.value;
}

/** The lowest of the last `bars` values of a line, as a line. */
export function lowestOf(input: Line, bars: number): Line {
  return new Extreme('Lowest', input, bars, -1).outputs.value;
}

const PARAMETERS = { bars: int(30, { min: 1, max: MOST_BARS }) } as const;

/** The highest of the last `bars` values, the current one included. */
export const highest = indicator({
  name: 'highest',
  title: 'Highest value',
  group: 'extremes',
  formula: 'the largest of the last `bars` values, the current one included; NaN while one of them is',
  source: 'TA-Lib MAX, backtrader Highest',
  inputs: 'line',
  parameters: PARAMETERS,
  lines: ['highest'],
  build: ({ bars }, input) => ({ highest: highestOf(input, bars) }),
});

/** The lowest of the last `bars` values, the current one included. */
export const lowest = indicator({
  name: 'lowest',
  title: 'Lowest value',
  group: 'extremes',
  formula: 'the smallest of the last `bars` values, the current one included; NaN while one of them is',
  source: 'TA-Lib MIN, backtrader Lowest',
  inputs: 'line',
  parameters: PARAMETERS,
  lines: ['lowest'],
  build: ({ bars }, input) => ({ lowest: lowestOf(input, bars) }),
});

/** The lowest and the highest of the last `bars` values, the current one included. */
export const extremes = indicator({
  name: 'extremes',
  title: 'Lowest and highest value',
  group: 'extremes',
  formula:
    'the smallest and the largest of the last `bars` values, the current one included; NaN while one of them is',
  source: 'TA-Lib MINMAX',
  inputs: 'line',
  parameters: PARAMETERS,
  lines: ['lowest', 'highest'],
  build: ({ bars }, input) => ({ lowest: lowestOf(input, bars), highest: highestOf(input, bars) }),
});

export const EXTREMES = [highest, lowest, extremes] as const;
