import { Kernel } from '../../series/kernel.ts';
import { type Line, ringOf } from '../../series/line.ts';
import { SlidingExtreme } from '../windows/sliding.ts';

/** The range that a position is told in. */
export interface RangeOptions {
  /** Of how many bars, the current one included. */
  readonly bars: number;
  /** Where in it a value is said to be when there is no range, 0 … 1; default 0. */
  readonly still?: number;
  /** Ranges up to this count as none; default 0. */
  readonly nothing?: number;
}

/** 100 · part ÷ range, divided as TA-Lib does; 100 · `still` where there is no range. */
export function positionOf(part: number, range: number, still: number, nothing: number): number {
  if (range <= nothing) return Number.isNaN(part) ? Number.NaN : 100 * still;
  return part / (range / 100);
}

/**
 * Where a value stands within the range of the last bars: 0 at its lowest low, 100 at its highest high. Measured from the
 * top it is 0 there and -100 at the bottom.
 */
export class RangePosition extends Kernel<'value'> {
  private readonly bars: number;
  private readonly still: number;
  private readonly nothing: number;
  private readonly fromTop: boolean;
  private readonly highest: SlidingExtreme;
  private readonly lowest: SlidingExtreme;

  constructor(
    label: string,
    high: Line,
    low: Line,
    close: Line,
    { bars, still = 0, nothing = 0 }: RangeOptions,
    fromTop = false,
  ) {
    super({ label, inputs: [high, low, close], outputs: ['value'], warmup: bars - 1, depth: 1 });
    this.bars = bars;
    this.still = still;
    this.nothing = nothing;
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
    const { highest, lowest, start, still, nothing, fromTop } = this;
    const first = start + this.bars - 1;
    for (let i = from; i < to; i++) {
      const p = i & mask;
      out[p] = Number.NaN;
      if (i < start) continue;
      const top = highest.next(i, high[p]);
      const bottom = lowest.next(i, low[p]);
      if (i < first) continue;
      out[p] = positionOf(close[p] - (fromTop ? top : bottom), top - bottom, still, nothing);
    }
  }
}
