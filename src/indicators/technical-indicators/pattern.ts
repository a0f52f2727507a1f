import { Kernel } from '../../series/kernel.ts';
import { type Line, ringOf } from '../../series/line.ts';

/** A candlestick function at run time: looks at the last candles of what it is given. */
export type PatternFunction = (
  candles: Readonly<Record<'open' | 'high' | 'low' | 'close', number[]>>,
) => unknown;

/** The candles that the longest of the package's patterns looks at. */
export const PATTERN_BARS = 5;

/** Asks a candlestick function of `technicalindicators` about the last candles, bar by bar. */
export class Pattern extends Kernel<'pattern'> {
  private readonly sees: PatternFunction;
  private readonly bars: number;

  /** `lines`: open, high, low, close. */
  constructor(label: string, sees: PatternFunction, lines: readonly Line[], bars: number) {
    super({ label, inputs: lines, outputs: ['pattern'], warmup: bars - 1 });
    this.sees = sees;
    this.bars = bars;
  }

  compute(from: number, to: number): void {
    const [open, high, low, close] = this.inputs.map(ringOf);
    const out = ringOf(this.outputs.pattern);
    const { mask } = this.clock;
    for (let i = from; i < to; i++) {
      if (i < this.minPeriod - 1) {
        out[i & mask] = Number.NaN;
        continue;
      }
      const candles = {
        open: this.last(open, i),
        high: this.last(high, i),
        low: this.last(low, i),
        close: this.last(close, i),
      };
      out[i & mask] = this.sees(candles) === true ? 1 : 0;
    }
  }

  private last(ring: Float64Array, bar: number): number[] {
    const values: number[] = [];
    for (let i = bar - this.bars + 1; i <= bar; i++) values.push(ring[i & this.clock.mask]);
    return values;
  }
}
