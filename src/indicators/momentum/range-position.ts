import { Kernel } from '../../series/kernel.ts';
import { type Line, ringOf } from '../../series/line.ts';
import { SlidingExtreme } from '../sliding.ts';

/**
 * Where a value stands within the range of the last `bars` bars: 0 at its lowest low, 100 at its highest high. Measured
 * from the top it is 0 there and -100 at the bottom.
 */
export class RangePosition extends Kernel<'value'> {
  private readonly bars: number;
  private readonly still: number;
  private readonly fromTop: boolean;
  private readonly highest: SlidingExtreme;
  private readonly lowest: SlidingExtreme;

  /** `still`: what takes its place where the range is 0. */
  constructor(
    label: string,
    high: Line,
    low: Line,
    close: Line,
    bars: number,
    still: number,
    fromTop: boolean,
  ) {
    super({ label, inputs: [high, low, close], outputs: ['value'], warmup: bars - 1, depth: 1 });
    this.bars = bars;
    this.still = still;
    this.fromTop = fromTop;
    this.highest = new SlidingExtreme(bars, 1);
    this.lowest = new SlidingExtreme(bars, -1);
  }

  compute(from: number, to: number): void {
    const high = ringOf(this.inputs[0]);
    const low = ringOf(this.inputs[1]);
    const close = ringOf(this.inputs[2]);
    const out = ringOf(this.outputs.value);
    const { mask } = this.clock;
    const { highest, lowest, start, still, fromTop } = this;
    const first = start + this.bars - 1;
    for (let i = from; i < to; i++) {
      const p = i & mask;
      out[p] = Number.NaN;
      if (i < start) continue;
      const top = highest.next(i, high[p]);
      const bottom = lowest.next(i, low[p]);
      if (i < first) continue;
      const range = top - bottom;
      if (range === 0) out[p] = Number.isNaN(close[p]) ? Number.NaN : still;
      else out[p] = (100 * (close[p] - (fromTop ? top : bottom))) / range;
    }
  }
}
