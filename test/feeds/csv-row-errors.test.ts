import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { DataError } from '../../src/model/errors.ts';
import { failure, HEAD, LONG, open, read, rowsOf, zip } from './csv-files.ts';

const GOOD = '2024-01-02,10,12.5,9.5,11,100\n';
const NEXT = '2024-01-05,10,12.5,9.5,11,100\n';

/** A bad row between two good ones: the code, the column and the words that its error must have. */
const BAD_ROWS: [title: string, row: string, code: string, column: string | undefined, words: RegExp][] = [
  [
    'a word for a number',
    '2024-01-03,ten,12.5,9.5,11,100',
    'CSV_NOT_A_NUMBER',
    'Open',
    /"ten" is not a number/,
  ],
  ['half a number', '2024-01-03,10,12.5,9.5,11x,100', 'CSV_NOT_A_NUMBER', 'Close', /"11x" is not a number/],
  [
    'a thousands separator',
    '2024-01-03,10,12.5,9.5,11,"1,000,000"',
    'CSV_NOT_A_NUMBER',
    'Volume',
    /without thousands/,
  ],
  [
    'a decimal comma among points',
    '2024-01-03,10,"12,5",9.5,11,100',
    'CSV_NOT_A_NUMBER',
    'High',
    /decimal: ','/,
  ],
  ['a hexadecimal', '2024-01-03,10,12.5,9.5,0x0b,100', 'CSV_NOT_A_NUMBER', 'Close', /"0x0b"/],
  ['NaN', '2024-01-03,10,NaN,9.5,11,100', 'VALUE_NOT_FINITE', 'High', /"NaN" is not a finite number/],
  ['inf', '2024-01-03,10,inf,9.5,11,100', 'VALUE_NOT_FINITE', 'High', /"inf"/],
  ['-Infinity', '2024-01-03,10,12.5,-Infinity,11,100', 'VALUE_NOT_FINITE', 'Low', /"-Infinity"/],
  ['a number beyond the doubles', '2024-01-03,10,1e999,9.5,11,100', 'VALUE_NOT_FINITE', 'High', /"1e999"/],
  [
    'four hundred digits',
    `2024-01-03,10,${'9'.repeat(400)},9.5,11,100`,
    'VALUE_NOT_FINITE',
    'High',
    /"9{80}"/,
  ],
  ['null in one column', '2024-01-03,10,null,9.5,11,100', 'CSV_NOT_A_NUMBER', 'High', /"null"/],
  ['an empty price', '2024-01-03,10,12.5,,11,100', 'CSV_VALUE_EMPTY', 'Low', /empty.*nullValue/],
  ['an empty volume', '2024-01-03,10,12.5,9.5,11,', 'CSV_VALUE_EMPTY', 'Volume', /empty/],
  ['high below low', '2024-01-03,10,9,9.5,9.5,100', 'BAR_CONTRADICTORY', 'High', /high 9 is below low 9.5/],
  [
    'open above high',
    '2024-01-03,13,12.5,9.5,11,100',
    'BAR_CONTRADICTORY',
    'High',
    /high 12.5 is below open 13/,
  ],
  [
    'close above high',
    '2024-01-03,10,12.5,9.5,13,100',
    'BAR_CONTRADICTORY',
    'High',
    /high 12.5 is below close 13/,
  ],
  ['open below low', '2024-01-03,9,12.5,9.5,11,100', 'BAR_CONTRADICTORY', 'Low', /low 9.5 is above open 9/],
  ['close below low', '2024-01-03,10,12.5,9.5,9,100', 'BAR_CONTRADICTORY', 'Low', /low 9.5 is above close 9/],
  ['a negative price', '2024-01-03,-10,12.5,-20,11,100', 'CSV_NEGATIVE', 'Open', /open is -10/],
  ['a negative low', '2024-01-03,10,12.5,-1,11,100', 'CSV_NEGATIVE', 'Low', /low is -1/],
  ['a negative volume', '2024-01-03,10,12.5,9.5,11,-1', 'CSV_NEGATIVE', 'Volume', /volume is -1/],
  [
    'time going backwards',
    '2024-01-01,10,12.5,9.5,11,100',
    'TIME_NOT_ASCENDING',
    'Date',
    /goes back from 2024-01-02T.* to 2024-01-01T.*reverse: true/,
  ],
  ['a duplicate time', '2024-01-02,10,12.5,9.5,11,100', 'TIME_DUPLICATE', 'Date', /same time 2024-01-02T/],
  [
    'a day that does not exist',
    '2024-02-30,10,12.5,9.5,11,100',
    'CSV_TIME_INVALID',
    'Date',
    /"2024-02-30" is not a time/,
  ],
  ['no time', ',10,12.5,9.5,11,100', 'CSV_TIME_INVALID', 'Date', /"" is not a time/],
  ['the header once more', 'Date,10,12.5,9.5,11,100', 'CSV_TIME_INVALID', 'Date', /repeats the header/],
  [
    'a time in another format',
    '1704240000,10,12.5,9.5,11,100',
    'CSV_TIME_MIXED',
    'Date',
    /written as epoch, the rows before as iso/,
  ],
  ['too few fields', '2024-01-03,10,12.5,9.5,11', 'CSV_FIELDS_MISSING', undefined, /5 fields instead of 6/],
  [
    'another separator',
    '2024-01-03;10;12.5;9.5;11;100',
    'CSV_FIELDS_MISSING',
    undefined,
    /1 field instead of 6/,
  ],
  [
    'too many fields',
    '2024-01-03,10,12.5,9.5,11,100,7',
    'CSV_FIELDS_SURPLUS',
    undefined,
    /7 fields instead of 6/,
  ],
  [
    'text behind a quote',
    '2024-01-03,"10"x,12.5,9.5,11,100',
    'CSV_QUOTE_STRAY',
    undefined,
    /behind a closing quote/,
  ],
  [
    'a byte that no text has',
    '2024-01-03,1\u00000,12.5,9.5,11,100',
    'CSV_NOT_A_NUMBER',
    'Open',
    /"1\\u00000" is not a number/,
  ],
  [
    'a row longer than a mebibyte',
    `2024-01-03,10,12.5,9.5,11,${'0'.repeat(1 << 20)}100`,
    'CSV_ROW_TOO_LONG',
    undefined,
    /longer than 1048576 bytes/,
  ],
];

