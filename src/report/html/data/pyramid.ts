/** Every stored level merges this many entries of the one below: an eighth more memory each, a seventh in all. */
const RATIO_LOG2 = 3;

export interface CandleColumns {
  readonly time: Float64Array;
  readonly open: Float64Array;
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
  readonly volume: Float64Array;
}

/** Per entry the smallest, the largest and the last finite value of what it stands for; NaN where there was none. */
export interface RangeColumns {
  readonly low: Float64Array;
  readonly high: Float64Array;
  readonly last: Float64Array;
}

/**
 * Levels of detail over columns: a bucket of level L stands for 2^L entries, the last one perhaps for fewer. Every
 * third level is stored, those between are merged from the stored one below when they are read.
 */
abstract class Pyramid<C> {
  readonly #stored: C[];
  readonly length: number;

  constructor(base: C, length: number, merge: (source: C, from: number, to: number, ratioLog2: number) => C) {
    this.length = length;
    this.#stored = [base];
    for (let count = length, below = base; count > 64; ) {
      const merged = merge(below, 0, count, RATIO_LOG2);
      this.#stored.push(merged);
      below = merged;
      count = Math.ceil(count / (1 << RATIO_LOG2));
    }
  }

  /** The stored level to read level `level` from, and how many levels (as a power of two) are left to merge. */
  protected source(level: number): { columns: C; rest: number; length: number } {
    const stored = Math.min(Math.floor(level / RATIO_LOG2), this.#stored.length - 1);
    const scale = 2 ** (stored * RATIO_LOG2);
    return {
      columns: this.#stored[stored],
      rest: level - stored * RATIO_LOG2,
      length: Math.ceil(this.length / scale),
    };
  }
}

/** How many buckets `length` entries make at a level. */
export function bucketsAt(length: number, level: number): number {
  return Math.ceil(length / 2 ** level);
}

export class CandlePyramid extends Pyramid<CandleColumns> {
  constructor(base: CandleColumns) {
    super(base, base.time.length, mergeCandles);
  }

  /** Buckets `from` (inclusive) to `to` (exclusive) of a level. */
  slice(level: number, from: number, to: number): CandleColumns {
    const { columns, rest, length } = this.source(level);
    return mergeCandles(columns, from * 2 ** rest, Math.min(length, to * 2 ** rest), rest);
  }
}

export class RangePyramid extends Pyramid<RangeColumns> {
  constructor(base: RangeColumns) {
    super(base, base.last.length, mergeRanges);
  }

  /** A pyramid over plain values, where an entry is its own smallest, largest and last. */
  static of(values: Float64Array): RangePyramid {
    return new RangePyramid({ low: values, high: values, last: values });
  }

  /** Buckets `from` (inclusive) to `to` (exclusive) of a level. */
  slice(level: number, from: number, to: number): RangeColumns {
    const { columns, rest, length } = this.source(level);
    return mergeRanges(columns, from * 2 ** rest, Math.min(length, to * 2 ** rest), rest);
  }
}

function mergeCandles(source: CandleColumns, from: number, to: number, ratioLog2: number): CandleColumns {
  const ratio = 2 ** ratioLog2;
  const count = Math.max(0, Math.ceil((to - from) / ratio));
  const column = () => new Float64Array(count);
  const [time, open, high, low, close, volume] = Array.from({ length: 6 }, column);
  for (let b = 0; b < count; b++) {
    const first = from + b * ratio;
    const end = Math.min(to, first + ratio);
    let top = source.high[first];
    let bottom = source.low[first];
    let sum = source.volume[first];
    for (let i = first + 1; i < end; i++) {
      if (source.high[i] > top) top = source.high[i];
      if (source.low[i] < bottom) bottom = source.low[i];
      sum += source.volume[i];
    }
    time[b] = source.time[first];
    open[b] = source.open[first];
    high[b] = top;
    low[b] = bottom;
    close[b] = source.close[end - 1];
    volume[b] = sum;
  }
  return { time, open, high, low, close, volume };
}

function mergeRanges(source: RangeColumns, from: number, to: number, ratioLog2: number): RangeColumns {
  const ratio = 2 ** ratioLog2;
  const count = Math.max(0, Math.ceil((to - from) / ratio));
  const low = new Float64Array(count).fill(Number.NaN);
  const high = new Float64Array(count).fill(Number.NaN);
  const last = new Float64Array(count).fill(Number.NaN);
  for (let b = 0; b < count; b++) {
    const end = Math.min(to, from + (b + 1) * ratio);
    for (let i = from + b * ratio; i < end; i++) {
      if (!Number.isFinite(source.last[i])) continue;
      if (!(source.low[i] >= low[b])) low[b] = source.low[i];
      if (!(source.high[i] <= high[b])) high[b] = source.high[i];
      last[b] = source.last[i];
    }
  }
  return { low, high, last };
}
