import { int } from '../model/parameters.ts';
import { Kernel } from '../series/kernel.ts';
import { type Line, ringOf } from '../series/line.ts';
import { indicator, MOST_BARS } from './definition.ts';

/**
 * The window's extreme by a monotonic deque: candidates in ascending age, each better than all newer ones.
 * Amortised O(1) a bar; `sign` 1 finds the highest, -1 the lowest value.
 */
class Extreme extends Kernel<'value'> {
  private readonly bars: number;
  private readonly sign: 1 | -1;
  /** Bar numbers and values (times sign) of the candidates: a ring that never holds more than `bars`. */
  private readonly numbers: Int32Array;
  private readonly values: Float64Array;
  private head = 0;
  private tail = 0;
  /** The newest bar whose input was NaN; the output is NaN while it is inside the window. */
  private lastNaN = Number.NEGATIVE_INFINITY;

  constructor(name: string, input: Line, bars: number, sign: 1 | -1) {
    super({ label: `${name}(${bars})`, inputs: [input], outputs: ['value'], warmup: bars - 1 });
    this.bars = bars;
    this.sign = sign;
    let size = 1;
    while (size < bars + 1) size *= 2;
    this.numbers = new Int32Array(size);
    this.values = new Float64Array(size);
  }

  compute(from: number, to: number): void {
    const x = ringOf(this.inputs[0]);
    const out = ringOf(this.outputs.value);
    const { mask } = this.clock;
    const numbers = this.numbers;
    const values = this.values;
    const dequeMask = numbers.length - 1;
    const sign = this.sign;
    const n = this.bars;
    const first = this.start + n - 1;
    let head = this.head;
    let tail = this.tail;
    let lastNaN = this.lastNaN;
    for (let i = from; i < to; i++) {
      if (i >= this.start) {
        const value = sign * x[i & mask];
        if (Number.isNaN(value)) lastNaN = i;
        while (tail !== head && values[(tail - 1) & dequeMask] <= value) tail = (tail - 1) | 0;
        numbers[tail & dequeMask] = i;
        values[tail & dequeMask] = value;
        tail = (tail + 1) | 0;
        while (numbers[head & dequeMask] <= i - n) head = (head + 1) | 0;
      }
      out[i & mask] = i < first || lastNaN > i - n ? Number.NaN : sign * values[head & dequeMask];
    }
    this.head = head;
    this.tail = tail;
    this.lastNaN = lastNaN;
  }
}

/** The highest of the last `bars` values, the current one included. */
export const highest = indicator({
  name: 'highest',
  title: 'Highest value',
  group: 'extremes',
  formula: 'the largest of the last `bars` values, the current one included; NaN while one of them is',
  source: 'TA-Lib MAX, backtrader Highest',
  inputs: 'line',
  parameters: { bars: int(30, { min: 1, max: MOST_BARS }) },
  lines: ['highest'],
  build: ({ bars }, input) => ({ highest: new Extreme('Highest', input, bars, 1).outputs.value }),
});

/** The lowest of the last `bars` values, the current one included. */
export const lowest = indicator({
  name: 'lowest',
  title: 'Lowest value',
  group: 'extremes',
  formula: 'the smallest of the last `bars` values, the current one included; NaN while one of them is',
  source: 'TA-Lib MIN, backtrader Lowest',
  inputs: 'line',
  parameters: { bars: int(30, { min: 1, max: MOST_BARS }) },
  lines: ['lowest'],
  build: ({ bars }, input) => ({ lowest: new Extreme('Lowest', input, bars, -1).outputs.value }),
});
