import { choice } from '../../model/parameters.ts';
import { Kernel } from '../../series/kernel.ts';
import { type Line, ringOf } from '../../series/line.ts';
import { indicator } from '../definition.ts';

/** The larger of two numbers that are within a factor of two of each other, as prices are; else but for its last place. */
function larger(a: number, b: number): number {
  // Which one it is cannot be foreseen, and a processor that guesses wrong loses more than all the rest costs.
  const more = b - a;
  return a + 0.5 * (more + Math.abs(more));
}

/** How far a bar reaches, the close before it included. */
export function rangeOf(high: number, low: number, closeBefore: number): number {
  return larger(high, closeBefore) + larger(-low, -closeBefore);
}

class TrueRange extends Kernel<'value'> {
  private readonly part: 'high' | 'low' | 'range';
  private readonly early: boolean;

  constructor(high: Line, low: Line, close: Line, part: 'high' | 'low' | 'range', early: boolean) {
    super({
      label: part === 'high' ? 'TrueHigh' : part === 'low' ? 'TrueLow' : 'TR',
      inputs: [high, low, close],
      outputs: ['value'],
      warmup: early ? 0 : 1,
      depth: 1,
    });
    this.part = part;
    this.early = early;
  }

  compute(from: number, to: number): void {
    const [high, low, close] = this.inputs.map(ringOf);
    const out = ringOf(this.outputs.value);
    const { mask } = this.clock;
    const { part, start } = this;
    for (let i = from; i < to; i++) {
      const p = i & mask;
      if (i <= start) {
        out[p] = i === start && this.early ? high[p] - low[p] : Number.NaN;
        continue;
      }
      const before = close[(i - 1) & mask];
      if (part === 'range') out[p] = rangeOf(high[p], low[p], before);
      else out[p] = part === 'high' ? Math.max(high[p], before) : Math.min(low[p], before);
    }
  }
}

/** The true range of bars as a line. */
export function trueRangeOf(high: Line, low: Line, close: Line): Line {
  return new TrueRange(high, low, close, 'range', false).outputs.value;
}

/** Wilder's true range, in price units. */
export const trueRange = indicator({
  name: 'trueRange',
  label: 'TR',
  title: 'True range',
  group: 'volatility',
  formula:
    'max(high, previous close) − min(low, previous close); the first bar, which has none before it, has no value, or with `first` = range its high − low',
  source: 'Wilder, New Concepts in Technical Trading Systems, 1978; TA-Lib TRANGE, backtrader TrueRange',
  inputs: ['high', 'low', 'close'],
  parameters: { first: choice(['missing', 'range']) },
  lines: ['trueRange'],
  build: ({ first }, high, low, close) => ({
    trueRange: new TrueRange(high, low, close, 'range', first === 'range').outputs.value,
  }),
});

/** The higher of the bar's high and the previous close, in price units. */
export const trueHigh = indicator({
  name: 'trueHigh',
  label: 'TrueHigh',
  title: 'True high',
  group: 'volatility',
  formula: 'max(high, previous close)',
  source: 'Wilder, 1978; backtrader TrueHigh',
  inputs: ['high', 'low', 'close'],
  parameters: {},
  lines: ['trueHigh'],
  build: (_, high, low, close) => ({
    trueHigh: new TrueRange(high, low, close, 'high', false).outputs.value,
  }),
});

/** The lower of the bar's low and the previous close, in price units. */
export const trueLow = indicator({
  name: 'trueLow',
  label: 'TrueLow',
  title: 'True low',
  group: 'volatility',
  formula: 'min(low, previous close)',
  source: 'Wilder, 1978; backtrader TrueLow',
  inputs: ['high', 'low', 'close'],
  parameters: {},
  lines: ['trueLow'],
  build: (_, high, low, close) => ({ trueLow: new TrueRange(high, low, close, 'low', false).outputs.value }),
});

export const TRUE_RANGE = [trueRange, trueHigh, trueLow] as const;
