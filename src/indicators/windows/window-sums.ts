/** What a rolling sum has to do at a bar. */
export const MISSING = 0;
export const RESTART = 1;
export const SLIDE = 2;

/**
 * When the sums of a rolling window slide on, and when they are taken anew: once a window by bar number, so that
 * rounding cannot pile up and chunks cannot matter, and as soon as a missing value (NaN, ±Infinity) has left the window.
 */
export class WindowSums {
  private readonly bars: number;
  /** The first bar number whose window is complete. */
  readonly first: number;
  private lastMissing = Number.NEGATIVE_INFINITY;
  private broken = false;

  /** `start`: the first bar number that holds a value. */
  constructor(bars: number, start: number) {
    this.bars = bars;
    this.first = start + bars - 1;
  }

  /** The first bar from `i` on that does not slide, as far as that is known without its value. */
  nextRestart(i: number): number {
    if (i <= this.first || this.broken || this.lastMissing > i - 1 - this.bars) return i;
    const past = (i - this.first) % this.bars;
    return past === 0 ? i : i + this.bars - past;
  }

  /** The step at bar `i`, whose newest value is `value`; bars must be asked for in order, from `start` on. */
  next(i: number, value: number): typeof MISSING | typeof RESTART | typeof SLIDE {
    if (value - value !== 0) this.lastMissing = i;
    if (i < this.first) return MISSING;
    if (this.lastMissing > i - this.bars) {
      this.broken = true;
      return MISSING;
    }
    if (this.broken || (i - this.first) % this.bars === 0) {
      this.broken = false;
      return RESTART;
    }
    return SLIDE;
  }
}
