/** The smallest and the largest value of a stretch of bars; `smallest` is NaN when one of them is not above 0. */
interface Range {
  from: number;
  to: number;
  smallest: number;
  largest: number;
}

/**
 * The range of the values in a ring's newest block and the one before it: found once a block, however many indicators
 * on the same line ask.
 */
export class BlockRange {
  private last: Range = { from: 0, to: 0, smallest: Number.NaN, largest: Number.NaN };
  private before: Range = { from: 0, to: 0, smallest: Number.NaN, largest: Number.NaN };

  /**
   * True when all values of bars `from`..`to` are above 0 and within a factor of two of each other. False also when
   * `from` lies before the last two blocks; `blockFrom`..`to` is the newest one.
   */
  isNarrow(x: Float64Array, mask: number, from: number, blockFrom: number, to: number): boolean {
    if (this.last.to !== to || this.last.from !== blockFrom) this.next(x, mask, blockFrom, to);
    const { smallest, largest } = this.last;
    if (!(largest <= 2 * smallest)) return false;
    if (from >= blockFrom) return true;
    const before = this.before;
    return (
      before.to === blockFrom &&
      before.from <= from &&
      Math.max(largest, before.largest) <= 2 * Math.min(smallest, before.smallest)
    );
  }

  /** The smallest value of the last two blocks. */
  get smallest(): number {
    return Math.min(this.last.smallest, this.before.smallest);
  }

  private next(x: Float64Array, mask: number, from: number, to: number): void {
    const range = this.before;
    this.before = this.last;
    this.last = range;
    let smallest = Number.POSITIVE_INFINITY;
    let largest = 0;
    let positive = true;
    for (let i = from; i < to; i++) {
      const value = x[i & mask];
      if (!(value > 0)) positive = false;
      if (value < smallest) smallest = value;
      if (value > largest) largest = value;
    }
    range.from = from;
    range.to = to;
    range.smallest = positive ? smallest : Number.NaN;
    range.largest = largest;
  }
}

const ranges = new WeakMap<Float64Array, BlockRange>();

/** The range of this ring, shared by all that read it. */
export function blockRangeOf(ring: Float64Array): BlockRange {
  let range = ranges.get(ring);
  if (range === undefined) {
    range = new BlockRange();
    ranges.set(ring, range);
  }
  return range;
}
