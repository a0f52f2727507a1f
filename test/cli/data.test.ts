import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { BarStore, type SeriesKey } from '../../src/store/bars.ts';
import { folderWith, qt, sampleRows, strategySource } from './qt.ts';

const HOURS = sampleRows(3000);
const STORE = '.qt/data.sqlite';

/** `hours` of minutes whose prices are known, from 2024-01-01, with the rows of `edit`. */
function minutes(hours: number, edit: (minute: number) => string | undefined = () => undefined): string {
  const from = Date.UTC(2024, 0, 1);
  const rows = Array.from({ length: hours * 60 }, (_, minute) => {
    const own = edit(minute);
    if (own !== undefined) return own;
    return `${new Date(from + minute * 60_000).toISOString()},${100 + minute},${101 + minute},${99 + minute},${100.5 + minute},1.5,${minute}\n`;
  });
  return `datetime,open,high,low,close,volume,trades\n${rows.join('')}`;
}

function editStore(cwd: string, act: (store: BarStore) => void): void {
  const store = new BarStore(join(cwd, STORE));
  act(store);
  store.close();
}

const KEY: SeriesKey = { venue: 'binance', market: 'spot', symbol: 'BTCUSDT', interval: '1m' };

test('importing twice changes nothing; other bars are kept or replaced as it was said', async () => {
  const cwd = await folderWith({ 'btcusdt-1m.csv': minutes(2) });
  writeFileSync(
    join(cwd, 'btcusdt-1m.csv.gz'),
    gzipSync(minutes(3, i => (i === 7 ? '2024-01-01T00:07Z,5,6,4,5,1,1\n' : undefined))),
  );
  const data = (...args: string[]) => qt(['data', ...args], { cwd });
  expect((await data('import', 'btcusdt-1m.csv')).stdout).toBe(
    'btcusdt-1m.csv: binance spot BTCUSDT 1m, 120 bars from 2024-01-01 00:00 to 2024-01-01 01:59 UTC: 120 added\n',
  );
  expect((await data('import', 'btcusdt-1m.csv')).stdout).toContain(': 0 added, 120 already there\n');
  const kept = await data('import', 'btcusdt-1m.csv.gz');
  expect(kept.stdout).toContain(
    ': 60 added, 119 already there\n  1 bar differs from the one in the store, which was kept',
  );
  expect(
    (await data('export', 'BTCUSDT', '--from', '2024-01-01T00:07', '--to', '2024-01-01T00:08')).stdout,
  ).toBe('datetime,open,high,low,close,volume,trades\n2024-01-01T00:07:00Z,107,108,106,107.5,1.5,7\n');
  const replaced = await data('import', 'btcusdt-1m.csv.gz', '--replace', '--json');
  expect(JSON.parse(replaced.stdout)).toMatchObject({
    files: [{ symbol: 'BTCUSDT', interval: '1m', bars: 180, added: 0, same: 179, different: 1 }],
  });
  expect(
    (await data('export', 'BTCUSDT', '--from', '2024-01-01T00:07', '--to', '2024-01-01T00:08')).stdout,
  ).toContain(',5,6,4,5,1,1\n');
});

test('bars that are stamped by their close are kept by their open', async () => {
  const cwd = await folderWith({ 'x.csv': minutes(1) });
  const args = [
    'data',
    'import',
    'x.csv',
    '--symbol',
    'eth/usdt',
    '--stamps',
    'close',
    '--market',
    'usdm',
    '--interval',
    '1m',
  ];
  expect((await qt(args, { cwd })).stdout).toContain(
    'binance usdm ETHUSDT 1m, 60 bars from 2023-12-31 23:59',
  );
});

