/** A number as the unevaluated sum of two doubles, the second at most half a unit in the last place of the first. */
type Double = readonly [high: number, low: number];

const LN2: Double = [Math.LN2, 2.3190468138462996e-17];
/** 2^27 + 1 (Dekker): splits a double into two halves of 26 bits. */
const SPLITTER = 134_217_729;
/** The argument is divided by 2 this often before the series, and the result squared as often. */
const HALVINGS = 9;

/**
 * e^x, rounded correctly in all but a few of a million cases: as the C library has it that Python calls, and other than
 * `Math.exp`, which is off by one in the last place now and then. It matters where figures are compared whose
 * difference is nothing but rounding.
 */
export function exp(x: number): number {
  if (!(Math.abs(x) < 700)) return Math.exp(x);
  const [high, low] = expDouble(x);
  return high + low;
}

/** The natural logarithm, as correct as {@link exp}. */
export function log(x: number): number {
  const near = Math.log(x);
  if (!(Math.abs(near) < 700)) return near;
  // One step of Newton's method from the nearest double or its neighbour.
  const [high, low] = times(expDouble(-near), [x, 0]);
  return near + (high - 1 + low);
}

function expDouble(x: number): Double {
  const powers = Math.round(x / Math.LN2);
  const rest = plus([x, 0], times([-powers, 0], LN2));
  const scale = 2 ** -HALVINGS;
  const small: Double = [rest[0] * scale, rest[1] * scale];
  // The Taylor series of e^small − 1 by Horner's rule.
  let series: Double = [0, 0];
  for (let n = 12; n > 0; n--) series = divided(times(small, plus(series, [1, 0])), n);
  // (1 + s)² − 1 = 2s + s²: the 1 is left out until the end, where it would cost digits.
  for (let i = 0; i < HALVINGS; i++) {
    series = plus([2 * series[0], 2 * series[1]], times(series, series));
  }
  const [high, low] = plus(series, [1, 0]);
  return [high * 2 ** powers, low * 2 ** powers];
}

function plus(a: Double, b: Double): Double {
  const [sum, error] = exactSum(a[0], b[0]);
  return renormalised(sum, error + a[1] + b[1]);
}

function times(a: Double, b: Double): Double {
  const product = a[0] * b[0];
  const [a1, a2] = halves(a[0]);
  const [b1, b2] = halves(b[0]);
  const error = a1 * b1 - product + a1 * b2 + a2 * b1 + a2 * b2;
  return renormalised(product, error + a[0] * b[1] + a[1] * b[0]);
}

function divided(a: Double, by: number): Double {
  const high = a[0] / by;
  const [back, error] = times([high, 0], [by, 0]);
  return renormalised(high, (a[0] - back - error + a[1]) / by);
}

function exactSum(a: number, b: number): Double {
  const sum = a + b;
  const part = sum - a;
  return [sum, a - (sum - part) + (b - part)];
}

function renormalised(high: number, low: number): Double {
  const sum = high + low;
  return [sum, low - (sum - high)];
}

function halves(value: number): Double {
  const scaled = SPLITTER * value;
  const high = scaled - (scaled - value);
  return [high, value - high];
}
