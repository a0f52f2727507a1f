import { Kernel } from '../../series/kernel.ts';
import { type Line, ringOf } from '../../series/line.ts';
import { SlidingExtreme, SlidingSum } from '../sliding.ts';

/**
 * The stochastic oscillator with simple means, all in one pass: the position of the close in the range of the last
 * `bars` bars, its mean over `smoothing` bars, and the mean of that over `signal` bars. Both begin together.
 */
export class StochasticOfMeans extends Kernel<'k' | 'd'> {
  private readonly bars: number;
  private readonly smoothing: number;
  private readonly signal: number;
  private readonly still: number;
  private readonly highest: SlidingExtreme;
  private readonly lowest: SlidingExtreme;
  private readonly positions: Float64Array;
  private readonly means: Float64Array;
  private readonly positionSum = new SlidingSum();
  private readonly meanSum = new SlidingSum();

  constructor(
    high: Line,
    low: Line,
    close: Line,
    bars: number,
    smoothing: number,
    signal: number,
    still: number,
  ) {
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
    this.highest = new SlidingExtreme(bars, 1);
    this.lowest = new SlidingExtreme(bars, -1);
    this.positions = new Float64Array(smoothing);
    this.means = new Float64Array(signal);
  }

  compute(from: number, to: number): void {
    const high = this.reads[0];
    const low = this.reads[1];
    const close = this.reads[2];
    const kRing = this.writes[0];
    const dRing = this.writes[1];
    const { mask } = this.clock;
    const { bars, smoothing, signal, start, still, highest, lowest } = this;
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
      const range = top - bottom;
      const over = close[p] - bottom;
      const position = range === 0 && over - over === 0 ? still : (100 * over) / range;
      const turn = (i - firstPosition) % smoothing;
      if (i > firstK) positionSum.remove(positions[turn]);
      positions[turn] = position;
      positionSum.add(position);
      if (i < firstK) continue;
      const k = positionSum.value / smoothing;
      const meanTurn = (i - firstK) % signal;
      if (i > firstD) meanSum.remove(means[meanTurn]);
      means[meanTurn] = k;
      meanSum.add(k);
      if (i < firstD) continue;
      kRing[p] = k;
      dRing[p] = meanSum.value / signal;
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
