import { int } from '../../model/parameters.ts';
import { Kernel } from '../../series/kernel.ts';
import { type Line, ringOf } from '../../series/line.ts';
import { average, averageOf } from '../averages/average-of.ts';
import { indicator, MOST_BARS } from '../definition.ts';
import { trueRangeOf } from '../true-range.ts';

/** The change over some bars, and its size. */
class Change extends Kernel<'change' | 'size'> {
  private readonly bars: number;

  constructor(input: Line, bars: number) {
    super({
      label: 'Change',
      inputs: [input],
      outputs: ['change', 'size'],
      warmup: bars,
      role: 'operator',
    });
    this.bars = bars;
  }

  compute(from: number, to: number): void {
    const x = ringOf(this.inputs[0]);
    const change = ringOf(this.outputs.change);
    const size = ringOf(this.outputs.size);
    const { mask } = this.clock;
    for (let i = from; i < to; i++) {
      const p = i & mask;
      change[p] = i < this.start + this.bars ? Number.NaN : x[p] - x[(i - this.bars) & mask];
      size[p] = Math.abs(change[p]);
    }
  }
}

/** factor · (a − b) ÷ c, where there is a b; 0 where c is 0. */
class Quotient extends Kernel<'value'> {
  private readonly factor: number;

  constructor(label: string, factor: number, a: Line, c: Line, b?: Line) {
    super({ label, inputs: b === undefined ? [a, c] : [a, c, b], outputs: ['value'], warmup: 0 });
    this.factor = factor;
  }

  compute(from: number, to: number): void {
    const a = ringOf(this.inputs[0]);
    const c = ringOf(this.inputs[1]);
    const b = this.inputs.length > 2 ? ringOf(this.inputs[2]) : undefined;
    const out = ringOf(this.outputs.value);
    const { mask } = this.clock;
    for (let i = from; i < to; i++) {
      const p = i & mask;
      const part = b === undefined ? a[p] : a[p] - b[p];
      out[p] = i < this.start ? Number.NaN : c[p] === 0 ? 0 : this.factor * (part / c[p]);
    }
  }
}

/** Blau's true strength index, -100 … 100. */
export const tsi = indicator({
  name: 'tsi',
  title: 'True strength index',
  group: 'momentum',
  formula:
    '100 · a ÷ b: the change over `distance` bars, and its size, each averaged over `slow` bars and that over `fast`; 0 where nothing moved',
  source: 'Blau, 1991; backtrader TrueStrengthIndicator',
  inputs: 'line',
  parameters: {
    slow: int(25, { min: 1, max: MOST_BARS }),
    fast: int(13, { min: 1, max: MOST_BARS }),
    distance: int(1, { min: 1, max: MOST_BARS }),
    average: average('ema'),
  },
  lines: ['tsi'],
  build: ({ slow, fast, distance, average }, input) => {
    const twice = (line: Line) =>
      averageOf(average, averageOf(average, line, slow, 'backtrader'), fast, 'backtrader');
    const { change, size } = new Change(input, distance).outputs;
    return { tsi: new Quotient(`TSI(${slow}, ${fast})`, 100, twice(change), twice(size)).outputs.value };
  },
});

/** Johnson's pretty good oscillator: how many average true ranges a close is from its average. */
export const prettyGoodOscillator = indicator({
  name: 'prettyGoodOscillator',
  label: 'PGO',
  title: 'Pretty good oscillator',
  group: 'momentum',
  formula:
    '(close − its `average` over `bars`) ÷ average true range over `bars` (Wilder’s smoothing, seeded with the simple mean); 0 where there was no range',
  source: 'Johnson; backtrader PrettyGoodOscillator',
  inputs: ['high', 'low', 'close'],
  parameters: { bars: int(14, { min: 1, max: MOST_BARS }), average: average('sma') },
  lines: ['prettyGoodOscillator'],
  build: ({ bars, average }, high, low, close) => {
    const mean = averageOf(average, close, bars, 'backtrader');
    const range = averageOf('smma', trueRangeOf(high, low, close), bars, 'backtrader');
    return { prettyGoodOscillator: new Quotient(`PGO(${bars})`, 1, close, range, mean).outputs.value };
  },
});
