import fc from 'fast-check';
import { expect, test } from 'vitest';
import { exp, log } from '../../../src/engine/analyzers/backtrader/precise.ts';

const DIGITS = 60n;
const ONE = 10n ** DIGITS;

/** A double as a whole number of 10^-60, exactly where it has no more digits. */
function scaled(value: number): bigint {
  const [, sign, exponent] = /^(-?).*e([+-]\d+)$/.exec(value.toExponential())!;
  const places = 200n;
  // A double is a whole number of 2^-k: scaling by a power of 2 is exact.
  let shift = 0n;
  let whole = Math.abs(value);
  while (!Number.isInteger(whole) && shift < places) {
    whole *= 2;
    shift++;
  }
  expect(Number(exponent)).toBeGreaterThan(-40);
  const result = (BigInt(whole) * ONE) >> shift;
  return sign === '-' ? -result : result;
}

/** e^x by its series, in 60 decimal digits. */
function exact(x: bigint): bigint {
  const halvings = 12n;
  const small = x >> halvings;
  let term = ONE;
  let sum = ONE;
  for (let n = 1n; term !== 0n && n < 200n; n++) {
    term = (term * small) / ONE / n;
    if (term === -1n) break;
    sum += term;
  }
  for (let i = 0n; i < halvings; i++) sum = (sum * sum) / ONE;
  return sum;
}

test('e^x is the nearest double to the value in sixty digits', () => {
  fc.assert(
    fc.property(fc.double({ min: -20, max: 20, noNaN: true }), x => {
      fc.pre(Math.abs(x) > 1e-9);
      const truth = exact(scaled(x));
      const nearest = Number(truth) / Number(ONE);
      const result = exp(x);
      // Converting the truth rounds twice: the neighbour is accepted only where both are equally near.
      const distance = (value: number) => {
        const difference = scaled(value) - truth;
        return difference < 0n ? -difference : difference;
      };
      expect(distance(result) <= distance(nearest)).toBe(true);
    }),
    { numRuns: 300 },
  );
});

test('the logarithm undoes it to the last place but one', () => {
  fc.assert(
    fc.property(fc.double({ min: -20, max: 20, noNaN: true }), x => {
      fc.pre(Math.abs(x) > 1e-3);
      // e^x is rounded by half a unit in its last place: x comes back within that, seen from x.
      expect(Math.abs(log(exp(x)) - x)).toBeLessThanOrEqual(Number.EPSILON * Math.max(1, Math.abs(x)));
    }),
  );
});

test('what has no exact value is what Math says', () => {
  expect([exp(0), exp(1000), exp(-1000), log(1), log(0)]).toEqual([1, Infinity, 0, 0, -Infinity]);
  expect(exp(Number.NaN)).toBeNaN();
  expect(log(-1)).toBeNaN();
});
