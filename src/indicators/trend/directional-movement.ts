import { Kernel } from '../../series/kernel.ts';
import { type Line, ringOf } from '../../series/line.ts';
import { NOTHING } from '../mathematics/nothing.ts';
import { rangeOf } from '../volatility/true-range.ts';

/**
 * Wilder's directional movement, bar by bar: the part of a bar that reaches beyond the bar before, on the side where it
 * reaches further; 0 on the other side, and on both where neither is further.
 */
export class DirectionalMove extends Kernel<'plus' | 'minus'> {
  constructor(high: Line, low: Line) {
    super({
      label: 'DM',
      inputs: [high, low],
      outputs: ['plus', 'minus'],
      warmup: 1,
      role: 'operator',
    });
  }

  compute(from: number, to: number): void {
    const high = ringOf(this.inputs[0]);
    const low = ringOf(this.inputs[1]);
    const plus = ringOf(this.outputs.plus);
    const minus = ringOf(this.outputs.minus);
    const { mask } = this.clock;
    for (let i = from; i < to; i++) {
      const p = i & mask;
      const q = (i - 1) & mask;
      const up = high[p] - high[q];
      const down = low[q] - low[p];
      const known = i > this.start && up - up === 0 && down - down === 0;
      plus[p] = known ? (up > down && up > 0 ? up : 0) : Number.NaN;
      minus[p] = known ? (down > up && down > 0 ? down : 0) : Number.NaN;
    }
  }
}

/** `a` where it is above 0 and above `b`, else 0: without a branch, whose outcome nothing could foresee. */
function further(a: number, b: number): number {
  return 0.5 * (a + Math.abs(a)) * +(a > b);
}

/**
 * TA-Lib's smoothing of the directional movement and the true range, which the kernels below share. Sums of the first
 * `bars` − 1 values, then Wilder's step: sum − sum ÷ bars + value. A bar with a NaN is passed over.
 */
class WilderSums {
  private readonly bars: number;
  /** How many values have been taken. */
  seen = 0;
  plus = 0;
  minus = 0;
  range = 0;

  constructor(bars: number) {
    this.bars = bars;
  }

  /** Takes a bar; false when it was passed over. */
  next(up: number, down: number, range: number): boolean {
    if (!(up - up === 0 && down - down === 0 && range - range === 0)) return false;
    const { bars } = this;
    if (++this.seen >= bars) {
      this.plus -= this.plus / bars;
      this.minus -= this.minus / bars;
      this.range -= this.range / bars;
    }
    this.plus += further(up, down);
    this.minus += further(down, up);
    this.range += range;
    return true;
  }
}

/** The smoothed movement itself. */
export class WilderMovement extends Kernel<'plus' | 'minus'> {
  private readonly bars: number;
  private readonly sums: WilderSums;

  constructor(high: Line, low: Line, bars: number) {
    super({
      label: `DM(${bars})`,
      inputs: [high, low],
      outputs: ['plus', 'minus'],
      warmup: Math.max(1, bars - 1),
      depth: 2,
      recursive: bars > 1,
    });
    this.bars = bars;
    this.sums = new WilderSums(bars);
  }

  compute(from: number, to: number): void {
    const high = ringOf(this.inputs[0]);
    const low = ringOf(this.inputs[1]);
    const plus = ringOf(this.outputs.plus);
    const minus = ringOf(this.outputs.minus);
    const { mask } = this.clock;
    const { sums, bars } = this;
    for (let i = from; i < to; i++) {
      const p = i & mask;
      const q = (i - 1) & mask;
      const known = i > this.start && sums.next(high[p] - high[q], low[q] - low[p], 0);
      const ready = known && sums.seen >= bars - 1;
      plus[p] = ready ? sums.plus : Number.NaN;
      minus[p] = ready ? sums.minus : Number.NaN;
    }
  }
}

/** The smoothed movement in relation to the smoothed true range. */
export class WilderIndicator extends Kernel<'plus' | 'minus'> {
  private readonly bars: number;
  private readonly sums: WilderSums;

  constructor(high: Line, low: Line, close: Line, bars: number) {
    super({
      label: `DI(${bars})`,
      inputs: [high, low, close],
      outputs: ['plus', 'minus'],
      warmup: bars,
      depth: 2,
      recursive: bars > 1,
    });
    this.bars = bars;
    this.sums = new WilderSums(bars);
  }

