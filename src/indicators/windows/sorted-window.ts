/**
 * The values of a window in ascending order. Finding a place takes O(log n); making room moves what lies behind it in one
 * block, which for windows of thousands of values costs less than a tree would.
 */
export class SortedWindow {
  private readonly values: Float64Array;
  private count = 0;

  /** `most`: how many values it may hold. */
  constructor(most: number) {
    this.values = new Float64Array(most);
  }

  /** How many values are less than this one. */
  below(value: number): number {
    const { values } = this;
    let from = 0;
    let to = this.count;
    while (from < to) {
      const middle = (from + to) >>> 1;
      if (values[middle] < value) from = middle + 1;
      else to = middle;
    }
    return from;
  }

  /** The value at a place, 0 being the smallest's. */
  at(rank: number): number {
    return this.values[rank];
  }

  insert(value: number): void {
    const at = this.below(value);
    this.values.copyWithin(at + 1, at, this.count);
    this.values[at] = value;
    this.count++;
  }

  /** Takes out one value that is in it. */
  remove(value: number): void {
    const at = this.below(value);
    this.values.copyWithin(at, at + 1, this.count);
    this.count--;
  }
}
