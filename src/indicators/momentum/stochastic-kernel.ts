import { Kernel } from '../../series/kernel.ts';
import { type Line, ringOf } from '../../series/line.ts';
import { SlidingExtreme, SlidingSum } from '../sliding.ts';
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
  private readonly highest: SlidingExtreme;
  private readonly lowest: SlidingExtreme;
  private readonly positions: Float64Array;
  private readonly means: Float64Array;
  private readonly positionSum: SlidingSum;
  private readonly meanSum: SlidingSum;

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
      depth: 1,
    });
    this.bars = bars;
    this.smoothing = smoothing;
    this.signal = signal;
    this.still = still;
    this.nothing = nothing;
    this.highest = new SlidingExtreme(bars, 1);
    this.lowest = new SlidingExtreme(bars, -1);
    this.positions = new Float64Array(smoothing);
    this.means = new Float64Array(signal);
    this.positionSum = new SlidingSum(exact);
    this.meanSum = new SlidingSum(exact);
  }

  compute(from: number, to: number): void {
    const high = ringOf(this.inputs[0]);
    const low = ringOf(this.inputs[1]);
    const close = ringOf(this.inputs[2]);
    const kRing = ringOf(this.outputs.k);
    const dRing = ringOf(this.outputs.d);
    const { mask } = this.clock;
    const { bars, smoothing, signal, start, still, nothing, highest, lowest } = this;
    const { positions, means, positionSum, meanSum } = this;
    const firstPosition = start + bars - 1;
    const firstK = firstPosition + smoothing - 1;
    const firstD = firstK + signal - 1;
    for (let i = from; i < to; i++) {
      const p = i & mask;
      kRing[p] = Number.NaN;
      dRing[p] = Number.NaN;
      if (i < start) continue;
      const top = highest.next(i, high[p]);
      const bottom = lowest.next(i, low[p]);
      if (i < firstPosition) continue;
      const position = positionOf(close[p] - bottom, top - bottom, still, nothing);
      const turn = (i - firstPosition) % smoothing;
      positions[turn] = position;
      positionSum.add(position);
      if (i < firstK) continue;
      const k = positionSum.value / smoothing;
      // What leaves next stands where the next one will be put.
      positionSum.remove(positions[turn + 1 === smoothing ? 0 : turn + 1]);
      const meanTurn = (i - firstK) % signal;
      means[meanTurn] = k;
      meanSum.add(k);
      if (i < firstD) continue;
      kRing[p] = k;
      dRing[p] = meanSum.value / signal;
      meanSum.remove(means[meanTurn + 1 === signal ? 0 : meanTurn + 1]);
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
