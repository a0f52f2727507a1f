import {
  bollinger,
  calculate,
  correlation,
  highest,
  type Line,
  linearRegression,
  median,
  pairRegression,
  regressionSlope,
  rSquared,
  sma,
  standardError,
  stdDev,
  sum,
  variance,
  wma,
  zScore,
} from 'qt-trader';
import { describe, expect, test } from 'vitest';
import { mulberry32 } from '../support/random-walk.ts';

/** Doubles near 1e8 are whole multiples of 2^-26, so their sums and products are whole numbers, and nothing is rounded. */
const UNIT = 2 ** 26;
const whole = (value: number) => BigInt(value * UNIT);

/** a ÷ b as the nearest double, or near enough: 18 digits. */
function ratio(a: bigint, b: bigint): number {
  const scale = 10n ** BigInt(Math.max(0, 20 + b.toString().length - a.toString().length));
  return Number((a * scale) / b) / Number(scale);
}

const total = (values: readonly bigint[]) => values.reduce((sum, value) => sum + value, 0n);
const products = (a: readonly bigint[], b: readonly bigint[]) => total(a.map((value, k) => value * b[k]));

/** n · Σab − Σa · Σb: n² times the covariance. */
const spread = (a: readonly bigint[], b: readonly bigint[]) =>
  BigInt(a.length) * products(a, b) - total(a) * total(b);

const SQUARED = UNIT * UNIT;

const deviationOf = (x: readonly bigint[]) => Math.sqrt(ratio(spread(x, x), BigInt(x.length ** 2)) / SQUARED);
const places = (n: number) => Array.from({ length: n }, (_, k) => BigInt(k));
const slopeOf = (y: readonly bigint[], x: readonly bigint[]) => ratio(spread(x, y), spread(x, x));
const shareOf = (x: readonly bigint[], y: readonly bigint[]) =>
  ratio(spread(x, y) ** 2n, spread(x, x) * spread(y, y));

const cents = (i: number, next: () => number) =>
  1e8 + Math.round(2000 * Math.sin(i / 40) + 300 * next()) / 100;

/** A series near 1e8 that moves by cents; one with ticks far off; one that stands still for a while; one with a step. */
const SERIES: Readonly<Record<string, (i: number, next: () => number) => number>> = {
  'moves by cents': cents,
  'has ticks far off': (i, next) => (i % 97 === 50 ? 6.5e7 : cents(i, next)),
  'stands still now and then': (i, next) => (i % 120 < 60 ? 1e8 + 0.25 : cents(i, next)),
  'doubles from one bar to the next': (i, next) => (i < 300 ? 6e7 : 1.2e8) + cents(i, next) - 1e8,
};

