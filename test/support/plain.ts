import { expect } from 'vitest';

/** Plain definitions, window by window, that share nothing with the kernels they are compared with. */

export type Values = readonly number[];

export const mean = (window: Values) => window.reduce((sum, value) => sum + value, 0) / window.length;
export const total = (window: Values) => window.reduce((sum, value) => sum + value, 0);

/** What `of` makes of each window of `bars` values; NaN where there are fewer, or one of them is NaN. */
export function windows(source: Values, bars: number, of: (window: Values) => number): number[] {
  return source.map((_, i) => {
    const window = source.slice(Math.max(0, i - bars + 1), i + 1);
    return window.length < bars || window.some(Number.isNaN) ? Number.NaN : of(window);
  });
}

/** Exponential smoothing of the values that are there, seeded with the mean of the first `bars` of them. */
export function smooth(source: Values, bars: number, alpha: number): number[] {
  const first = source.findIndex(value => !Number.isNaN(value));
  let value = Number.NaN;
  return source.map((x, i) => {
    if (i < first + bars - 1) return Number.NaN;
    value = i === first + bars - 1 ? mean(source.slice(first, i + 1)) : alpha * x + (1 - alpha) * value;
    return value;
  });
}

/** Equal to 1e-9, NaN where NaN. */
export function expectClose(actual: ArrayLike<number>, expected: Values): void {
  expect(actual.length).toBe(expected.length);
  const wrong = expected.findIndex((value, i) =>
    Number.isNaN(value)
      ? !Number.isNaN(actual[i])
      : !(Math.abs(actual[i] - value) <= 1e-9 * Math.max(1, Math.abs(value))),
  );
  expect(wrong < 0 ? '' : `bar ${wrong}: ${actual[wrong]} instead of ${expected[wrong]}`).toBe('');
}
