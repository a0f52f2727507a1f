import type { Analyzer, RunStart, Steps } from './analyzer.ts';

export interface Drawdown {
  /** The deepest fall from a peak, as a fraction of that peak: 0.25 is 25 %. */
  readonly max: number;
  /** That fall in quote. */
  readonly maxMoney: number;
  /** The peak's time, epoch ms UTC. */
  readonly peakTime: number;
  /** The trough's time, epoch ms UTC. */
  readonly troughTime: number;
  /** The longest time spent below a peak, from it to the step that reached it again (or the end), ms. */
  readonly longestMs: number;
  /** How often the value fell below its peak, and stayed there for a step at least. */
  readonly count: number;
  /** Mean time from a peak to the step that reached it again (or the end), over all of them, ms; NaN without one. */
  readonly averageMs: number;
}

/** Falls of the account's value below its highest value so far; the starting value counts as the first peak. */
export class DrawdownAnalyzer implements Analyzer<Drawdown> {
  #peak = 0;
  #peakTime = 0;
  #max = 0;
  #maxMoney = 0;
  #maxPeakTime = Number.NaN;
  #troughTime = Number.NaN;
  #longest = 0;
  #count = 0;
  #total = 0;
  #below = false;
  #last = 0;

  begin(start: RunStart): void {
    this.#peak = start.value;
    this.#peakTime = start.time;
  }

  steps({ length, stamps, first, shift, value }: Steps): void {
    let peak = this.#peak;
    let peakTime = this.#peakTime;
    let max = this.#max;
    let below = this.#below;
    for (let i = 0; i < length; i++) {
      const current = value[i];
      if (current >= peak) {
        if (below) this.#add(stamps[first + i] + shift - peakTime);
        below = false;
        peak = current;
        peakTime = stamps[first + i] + shift;
      } else {
        below = true;
        if (peak - current > max * peak) {
          max = (peak - current) / peak;
          this.#maxMoney = peak - current;
          this.#maxPeakTime = peakTime;
          this.#troughTime = stamps[first + i] + shift;
        }
      }
    }
    this.#peak = peak;
    this.#peakTime = peakTime;
    this.#max = max;
    this.#below = below;
    this.#last = stamps[first + length - 1] + shift;
  }

  #add(duration: number): void {
    this.#count++;
    this.#total += duration;
    if (duration > this.#longest) this.#longest = duration;
  }

  end(): Drawdown {
    if (this.#below) this.#add(this.#last - this.#peakTime);
    return {
      max: this.#max,
      maxMoney: this.#maxMoney,
      peakTime: this.#maxPeakTime,
      troughTime: this.#troughTime,
      longestMs: this.#longest,
      count: this.#count,
      averageMs: this.#total / this.#count,
    };
  }
}
