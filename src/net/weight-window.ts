/** Counts the weights of requests, of which a server takes only so much within a time from one address. */
export class WeightWindow {
  readonly #limit: number;
  readonly #windowMs: number;
  /** What was spent within the window, oldest first. */
  readonly #spent: { readonly at: number; readonly weight: number }[] = [];
  #sum = 0;

  constructor(limit: number, windowMs: number) {
    this.#limit = limit;
    this.#windowMs = windowMs;
  }

  /** How long a request must wait, ms; one heavier than the limit waits until nothing else counts. */
  wait(now: number, weight: number): number {
    this.#forget(now);
    let sum = this.#sum;
    for (const { at, weight: gone } of this.#spent) {
      if (sum + weight <= this.#limit) return 0;
      sum -= gone;
      if (sum + weight <= this.#limit || sum <= 0) return at + this.#windowMs - now;
    }
    return 0;
  }

  spend(now: number, weight: number): void {
    this.#forget(now);
    this.#spent.push({ at: now, weight });
    this.#sum += weight;
  }

  #forget(now: number): void {
    while (this.#spent.length > 0 && this.#spent[0].at + this.#windowMs <= now) {
      this.#sum -= this.#spent.shift()!.weight;
    }
  }
}