test('list shows what there is, as a table and as JSON', async () => {
  const cwd = await folderWith({
    'btcusdt-1m.csv': minutes(3, i => (i === 70 || i === 71 ? '' : undefined)),
    'synthetic-btcusdt-1h.csv': HOURS,
  });
  expect(await qt(['data', 'list'], { cwd })).toMatchObject({
    code: 66,
    stderr: expect.stringMatching(/^qt: STORE_NOT_FOUND: .*qt data import/),
  });
  await qt(['data', 'import', 'btcusdt-1m.csv', 'synthetic-btcusdt-1h.csv'], { cwd });
  const { stdout } = await qt(['data', 'list'], { cwd });
  expect(
    stdout
      .split('\n')
      .slice(1)
      .map(line => line.replace(/ +/g, ' ').replace(/[\d.]+ [kM]B/, 'SIZE')),
  ).toEqual([
    'binance spot BTCUSDT 1m 178 2024-01-01 00:00 2024-01-01 02:59 1 SIZE',
    'synthetic spot BTCUSDT 1h 3,000 2024-01-01 00:00 2024-05-04 23:00 0 SIZE',
    '',
  ]);
  const { series } = JSON.parse((await qt(['data', 'list', 'btc-usdt', '--json'], { cwd })).stdout);
  expect(series).toHaveLength(2);
  expect(series[0]).toMatchObject({ ...KEY, bars: 178, gaps: 1, columns: ['trades'] });
});

test('check lists gaps, duplicates, impossible bars, damage and contradictions with their ranges, and exits with 1', async () => {
  const cwd = await folderWith({ 'btcusdt-1m.csv': minutes(50) });
  await qt(['data', 'import', 'btcusdt-1m.csv'], { cwd });
  await qt(['data', 'resample', 'BTCUSDT', '1m', '1h'], { cwd });
  await qt(['data', 'resample', 'BTCUSDT', '1h', '4h'], { cwd });
  expect(await qt(['data', 'check'], { cwd })).toMatchObject({
    code: 0,
    stdout: '3 series checked: nothing is wrong\n',
  });
  const at = (minute: number) => Date.UTC(2024, 0, 1) + minute * 60_000;
  editStore(cwd, store => {
    store.delete(KEY, { from: at(100), to: at(103) });
    store.noteEmpty(KEY, { from: at(200), to: at(202) });
    store.delete(KEY, { from: at(200), to: at(202) });
    store.noteEmpty(KEY, { from: at(200), to: at(202) });
    const one = store.read(KEY, { from: at(300), to: at(301) });
    store.put(KEY, { ...one, time: Float64Array.of(at(300.5)) });
    store.put(KEY, { ...one, low: Float64Array.of(one.high[0] + 1) }, { replace: true });
    const hour = { ...KEY, interval: '1h' };
    const wrong = store.read(hour, { from: at(1200), to: at(1320) });
    store.put(hour, { ...wrong, close: wrong.close.map(value => value - 0.25) }, { replace: true });
  });
  const { code, stdout } = await qt(['data', 'check', '--json'], { cwd });
  expect(code).toBe(1);
  const found = JSON.parse(stdout).findings.map(
    ({ kind, interval, from, to, bars, problem }: Record<string, unknown>) => [
      kind,
      interval,
      (Number(from) - at(0)) / 60_000,
      (Number(to) - at(0)) / 60_000,
      bars,
      problem,
    ],
  );
  expect(found).toEqual([
    ['gap', '1m', 100, 103, 3, '3 bars are missing'],
    ['impossible', '1m', 300, 301, 1, 'its high 401 is not its highest price'],
    ['duplicate', '1m', 300.5, 302, 2, 'begins 30 s before the bar before it has ended, and 1 more'],
    ['contradiction', '1h', 300, 360, 1, 'its volume is 90, by 1m 91.5'],
    ['contradiction', '1h', 1200, 1320, 2, 'its close is 1359.25, by 1m 1359.5, and 1 more'],
    ['contradiction', '4h', 240, 480, 1, 'its volume is 360, by 1m 361.5'],
  ]);
  const text = await qt(['data', 'check', 'BTCUSDT', '1m'], { cwd });
  expect(text.stdout).toContain(
    'gap           binance spot BTCUSDT 1m  2024-01-01 01:40 to 2024-01-01 01:43 UTC  3 bars are missing\n',
  );
  expect([text.code, text.stdout.split('\n').length]).toEqual([1, 5]);
});

