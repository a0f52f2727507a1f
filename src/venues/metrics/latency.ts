/** Mean and greatest of some durations, µs; NaN where there were none. */
export class Latency {
  #sum = 0;
  #most = Number.NaN;
  #count = 0;

  add(duration: number): void {
    this.#sum += duration;
    this.#most = this.#count++ === 0 ? duration : Math.max(this.#most, duration);
  }

  /** Those of the window, of which the next one begins. */
  take(): { readonly mean: number; readonly most: number } {
    const figures = { mean: this.#sum / this.#count, most: this.#most };
    this.#sum = 0;
    this.#most = Number.NaN;
    this.#count = 0;
    return figures;
  }
}
