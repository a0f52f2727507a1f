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
    const end = this.#length + values.length;
    if (end > this.#values.length) this.#grow(end);
    this.#values.set(values, this.#length);
    this.#length = end;
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