test('what is exported and imported again is the same', async () => {
  const odd = (i: number) =>
    i === 3 ? '2024-01-01T00:03Z,0.1,0.30000000000000004,1e-7,0.1,123456789.12345679,\n' : undefined;
  const cwd = await folderWith({ 'btcusdt-1m.csv': minutes(40, odd) });
  await qt(['data', 'import', 'btcusdt-1m.csv'], { cwd });
  expect((await qt(['data', 'export', 'BTCUSDT', '1m', '--out', 'out/btcusdt.csv'], { cwd })).stdout).toBe(
    'Wrote out/btcusdt.csv: 2,400 bars of binance spot BTCUSDT 1m\n',
  );
  await qt(['data', 'import', 'out/btcusdt.csv', '--data-store', 'other.sqlite'], { cwd });
  const read = (file: string) => {
    const store = new BarStore(join(cwd, file), { readOnly: true });
    const bars = store.read(KEY);
    store.close();
    return bars;
  };
  expect(read('other.sqlite')).toEqual(read(STORE));
  const lines = (
    await qt(['data', 'export', 'BTCUSDT', '--format', 'jsonl', '--to', '2024-01-01T00:04'], { cwd })
  ).stdout
    .trim()
    .split('\n');
  expect(JSON.parse(lines[3])).toEqual({
    time: Date.UTC(2024, 0, 1, 0, 3),
    open: 0.1,
    high: 0.30000000000000004,
    low: 1e-7,
    close: 0.1,
    volume: 123456789.12345679,
    trades: null,
  });
  const json = JSON.parse((await qt(['data', 'export', 'BTCUSDT', '--format', 'json'], { cwd })).stdout);
  expect([json.symbol, json.columns, json.bars.length, json.bars[0]]).toEqual([
    'BTCUSDT',
    ['trades'],
    2400,
    JSON.parse(lines[0]),
  ]);
  expect(existsSync(join(cwd, 'out/btcusdt.csv'))).toBe(true);
});

test('a longer bar of which parts are missing is left out, unless it is wanted all the same', async () => {
  const cwd = await folderWith({
    'btcusdt-1m.csv': minutes(10, i => (i < 30 || i === 200 ? '' : undefined)),
  });
  await qt(['data', 'import', 'btcusdt-1m.csv'], { cwd });
  const first = await qt(['data', 'resample', 'BTCUSDT', '1m', '60m', '--from', '2024-01-01T00:40'], { cwd });
  expect(first.stdout).toBe(
    'binance spot BTCUSDT 1h: 8 bars added, 0 already there\n  1 left out, for some of their parts are missing (--with-gaps makes them all the same)\n',
  );
  expect((await qt(['data', 'export', 'BTCUSDT', '1h'], { cwd })).stdout.split('\n')[1]).toBe(
    '2024-01-01T01:00:00Z,160,220,159,219.5,90,5370',
  );
  const all = await qt(['data', 'resample', 'BTCUSDT', '1m', '1h', '--with-gaps'], { cwd });
  expect(all.stdout).toBe('binance spot BTCUSDT 1h: 2 bars added, 8 already there\n');
});

test('delete wants a yes, and takes what it was told', async () => {
  const cwd = await folderWith({ 'btcusdt-1m.csv': minutes(2) });
  await qt(['data', 'import', 'btcusdt-1m.csv'], { cwd });
  const args = ['data', 'delete', 'BTCUSDT', '--from', '2024-01-01T01:00'];
  expect(await qt(args, { cwd })).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/^qt: NO_TERMINAL: .*--yes/),
  });
  expect((await qt([...args, '--yes'], { cwd })).stdout).toBe('Deleted 60 bars of binance spot BTCUSDT 1m\n');
  expect((await qt(['data', 'delete', 'BTCUSDT', '--yes'], { cwd })).stdout).toBe(
    'Deleted 60 bars of binance spot BTCUSDT 1m\n',
  );
  expect((await qt(['data', 'list'], { cwd })).stdout).toContain('The store is empty');
  expect(await qt(['data', 'delete', 'BTCUSDT', '--yes'], { cwd })).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/^qt: SERIES_UNKNOWN: /),
  });
});

