import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { csvFeed, type QtError } from 'qt-trader';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  COLUMN_SETS,
  type Column,
  headerLine,
  parseColumns,
  rowLine,
  withSymbol,
} from '../../src/live/record/columns.ts';
import { KlineFile, type KlineFileOptions } from '../../src/live/record/kline-file.ts';
import { CSV } from '../../src/live/record/row-format.ts';
import { filePath } from '../../src/live/record/sinks.ts';
import { folderWith, ROOT, run } from '../cli/qt.ts';
import { klineBars } from './support/fake-live.ts';

const BARS = klineBars('BTCUSDT', 400);
const DEFAULT = parseColumns(['default']);
const rows = (from: number, to: number, columns: readonly Column[] = DEFAULT, symbol = 'BTCUSDT') =>
  Array.from({ length: to - from }, (_, i) =>
    rowLine(columns, { symbol, interval: '1m' }, BARS, from + i),
  ).join('');
const WHOLE = headerLine(DEFAULT) + rows(0, 400);

function open(path: string, options: Partial<KlineFileOptions> = {}): KlineFile {
  const file = new KlineFile({
    path,
    symbols: ['BTCUSDT'],
    interval: '1m',
    columns: undefined,
    format: CSV,
    header: true,
    sync: false,
    onFailure: error => {
      throw error;
    },
    ...options,
  });
  onTestFinished(() => file.close());
  return file;
}

/** The error's code and message, or what went through. */
function failure(path: string, options: Partial<KlineFileOptions> = {}): string {
  try {
    open(path, options);
    return 'opened';
  } catch (error) {
    return `${(error as QtError).code}: ${(error as QtError).message}`;
  }
}

describe('a row', () => {
  test('holds close, high, low, open, volume, quote volume and the UTC open time', () => {
    const [header, first] = WHOLE.split('\n');
    expect(header).toBe('close,high,low,open,volume,baseVolume,datetime');
    const { close, high, low, open, volume, extra } = BARS;
    expect(first.split(',').slice(0, 6).map(Number)).toEqual([
      close[0],
      high[0],
      low[0],
      open[0],
      volume[0],
      extra.quoteVolume[0],
    ]);
    expect(first.split(',')[6]).toBe('2024-01-31T00:00:00Z');
  });

  test('of the set "binance" is that of its dumps', () => {
    const columns = parseColumns(['binance']);
    const fields = rowLine(columns, { symbol: 'X', interval: '1m' }, BARS, 1).trim().split(',');
    expect(fields).toHaveLength(12);
    expect(fields[0]).toBe(String(Date.UTC(2024, 0, 31, 0, 1)));
    expect(fields[6]).toBe(String(Date.UTC(2024, 0, 31, 0, 2) - 1));
    expect(fields[11]).toBe('0');
  });

  test.each(Object.keys(COLUMN_SETS))(
    'of the set "%s" is read by csvFeed with every number the same',
    async set => {
      const columns = parseColumns([set]);
      const folder = await folderWith({ 'btcusdt-1m.csv': headerLine(columns) + rows(0, 400, columns) });
      const feed = await csvFeed(join(folder, 'btcusdt-1m.csv'));
      expect([feed.instrument.symbol, feed.interval]).toEqual(['BTCUSDT', '1m']);
      for await (const event of feed.events({ signal: new AbortController().signal, warmup: 0 })) {
        if (event.kind !== 'bars') continue;
        for (const name of ['time', 'open', 'high', 'low', 'close', 'volume'] as const) {
          expect(event.bars[name]).toEqual(BARS[name]);
        }
        if (set === 'binance') expect(event.bars.extra).toEqual(BARS.extra);
      }
      expect(feed.notes?.()).toEqual([]);
    },
  );

  test('takes names and sets, and suggests the right one for a wrong one', () => {
    expect(parseColumns(['symbol,ohlcv', 'trades']).map(({ name }) => name)).toEqual([
      'symbol',
      ...COLUMN_SETS.ohlcv,
      'trades',
    ]);
    expect(() => parseColumns(['opne'])).toThrow(/did you mean "open"/);
    expect(() => parseColumns(['open,open'])).toThrow(/twice/);
    expect(() => parseColumns([' , '])).toThrow(/no column/);
  });
});

