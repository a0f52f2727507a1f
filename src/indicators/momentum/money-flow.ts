import { choice, int } from '../../model/parameters.ts';
import { Kernel } from '../../series/kernel.ts';
import { type Line, ringOf } from '../../series/line.ts';
import { indicator, MOST_BARS } from '../definition.ts';
import { NOTHING } from '../mathematics/nothing.ts';
import { pointwise } from '../mathematics/pointwise.ts';
import { SlidingSum } from '../windows/sliding.ts';

interface Share {
  /** What up + down has to reach; default anything above 0. */
  readonly least?: number;
  /** What takes the share's place where it does not; default 0. */
  readonly empty?: number;
  /** False sums as TA-Lib does; default true. */
  readonly exact?: boolean;
}

/** 100 · up ÷ (up + down), where the moves of a bar are told as signed numbers, up above 0, summed over a window. */
class ShareOfMoves extends Kernel<'value'> {
  private readonly bars: number;
  private readonly least: number;
  private readonly empty: number;
  private readonly up: SlidingSum;
  private readonly down: SlidingSum;

  constructor(label: string, moves: Line, bars: number, { least = 0, empty = 0, exact = true }: Share = {}) {
    super({ label, inputs: [moves], outputs: ['value'], warmup: bars - 1, depth: bars });
    this.bars = bars;
    this.least = least;
    this.empty = empty;
    this.up = new SlidingSum(exact);
    this.down = new SlidingSum(exact);
  }

  compute(from: number, to: number): void {
    const x = ringOf(this.inputs[0]);
    const out = ringOf(this.outputs.value);
    const { mask } = this.clock;
    const { bars, least, empty, up, down, start } = this;
    const first = start + bars - 1;
    for (let i = from; i < to; i++) {
      out[i & mask] = Number.NaN;
      if (i < start) continue;
      if (i > first) {
        const leaving = x[(i - bars) & mask];
        if (leaving > 0) up.remove(leaving);
        else down.remove(-leaving);
      }
      const entering = x[i & mask];
      if (entering > 0) up.add(entering);
      else down.add(-entering);
      if (i < first) continue;
      const rises = up.value;
      const range = rises + down.value;
      out[i & mask] = range < least || range === 0 ? empty : 100 * (rises / range);
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

/** The money flow index, 0 … 100: a relative strength index of volume-weighted prices. */
export const mfi = indicator({
  name: 'mfi',
  title: 'Money flow index',
  group: 'momentum',
  formula:
    '100 · up ÷ (up + down): the sums over `bars` of typical price · volume of the bars whose typical price (high + low + close) ÷ 3 rose and fell; 0 where no money flowed; `talib` rounds the sums as TA-Lib and gives 0 where they are below 1',
  source: 'Quong and Soudack, 1989; TA-Lib MFI',
  inputs: ['high', 'low', 'close', 'volume'],
  parameters: { bars: int(14, { min: 1, max: MOST_BARS }), convention: choice(['exact', 'talib']) },
  lines: ['mfi'],
  build: ({ bars, convention }, high, low, close, volume) => {
    const flow = new MoneyFlow(high, low, close, volume).outputs.value;
    const share = convention === 'talib' ? { least: 1, exact: false } : {};
    return { mfi: new ShareOfMoves(`MFI(${bars})`, flow, bars, share).outputs.value };
  },
});

/** The intraday momentum index, 0 … 100: a relative strength index of the bars' bodies. */
export const imi = indicator({
  name: 'imi',
  title: 'Intraday momentum index',
  group: 'momentum',
  formula:
    '100 · up ÷ (up + down): the sums over `bars` of close − open of the bars that rose, and of open − close of the others; 0 where no bar moved, by `talib` NaN',
  source: 'Chande and Kroll, The New Technical Trader, 1994; TA-Lib IMI',
  inputs: ['open', 'close'],
  parameters: { bars: int(14, { min: 1, max: MOST_BARS }), convention: choice(['exact', 'talib']) },
  lines: ['imi'],
  build: ({ bars, convention }, open, close) => {
    const body = pointwise('Body', [open, close], (open, close) => close - open);
    const empty = convention === 'talib' ? Number.NaN : 0;
    return { imi: new ShareOfMoves(`IMI(${bars})`, body, bars, { empty }).outputs.value };
  },
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
    balanceOfPower: pointwise('BOP', [open, high, low, close], (open, high, low, close) =>
      high - low <= NOTHING ? 0 : (close - open) / (high - low),
    ),
  }),
});
