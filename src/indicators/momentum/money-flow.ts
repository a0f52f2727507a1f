import { int } from '../../model/parameters.ts';
import { Kernel } from '../../series/kernel.ts';
import { type Line, ringOf } from '../../series/line.ts';
import { indicator, MOST_BARS } from '../definition.ts';
import { NOTHING } from '../nothing.ts';
import { SlidingSum } from '../sliding.ts';

/** 100 · up ÷ (up + down), where the moves of a bar are told as signed numbers, up above 0, summed over a window. */
class ShareOfMoves extends Kernel<'value'> {
  private readonly bars: number;
  private readonly up = new SlidingSum();
  private readonly down = new SlidingSum();

  constructor(label: string, moves: Line, bars: number) {
    super({ label, inputs: [moves], outputs: ['value'], warmup: bars - 1, depth: bars });
    this.bars = bars;
  }

  compute(from: number, to: number): void {
    const x = ringOf(this.inputs[0]);
    const out = ringOf(this.outputs.value);
    const { mask } = this.clock;
    const { bars, up, down, start } = this;
    const first = start + bars - 1;
    for (let i = from; i < to; i++) {
      out[i & mask] = Number.NaN;
      if (i < start) continue;
      const entering = x[i & mask];
      if (entering > 0) up.add(entering);
      else down.add(-entering);
      if (i < first) continue;
      if (i > first) {
        const leaving = x[(i - bars) & mask];
        if (leaving > 0) up.remove(leaving);
        else down.remove(-leaving);
      }
      const range = up.value + down.value;
      out[i & mask] = range === 0 ? 0 : (100 * up.value) / range;
    }
  }
}

/** Typical price · volume, with the sign of the typical price's change. */
class MoneyFlow extends Kernel<'value'> {
  constructor(high: Line, low: Line, close: Line, volume: Line) {
    super({
      label: 'Money flow',
      inputs: [high, low, close, volume],
      outputs: ['value'],
      warmup: 1,
      role: 'operator',
    });
  }

  compute(from: number, to: number): void {
    const high = ringOf(this.inputs[0]);
    const low = ringOf(this.inputs[1]);
    const close = ringOf(this.inputs[2]);
    const volume = ringOf(this.inputs[3]);
    const out = ringOf(this.outputs.value);
    const { mask } = this.clock;
    for (let i = from; i < to; i++) {
      const p = i & mask;
      const q = (i - 1) & mask;
      const typical = (high[p] + low[p] + close[p]) / 3;
      const change = typical - (high[q] + low[q] + close[q]) / 3;
      out[p] = i <= this.start ? Number.NaN : Math.sign(change) * typical * volume[p];
    }
  }
}

class BodyMove extends Kernel<'value'> {
  constructor(open: Line, close: Line) {
    super({ label: 'Body', inputs: [open, close], outputs: ['value'], warmup: 0, role: 'operator' });
  }

  compute(from: number, to: number): void {
    const open = ringOf(this.inputs[0]);
    const close = ringOf(this.inputs[1]);
    const out = ringOf(this.outputs.value);
    const { mask } = this.clock;
    for (let i = from; i < to; i++) {
      const p = i & mask;
      out[p] = i < this.start ? Number.NaN : close[p] - open[p];
    }
  }
}

class Balance extends Kernel<'value'> {
  constructor(open: Line, high: Line, low: Line, close: Line) {
    super({ label: 'BOP', inputs: [open, high, low, close], outputs: ['value'], warmup: 0 });
  }

  compute(from: number, to: number): void {
    const open = ringOf(this.inputs[0]);
    const high = ringOf(this.inputs[1]);
    const low = ringOf(this.inputs[2]);
    const close = ringOf(this.inputs[3]);
    const out = ringOf(this.outputs.value);
    const { mask } = this.clock;
    for (let i = from; i < to; i++) {
      const p = i & mask;
      const range = high[p] - low[p];
      out[p] = i < this.start ? Number.NaN : range <= NOTHING ? 0 : (close[p] - open[p]) / range;
    }
  }
}

/** The money flow index, 0 … 100: a relative strength index of volume-weighted prices. */
export const mfi = indicator({
  name: 'mfi',
  title: 'Money flow index',
  group: 'momentum',
  formula:
    '100 · up ÷ (up + down): the sums over `bars` of typical price · volume of the bars whose typical price (high + low + close) ÷ 3 rose and fell; 0 where no money flowed',
  source: 'Quong and Soudack, 1989; TA-Lib MFI',
  inputs: ['high', 'low', 'close', 'volume'],
  parameters: { bars: int(14, { min: 1, max: MOST_BARS }) },
  lines: ['mfi'],
  build: ({ bars }, high, low, close, volume) => {
    const flow = new MoneyFlow(high, low, close, volume).outputs.value;
    return { mfi: new ShareOfMoves(`MFI(${bars})`, flow, bars).outputs.value };
  },
});

/** The intraday momentum index, 0 … 100: a relative strength index of the bars' bodies. */
export const imi = indicator({
  name: 'imi',
  title: 'Intraday momentum index',
  group: 'momentum',
  formula:
    '100 · up ÷ (up + down): the sums over `bars` of close − open of the bars that rose, and of open − close of the others; 0 where no bar moved (TA-Lib gives NaN)',
  source: 'Chande and Kroll, The New Technical Trader, 1994; TA-Lib IMI',
  inputs: ['open', 'close'],
  parameters: { bars: int(14, { min: 1, max: MOST_BARS }) },
  lines: ['imi'],
  build: ({ bars }, open, close) => ({
    imi: new ShareOfMoves(`IMI(${bars})`, new BodyMove(open, close).outputs.value, bars).outputs.value,
  }),
});

/** The balance of power, -1 … 1: the share of a bar's range that its body takes. */
export const balanceOfPower = indicator({
  name: 'balanceOfPower',
  label: 'BOP',
  title: 'Balance of power',
  group: 'momentum',
  formula: '(close − open) ÷ (high − low); 0 where the bar has no range',
  source: 'Livshin, 2001; TA-Lib BOP',
  inputs: ['open', 'high', 'low', 'close'],
  parameters: {},
  lines: ['balanceOfPower'],
  build: (_, open, high, low, close) => ({
    balanceOfPower: new Balance(open, high, low, close).outputs.value,
  }),
});
