/** Which deterministic terms the regression of one series on the other has. */
export const TRENDS = ['constant', 'linear', 'quadratic', 'none'] as const;

export type Trend = (typeof TRENDS)[number];

interface Surface {
  /** Statistics above the largest have the p-value 1, below the smallest 0. */
  readonly largest: number;
  readonly smallest: number;
  /** Up to this statistic the polynomial for small p-values holds, above it the one for large. */
  readonly turn: number;
  readonly small: readonly number[];
  readonly large: readonly number[];
}

/**
 * Response surfaces of the Engle–Granger statistic for two series: J. G. MacKinnon, "Approximate Asymptotic Distribution
 * Functions for Unit-Root and Cointegration Tests", Journal of Business & Economic Statistics 12 (1994), tables 3 and 4.
 */
const SURFACES: Readonly<Record<Trend, Surface>> = {
  none: {
    largest: 1.51,
    smallest: -19.62,
    turn: -1.53,
    small: [1.9129, 1.3857, 0.035322],
    large: [1.5578, 0.8558, -0.2083, -0.033549],
  },
  constant: {
    largest: 0.92,
    smallest: -18.86,
    turn: -2.62,
    small: [2.92, 1.5012, 0.039796],
    large: [2.1945, 0.64695, -0.29198, -0.042377],
  },
  linear: {
    largest: 0.63,
    smallest: -21.15,
    turn: -3.19,
    small: [3.6646, 1.5419, 0.036448],
    large: [2.85, 0.5272, -0.36622, -0.051695],
  },
  quadratic: {
    largest: 0.79,
    smallest: -21.1,
    turn: -3.51,
    small: [4.3534, 1.6016, 0.037947],
    large: [3.4713, 0.5967, -0.32507, -0.042286],
  },
};

/** The approximate asymptotic p-value of an Engle–Granger statistic of two series. */
export function cointegrationPValue(statistic: number, trend: Trend): number {
  const { largest, smallest, turn, small, large } = SURFACES[trend];
  if (Number.isNaN(statistic)) return Number.NaN;
  if (statistic > largest) return 1;
  if (statistic < smallest) return 0;
  const coefficients = statistic <= turn ? small : large;
  return normalDistribution(
    coefficients.reduceRight((value, coefficient) => value * statistic + coefficient, 0),
  );
}

/** The standard normal distribution function: its series near 0, its continued fraction in the tails. */
export function normalDistribution(x: number): number {
  const density = Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
  const distance = Math.abs(x);
  if (distance < 4) {
    let term = distance;
    let sum = distance;
    for (let k = 3; term > sum * 1e-17; k += 2) {
      term *= (distance * distance) / k;
      sum += term;
    }
    return 0.5 + Math.sign(x) * density * sum;
  }
  let fraction = distance;
  for (let k = 60; k > 0; k--) fraction = distance + k / fraction;
  return x > 0 ? 1 - density / fraction : density / fraction;
}
