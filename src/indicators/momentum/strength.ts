import { choice, float, int } from '../../model/parameters.ts';
import { Kernel } from '../../series/kernel.ts';
import { type Line, ringOf } from '../../series/line.ts';
import { average, averageOf } from '../averages/average-of.ts';
import { CONVENTIONS, indicator, MOST_BARS } from '../definition.ts';
import { NOTHING, nothingOf } from '../mathematics/nothing.ts';
import { fallOf, riseOf } from './rise-and-fall.ts';

/** Rises and falls become an index: 100 · (up − `subtracted` · down) ÷ (up + down). */
interface Scale {
  readonly subtracted: 0 | 1;
  /** What takes its place where nothing moved. */
  readonly still: number;
  /** What takes its place where nothing fell. */
  readonly rising: number;
  /** Sums up to this count as no movement. */
  readonly nothing: number;
}

function indexOf(up: number, down: number, { subtracted, still, rising, nothing }: Scale): number {
  const range = up + down;
  // Averages such as Hull's may be negative where rises are not.
  if (Math.abs(range) <= nothing) return still;
  return down === 0 ? rising : 100 * ((up - subtracted * down) / range);
}

/**
 * Rises and falls over `distance` bars, each smoothed with 1 ÷ bars and seeded with its simple mean. What is not a
 * finite change is passed over: it gives NaN and leaves the means as they were.
 */
class Strength extends Kernel<'value'> {
  private readonly bars: number;
  private readonly distance: number;
  private readonly scale: Scale;
  private readonly divided: boolean;
  private seen = 0;
  private up = 0;
  private down = 0;

  /**
   * `divided`: divide at each bar, which rounds as TA-Lib does; else sums take the place of the means, for what they are
   * too large by falls out of the index.
   */
  constructor(name: string, input: Line, bars: number, distance: number, scale: Scale, divided = false) {
    super({
      label: `${name}(${bars})`,
      inputs: [input],
      outputs: ['value'],
      warmup: bars + distance - 1,
      recursive: true,
    });
    this.bars = bars;
    this.distance = distance;
    this.scale = divided ? scale : { ...scale, nothing: scale.nothing * bars };
    this.divided = divided;
  }

  compute(from: number, to: number): void {
    const x = this.reads[0];
    const out = this.writes[0];
    const { mask } = this.clock;
    const { bars, distance } = this;
    const first = this.start + distance;
    let i = from;
    for (; i < to && (i < first || this.seen < bars); i++) {
      out[i & mask] = Number.NaN;
      const change = x[i & mask] - x[(i - distance) & mask];
      if (i < first || change - change !== 0) continue;
      if (change > 0) this.up += change;
      else this.down -= change;
      if (++this.seen < bars) continue;
      if (this.divided) {
        this.up /= bars;
        this.down /= bars;
      }
      out[i & mask] = indexOf(this.up, this.down, this.scale);
    }
    if (this.divided) this.slideMeans(x, out, mask, i, to);
    else this.slideSums(x, out, mask, i, to);
  }

  /** The hot loop. Which way a price goes cannot be foreseen: a branch would cost more than the arithmetic. */
  private slideSums(x: Float64Array, out: Float64Array, mask: number, from: number, to: number): void {
    const { bars, distance } = this;
    const { subtracted, still, rising, nothing } = this.scale;
    const kept = (bars - 1) / bars;
    let { up, down } = this;
    for (let i = from; i < to; i++) {
      const change = x[i & mask] - x[(i - distance) & mask];
      if (change - change !== 0) {
        out[i & mask] = Number.NaN;
        continue;
      }
      const rise = 0.5 * (change + Math.abs(change));
      up = up * kept + rise;
      down = down * kept + (rise - change);
      const range = up + down;
      if (range <= nothing) out[i & mask] = still;
      else if (down === 0) out[i & mask] = rising;
      else out[i & mask] = (100 * (up - subtracted * down)) / range;
    }
    this.up = up;
    this.down = down;
  }