describe('a bad row', () => {
  test.each(BAD_ROWS)(
    '%s is an error that names file, line and column',
    async (_title, row, code, column, words) => {
      const content = LONG + GOOD + row + (row === '' ? '' : '\n') + NEXT;
      for (const internals of [{}, { fast: false }, { step: 65_537 }]) {
        const error = await failure(content, {}, internals);
        expect(error).toBeInstanceOf(DataError);
        expect(error.message).toMatch(words);
        expect([error.code, error.line, error.column]).toEqual([code, 3003, column]);
        expect(error.file).toMatch(/xyz-1d\.csv$/);
        expect(error.message).not.toMatch(/\n/);
        expect(error.fix).toBeTruthy();
        expect(error.value).toBeDefined();
      }
    },
  );

  test.each(BAD_ROWS)('%s is skipped alone on request, and counted with its line', async (_title, row) => {
    for (const internals of [{}, { fast: false }, { step: 65_537 }]) {
      const feed = await open(`${LONG}${GOOD}${row}\n${NEXT}`, { onBadRow: 'skip' }, internals);
      const rows = await rowsOf(feed);
      expect(rows.length).toBe(3002);
      expect(rows.at(-1)?.time).toBe(Date.UTC(2024, 0, 5));
      expect(feed.notes?.()).toEqual([expect.stringMatching(/^1 row skipped: 1 .*\(line 3003\)$/)]);
    }
  });

  test('is an error on opening already when it is among the first', async () => {
    await expect(open(`${HEAD + GOOD}x\n`)).rejects.toMatchObject({ code: 'CSV_FIELDS_MISSING', line: 3 });
  });

  test('is found by its exact line behind fields with line ends in them', async () => {
    const rows = `Date,Note,Open,High,Low,Close,Volume\n2024-01-02,"a\nb\r\nc\rd",10,12.5,9.5,11,100\n2024-01-03,"x\ny",10,12.5,9.5,11,?\n2024-01-04,z,10,12.5,9.5,11,!\n2024-01-05,z,10,12.5,9.5,11,1\n`;
    expect((await failure(rows)).line).toBe(6);
    const feed = await open(rows, { onBadRow: 'skip' });
    expect((await rowsOf(feed)).length).toBe(2);
    expect(feed.notes?.().at(-1)).toBe('2 rows skipped: 2 not a number (lines 6, 8)');
  });

  test('of many is counted by kind, with the first five lines of each', async () => {
    const bad = Array.from({ length: 7 }, () => '2024-01-03,x,12.5,9.5,11,100\n').join('');
    const feed = await open(`${HEAD}${GOOD}${bad}2024-01-03,10,12.5,9.5,11,-1\n${NEXT}`, {
      onBadRow: 'skip',
    });
    await rowsOf(feed);
    const expected = ['8 rows skipped: 7 not a number (lines 3, 4, 5, 6, 7, …), 1 negative value (line 10)'];
    expect(feed.notes?.()).toEqual(expected);
    await rowsOf(feed);
    expect(feed.notes?.()).toEqual(expected);
  });

  test('names the entry of a zip that holds several', async () => {
    const packed = zip({ 'a.csv': HEAD + GOOD, 'b.csv': `${HEAD}2024-01-03,x,12.5,9.5,11,100\n` });
    const error = await failure(packed);
    expect(error.file).toMatch(/xyz-1d\.csv \(b\.csv\)$/);
    expect(error.line).toBe(2);
    const feed = await open(packed, { onBadRow: 'skip', interval: '1d' });
    await rowsOf(feed);
    expect(feed.notes?.()).toEqual(['1 row skipped: 1 not a number (line 2 of b.csv)']);
  });

  test('that goes back in time into the entry before is an error', async () => {
    const error = await failure(zip({ 'a.csv': HEAD + NEXT, 'b.csv': HEAD + GOOD }));
    expect([error.code, error.line]).toEqual(['TIME_NOT_ASCENDING', 2]);
  });
});