describe('a file of klines', () => {
  test('that stops at any byte is cut to its last whole row, and gone on with as if nothing had happened', async () => {
    const folder = await folderWith();
    const path = join(folder, 'btcusdt-1m.csv');
    fc.assert(
      fc.property(fc.integer({ min: 0, max: WHOLE.length }), fc.boolean(), (size, nulls) => {
        writeFileSync(path, WHOLE.slice(0, size) + (nulls ? '\0'.repeat(100) : ''));
        // A loss of power may leave zeros where text was to be.
        fc.pre(!nulls || size > headerLine(DEFAULT).length || size === 0);
        const file = open(path);
        const last = file.last.get('BTCUSDT');
        const next = last === undefined ? 0 : BARS.time.indexOf(last) + 1;
        file.append(rows(next, 400));
        file.close();
        expect(readFileSync(path, 'utf8')).toBe(WHOLE);
      }),
      { numRuns: 300 },
    );
  });

  test('says how much of a torn row it cut off', async () => {
    const folder = await folderWith({ 'a.csv': `${WHOLE}123.4,12`, 'b.csv': WHOLE });
    expect(open(join(folder, 'a.csv')).torn).toBe(8);
    expect(readFileSync(join(folder, 'a.csv'), 'utf8')).toBe(WHOLE);
    expect(open(join(folder, 'b.csv')).torn).toBe(0);
  });

  test('finds the last row of each symbol, however far back it is', async () => {
    const columns = withSymbol(DEFAULT);
    const text = `${headerLine(columns)}${rows(0, 3, columns, 'ETHUSDT')}${rows(0, 4, columns, 'SOLUSDT')}`;
    const folder = await folderWith({ 'all.csv': text });
    // More than one block of 64 KiB in between.
    for (let i = 0; i < 20; i++) appendFileSync(join(folder, 'all.csv'), rows(0, 400, columns, `X${i}`));
    appendFileSync(join(folder, 'all.csv'), rows(0, 300, columns));
    expect(statSync(join(folder, 'all.csv')).size).toBeGreaterThan(500_000);
    const { last } = open(join(folder, 'all.csv'), { symbols: ['BTCUSDT', 'ETHUSDT', 'ADAUSDT', 'SOLUSDT'] });
    expect([...last].sort()).toEqual([
      ['BTCUSDT', BARS.time[299]],
      ['ETHUSDT', BARS.time[2]],
      ['SOLUSDT', BARS.time[3]],
    ]);
  });

  test('tells intervals apart where it has a column for them', async () => {
    const columns = parseColumns(['symbol,interval,datetime,close']);
    const folder = await folderWith({
      'all.csv': `${headerLine(columns)}${rows(0, 9, columns)}BTCUSDT,1h,2024-01-31T05:00:00Z,1\n`,
    });
    expect(open(join(folder, 'all.csv')).last.get('BTCUSDT')).toBe(BARS.time[8]);
  });

  test('goes on without a header as it began, also when its lines end with CRLF', async () => {
    const folder = await folderWith({ 'a.csv': rows(0, 5), 'b.csv': WHOLE.replaceAll('\n', '\r\n') });
    expect(open(join(folder, 'a.csv')).last.get('BTCUSDT')).toBe(BARS.time[4]);
    expect(open(join(folder, 'b.csv')).last.get('BTCUSDT')).toBe(BARS.time[399]);
    open(join(folder, 'c.csv'), { header: false }).append(rows(0, 1));
    expect(readFileSync(join(folder, 'c.csv'), 'utf8')).toBe(rows(0, 1));
  });

  test('keeps the columns that it has unless others are asked for', async () => {
    const columns = parseColumns(['ohlcv']);
    const folder = await folderWith({ 'a.csv': headerLine(columns) + rows(0, 5, columns) });
    const path = join(folder, 'a.csv');
    const file = open(path);
    expect(file.columns).toEqual(columns);
    file.close();
    expect(failure(path, { columns: DEFAULT })).toMatch(
      /^RECORD_COLUMNS: .*a\.csv has the columns datetime,open,.*, asked for were close,high,.*: leave out --columns/,
    );
  });

  test('that has no symbol column takes no second symbol', async () => {
    const folder = await folderWith({ 'a.csv': WHOLE });
    expect(failure(join(folder, 'a.csv'), { symbols: ['BTCUSDT', 'ETHUSDT'] })).toMatch(
      /^RECORD_NO_SYMBOL: .*has no column "symbol" for 2 symbols: give another --out/,
    );
  });

  test.each([
    ['text', 'some text\n', 'RECORD_FOREIGN', /its first line is "some text"/],
    ['no line', 'no line end', 'RECORD_FOREIGN', /"no line end"/],
    ['other columns', 'a,b\n1,2\n', 'RECORD_FOREIGN', /"a,b"/],
    ['a short row', `${headerLine(DEFAULT)}1,2,3\n`, 'RECORD_ROW', /row 1 from its end .*"1,2,3"/],
    [
      'a row without end',
      `${headerLine(DEFAULT)}${'9'.repeat(70_000)}\n`,
      'RECORD_ROW',
      /longer than 64 KiB/,
    ],
    ['rows out of order', headerLine(DEFAULT) + rows(5, 6) + rows(4, 5), 'RECORD_ORDER', /back in time/],
    ['a row twice', headerLine(DEFAULT) + rows(5, 6) + rows(5, 6), 'RECORD_ORDER', /back in time/],
    ['no time', 'close,open\n1,2\n', 'RECORD_NO_TIME', /say no time/],
  ])('that holds something else is left alone: %s', async (_, text, code, message) => {
    const folder = await folderWith({ 'a.csv': text });
    const said = failure(join(folder, 'a.csv'));
    expect(said).toMatch(new RegExp(`^${code}: `));
    expect(said).toMatch(message);
    expect(readFileSync(join(folder, 'a.csv'), 'utf8')).toBe(text);
    expect(readdirSync(folder)).toEqual(['a.csv']);
  });

  test('of another interval is refused', async () => {
    const folder = await folderWith({ 'a.csv': WHOLE });
    expect(failure(join(folder, 'a.csv'), { interval: '5m' })).toMatch(
      /^INTERVAL_CONTRADICTED: .*5m, the bars are 1m/,
    );
  });

  test('gets the folders it needs, and leaves nothing behind when it cannot be made', async () => {
    const folder = await folderWith();
    const file = open(join(folder, 'a/b/c.csv'));
    file.append(rows(0, 1));
    file.close();
    open(join(folder, 'a/b/no-row.csv')).close();
    expect(readdirSync(join(folder, 'a/b'))).toEqual(['c.csv']);
    expect(failure(join(folder, 'd.csv'), { columns: parseColumns(['close']) })).toMatch(/^RECORD_NO_TIME/);
    expect(readdirSync(folder)).toEqual(['a']);
    mkdirSync(join(folder, 'e.csv'));
    expect(failure(join(folder, 'e.csv'))).toMatch(
      /^RECORD_NOT_WRITABLE: .*e\.csv cannot be written: EISDIR/,
    );
    expect(failure('/dev/null')).toMatch(/^RECORD_NOT_WRITABLE: .*or - for stdout/);
  });

  test.skipIf(process.getuid?.() === 0)('in a folder without permission is one clear line', async () => {
    const folder = await folderWith();
    chmodSync(folder, 0o500);
    expect(failure(join(folder, 'a.csv'))).toMatch(/^RECORD_NOT_WRITABLE: .*EACCES/);
  });

  test('has one writer, by whatever name it is called', async () => {
    const folder = await folderWith();
    const path = join(folder, 'a.csv');
    const file = open(path);
    symlinkSync(path, join(folder, 'b.csv'));
    expect(failure(path)).toMatch(
      /^RECORD_LOCKED: another recorder is writing to .*a\.csv: stop it, or give another/,
    );
    expect(failure(join(folder, 'b.csv'))).toMatch(/^RECORD_LOCKED/);
    file.close();
    expect(failure(join(folder, 'b.csv'))).toBe('opened');
  });
});

