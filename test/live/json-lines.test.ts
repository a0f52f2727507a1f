import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import type { QtError } from 'qt-trader';
import { expect, onTestFinished, test } from 'vitest';
import { parseColumns } from '../../src/live/record/columns.ts';
import { JSON_LINES } from '../../src/live/record/json-lines.ts';
import { KlineFile, type KlineFileOptions } from '../../src/live/record/kline-file.ts';
import { folderWith } from '../cli/qt.ts';
import { klineBars } from './support/fake-live.ts';

const BARS = klineBars('BTCUSDT', 200);
const SERIES = { symbol: 'BTCUSDT', interval: '1m' } as const;
const COLUMNS = parseColumns(['default']);
const rows = (from: number, to: number, columns = COLUMNS) =>
  Array.from({ length: to - from }, (_, i) => JSON_LINES.line(columns, SERIES, BARS, from + i)).join('');
const WHOLE = rows(0, 200);

function open(path: string, options: Partial<KlineFileOptions> = {}): KlineFile {
  const file = new KlineFile({
    ...{ path, symbols: ['BTCUSDT'], interval: '1m', format: JSON_LINES, columns: undefined },
    ...{ header: true, sync: false, onFailure: () => {} },
    ...options,
  });
  onTestFinished(() => file.close());
  return file;
}

function failure(path: string, options: Partial<KlineFileOptions> = {}): string {
  try {
    open(path, options);
    return 'opened';
  } catch (error) {
    return `${(error as QtError).code}: ${(error as QtError).message}`;
  }
}

test('a line is an object with the columns in their order, numbers as numbers, and null for what is not known', () => {
  const columns = parseColumns(['symbol,interval,datetime,open_time,close,baseVolume,trades,ignore']);
  const bars = { ...BARS, extra: { ...BARS.extra, trades: BARS.extra.trades.map(() => Number.NaN) } };
  const line = JSON_LINES.line(columns, SERIES, bars, 3);
  expect(line.endsWith('}\n')).toBe(true);
  const object = JSON.parse(line);
  expect(Object.entries(object)).toEqual([
    ['symbol', 'BTCUSDT'],
    ['interval', '1m'],
    ['datetime', '2024-01-31T00:03:00Z'],
    ['open_time', BARS.time[3]],
    ['close', BARS.close[3]],
    ['baseVolume', BARS.extra.quoteVolume[3]],
    ['trades', null],
    ['ignore', 0],
  ]);
});

test('a file that stops at any byte is cut to its last whole line, and gone on with as if nothing had happened', async () => {
  const path = join(await folderWith(), 'btcusdt-1m.jsonl');
  fc.assert(
    fc.property(fc.integer({ min: 0, max: WHOLE.length }), fc.boolean(), (size, nulls) => {
      // A loss of power may leave zeros where text was to be.
      fc.pre(!nulls || size > rows(0, 1).length || size === 0);
      writeFileSync(path, WHOLE.slice(0, size) + (nulls ? '\0'.repeat(100) : ''));
      const file = open(path);
      const last = file.last.get('BTCUSDT');
      const next = last === undefined ? 0 : BARS.time.indexOf(last) + 1;
      file.append(rows(next, 200));
      file.close();
      expect(readFileSync(path, 'utf8')).toBe(WHOLE);
    }),
    { numRuns: 200 },
  );
});

test('the columns of a file are those of its lines, and others are refused', async () => {
  const columns = parseColumns(['symbol,time,close']);
  const path = join(await folderWith({ 'a.jsonl': rows(0, 5, columns) }), 'a.jsonl');
  const file = open(path);
  expect([file.columns, file.last.get('BTCUSDT')]).toEqual([columns, BARS.time[4]]);
  file.close();
  expect(failure(path, { columns: COLUMNS })).toMatch(
    /^RECORD_COLUMNS: .* has the columns symbol,time,close,/,
  );
});

test.each([
  ['{"a":1}\n', /^RECORD_FOREIGN/],
  ['close,high\n', /^RECORD_FOREIGN/],
  ['{"close":1,"datetime":"soon"}\n', /^RECORD_FOREIGN/],
  ['{"clo', /^opened/],
  ['{"other":', /^RECORD_FOREIGN/],
  ['{"close":1,"hi', /^opened/],
  [`${rows(0, 3)}{"close":2}\n`, /^RECORD_ROW: .*row 1 from its end/],
  [`${rows(5, 6)}${rows(0, 3)}`, /^RECORD_ORDER/],
])('what may be a recording is gone on with, and else is left as it is: %.40s', async (text, expected) => {
  const path = join(await folderWith({ 'a.jsonl': text }), 'a.jsonl');
  expect(failure(path)).toMatch(expected);
  if (!expected.test('opened')) expect(readFileSync(path, 'utf8')).toBe(text);
});