test('a backtest on the store is the one on the file that was imported', async () => {
  const cwd = await folderWith({ 'btcusdt-1h.csv': HOURS, 'probe.ts': strategySource() });
  await qt(['data', 'import', 'btcusdt-1h.csv'], { cwd });
  const run = async (...args: string[]) => {
    const { code, stdout, stderr } = await qt(
      ['backtest', 'probe.ts', '--json', '--quiet', '--no-config', '--offline', ...args],
      { cwd },
    );
    if (code !== 0) return { code, stderr };
    const { metrics, trades, notes, data } = JSON.parse(stdout);
    return { code, metrics, trades, notes, data };
  };
  const ranges = [
    [],
    ['--from', '2024-02-01', '--to', '2024-03-01'],
    ['--resample', '4h', '--from', '2024-02-01T02:00'],
  ];
  for (const range of ranges) {
    const { data: _, ...stored } = await run('--symbol', 'BTCUSDT', '--interval', '1h', ...range);
    const { data: __, ...file } = await run('--data', 'btcusdt-1h.csv', ...range);
    expect(stored).toEqual(file);
    expect(stored.code).toBe(0);
  }
  expect(
    await run('--symbol', 'BTCUSDT', '--interval', '1h', '--from', '2023-06-01', '--to', '2024-02-01'),
  ).toEqual({
    code: 66,
    stderr:
      'qt: DATA_MISSING: .qt/data.sqlite: it has no bars of binance spot BTCUSDT 1h from 2023-06-01 00:00 to 2024-01-01 00:00 UTC: ' +
      '"qt data fetch BTCUSDT 1h --from 2023-06-01 --to 2024-01-01" gets them, "qt data import FILE" reads them from a file, or change --from and --to\n',
  });
  const unknown = await run(
    '--symbol',
    'ETHUSDT',
    '--interval',
    '5m',
    '--market',
    'usdm',
    '--from',
    '2024-02-01',
  );
  expect(unknown.stderr).toContain('"qt data fetch ETHUSDT 5m --market usdm --from 2024-02-01" gets them');
  const none = await run('--symbol', 'ETHUSDT', '--data-store', 'none.sqlite');
  expect(none).toMatchObject({ code: 66, stderr: expect.stringContaining('DATA_MISSING') });
  expect(existsSync(join(cwd, 'none.sqlite'))).toBe(false);
});

test('made-up bars stay made up in the store', async () => {
  const cwd = await folderWith({ 'synthetic-btcusdt-1h.csv': HOURS, 'probe.ts': strategySource() });
  await qt(['data', 'import', 'synthetic-btcusdt-1h.csv', '--venue', 'binance'], { cwd });
  const { stdout } = await qt(
    ['backtest', 'probe.ts', '--symbol', 'BTCUSDT', '--json', '--quiet', '--offline'],
    { cwd },
  );
  expect(stdout).toContain('BTCUSDT 1h is synthetic: generated at random, never traded');
});

test('the config says where the store is, and a flag says otherwise', async () => {
  const cwd = await folderWith({
    'btcusdt-1m.csv': minutes(1),
    'qt.config.ts':
      "import { defineConfig } from 'qt-trader';\nexport default defineConfig({ dataStore: 'bars.sqlite' });\n",
    'below/x.txt': '',
  });
  await qt(['data', 'import', '../btcusdt-1m.csv'], { cwd: join(cwd, 'below') });
  expect(existsSync(join(cwd, 'bars.sqlite'))).toBe(true);
  await qt(['data', 'import', 'btcusdt-1m.csv', '--data-store', 'x/other.sqlite'], { cwd });
  expect(existsSync(join(cwd, 'x/other.sqlite'))).toBe(true);
  expect(readFileSync(join(cwd, 'bars.sqlite')).subarray(0, 15).toString()).toBe('SQLite format 3');
});
