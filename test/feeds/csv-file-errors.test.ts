import { existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { type CsvOptions, csvFeed } from '../../src/feeds/csv/csv.ts';
import { DataError, InputError } from '../../src/model/errors.ts';
import { failure, file, HEAD, LONG, zip } from './csv-files.ts';

const GOOD = '2024-01-02,10,12.5,9.5,11,100\n';
const NEXT = '2024-01-05,10,12.5,9.5,11,100\n';

describe('a file', () => {
  test.each<[string, string | Uint8Array, string, RegExp, CsvOptions?]>([
    ['that is empty', '', 'CSV_EMPTY', /empty/],
    ['of blank lines', '\n\n\r\n', 'CSV_NO_ROWS', /no rows/],
    ['with a byte order mark alone', '\ufeff', 'CSV_NO_ROWS', /no rows/],
    ['with a header alone', HEAD, 'CSV_NO_ROWS', /header and no rows/],
    ['with a header alone, without line end', HEAD.trim(), 'CSV_NO_ROWS', /header and no rows/],
    [
      'whose rows are all bad',
      `${HEAD}2024-01-02,x,1,1,1,1\n`,
      'CSV_NO_ROWS',
      /1 row skipped: 1 not a number \(line 2\)/,
      { onBadRow: 'skip' },
    ],
    [
      'with a misspelt column',
      `${HEAD.replace('Close', 'Clsoe')}${GOOD}`,
      'CSV_COLUMN_MISSING',
      /no column "close".*did you mean "Clsoe"\?.*headers found: Date, Open, High, Low, Clsoe, Volume/,
    ],
    [
      'without a time',
      'Open,High,Low,Close\n1,1,1,1\n',
      'CSV_COLUMN_MISSING',
      /no column "datetime".*headers found: Open/,
    ],
    [
      'with two columns for one',
      `Date,Open,open,High,Low,Close\n2024-01-02,1,1,1,1,1\n`,
      'CSV_COLUMN_AMBIGUOUS',
      /two columns could be open.*\{ open: 1 \}/,
    ],
    [
      'without the column asked for',
      HEAD + GOOD,
      'CSV_COLUMN_MISSING',
      /no column "Price".*headers found/,
      { columns: { close: 'Price' } },
    ],
    [
      'without the index asked for',
      GOOD,
      'CSV_COLUMN_MISSING',
      /index 9.*6 columns/,
      { columns: { close: 9 } },
    ],
    [
      'with one index for two',
      GOOD,
      'CSV_COLUMN_AMBIGUOUS',
      /column 4 is both close and volume/,
      { columns: { volume: 4 } },
    ],
    [
      'without header and without a known layout',
      '1,2,3,4,5,6,7,8\n1,2,3,4,5,6,7,8\n',
      'CSV_LAYOUT_UNKNOWN',
      /8 columns of no known layout.*columns: \{/,
    ],
    [
      'of prose',
      'Dear reader\nthis is not what you look for\n',
      'CSV_NOT_CSV',
      /no row is divided by a comma.*Dear reader/,
    ],
    [
      'of binary junk',
      Uint8Array.from({ length: 300 }, (_, i) => (i * 7919) % 256),
      'CSV_BINARY',
      /not text/,
    ],
    ['in UTF-16', Buffer.from(`\ufeff${HEAD}${GOOD}`, 'utf16le'), 'CSV_BINARY', /UTF-16/],
    ['packed with zstd', Buffer.from('28b52ffd0000', 'hex'), 'CSV_BINARY', /zstd/],
    ['in Parquet', 'PAR1....', 'CSV_BINARY', /Parquet/],
    [
      'with days and months in doubt',
      'Date,Open,High,Low,Close\n02/01/2024,1,1,1,1\n',
      'CSV_TIME_INVALID',
      /dateFormat: '%d\/%m\/%Y'/,
    ],
    [
      "with a spreadsheet's days",
      'Date,Open,High,Low,Close\n45292.5,1,1,1,1\n',
      'CSV_TIME_INVALID',
      /too small for an epoch time/,
    ],
    [
      'with times that do not fit the pattern',
      HEAD + GOOD,
      'CSV_TIME_INVALID',
      /"2024-01-02" is not a time/,
      { dateFormat: '%d.%m.%Y' },
    ],
    ['of one row that never ends', 'x'.repeat(3 << 20), 'CSV_ROW_TOO_LONG', /longer than 1048576 bytes/],
    [
      'that begins with an open quote',
      `"Date${',Open'.repeat(5)}\n${GOOD}`,
      'CSV_QUOTE_UNTERMINATED',
      /never closed/,
    ],
    [
      'gzip-packed and broken',
      Buffer.concat([gzipSync(LONG).subarray(0, 200), Buffer.alloc(200, 7)]),
      'CSV_GZIP_CORRUPT',
      /corrupt/,
    ],
    ['that is a zip of nothing', zip({}), 'CSV_ZIP_NO_CSV', /holds no CSV file, but nothing/],
    [
      'that is a zip of other things',
      zip({ 'a.md': 'x', 'b.png': 'y' }),
      'CSV_ZIP_NO_CSV',
      /holds no CSV file, but a.md, b.png/,
    ],
    [
      'that is a spreadsheet',
      zip({ '[Content_Types].xml': '<x/>', 'a.csv': GOOD }),
      'CSV_ZIP_NO_CSV',
      /export the sheet as CSV/,
    ],
    [
      'of zip entries that differ',
      zip({ 'a.csv': HEAD + GOOD, 'b.csv': `${HEAD.trim()},RSI\n2024-01-03,1,1,1,1,1,50\n` }),
      'CSV_ENTRIES_DIFFER',
      /columns differ/,
    ],
    [
      'that is turned round though its oldest bar comes first',
      HEAD + GOOD + NEXT,
      'TIME_NOT_ASCENDING',
      /goes forwards \(reverse is set\)/,
      { reverse: true },
    ],
  ])('%s is one clear error', async (_title, content, code, words, options = {}) => {
    const error = await failure(content, options);
    expect(error).toBeInstanceOf(DataError);
    expect(error.message).toMatch(words);
    expect(error.code).toBe(code);
    expect(error.message).toMatch(/xyz-1d\.csv/);
    expect(error.message).not.toMatch(/\n/);
  });

  test('whose zip entry was changed after packing is corrupt', async () => {
    const packed = zip({ 'a.csv': LONG });
    packed.writeUInt32LE(0x12345678, packed.length - 22 - 46 - 5 + 16);
    const error = await failure(packed);
    expect(error.code).toBe('CSV_ZIP_CORRUPT');
    expect(error.message).toMatch(/the checksum does not match/);
  });

  test('that is missing is an error that suggests its neighbour', async () => {
    const path = file('btcusdt-5m.csv', HEAD + GOOD);
    const wrong = path.replace('btcusdt', 'btcusd');
    await expect(csvFeed(wrong)).rejects.toMatchObject({ code: 'CSV_NOT_FOUND', file: wrong });
    await expect(csvFeed(wrong)).rejects.toThrow(/no such file: did you mean "btcusdt-5m.csv"\?/);
    await expect(csvFeed(join(dirname(path), 'no', 'x.csv'))).rejects.toThrow(/there is no folder/);
  });

  test('that is a directory is an error', async () => {
    const path = join(dirname(file('x.csv', '')), 'folder.csv');
    mkdirSync(path);
    await expect(csvFeed(path)).rejects.toMatchObject({ code: 'CSV_IS_DIRECTORY', file: path });
  });

  test.runIf(existsSync('/dev/null'))('that is no regular file is an error', async () => {
    await expect(csvFeed('/dev/null')).rejects.toMatchObject({ code: 'CSV_UNREADABLE', file: '/dev/null' });
  });

  test('whose header has errors is named with the line of the header', async () => {
    expect(await failure(`\n\n${HEAD.replace('Low', 'Bottom')}${GOOD}`)).toMatchObject({
      line: 3,
      column: 'low',
    });
  });

  test('with more rows than can be turned round is an error', async () => {
    const rows = [3, 2, 1].map(day => `2024-01-0${day},1,1,1,1,1\n`).join('');
    const error = await failure(rows, { reverse: true }, { reverseLimit: 2 });
    expect([error.code, error.limit]).toEqual(['CSV_REVERSE_LIMIT', 2]);
  });
});

describe('an option', () => {
  test.each<[string, object]>([
    ['separator', { separator: ',,' }],
    ['separator', { separator: '5' }],
    ['onBadRow', { onBadRow: 'ignore' }],
    ['stamps', { stamps: 'start' }],
    ['decimal', { decimal: ';' }],
    ['nullValue', { nullValue: Number.NaN }],
    ['dateFormat', { dateFormat: 3 }],
    ['columns.open', { columns: { open: -2 } }],
    ['columns.open', { columns: { open: 1.5 } }],
    ['utcOffset', { utcOffset: 'Berlin' }],
  ])('%s that cannot work is refused: %o', async (name, options) => {
    const error = await failure(HEAD + GOOD, options);
    expect(error).toBeInstanceOf(InputError);
    expect(error.message).toContain(`option ${name} was`);
  });
});
