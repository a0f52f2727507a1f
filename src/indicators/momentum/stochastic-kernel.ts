import { Kernel } from '../../series/kernel.ts';
import { type Line, ringOf } from '../../series/line.ts';
import { SlidingBest, WindowMean } from '../windows/sliding.ts';
import { positionOf, type RangeOptions } from './range-position.ts';

/**
 * The stochastic oscillator with simple means, all in one pass: the position of the close in the range of the last
 * `bars` bars, its mean over `smoothing` bars, and the mean of that over `signal` bars. Both begin together.
 */
export class StochasticOfMeans extends Kernel<'k' | 'd'> {
  private readonly bars: number;
  private readonly smoothing: number;
  private readonly signal: number;
  private readonly still: number;
  private readonly nothing: number;
  private readonly highest: SlidingBest;
  private readonly lowest: SlidingBest;
  private readonly positions: WindowMean;
  private readonly means: WindowMean;

  constructor(
    high: Line,
    low: Line,
    close: Line,
    range: RangeOptions,
    smoothing: number,
    signal: number,
    exact: boolean,
  ) {
    const { bars, still = 0, nothing = 0 } = range;
    super({
      label: `Stochastic(${bars}, ${smoothing}, ${signal})`,
      inputs: [high, low, close],
      outputs: ['k', 'd'],
      warmup: bars + smoothing + signal - 3,
      depth: bars,
    });
    this.bars = bars;
    this.smoothing = smoothing;
    this.signal = signal;
    this.still = still;
    this.nothing = nothing;
    this.highest = new SlidingBest(bars, 1);
    this.lowest = new SlidingBest(bars, -1);
    this.positions = new WindowMean(smoothing, exact);
    this.means = new WindowMean(signal, exact);
  }

  compute(from: number, to: number): void {
    const high = this.reads[0];
    const low = this.reads[1];
    const close = this.reads[2];
    const kRing = this.writes[0];
    const dRing = this.writes[1];
    const { mask } = this.clock;
    const { bars, smoothing, signal, start, still, nothing } = this;
    // The output rings hold what one step after the other makes of the block.
    const given = Math.max(from, start);
    this.highest.run(high, kRing, mask, given, to);
    this.lowest.run(low, dRing, mask, given, to);
    const placed = Math.max(from, start + bars - 1);
    for (let i = placed; i < to; i++) {
      const p = i & mask;
      const bottom = dRing[p];
      kRing[p] = positionOf(close[p] - bottom, kRing[p] - bottom, still, nothing);
    }
    this.positions.run(kRing, kRing, mask, placed, to);
    const firstK = start + bars + smoothing - 2;
    this.means.run(kRing, dRing, mask, Math.max(from, firstK), to);
    const firstD = firstK + signal - 1;
    for (let i = from; i < to && i < firstD; i++) {
      kRing[i & mask] = Number.NaN;
      dRing[i & mask] = Number.NaN;
    }
  }
}

/** The first line where the second has a value: TA-Lib begins all lines of a function together. */
export class Where extends Kernel<'value'> {
  constructor(input: Line, other: Line) {
    super({ label: input.label, inputs: [input, other], outputs: ['value'], warmup: 0 });
  }

  compute(from: number, to: number): void {
    const x = ringOf(this.inputs[0]);
    const out = ringOf(this.outputs.value);
    const { mask } = this.clock;
    for (let i = from; i < to; i++) out[i & mask] = i < this.start ? Number.NaN : x[i & mask];
  }
}
