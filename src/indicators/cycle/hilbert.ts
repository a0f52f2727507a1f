/** The coefficients of Ehlers' Hilbert transformer: on the newest and oldest of its four values, and on those between. */
const OUTER = 0.0962;
const INNER = 0.5769;
const SLOTS = 8;
const DEGREES = 180 / Math.PI;
const SHORTEST = 6;
const LONGEST = 50;

/** Bars that the smoothed price takes. */
const SMOOTHED = 4;

/** How the price is smoothed: afresh at each bar, or by TA-Lib's running sums, whose rounding errors stay. */
export const SMOOTHINGS = ['exact', 'talib'] as const;

export type Smoothing = (typeof SMOOTHINGS)[number];

/** The mean of four values, the newest weighing 4, the oldest 1; NaN-free input. */
class Smoothed {
  private readonly prices = new Float64Array(SMOOTHED);
  private readonly lasting: boolean;
  private seen = 0;
  private sum = 0;
  private weighted = 0;

  constructor(smoothing: Smoothing) {
    this.lasting = smoothing === 'talib';
  }

  next(price: number): number {
    const { prices, seen } = this;
    const at = seen % SMOOTHED;
    const oldest = prices[at];
    prices[at] = price;
    this.seen++;
    if (!this.lasting) {
      const recent = 4 * price + 3 * prices[(at + 3) % SMOOTHED];
      return (recent + 2 * prices[(at + 2) % SMOOTHED] + prices[(at + 1) % SMOOTHED]) * 0.1;
    }
    if (seen < SMOOTHED - 1) {
      this.sum += price;
      this.weighted += price * (seen + 1);
      return Number.NaN;
    }
    this.sum += price;
    this.sum -= oldest;
    this.weighted += price * 4;
    const smoothed = this.weighted * 0.1;
    this.weighted -= this.sum;
    return smoothed;
  }
}

/** A value a quarter of a cycle later, from those of 0, 2, 4 and 6 bars ago. */
class QuarterCycle {
  private readonly before = new Float64Array(SLOTS);
  private at = 0;

  next(value: number, gain: number): number {
    const { before, at } = this;
    before[at] = value;
    this.at = (at + 1) % SLOTS;
    // In TA-Lib's order: the parts nearly cancel, so the order shows.
    const outer = OUTER * value - OUTER * before[(at + 2) % SLOTS];
    return (outer - INNER * before[(at + 4) % SLOTS] + INNER * before[(at + 6) % SLOTS]) * gain;
  }
}

/**
 * Ehlers' homodyne discriminator: what cycle a price is in, from how fast the phase of its two components turns. All that
 * is computed by Hilbert transforms has one of these inside; `next` is O(1).
 */
export class HilbertCycle {
  /** Values that only the smoothing sees. */
  private readonly skipped: number;
  private readonly smoothing: Smoothed;
  private seen = 0;
  private readonly detrender = new QuarterCycle();
  private readonly toQuadrature = new QuarterCycle();
  private readonly turnInPhase = new QuarterCycle();
  private readonly turnQuadrature = new QuarterCycle();
  private readonly detrended = new Float64Array(SMOOTHED);
  private lastI = 0;
  private lastQ = 0;
  private real = 0;
  private imaginary = 0;
  /** The price, weighted 4, 3, 2, 1 over four bars. */
  smoothed = 0;
  inPhase = 0;
  quadrature = 0;
  /** Bars a cycle. */
  period = 0;
  /** The same, smoothed once more. */
  smoothPeriod = 0;

  constructor(skipped: number, smoothing: Smoothing) {
    this.skipped = skipped;
    this.smoothing = new Smoothed(smoothing);
  }

  /** Takes the next price; true once there is a cycle to speak of. */
  next(price: number): boolean {
    const { detrended } = this;
    const at = this.seen % SMOOTHED;
    this.seen++;
    this.smoothed = this.smoothing.next(price);
    if (this.seen <= this.skipped) return false;

    const gain = 0.075 * this.period + 0.54;
    const detrender = this.detrender.next(this.smoothed, gain);
    detrended[at] = detrender;
    this.quadrature = this.toQuadrature.next(detrender, gain);
    this.inPhase = detrended[(at + 1) % SMOOTHED];
    const turnedI = this.turnInPhase.next(this.inPhase, gain);
    const turnedQ = this.turnQuadrature.next(this.quadrature, gain);
    this.#measure(this.inPhase - turnedQ, this.quadrature + turnedI);
    return true;
  }

  #measure(nowI: number, nowQ: number): void {
    const i = 0.2 * nowI + 0.8 * this.lastI;
    const q = 0.2 * nowQ + 0.8 * this.lastQ;
    this.real = 0.2 * (i * this.lastI + q * this.lastQ) + 0.8 * this.real;
    this.imaginary = 0.2 * (i * this.lastQ - q * this.lastI) + 0.8 * this.imaginary;
    this.lastI = i;
    this.lastQ = q;
    const before = this.period;
    let period = before;
    if (this.imaginary !== 0 && this.real !== 0)
      period = 360 / (Math.atan(this.imaginary / this.real) * DEGREES);
    // A cycle changes its length gradually: by half at most, and within what can be measured.
    period = Math.max(Math.min(period, 1.5 * before), 0.67 * before);
    period = Math.min(Math.max(period, SHORTEST), LONGEST);
    this.period = 0.2 * period + 0.8 * before;
    this.smoothPeriod = 0.33 * this.period + 0.67 * this.smoothPeriod;
  }

  /** The angle between the two components, degrees; 0 where there is none. */
  get angle(): number {
    return this.inPhase === 0 ? 0 : Math.atan(this.quadrature / this.inPhase) * DEGREES;
  }

  /** The cycle's length in whole bars. */
  get wholePeriod(): number {
    return Math.trunc(this.smoothPeriod + 0.5);
  }
}

export { DEGREES, LONGEST };
