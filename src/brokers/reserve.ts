/**
 * The sum of what resting orders keep from being spent twice. The sum is kept as two doubles, so that taking an amount off
 * leaves exactly what was there before it; a plain sum would slowly make or lose money.
 */
export class Reserve {
  /** The sum, its rounding error, and how many amounts it has. */
  readonly #sum = new Float64Array(3);

  get total(): number {
    return this.#sum[0];
  }

  add(amount: number): void {
    this.#change(amount, 1);
  }

  /** Takes off an amount that was added. */
  remove(amount: number): void {
    this.#change(-amount, -1);
  }

  #change(amount: number, count: number): void {
    const sum = this.#sum;
    sum[2] += count;
    if (sum[2] === 0) {
      sum[0] = 0;
      sum[1] = 0;
      return;
    }
    const before = sum[0];
    const high = before + amount;
    const back = high - before;
    const low = before - (high - back) + (amount - back) + sum[1];
    sum[0] = high + low;
    sum[1] = low - (sum[0] - high);
  }
}
