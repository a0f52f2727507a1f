import { DEGREES, type HilbertCycle, LONGEST, type Smoothing } from './hilbert.ts';

/** sin and cos of the k-th of n parts of a turn, at n · LONGEST + k; filled a row when it is first needed. */
const SINES = new Float64Array((LONGEST + 1) * LONGEST);
const COSINES = new Float64Array(SINES.length);
const isFilled = new Uint8Array(LONGEST + 1);

function fillRow(n: number): void {
  for (let k = 0; k < n; k++) {
    const [sine, cosine] = sineAndCosine((k * 2 * Math.PI) / n);
    SINES[n * LONGEST + k] = sine;
    COSINES[n * LONGEST + k] = cosine;
  }
  isFilled[n] = 1;
}

const BITS = 160n;

/**
 * Both rounded correctly, which Math.sin and Math.cos do not promise: the sums below cancel but for the last bits where a
 * price hardly moves, and TA-Lib's values are made of those. `x`: radians, 0 or 0.1 … 7.
 */
function sineAndCosine(x: number): readonly [number, number] {
  const turn = BigInt(x * 2 ** 60) << (BITS - 60n);
  let term = 1n << BITS;
  let sine = 0n;
  let cosine = term;
  for (let n = 1n; term !== 0n; n++) {
    term = ((term * turn) >> BITS) / n;
    if (n % 2n === 1n) sine += n % 4n === 1n ? term : -term;
    else cosine += n % 4n === 0n ? term : -term;
  }
  return [Number(sine) / 2 ** 160, Number(cosine) / 2 ** 160];
}

const RADIANS = 1 / DEGREES;

/** Below this share of the prices a component is nothing but rounding. */
const NOTHING = 1e-12;

/** Where in its dominant cycle a price stands, degrees from -45 to 315. */
export class CyclePhase {
  /** Smoothed prices, a cycle of the longest kind. */
  private readonly prices = new Float64Array(LONGEST);
  private readonly least: number;
  private at = 0;
  degrees = 0;

  constructor(smoothing: Smoothing) {
    this.least = smoothing === 'talib' ? 0 : NOTHING;
  }

  /** Takes what the cycle has now. At most 50 steps, whatever the length of the series. */
  next(cycle: HilbertCycle): void {
    const { prices } = this;
    prices[this.at] = cycle.smoothed;
    const count = cycle.wholePeriod;
    if (isFilled[count] === 0) fillRow(count);
    let real = 0;
    let imaginary = 0;
    let size = 0;
    for (let k = 0, p = this.at; k < count; k++) {
      const price = prices[p];
      real += SINES[count * LONGEST + k] * price;
      imaginary += COSINES[count * LONGEST + k] * price;
      size += Math.abs(price);
      p = p === 0 ? LONGEST - 1 : p - 1;
    }
    this.at = (this.at + 1) % LONGEST;
    const step = 360 / cycle.smoothPeriod;
    const least = this.least * size;
    if (least > 0 && Math.abs(real) <= least && Math.abs(imaginary) <= least) this.degrees += step;
    else {
      if (imaginary !== 0) this.degrees = Math.atan(real / imaginary) * DEGREES;
      else this.degrees += 90 * Math.sign(real);
      this.degrees += 90 + step;
      if (imaginary < 0) this.degrees += 180;
    }
    if (this.degrees > 315) this.degrees -= 360;
  }

  get sine(): number {
    return Math.sin(this.degrees * RADIANS);
  }

  /** An eighth of a turn ahead. */
  get lead(): number {
    return Math.sin((this.degrees + 45) * RADIANS);
  }
}