  compute(from: number, to: number): void {
    const high = ringOf(this.inputs[0]);
    const low = ringOf(this.inputs[1]);
    const close = ringOf(this.inputs[2]);
    const plus = ringOf(this.outputs.plus);
    const minus = ringOf(this.outputs.minus);
    const { mask } = this.clock;
    const { sums, bars } = this;
    // TA-Lib leaves the factor out where nothing is smoothed.
    const factor = bars === 1 ? 1 : 100;
    for (let i = from; i < to; i++) {
      const p = i & mask;
      const q = (i - 1) & mask;
      const range = rangeOf(high[p], low[p], close[q]);
      const known = i > this.start && sums.next(high[p] - high[q], low[q] - low[p], range);
      const ready = known && sums.seen >= bars;
      const moved = sums.range > NOTHING;
      plus[p] = ready ? (moved ? factor * (sums.plus / sums.range) : 0) : Number.NaN;
      minus[p] = ready ? (moved ? factor * (sums.minus / sums.range) : 0) : Number.NaN;
    }
  }
}

/**
 * The directional index, and its Wilder mean over `bars` values where that is asked for: all from one pass. Where it is
 * undefined the value before stays, as in TA-Lib: the index's own, or the mean.
 */
export class WilderIndex extends Kernel<'value'> {
  private readonly bars: number;
  private readonly averaged: boolean;
  private readonly sums: WilderSums;
  /** How many values the mean has been made of while it is seeded. */
  private count = 0;
  private value = 0;

  constructor(high: Line, low: Line, close: Line, bars: number, averaged: boolean) {
    super({
      label: averaged ? `ADX(${bars})` : `DX(${bars})`,
      inputs: [high, low, close],
      outputs: ['value'],
      warmup: averaged ? 2 * bars - 1 : bars,
      depth: 2,
      recursive: true,
    });
    this.bars = bars;
    this.averaged = averaged;
    this.sums = new WilderSums(bars);
  }

  compute(from: number, to: number): void {
    const high = this.reads[0];
    const low = this.reads[1];
    const close = this.reads[2];
    const out = this.writes[0];
    const { mask } = this.clock;
    let i = from;
    for (; i < to && this.count < this.bars; i++) {
      const p = i & mask;
      const q = (i - 1) & mask;
      const up = high[p] - high[q];
      const known = i > this.start && this.sums.next(up, low[q] - low[p], rangeOf(high[p], low[p], close[q]));
      out[p] = known && this.sums.seen >= this.bars ? this.begin() : Number.NaN;
    }
    if (i < to) this.slide(high, low, close, out, mask, i, to);
  }

  /** The index, or NaN while the mean is being seeded. */
  private begin(): number {
    const { plus, minus, range } = this.sums;
    const both = plus + minus;
    const defined = range > NOTHING && 100 * both > NOTHING * range;
    const index = defined ? (100 * Math.abs(plus - minus)) / both : Number.NaN;
    if (!this.averaged) {
      if (defined) this.value = index;
      return this.value;
    }
    // An undefined index adds nothing to the seed, but counts.
    if (defined) this.value += index;
    if (++this.count < this.bars) return Number.NaN;
    this.value /= this.bars;
    return this.value;
  }

  /** The hot loop, once the mean is seeded: the same steps on local numbers. */
  private slide(
    high: Float64Array,
    low: Float64Array,
    close: Float64Array,
    out: Float64Array,
    mask: number,
    from: number,
    to: number,
  ): void {
    const { sums, bars } = this;
    const alpha = 1 / bars;
    const kept = (bars - 1) / bars;
    let { plus, minus, range } = sums;
    let { value } = this;
    for (let i = from; i < to; i++) {
      const p = i & mask;
      const q = (i - 1) & mask;
      const up = high[p] - high[q];
      const down = low[q] - low[p];
      const reach = rangeOf(high[p], low[p], close[q]);
      if (up - up + (down - down) + (reach - reach) !== 0) {
        out[p] = Number.NaN;
        continue;
      }
      plus = plus * kept + further(up, down);
      minus = minus * kept + further(down, up);
      range = range * kept + reach;
      const both = plus + minus;
      if (range > NOTHING && 100 * both > NOTHING * range)
        value += ((100 * Math.abs(plus - minus)) / both - value) * alpha;
      out[p] = value;
    }
    sums.plus = plus;
    sums.minus = minus;
    sums.range = range;
    this.value = value;
  }
}