  private slideMeans(x: Float64Array, out: Float64Array, mask: number, from: number, to: number): void {
    const { bars, distance, scale } = this;
    const kept = bars - 1;
    for (let i = from; i < to; i++) {
      const change = x[i & mask] - x[(i - distance) & mask];
      const known = change - change === 0;
      if (known) {
        this.up = (this.up * kept + Math.max(change, 0)) / bars;
        this.down = (this.down * kept + Math.max(-change, 0)) / bars;
      }
      out[i & mask] = known ? indexOf(this.up, this.down, scale) : Number.NaN;
    }
  }
}

/** The index of rises and falls that were smoothed elsewhere. */
class StrengthOf extends Kernel<'value'> {
  private readonly scale: Scale;

  constructor(up: Line, down: Line, scale: Scale) {
    super({ label: 'strength', inputs: [up, down], outputs: ['value'], warmup: 0, role: 'operator' });
    this.scale = scale;
  }

  compute(from: number, to: number): void {
    const up = ringOf(this.inputs[0]);
    const down = ringOf(this.inputs[1]);
    const out = ringOf(this.outputs.value);
    const { mask } = this.clock;
    for (let i = from; i < to; i++) {
      const p = i & mask;
      out[p] = i < this.start ? Number.NaN : indexOf(up[p], down[p], this.scale);
    }
  }
}

/** Wilder's relative strength index, 0 … 100. */
export const rsi = indicator({
  name: 'rsi',
  title: 'Relative strength index',
  group: 'momentum',
  formula:
    '100 · up ÷ (up + down): the rises and the falls over `distance` bars (more than 1 makes it the relative momentum index), each smoothed by `average` over `bars`, which is Wilder’s unless chosen otherwise; `still` where nothing moved, `rising` where nothing fell; `talib` takes up + down below 1e-14 for nothing',
  source:
    'Wilder, New Concepts in Technical Trading Systems, 1978; Altman, 1993 (relative momentum index); TA-Lib RSI, backtrader RelativeStrengthIndex and RelativeMomentumIndex',
  inputs: 'line',
  parameters: {
    bars: int(14, { min: 1, max: MOST_BARS }),
    distance: int(1, { min: 1, max: MOST_BARS }),
    average: average('smma'),
    still: float(0),
    rising: float(100),
    convention: choice(CONVENTIONS),
  },
  lines: ['rsi'],
  build: ({ bars, distance, average, still, rising, convention }, input) => {
    const scale: Scale = { subtracted: 0, still, rising, nothing: nothingOf(convention) };
    if (average === 'smma') return { rsi: new Strength('RSI', input, bars, distance, scale).outputs.value };
    const up = averageOf(average, riseOf(input, distance), bars, convention);
    const down = averageOf(average, fallOf(input, distance), bars, convention);
    return { rsi: new StrengthOf(up, down, scale).outputs.value };
  },
});

/** Wilder's index, rounded as TA-Lib does: the range that a stochastic of it is told in may be all rounding. */
export function talibStrength(input: Line, bars: number): Line {
  const scale: Scale = { subtracted: 0, still: 0, rising: 100, nothing: NOTHING };
  return new Strength('RSI', input, bars, 1, scale, true).outputs.value;
}

/** Chande's momentum oscillator, -100 … 100. */
export const cmo = indicator({
  name: 'cmo',
  title: 'Chande momentum oscillator',
  group: 'momentum',
  formula:
    '100 · (up − down) ÷ (up + down): the rises and the falls from bar to bar, each smoothed as Wilder does with 1 ÷ `bars` and seeded with its simple mean; 0 where nothing moved (up + down below 1e-14)',
  source: 'Chande and Kroll, The New Technical Trader, 1994, who sum instead of smoothing; TA-Lib CMO',
  inputs: 'line',
  parameters: { bars: int(14, { min: 1, max: MOST_BARS }) },
  lines: ['cmo'],
  build: ({ bars }, input) => {
    const scale: Scale = { subtracted: 1, still: 0, rising: 100, nothing: NOTHING };
    return { cmo: new Strength('CMO', input, bars, 1, scale).outputs.value };
  },
});
