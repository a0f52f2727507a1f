import { Kernel } from '../../series/kernel.ts';
import { type Line, ringOf } from '../../series/line.ts';

/** Chooses, bar by bar, among lines by a line of numbers: `lines[k]` is for the number `shortest + k`. */
export class Chosen extends Kernel<'average'> {
  private readonly shortest: number;

  constructor(periods: Line, lines: readonly Line[], shortest: number) {
    super({ label: 'MAVP', inputs: [periods, ...lines], outputs: ['average'], warmup: 0 });
    this.shortest = shortest;
  }

  compute(from: number, to: number): void {
    const [periods, ...lines] = this.inputs.map(ringOf);
    const out = ringOf(this.outputs.average);
    const { mask } = this.clock;
    const longest = lines.length - 1;
    for (let i = from; i < to; i++) {
      const p = i & mask;
      const bars = Math.trunc(periods[p]) - this.shortest;
      out[p] =
        i < this.start || Number.isNaN(bars) ? Number.NaN : lines[Math.max(0, Math.min(longest, bars))][p];
    }
  }
}

/**
 * Simple means over periods that change from bar to bar, as differences of one running sum, kept as the unevaluated sum
 * of two doubles so that its length costs no digits.
 */
export class VariableSma extends Kernel<'average'> {
  private readonly shortest: number;
  private readonly longest: number;
  private readonly high: Float64Array;
  private readonly low: Float64Array;
  private sum = 0;
  private rest = 0;
  private lastMissing = Number.NEGATIVE_INFINITY;

  constructor(input: Line, periods: Line, shortest: number, longest: number) {
    super({
      label: `MAVP(${shortest}, ${longest})`,
      inputs: [input, periods],
      outputs: ['average'],
      warmup: Math.max(0, longest - 1 - Math.max(0, periods.minPeriod - input.minPeriod)),
      depth: longest,
    });
    this.shortest = shortest;
    this.longest = longest;
    let size = 1;
    while (size < longest + 1) size *= 2;
    this.high = new Float64Array(size);
    this.low = new Float64Array(size);
  }

  compute(from: number, to: number): void {
    const [x, periods] = this.inputs.map(ringOf);
    const out = ringOf(this.outputs.average);
    const { mask } = this.clock;
    const { high, low, shortest, longest } = this;
    const own = high.length - 1;
    const first = this.minPeriod - 1;
    for (let i = from; i < to; i++) {
      this.add(x[i & mask], i);
      high[i & own] = this.sum;
      low[i & own] = this.rest;
      const bars = Math.max(shortest, Math.min(longest, Math.trunc(periods[i & mask])));
      const before = (i - bars) & own;
      out[i & mask] =
        i < first || !(this.lastMissing <= i - bars)
          ? Number.NaN
          : (this.sum - high[before] + (this.rest - low[before])) / bars;
    }
  }

  /** Knuth's exact sum of two doubles; what it leaves goes to the rest. A missing value counts as 0, and is remembered. */
  private add(value: number, i: number): void {
    if (value - value !== 0) {
      this.lastMissing = i;
      return;
    }
    const sum = this.sum + value;
    const part = sum - this.sum;
    const rest = this.rest + (this.sum - (sum - part) + (value - part));
    this.sum = sum + rest;
    this.rest = rest - (this.sum - sum);
  }
}
