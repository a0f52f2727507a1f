import { Kernel } from '../../series/kernel.ts';
import { type Line, ringOf } from '../../series/line.ts';

/**
 * A mean from sums that run from the first bar to the last, in TA-Lib's order of operations: what rounding leaves in
 * them stays, and shows where two means nearly meet. After a missing value has left the window they begin anew.
 */
abstract class RunningMean extends Kernel<'mean'> {
  protected readonly bars: number;
  private readonly first: number;
  private begun = false;
  private lastMissing = Number.NEGATIVE_INFINITY;

  constructor(name: string, input: Line, bars: number) {
    super({ label: `${name}(${bars})`, inputs: [input], outputs: ['mean'], warmup: bars - 1, depth: bars });
    this.bars = bars;
    this.first = this.start + bars - 1;
  }

  compute(from: number, to: number): void {
    const x = ringOf(this.inputs[0]);
    const out = ringOf(this.outputs.mean);
    const { mask } = this.clock;
    for (let i = from; i < to; i++) {
      const value = x[i & mask];
      if (i >= this.start && value - value !== 0) this.lastMissing = i;
      if (i < this.first || this.lastMissing > i - this.bars) {
        this.begun = false;
        out[i & mask] = Number.NaN;
        continue;
      }
      if (!this.begun) this.begin(x, mask, i);
      this.begun = true;
      out[i & mask] = this.next(x, mask, i);
    }
  }

  /** Sums up what comes before bar `i` in its window. */
  protected abstract begin(x: Float64Array, mask: number, i: number): void;
  /** The mean at bar `i`, the bar after the last one asked for or the first since `begin`. */
  protected abstract next(x: Float64Array, mask: number, i: number): number;
}

export class RunningSma extends RunningMean {
  private sum = 0;

  constructor(input: Line, bars: number) {
    super('SMA', input, bars);
  }

  protected begin(x: Float64Array, mask: number, i: number): void {
    this.sum = 0;
    for (let k = i - this.bars + 1; k < i; k++) this.sum += x[k & mask];
  }

  protected next(x: Float64Array, mask: number, i: number): number {
    const sum = this.sum + x[i & mask];
    this.sum = sum - x[(i - this.bars + 1) & mask];
    return sum / this.bars;
  }
}

export class RunningWma extends RunningMean {
  private sum = 0;
  private weighted = 0;
  private leaving = 0;

  constructor(input: Line, bars: number) {
    super('WMA', input, bars);
  }

  protected begin(x: Float64Array, mask: number, i: number): void {
    this.sum = 0;
    this.weighted = 0;
    this.leaving = 0;
    for (let k = 1; k < this.bars; k++) {
      const value = x[(i - this.bars + k) & mask];
      this.sum += value;
      this.weighted += value * k;
    }
  }

  protected next(x: Float64Array, mask: number, i: number): number {
    const { bars } = this;
    const value = x[i & mask];
    this.sum += value;
    this.sum -= this.leaving;
    const weighted = this.weighted + value * bars;
    this.leaving = x[(i - bars + 1) & mask];
    this.weighted = weighted - this.sum;
    return weighted / ((bars * (bars + 1)) / 2);
  }
}

export class RunningTrima extends RunningMean {
  /** How many bars the falling half has; the rising half has as many, or one more. */
  private readonly half: number;
  private readonly odd: boolean;
  private readonly factor: number;
  private numerator = 0;
  private older = 0;
  private newer = 0;
  private fresh = true;

  constructor(input: Line, bars: number) {
    super('TRIMA', input, bars);
    this.half = Math.floor(bars / 2);
    this.odd = bars % 2 === 1;
    this.factor = 1 / ((this.half + (this.odd ? 1 : 0)) * (this.half + 1));
  }

  protected begin(x: Float64Array, mask: number, i: number): void {
    const oldest = i - this.bars + 1;
    const middle = oldest + this.bars - this.half - 1;
    this.numerator = 0;
    this.older = 0;
    this.newer = 0;
    for (let k = middle; k >= oldest; k--) {
      this.older += x[k & mask];
      this.numerator += this.older;
    }
    for (let k = middle + 1; k <= i; k++) {
      this.newer += x[k & mask];
      this.numerator += this.newer;
    }
    this.fresh = true;
  }

  protected next(x: Float64Array, mask: number, i: number): number {
    if (this.fresh) {
      this.fresh = false;
      return this.numerator * this.factor;
    }
    const middle = x[(i - this.half) & mask];
    const value = x[i & mask];
    this.numerator -= this.older;
    this.older -= x[(i - this.bars) & mask];
    this.older += middle;
    if (this.odd) {
      this.numerator += this.newer;
      this.newer -= middle;
    } else {
      this.newer -= middle;
      this.numerator += this.newer;
    }
    this.newer += value;
    this.numerator += value;
    return this.numerator * this.factor;
  }
}
