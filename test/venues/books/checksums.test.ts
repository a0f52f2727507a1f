import { expect, test } from 'vitest';
import {
  interleavedChecksum,
  krakenChecksum,
  precisionShown,
  pythonFloat,
  signed,
  significantDigits,
} from '../../../src/venues/books/checksums.ts';
import { LevelChanges } from '../../../src/venues/books/level-changes.ts';
import { SortedBook } from '../../../src/venues/books/sorted-book.ts';
import { JsonCursor } from '../../../src/venues/wire/json-cursor.ts';

type Rows = readonly (readonly [price: string, size: string])[];

function bookOf(bids: Rows, asks: Rows): SortedBook {
  const changes = new LevelChanges();
  const cursor = new JsonCursor();
  cursor.open(JSON.stringify(bids));
  changes.bids.readLevels(cursor);
  cursor.open(JSON.stringify(asks));
  changes.asks.readLevels(cursor);
  const book = new SortedBook();
  book.apply(changes);
  return book;
}

const size = '0.00000500';
const KRAKEN_EXAMPLE = bookOf(
  ['5000', '4995', '4990', '4980', '4975', '4970', '4965', '4960', '4955', '4950', '4940'].map(
    price => [`0.0${price}`, size] as const,
  ),
  ['5005', '5010', '5015', '5020', '5025', '5030', '5035', '5040', '5045', '5050', '5060'].map(
    price => [`0.0${price}`, size] as const,
  ),
);

test("Kraken's checksum of the book in its documentation is the one given there, of ten levels a side", () => {
  expect(krakenChecksum(KRAKEN_EXAMPLE, { price: 5, size: 8 })).toBe(974947235);
  expect(krakenChecksum(KRAKEN_EXAMPLE, precisionShown(KRAKEN_EXAMPLE))).toBe(974947235);
});

test('zeros that a frame leaves out are put in for the checksum, and those beyond the precision are not', () => {
  const shortened = bookOf([['0.05', '0.000005']], [['0.0501', '5e-6']]);
  const whole = bookOf([['0.05000', '0.00000500']], [['0.05010', '0.00000500']]);
  const precision = { price: 5, size: 8 };
  expect(krakenChecksum(shortened, precision)).toBe(krakenChecksum(whole, precision));
  expect(significantDigits('0.001500', 4)).toBe('15');
  expect(significantDigits('2000000000.00000000', 8)).toBe('200000000000000000');
  expect(significantDigits('0', 8)).toBe('');
});

test('zeros at the end of a size of many digits are not lost between the frame and the checksum', () => {
  const book = bookOf([['13.232900', '185.18432037']], [['13.284500', '1396.00000000']]);
  expect(krakenChecksum(book, precisionShown(book))).toBe(1319366399);
  const long = bookOf(
    [['13.232900', '185.18432037']],
    [
      ['13.284500', '1396.00000000'],
      ['13.290000', '2000000000.00000000'],
    ],
  );
  expect(krakenChecksum(long, precisionShown(long))).toBe(3383731877);
});

test('levels of both sides are interleaved, and the longer side goes on alone', () => {
  const bids: Rows = [
    ['10.5', '3'],
    ['10.4', '0.00000001'],
  ];
  expect(signed(interleavedChecksum(bookOf(bids, [['10.6', '7']]), 25))).toBe(-635169254);
  expect(interleavedChecksum(bookOf(bids, [['10.6', '7']]), 1)).toBe(
    interleavedChecksum(bookOf(bids.slice(0, 1), [['10.6', '7']]), 25),
  );
});

test('numbers of FTX are written as Python writes floats', () => {
  // Texts as Python 3 prints float('…').
  const printed: [text: string, python: string][] = [
    ['36006', '36006.0'],
    ['1.50', '1.5'],
    ['0', '0.0'],
    ['0.0001', '0.0001'],
    ['0.00001', '1e-05'],
    ['0.000012345', '1.2345e-05'],
    ['10000000000000000', '1e+16'],
    ['9999999999999998', '9999999999999998.0'],
    ['123456789012345680', '1.2345678901234568e+17'],
  ];
  for (const [text, python] of printed) expect(pythonFloat(text)).toBe(python);
  const book = bookOf(
    [
      ['36006', '2.3987'],
      ['1e-05', '12'],
    ],
    [['36043.5', '1e16']],
  );
  expect(interleavedChecksum(book, 100, pythonFloat)).toBe(1122838401);
});
