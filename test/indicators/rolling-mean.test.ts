import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RollingMean } from '../../src/indicators/windows/rolling-mean.ts';

/** The exact sum of doubles, rounded once to nearest even: integers of 2^-1074 in BigInt, sharing nothing with ours. */
function bigSum(values: readonly number[]): number {
  if (values.some(value => !Number.isFinite(value))) return values.reduce((sum, value) => sum + value, 0);
  let sum = 0n;
  for (const value of values) sum += scaled(value);
  return unscaled(sum);
}

const view = new DataView(new ArrayBuffer(8));

function scaled(value: number): bigint {
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const exponent = (bits >> 52n) & 0x7ffn;
  const fraction = bits & 0xfffffffffffffn;
  const magnitude = exponent === 0n ? fraction : (fraction | 0x10000000000000n) << (exponent - 1n);
  return bits >> 63n === 1n ? -magnitude : magnitude;
}

function unscaled(sum: bigint): number {
  const magnitude = sum < 0n ? -sum : sum;
  const length = magnitude.toString(2).length;
  let [mantissa, shift] = [magnitude, 0];
  if (length > 53) {
    shift = length - 53;
    const half = 1n << BigInt(shift - 1);
    const rest = magnitude & ((1n << BigInt(shift)) - 1n);
    mantissa = magnitude >> BigInt(shift);
    if (rest > half || (rest === half && (mantissa & 1n) === 1n)) mantissa++;
  }
  // In two exact steps, because 2 to the whole exponent may not be a double.
  const exponent = shift - 1074;
  const value = Number(mantissa) * 2 ** (exponent >> 1) * 2 ** (exponent - (exponent >> 1));
  return sum < 0n ? -value : value;
}

function means(values: readonly number[], period: number, cuts: readonly number[]): number[] {
  const mask = 8191;
  const ring = new Float64Array(mask + 1);
  const out = new Float64Array(mask + 1);
  ring.set(values);
  const mean = new RollingMean(period, 0);
  let from = 0;
  for (let turn = 0; from < values.length; turn++) {
    const to = Math.min(values.length, from + cuts[turn % cuts.length]);
    mean.run(ring, out, mask, from, to);
    from = to;
  }
  return [...out.subarray(0, values.length)];
}

function expected(values: readonly number[], period: number): number[] {
  return values.map((_, i) =>
    i < period - 1 ? Number.NaN : bigSum(values.slice(i - period + 1, i + 1)) / period,
  );
}

const cuts = fc.array(fc.constantFrom(1, 2, 17, 1024), { minLength: 1, maxLength: 4 });
const period = fc.integer({ min: 1, max: 40 });

test('the mean of prices and volumes is their exact sum, rounded once, divided', () => {
  const price = fc.integer({ min: 1, max: 1e9 }).map(ticks => ticks / 100);
  const volume = fc.oneof(
    fc.constant(0),
    fc.integer({ min: 0, max: 1e12 }).map(lots => lots / 1e5),
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(price, volume), { maxLength: 300 }), period, cuts, (values, n, sizes) => {
      expect(means(values, n, sizes)).toEqual(expected(values, n));
    }),
    { numRuns: 300 },
  );
});

test('also for tame prices over many blocks, whole or bar by bar', () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 1, max: 200 }), cuts, (seed, n, sizes) => {
      let state = seed;
      const values = Array.from({ length: 3000 }, () => {
        state = (Math.imul(state, 1664525) + 1013904223) | 0;
        return 100 + (state >>> 0) / 2 ** 26;
      });
      expect(means(values, n, sizes)).toEqual(expected(values, n));
    }),
    { numRuns: 20 },
  );
});

test('also for numbers of any size and sign, far outside the range of prices', () => {
  const wild = fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e290, max: 1e290 }),
    fc.constantFrom(1e17, -1e17, 1, 1e-9, 5e-324, 0.1, 2 ** 53, -(2 ** 53) - 2),
  );
  fc.assert(
    fc.property(
      fc.array(wild, { maxLength: 80 }),
      fc.integer({ min: 1, max: 12 }),
      cuts,
      (values, n, sizes) => {
        expect(means(values, n, sizes).map(value => value + 0)).toEqual(
          expected(values, n).map(value => value + 0),
        );
      },
    ),
    { numRuns: 500 },
  );
});

test('a NaN or Infinity shows while it is in the window and leaves nothing behind', () => {
  const some = fc.oneof(
    { weight: 8, arbitrary: fc.integer({ min: 1, max: 1e6 }).map(ticks => ticks / 100) },
    { weight: 1, arbitrary: fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY) },
  );
  fc.assert(
    fc.property(
      fc.array(some, { maxLength: 120 }),
      fc.integer({ min: 1, max: 9 }),
      cuts,
      (values, n, sizes) => {
        expect(means(values, n, sizes)).toEqual(expected(values, n));
      },
    ),
    { numRuns: 300 },
  );
});
