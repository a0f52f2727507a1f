import { type HilbertCycle, LONGEST } from './hilbert.ts';

/** The price without its dominant cycle: the mean of one whole cycle, weighted 4, 3, 2, 1 over four bars. */
export class CycleTrendline {
  private readonly prices = new Float64Array(LONGEST);
  private at = 0;
  private mean1 = 0;
  private mean2 = 0;
  private mean3 = 0;
  value = 0;

  /** Prices come before there is a cycle. */
  take(price: number): void {
    this.at = (this.at + 1) % LONGEST;
    this.prices[this.at] = price;
  }

  /** Takes what the cycle has now, after its price. At most 50 steps, whatever the length of the series. */
  next(cycle: HilbertCycle): void {
    const count = cycle.wholePeriod;
    let mean = 0;
    for (let k = 0, p = this.at; k < count; k++) {
      mean += this.prices[p];
      p = p === 0 ? LONGEST - 1 : p - 1;
    }
    if (count > 0) mean /= count;
    this.value = (4 * mean + 3 * this.mean1 + 2 * this.mean2 + this.mean3) / 10;
    this.mean3 = this.mean2;
    this.mean2 = this.mean1;
    this.mean1 = mean;
  }
}
