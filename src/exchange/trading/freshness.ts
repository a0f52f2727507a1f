/** Binance's default, and the most that may be asked for, ms. */
const WINDOW = 5000;
export const MOST_WINDOW = 60_000;
/** How far ahead a client's clock may be, ms. */
const AHEAD = 1000;
/** Moments remembered, of the last minute: some ten seconds of the fastest replay. */
const REMEMBERED = 50_000;

/**
 * Judges when a request was signed. The exchange's clock may run faster than any client's, or, in lockstep, from moment
 * to moment: so a request is too old when the clock has been past its timestamp for longer than its window, ms of real
 * time. A client that takes this machine's clock for the exchange's is in time as well.
 */
export class Freshness {
  /** When the clock came to which time; ascending. */
  #moments: { readonly real: number; readonly time: number }[] = [];

  /** The clock has gone on to `time`, epoch ms UTC, at `real`, epoch ms of real time. */
  passed(time: number, real: number): void {
    const last = this.#moments.at(-1);
    if (last !== undefined && time <= last.time) return;
    this.#moments.push({ real, time });
    if (this.#moments.length < 2 * REMEMBERED) return;
    const recent = this.#moments.filter(moment => moment.real >= real - MOST_WINDOW);
    this.#moments = recent.slice(-REMEMBERED);
  }

  /** `fresh`, or why it is not: `time` is the clock now, `speed` how fast it runs (null in lockstep). */
  judge(
    timestamp: number,
    window: number | undefined,
    now: {
      readonly time: number;
      readonly real: number;
      readonly speed: number | null;
      readonly skew: number;
    },
  ): 'fresh' | 'late' | 'early' {
    const { time, real, speed, skew } = now;
    const within = window ?? WINDOW;
    const machine = real + skew;
    if (timestamp < machine + AHEAD && machine - timestamp <= within) return 'fresh';
    if (timestamp >= time + AHEAD) return 'early';
    if (time - timestamp <= within) return 'fresh';
    const behind = speed === null ? this.#behind(timestamp, real) : (time - timestamp) / speed;
    return behind <= within ? 'fresh' : 'late';
  }

  /** For how long the clock has been past a time, ms of real time. */
  #behind(timestamp: number, real: number): number {
    const moments = this.#moments;
    let low = 0;
    let high = moments.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (moments[middle].time > timestamp) high = middle;
      else low = middle + 1;
    }
    // Nobody knows any more when it was, or it was before the beginning.
    if (low === 0) return Number.POSITIVE_INFINITY;
    return low === moments.length ? 0 : real - moments[low].real;
  }
}
