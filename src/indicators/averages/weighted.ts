import { Kernel } from '../../series/kernel.ts';
import { type Line, ringOf } from '../../series/line.ts';
import { AccurateSum } from './accurate-sum.ts';

/**
 * The mean of the last `bars` values with weights 1 … `bars`, O(1) a bar: the weighted sum grows by `bars` times what
 * enters and shrinks by the plain sum. Both are summed afresh once a window, by bar number, so that rounding cannot
 * pile up, and as soon as a missing value has left the window.
 */
export class RollingWeightedMean {
  private readonly bars: number;
  private readonly divisor: number;
  /** The first bar number whose window is complete. */
  private readonly first: number;
  private sum = 0;
  private weighted = 0;
  /** Bars until the next summation. */
  private left = 0;
  /** The first bar number whose window lacks no value that has been seen. */
  private whole = 0;

  /** `start`: the first bar number that holds a value. */
  constructor(bars: number, start: number) {
    this.bars = bars;
    this.divisor = (bars * (bars + 1)) / 2;
    this.first = start + bars - 1;
  }

  /** The mean at bar `i` of ring `x`; bars must be asked for in order. NaN where the window is not complete. */
  at(x: Float64Array, mask: number, i: number): number {
    const value = x[i & mask];
    if (value - value !== 0) this.whole = i + this.bars;
    if (i < this.first) return Number.NaN;
    if (i < this.whole) {
      this.left = 0;
      return Number.NaN;
    }
    if (this.left === 0) this.restart(x, mask, i - this.bars + 1);
    else {
      this.weighted += this.bars * value - this.sum;
      this.sum += value - x[(i - this.bars) & mask];
    }
    this.left--;
    return this.weighted / this.divisor;
  }

  private restart(x: Float64Array, mask: number, oldest: number): void {
    this.sum = 0;
    this.weighted = 0;
    this.left = this.bars;
    for (let k = 0; k < this.bars; k++) {
      const value = x[(oldest + k) & mask];
      this.sum += value;
      this.weighted += (k + 1) * value;
    }
  }
}

export class Wma extends Kernel<'wma'> {
  private readonly mean: RollingWeightedMean;

  constructor(input: Line, bars: number) {
    super({ label: `WMA(${bars})`, inputs: [input], outputs: ['wma'], warmup: bars - 1, depth: bars });
    this.mean = new RollingWeightedMean(bars, this.start);
  }

  compute(from: number, to: number): void {
    const x = ringOf(this.inputs[0]);
    const out = ringOf(this.outputs.wma);
    const { mask } = this.clock;
    for (let i = from; i < to; i++) out[i & mask] = this.mean.at(x, mask, i);
  }
}

/** The mean with weights of any kind, the oldest value having the first; missing ones are 0. Takes `bars` steps a bar. */
export class WeightedMean extends Kernel<'average'> {
  private readonly bars: number;
  private readonly weights: Float64Array;
  private readonly coefficient: number;
  private readonly sum = new AccurateSum();

  constructor(input: Line, bars: number, weights: readonly number[], coefficient: number) {
    super({
      label: `Weighted(${bars})`,
      inputs: [input],
      outputs: ['average'],
      warmup: bars - 1,
      depth: bars,
    });
    this.bars = bars;
    this.weights = Float64Array.from(weights.slice(0, bars));
    this.coefficient = coefficient;
  }

  compute(from: number, to: number): void {
    const x = ringOf(this.inputs[0]);
    const out = ringOf(this.outputs.average);
    const { mask } = this.clock;
    const { bars, weights, sum } = this;
    const first = this.start + bars - 1;
    for (let i = from; i < to; i++) {
      sum.clear();
      for (let k = 0; k < weights.length; k++) sum.add(weights[k] * x[(i - bars + 1 + k) & mask]);
      out[i & mask] = i < first ? Number.NaN : this.coefficient * sum.total;
    }
  }
}

/** WMA as backtrader has it, each bar from the whole window: its rounding shows where averages nearly meet. */
export function wholeWma(input: Line, bars: number): Line {
  const weights = Array.from({ length: bars }, (_, k) => k + 1);
  return new WeightedMean(input, bars, weights, 2 / (bars * (bars + 1))).outputs.average;
}

/** The WMA of `2 · WMA(half) − WMA(bars)` over `last` bars, in one pass. */
export class Hull extends Kernel<'hma'> {
  private readonly half: RollingWeightedMean;
  private readonly full: RollingWeightedMean;
  private readonly last: RollingWeightedMean;
  /** The latest raw values: a ring. */
  private readonly raw: Float64Array;

  constructor(input: Line, bars: number, half: number, last: number) {
    super({
      label: `HMA(${bars})`,
      inputs: [input],
      outputs: ['hma'],
      warmup: bars + last - 2,
      depth: bars,
    });
    this.half = new RollingWeightedMean(half, this.start);
    this.full = new RollingWeightedMean(bars, this.start);
    this.last = new RollingWeightedMean(last, this.start + bars - 1);
    let size = 1;
    while (size < last + 1) size *= 2;
    this.raw = new Float64Array(size);
  }

  compute(from: number, to: number): void {
    const x = ringOf(this.inputs[0]);
    const out = ringOf(this.outputs.hma);
    const { mask } = this.clock;
    const { raw } = this;
    const rawMask = raw.length - 1;
    for (let i = from; i < to; i++) {
      raw[i & rawMask] = 2 * this.half.at(x, mask, i) - this.full.at(x, mask, i);
      out[i & mask] = this.last.at(raw, rawMask, i);
    }
  }
}
