import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decimalText } from '../../src/model/decimal-text.ts';

test('a number is written in digits alone, and reads back as the same double', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), value => {
      const text = decimalText(value);
      expect(text).toMatch(/^-?\d+(\.\d+)?$/);
      // Only the sign of zero is lost.
      expect(Number(text) + 0).toBe(value + 0);
    }),
  );
});

test.each([
  [0, '0'],
  [1e-7, '0.0000001'],
  [-1.25e-9, '-0.00000000125'],
  [5e-324, `0.${'0'.repeat(323)}5`],
  [1e21, '1000000000000000000000'],
  [1.2345e25, '12345000000000000000000000'],
  [42000.1, '42000.1'],
  [Number.NaN, ''],
  [Number.POSITIVE_INFINITY, ''],
])('%d is written as "%s"', (value, text) => expect(decimalText(value)).toBe(text));
