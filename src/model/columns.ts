/** An append-only column of numbers that grows by doubling; reading past `length` is the caller's mistake. */
export class NumberColumn {
  #values: Float64Array;
  #length = 0;

  constructor(capacity = 64) {
    this.#values = new Float64Array(capacity);
  }

  get length(): number {
    return this.#length;
  }

  push(value: number): void {
    if (this.#length === this.#values.length) this.#grow(this.#length + 1);
    this.#values[this.#length++] = value;
  }

  /** Appends all of `values`. */
  append(values: Float64Array): void {
    this.extend(values.length).set(values);
  }

  /** Appends `count` values that the caller writes: a view of their places, valid until the next append. */
  extend(count: number): Float64Array {
    const from = this.#length;
    const end = from + count;
    if (end > this.#values.length) this.#grow(end);
    this.#length = end;
    return this.#values.subarray(from, end);
  }

  /** Takes off the last value. */
  pop(): void {
    this.#length--;
  }

  at(index: number): number {
    return this.#values[index];
  }

  /** The values as a view, valid until the next append. */
  view(): Float64Array {
    return this.#values.subarray(0, this.#length);
  }

  #grow(needed: number): void {
    const larger = new Float64Array(Math.max(needed, this.#values.length * 2));
    larger.set(this.#values);
    this.#values = larger;
  }
}
