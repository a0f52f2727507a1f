import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteReader, ByteWriter } from '../../src/report/html/data/bytes.ts';
import { decodeCandles, encodeCandles } from '../../src/report/html/data/candles.ts';
import {
  type ColumnOptions,
  decimals,
  decodeColumn,
  eightDigits,
  encodeColumn,
} from '../../src/report/html/data/column.ts';
import { randomWalk } from '../support/random-walk.ts';

function roundTrip(values: Float64Array, options: ColumnOptions = {}) {
  const writer = new ByteWriter();
  encodeColumn(writer, values, options);
  return { ...decodeColumn(new ByteReader(writer.view())), bytes: writer.view().length };
}

/** Arrays of numbers are compared as bits: −0 differs from 0, NaN equals itself. */
const bits = (values: Float64Array) => [...new BigUint64Array(values.slice().buffer)];

const anyNumber = fc.oneof(
  fc.double(),
  fc.constantFrom(Number.NaN, -0, 0, Number.POSITIVE_INFINITY, 5e-324, 2 ** 53),
);
const decimalNumber = fc.tuple(fc.integer(), fc.integer({ min: 0, max: 8 })).map(([n, d]) => n / 10 ** d);

describe('the encoding of a column', () => {
  it('gives back arbitrary numbers bit by bit', () => {
    fc.assert(
      fc.property(fc.array(anyNumber), fc.constantFrom<1 | 2>(1, 2), (numbers, order) => {
        const values = Float64Array.from(numbers);
        expect(bits(roundTrip(values, { order }).values)).toEqual(bits(values));
      }),
      { numRuns: 500 },
    );
  });

  it('gives back decimals bit by bit, with gaps between them', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            { weight: 5, arbitrary: decimalNumber },
            { weight: 1, arbitrary: fc.constant(Number.NaN) },
          ),
        ),
        fc.constantFrom<1 | 2>(1, 2),
        (numbers, order) => {
          const values = Float64Array.from(numbers);
          expect(bits(roundTrip(values, { order }).values)).toEqual(bits(values));
        },
      ),
      { numRuns: 500 },
    );
  });

  it('gives back what lies between a float and its neighbour', () => {
    // 0.1 + 0.2 is no decimal; stored as 0.3 it would lose its last bit.
    const values = Float64Array.of(0.1, 0.2, 0.1 + 0.2);
    expect(bits(roundTrip(values).values)).toEqual(bits(values));
    expect(roundTrip(values).digits).toBeUndefined();
  });

  it('takes about two bytes for a price, and none to speak of for even times', () => {
    const { close, time } = randomWalk(10_000, { volatility: 0.0005 });
    expect(roundTrip(close as Float64Array).bytes / 10_000).toBeLessThan(2.3);
    expect(roundTrip(time as Float64Array, { order: 2 }).bytes / 10_000).toBeLessThan(1.01);
  });

  it('rounds once, and only what is no decimal already', () => {
    const thirds = Float64Array.from({ length: 50 }, (_, i) => (i - 20) / 3);
    const { values, digits } = roundTrip(thirds, { round: 4 });
    expect(digits).toBe(4);
    values.forEach((value, i) => {
      expect(value).toBe(Math.round(thirds[i] * 1e4) / 1e4);
    });
    const exact = Float64Array.of(1.123456, 2);
    expect(bits(roundTrip(exact, { round: 2 }).values)).toEqual(bits(exact));
  });

  it('does not round what rounding would overflow', () => {
    const values = Float64Array.of(1e300, Number.POSITIVE_INFINITY, 1 / 3);
    expect(bits(roundTrip(values, { round: 2 }).values)).toEqual(bits(values));
  });

  it('finds the fewest decimals, and none for −0 or endless fractions', () => {
    expect(decimals([Float64Array.of(1, 2.5, 3.125)])).toBe(3);
    expect(decimals([Float64Array.of(100, Number.NaN)])).toBe(0);
    expect(decimals([Float64Array.of(-0)])).toBeUndefined();
    expect(decimals([Float64Array.of(1 / 3)])).toBeUndefined();
    expect(decimals([Float64Array.of(2 ** 49, 0.5)])).toBeUndefined();
  });

  it('keeps eight significant digits of the largest value', () => {
    expect(eightDigits(Float64Array.of(12_345.6, -2))).toBe(3);
    expect(eightDigits(Float64Array.of(0.001, Number.NaN))).toBe(10);
    expect(eightDigits(Float64Array.of(0))).toBe(0);
  });
});

describe('the encoding of candles', () => {
  const price = fc.oneof(decimalNumber, anyNumber);

  it('gives back any four columns bit by bit, be they candles or not', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(price, price, price, price)), rows => {
        const column = (i: number) => Float64Array.from(rows, row => row[i]);
        const prices = { open: column(0), high: column(1), low: column(2), close: column(3) };
        const writer = new ByteWriter();
        encodeCandles(writer, prices);
        const decoded = decodeCandles(new ByteReader(writer.view()));
        for (const name of ['open', 'high', 'low', 'close'] as const) {
          expect(bits(decoded[name])).toEqual(bits(prices[name]));
        }
      }),
      { numRuns: 500 },
    );
  });

  it('stores candles of a market in fewer bytes than their columns one by one', () => {
    const walk = randomWalk(50_000, { volatility: 0.0005 }) as unknown as Record<
      'open' | 'high' | 'low' | 'close',
      Float64Array
    >;
    const together = new ByteWriter();
    encodeCandles(together, walk);
    const apart = new ByteWriter();
    for (const name of ['open', 'high', 'low', 'close'] as const) encodeColumn(apart, walk[name]);
    const deflated = (writer: ByteWriter) => deflateSync(writer.view()).length;
    expect(deflated(together)).toBeLessThan(deflated(apart) * 0.8);
  });
});

describe('whole numbers of variable length', () => {
  it('come back up to 2^53', () => {
    fc.assert(
      fc.property(fc.array(fc.bigInt(0n, 2n ** 53n - 1n).map(Number)), numbers => {
        const writer = new ByteWriter();
        for (const number of numbers) writer.unsigned(number);
        const reader = new ByteReader(writer.view());
        expect(numbers.map(() => reader.unsigned())).toEqual(numbers);
      }),
    );
    const writer = new ByteWriter();
    const edges = [0, 127, 128, 2 ** 28 - 1, 2 ** 28, 2 ** 31 - 1, 2 ** 31, 2 ** 32, 2 ** 53 - 1];
    for (const edge of edges) writer.unsigned(edge);
    const reader = new ByteReader(writer.view());
    expect(edges.map(() => reader.unsigned())).toEqual(edges);
  });
});
