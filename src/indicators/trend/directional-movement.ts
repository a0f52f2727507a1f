import { Kernel } from '../../series/kernel.ts';
import { type Line, ringOf } from '../../series/line.ts';
import { NOTHING } from '../nothing.ts';

/** The true range of a bar: how far it reaches, the close before it included. */
export function trueRange(high: number, low: number, closeBefore: number): number {
  return Math.max(high, closeBefore) - Math.min(low, closeBefore);
}

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
    if (up > down) {
      if (up > 0) this.plus += up;
    } else if (down > up && down > 0) this.minus += down;
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
      const range = trueRange(high[p], low[p], close[q]);
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
    const high = ringOf(this.inputs[0]);
    const low = ringOf(this.inputs[1]);
    const close = ringOf(this.inputs[2]);
    const out = ringOf(this.outputs.value);
    const { mask } = this.clock;
    let i = from;
    for (; i < to && this.count < this.bars; i++) {
      const p = i & mask;
      const q = (i - 1) & mask;
      const up = high[p] - high[q];
      const known =
        i > this.start && this.sums.next(up, low[q] - low[p], trueRange(high[p], low[p], close[q]));
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
      const top = high[p];
      const bottom = low[p];
      const before = close[q];
      const up = top - high[q];
      const down = low[q] - bottom;
      const reach = (top > before ? top : before) - (bottom < before ? bottom : before);
      if (up - up + (down - down) + (reach - reach) !== 0) {
        out[p] = Number.NaN;
        continue;
      }
      const rise = up > 0 ? up : 0;
      const fall = down > 0 ? down : 0;
      plus = plus * kept + (rise > fall ? rise : 0);
      minus = minus * kept + (fall > rise ? fall : 0);
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