describe('the end of a file', () => {
  test('in the middle of a row is an error, or a skipped row', async () => {
    const cut = `${LONG}${GOOD}2024-01-03,10,12`;
    const error = await failure(cut);
    expect([error.code, error.line]).toEqual(['CSV_ROW_TRUNCATED', 3003]);
    expect(error.message).toMatch(/ends in the middle of a row \(3 fields instead of 6\)/);
    const feed = await open(cut, { onBadRow: 'skip' });
    expect((await rowsOf(feed)).length).toBe(3001);
    expect(feed.notes?.()).toEqual(['1 row skipped: 1 truncated row (line 3003)']);
  });

  test('within a quote is an error that names the line of the quote, or skips that line alone', async () => {
    const cut = `${LONG}2024-01-02,"10,12.5,9.5,11,100\n2024-01-03,10,12.5,9.5,11,100\n`;
    const error = await failure(cut);
    expect([error.code, error.line]).toEqual(['CSV_QUOTE_UNTERMINATED', 3002]);
    const feed = await open(cut, { onBadRow: 'skip' });
    expect((await rowsOf(feed)).at(-1)?.time).toBe(Date.UTC(2024, 0, 3));
    expect(feed.notes?.()).toEqual(['1 row skipped: 1 unterminated quote (line 3002)']);
  });

  test('beyond a mebibyte of quoted text is an unterminated quote', async () => {
    const rows = Array.from({ length: 50_000 }, (_, i) => `${1_704_153_600 + i},10,12.5,9.5,11,100\n`);
    rows[10] = '1704153610,"10,12.5,9.5,11,100\n';
    rows[49_000] = '1704202600,"10",12.5,9.5,11,100\n';
    const content = rows.join('');
    for (const internals of [{}, { step: 70_001 }, { fast: false }]) {
      const error = await failure(content, {}, internals);
      expect([error.code, error.line]).toEqual(['CSV_QUOTE_UNTERMINATED', 11]);
      expect((await read(content, { onBadRow: 'skip' }, internals)).length).toBe(49_999);
    }
  });

  test.each([
    ['gzip', 'CSV_GZIP_CORRUPT'],
    ['zip', 'CSV_ZIP_CORRUPT'],
  ])('of %s data that was cut off is an error', async (kind, code) => {
    const packed = kind === 'gzip' ? gzipSync(LONG) : zip({ 'a.csv': LONG });
    const error = await failure(packed.subarray(0, packed.length / 2));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(/corrupt or cut off/);
  });
});
