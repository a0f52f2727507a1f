import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NumberReader } from '../../src/feeds/csv/numbers.ts';

const numbers = new NumberReader();
const germans = new NumberReader(44);

/** As the reader sees a field: with something behind it that no number has. */
function read(text: string, reader = numbers): number {
  const bytes = Buffer.from(`${text};`);
  return reader.read(bytes, 0, bytes.length - 1);
}

const digits = (min: number, max: number) =>
  fc.array(fc.integer({ min: 0, max: 9 }), { minLength: min, maxLength: max }).map(list => list.join(''));

describe('numbers', () => {
  test('equal Number() bit for bit, whatever their digits', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('', '-', '+'),
        digits(1, 25),
        fc.oneof(
          fc.constant(''),
          digits(0, 30).map(part => `.${part}`),
        ),
        fc.oneof(
          fc.constant(''),
          fc.integer({ min: -330, max: 300 }).map(power => `e${power}`),
        ),
        (sign, whole, part, power) => {
          const text = `${sign}${whole}${part}${power}`;
          const expected = Number(text);
          expect(Object.is(read(text), Number.isFinite(expected) ? expected : Number.NaN)).toBe(true);
          const german = text.replace('.', ',');
          expect(Object.is(read(german, germans), read(text))).toBe(true);
        },
      ),
      { numRuns: 5000 },
    );
  });

  test('equal Number() for every double as JavaScript prints it', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), value => {
        expect(Object.is(read(String(value)), Number(String(value)))).toBe(true);
        expect(Object.is(read(value.toExponential()), Number(value.toExponential()))).toBe(true);
      }),
      { numRuns: 5000 },
    );
  });

  test('equal Number() around 2^53 and around 22 decimals, where the short way ends', () => {
    const hard = [
      '9007199254740991',
      '9007199254740992',
      '9007199254740993',
      '9007199254740995',
      '900719925.4740993',
      '9007199.254740993',
      '90071992.54740993',
      '99999999.99999999',
      '999999999.999999999',
      '0.0000000000000000000001',
      '0.00000000000000000000001',
      '0.1234567890123456789012',
      '0.12345678901234567890123',
      '123456789012345678901234567890',
      '5e-324',
      '1.7976931348623157e308',
      '0.1',
      '.5',
      '5.',
      '-0',
      '-0.0',
      '00012.50',
      '4294967296',
      '2147483648.5',
    ];
    for (const text of hard) expect([text, Object.is(read(text), Number(text))]).toEqual([text, true]);
  });

  test('are decimal notation only', () => {
    for (const text of [
      '',
      '-',
      '.',
      '-.',
      '+',
      '1e',
      'e5',
      '0x10',
      '1_000',
      '1 000',
      '1,5',
      'Infinity',
      'NaN',
      '1.2.3',
      '--1',
      '1-',
      '1e999',
      '१२',
    ]) {
      expect([text, read(text)]).toEqual([text, Number.NaN]);
    }
    for (const text of ['1.5', '1,2,3', '1.000,5'])
      expect([text, read(text, germans)]).toEqual([text, Number.NaN]);
  });
});