/** A process that opens the file and appends rows without end until it is killed. */
const WRITER = `
  import { KlineFile } from ${JSON.stringify(join(ROOT, 'src/live/record/kline-file.ts'))};
  import { CSV } from ${JSON.stringify(join(ROOT, 'src/live/record/row-format.ts'))};
  const file = new KlineFile({
    path: process.argv[1], format: CSV, symbols: ['BTCUSDT'], interval: '1m', columns: undefined, header: true, sync: false,
    onFailure() {},
  });
  console.log('open');
  if (process.argv[2] === 'hold') setInterval(() => {}, 1000);
  else {
    try {
      for (let time = 0; time < 1e5; time++) {
        file.append('1,1,1,1,1,1,' + new Date(time * 60_000).toISOString().replace('.000Z', 'Z') + '\\n');
      }
    } catch (error) {
      console.log(error.code, error.message);
    }
  }
`;

test('a lock goes with its holder, however that ends', async () => {
  const folder = await folderWith();
  const path = join(folder, 'a.csv');
  const child = spawn(process.execPath, ['--input-type=module', '-e', WRITER, path, 'hold'], {
    stdio: 'pipe',
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  expect(failure(path)).toMatch(/^RECORD_LOCKED/);
  child.kill('SIGKILL');
  await once(child, 'close');
  expect(existsSync(`${path}.lock`)).toBe(true);
  const file = open(path);
  file.close();
  expect(readdirSync(folder)).toEqual(['a.csv']);
});

test.skipIf(process.platform === 'win32')('a full disk ends the recording with whole rows', async () => {
  const folder = await folderWith();
  const path = join(folder, 'a.csv');
  // A limit of the file's size fails the same way, in the middle of a row: 8 blocks of 1,024 or 512 bytes.
  const command = `trap '' XFSZ; ulimit -f 8; exec "$0" --input-type=module -e "$1" "$2"`;
  const { stdout } = await run('bash', ['-c', command, process.execPath, WRITER, path], {
    cwd: folder,
    env: { NODE_COMPILE_CACHE: undefined },
  });
  expect(stdout).toMatch(/^open\nRECORD_NOT_WRITABLE .*a\.csv cannot be written: EFBIG.*start it again/);
  const text = readFileSync(path, 'utf8');
  expect(text.length).toBeGreaterThan(2000);
  expect(text.endsWith('Z\n')).toBe(true);
  truncateSync(path, text.length - 5);
  expect(open(path).torn).toBeGreaterThan(0);
});

test('file names have the symbol and the interval; a month is not mistaken for a minute', () => {
  expect(filePath('{symbol}-{interval}.csv', 'BTCUSDT', '1m')).toBe('btcusdt-1m.csv');
  expect(filePath('x/{SYMBOL}/{interval}.csv', 'BTCUSDT', '1M')).toBe('x/BTCUSDT/1mo.csv');
});