describe.each(Object.keys(SERIES))('a series near 1e8 that %s', name => {
  const next = mulberry32(9);
  // Rounded to the unit, which doubles of this size are multiples of anyway.
  const x = Float64Array.from({ length: 600 }, (_, i) => Math.round(SERIES[name](i, next) * UNIT) / UNIT);
  const y = x.map((value, i) => Math.round((6e7 + 0.3 * (value - 5e7) + Math.cos(i) / 3) * UNIT) / UNIT);

  /** Every window's value is right to 1e-9, or to `smallest` where it is nearly 0. */
  function check(
    bars: number,
    got: Float64Array,
    of: (x: readonly bigint[], y: readonly bigint[]) => number,
    smallest = 1e-12,
  ) {
    const wholeX = [...x].map(whole);
    const wholeY = [...y].map(whole);
    for (let i = bars - 1; i < x.length; i++) {
      const expected = of(wholeX.slice(i - bars + 1, i + 1), wholeY.slice(i - bars + 1, i + 1));
      const apart = Math.abs(got[i] - expected);
      if (!(apart <= Math.max(smallest, 1e-9 * Math.abs(expected)))) {
        expect(`bar ${i}, ${bars} bars: ${got[i]}`).toBe(`bar ${i}, ${bars} bars: ${expected}`);
      }
    }
  }

  const flat = (x: readonly bigint[]) => x.every(value => value === x[0]);

  test.each([2, 3, 20, 50])('over %i bars has the right moments', bars => {
    check(bars, calculate(stdDev, x, bars), deviationOf);
    check(bars, calculate(variance, x, bars), x => ratio(spread(x, x), BigInt(bars ** 2)) / SQUARED);
    check(
      bars,
      calculate(zScore, x, bars),
      x =>
        flat(x)
          ? 0
          : ratio((BigInt(bars) * x[bars - 1] - total(x)) * BigInt(10 ** 9), BigInt(bars)) /
            1e9 /
            UNIT /
            deviationOf(x),
      1e-9,
    );
  });

  test.each([2, 3, 20, 50])('over %i bars has the right regression line', bars => {
    const k = places(bars);
    check(bars, calculate(regressionSlope, x, bars), x => slopeOf(x, k) / UNIT, 1e-10);
    check(bars, calculate(linearRegression, x, bars), x => {
      const mean = ratio(total(x), BigInt(bars));
      return (mean + (slopeOf(x, k) * (bars - 1)) / 2) / UNIT;
    });
    check(bars, calculate(rSquared, x, bars), x => (flat(x) ? 0 : shareOf(x, k)), 1e-9);
  });

  test.each([3, 20, 50])('over %i bars lies right around its regression line', bars => {
    const k = places(bars);
    // Squared distances from the line: spread − slope · joint, times n.
    const residual = (x: readonly bigint[]) =>
      ratio(spread(x, x) * spread(k, k) - spread(x, k) ** 2n, spread(k, k) * BigInt(bars)) / SQUARED;
    check(bars, calculate(standardError, x, bars), x => Math.sqrt(residual(x) / (bars - 2)), 1e-8);
  });

  test.each([3, 20, 50])('over %i bars goes with another as it should', bars => {
    const columns = { x, y };
    const sign = (x: readonly bigint[], y: readonly bigint[]) => (spread(x, y) < 0n ? -1 : 1);
    check(
      bars,
      calculate(correlation, columns.x, columns.y, bars),
      (x, y) => (flat(x) || flat(y) ? 0 : sign(x, y) * Math.sqrt(shareOf(x, y))),
      1e-8,
    );
    const ols = (a: Line, b: Line) => pairRegression(a, b, bars);
    check(bars, calculate(ols, columns.y, columns.x).slope, (x, y) => (flat(x) ? 0 : slopeOf(y, x)), 1e-8);
  });

  test.each([1, 2, 20, 50])('over %i bars has the right sums and places', bars => {
    const mean = (x: readonly bigint[]) => ratio(total(x), BigInt(bars)) / UNIT;
    check(bars, calculate(sma, x, bars), mean);
    check(bars, calculate(sum, x, bars), x => Number(total(x)) / UNIT);
    check(bars, calculate(wma, x, bars), x => {
      const weights = places(bars).map(place => place + 1n);
      return ratio(products(weights, x), total(weights)) / UNIT;
    });
    check(bars, calculate(highest, x, bars), x => Number(x.reduce((a, b) => (a > b ? a : b))) / UNIT);
    check(bars, calculate(median, x, bars), x => {
      const sorted = x.toSorted((a, b) => (a < b ? -1 : 1));
      return ratio(sorted[(bars - 1) >> 1] + sorted[bars >> 1], 2n) / UNIT;
    });
  });

  test('has Bollinger bands as wide as its deviation says', () => {
    const { upper, lower } = calculate(bollinger, x, { bars: 20, width: 2 });
    check(
      20,
      upper.map((value, i) => value - lower[i]),
      x => 4 * deviationOf(x),
      1e-7,
    );
  });
});

test('a flat window deviates by exactly 0, also after values of another size', () => {
  const x = Float64Array.from({ length: 200 }, (_, i) => (i < 40 ? 1e8 + i * 0.01 : 123.45));
  expect([...calculate(stdDev, x, 20).subarray(60)]).toEqual(new Array(140).fill(0));
  expect([...calculate(regressionSlope, x, 20).subarray(60)]).toEqual(new Array(140).fill(0));
});
