import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, existsSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { csvFeed, memoryFeed } from 'qt-trader';
import { describe, expect, onTestFinished, test } from 'vitest';
import WebSocket from 'ws';
import { localExchange } from '../../src/exchange/local-exchange.ts';
import { syntheticCsv } from '../../src/feeds/synthetic/file.ts';
import { syntheticBars } from '../../src/feeds/synthetic/synthetic.ts';
import { type Bars, sliceBars } from '../../src/model/bars.ts';
import { BarStore } from '../../src/store/bars.ts';
import { folderWith, type Outcome, qt } from '../cli/qt.ts';
import { mulberry32 } from '../support/random-walk.ts';
import { startExchange } from './support/exchange-process.ts';

const SYMBOLS = ['BTCUSDT', 'ETHUSDT', 'SOLUSDT'];
const START = Date.UTC(2024, 0, 31);
const SOAK = process.env.QT_SOAK === '1';

const barsOf = (symbol: string, bars: number) => syntheticBars({ symbol, interval: '1m', bars, from: START });

/** The rows of a file of the default columns, by symbol; every line must be whole. */
function rowsIn(file: string, alone?: string): Map<string, string[][]> {
  const [header, ...lines] = readFileSync(file, 'utf8').split('\n');
  expect(lines.pop()).toBe('');
  const columns = header.split(',');
  expect(columns.slice(-7)).toEqual(['close', 'high', 'low', 'open', 'volume', 'baseVolume', 'datetime']);
  const rows = new Map<string, string[][]>();
  for (const line of lines) {
    const fields = line.split(',');
    expect(fields).toHaveLength(columns.length);
    const symbol = alone ?? fields[0];
    if (!rows.has(symbol)) rows.set(symbol, []);
    rows.get(symbol)!.push(fields.slice(-7));
  }
  return rows;
}

/** The same of a file of JSON lines. */
function jsonRowsIn(file: string, alone?: string): Map<string, string[][]> {
  const lines = readFileSync(file, 'utf8').split('\n');
  expect(lines.pop()).toBe('');
  const rows = new Map<string, string[][]>();
  for (const line of lines) {
    const { symbol = alone, ...bar } = JSON.parse(line);
    expect(Object.keys(bar)).toEqual(['close', 'high', 'low', 'open', 'volume', 'baseVolume', 'datetime']);
    if (!rows.has(symbol)) rows.set(symbol, []);
    rows.get(symbol)!.push(Object.values(bar).map(String));
  }
  return rows;
}

/** The source as the rows that it must become; the quote volume is the exchange's own. */
function rowsOf(bars: Bars): string[][] {
  return Array.from({ length: bars.length }, (_, i) => [
    ...[bars.close[i], bars.high[i], bars.low[i], bars.open[i], bars.volume[i]].map(String),
    new Date(bars.time[i]).toISOString().replace('.000Z', 'Z'),
  ]);
}

function expectSource(rows: ReadonlyMap<string, string[][]>, source: ReadonlyMap<string, Bars>): void {
  expect([...rows.keys()].sort()).toEqual([...source.keys()].sort());
  for (const [symbol, bars] of source) {
    const recorded = rows.get(symbol)!.map(fields => [...fields.slice(0, 5), fields[6]]);
    expect(recorded).toEqual(rowsOf(bars));
    for (const fields of rows.get(symbol)!) {
      const [, high, low, , volume, quoteVolume] = fields.map(Number);
      expect(quoteVolume).toBeGreaterThanOrEqual(low * volume * 0.999);
      expect(quoteVolume).toBeLessThanOrEqual(high * volume * 1.001);
    }
  }
}

/** `qt record` in a process that a test can kill. */
function recorder(cwd: string, args: readonly string[]): { child: ChildProcess; outcome: Promise<Outcome> } {
  let child: ChildProcess | undefined;
  const outcome = qt(['record', ...args], {
    cwd,
    onStart: started => {
      child = started;
    },
  });
  onTestFinished(() => void child!.kill('SIGKILL'));
  return { child: child!, outcome };
}

async function sourceFolder(
  bars: number,
): Promise<{ folder: string; source: Map<string, Bars>; data: string[] }> {
  const source = new Map(SYMBOLS.map(symbol => [symbol, barsOf(symbol, bars)]));
  const folder = await folderWith();
  const data = SYMBOLS.map(symbol => `synthetic-${symbol.toLowerCase()}-1m.csv`);
  for (const [i, symbol] of SYMBOLS.entries()) {
    writeFileSync(join(folder, data[i]), [...syntheticCsv(source.get(symbol)!)].join(''));
  }
  return { folder, source, data };
}

/** As a client that stays, whatever becomes of the others: the exchange ends when the last one has left. */
async function stay(url: string): Promise<void> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/ws`);
  socket.on('error', () => {});
  onTestFinished(() => socket.terminate());
  await once(socket, 'open');
}

/** What a recording has written, however it did. */
interface Written {
  /** Grows with what is written. */
  size(): number;
  /** Rows of the symbol that has fewest, about. */
  least(): number;
  /** What a machine that stops at a bad moment does to what is written last. */
  spoil(random: () => number): void;
  /** The rows of each symbol as those of a CSV of the default columns. */
  rows(): Map<string, string[][]>;
}

function inFiles(folder: string, out: string, read: typeof rowsIn): Written {
  const files = out.includes('{')
    ? SYMBOLS.map(symbol => out.replace('{symbol}', symbol.toLowerCase()).replace('{interval}', '1m'))
    : [out];
  const written = () => files.map(file => join(folder, file)).filter(file => existsSync(file));
  const lines = (file: string) => readFileSync(file, 'utf8').split('\n').length;
  return {
    size: () => written().reduce((sum, file) => sum + statSync(file).size, 0),
    least: () =>
      files.length === 1
        ? lines(join(folder, out)) / SYMBOLS.length
        : Math.min(...files.map(file => lines(join(folder, file)))),
    spoil(random) {
      for (const file of written()) spoil(file, random);
    },
    rows() {
      const rows = new Map<string, string[][]>();
      for (const [i, file] of files.entries()) {
        const alone = files.length === 1 ? undefined : SYMBOLS[i];
        for (const [symbol, own] of read(join(folder, file), alone)) rows.set(symbol, own);
      }
      return rows;
    },
  };
}

function inStore(file: string, venue: string): Written {
  const keyOf = (symbol: string) => ({ venue, market: 'spot', symbol, interval: '1m' });
  const look = <R>(act: (store: BarStore) => R): R => {
    const store = new BarStore(file, { readOnly: true });
    try {
      return act(store);
    } finally {
      store.close();
    }
  };
  const counts = () =>
    existsSync(file) ? look(store => SYMBOLS.map(symbol => store.count(keyOf(symbol)))) : [0];
  return {
    size: () => 100 * counts().reduce((sum, count) => sum + count, 0),
    least: () => Math.min(...counts()),
    // What has been merged into the file has reached the disk; its log may end anywhere.
    spoil(random) {
      if (existsSync(`${file}-wal`)) spoil(`${file}-wal`, random);
    },
    rows: () =>
      look(
        store =>
          new Map(
            SYMBOLS.map(symbol => {
              const bars = store.read(keyOf(symbol));
              const quote = bars.extra.quoteVolume;
              const rows = rowsOf(bars).map((row, i) => [...row.slice(0, 5), String(quote[i]), row[5]]);
              return [symbol, rows] as const;
            }),
          ),
      ),
  };
}

describe.each([
  ['a CSV file for all', 'klines.csv', 11],
  ['a CSV file each', '{symbol}-{interval}.csv', 12],
  ['JSON lines for all', 'klines.jsonl', 13],
  ['JSON lines each', '{symbol}-{interval}.jsonl', 14],
  ['the data store', 'klines.sqlite', 15],
])('three symbols in %s', (_, out, seed) => {
  test('recorded through faults and kills equal their source bar for bar', { timeout: 600_000 }, async () => {
    const kills = SOAK ? 30 : 5;
    const { folder, source, data } = await sourceFolder(60_000);
    const faults =
      'drop=0.02,duplicate=0.05,reorder=0.05,missing-close=0.05,cut=0.0005,rest-5xx=0.1,rest-slow=0.05';
    const { url } = await startExchange(folder, [
      ...['--data', ...data, '--speed', '6000', '--updates', '2', '--clients', '1'],
      ...['--faults', faults, '--seed', String(seed)],
    ]);
    await stay(url);
    const written = out.endsWith('.sqlite')
      ? inStore(join(folder, out), new URL(url).host)
      : inFiles(folder, out, out.endsWith('.csv') ? rowsIn : jsonRowsIn);
    const random = mulberry32(seed);
    const args = [...SYMBOLS, '--exchange', url, '--out', out, '--from', '2024-01-31'];
    const grown = async (from: number) => {
      const patience = performance.now() + 30_000;
      while (written.size() <= from) {
        if (performance.now() > patience) throw new Error('no row was written in 30 s');
        await setTimeout(5);
      }
    };
    for (let kill = 0; kill < kills; kill++) {
      const before = written.size();
      const { child, outcome } = recorder(folder, args);
      // A torn row may be cut off before the first one is written.
      await grown(before + 100);
      await setTimeout(random() * 1500);
      child.kill('SIGKILL');
      await outcome;
      written.spoil(random);
    }
    const last = recorder(folder, args);
    await grown(written.size() + 100);
    // However slow the machine: enough of each symbol for all that went wrong to lie within what is compared.
    const patience = performance.now() + 120_000;
    while (written.least() < kills * 110 && performance.now() < patience) await setTimeout(200);
    await setTimeout(1000);
    last.child.kill('SIGTERM');
    const { code, stderr } = await last.outcome;
    expect(stderr).toMatch(/Stopped: [1-9][\d,]* rows written/);
    expect(code).toBe(0);
    const rows = written.rows();
    const least = Math.min(...[...rows.values()].map(({ length }) => length));
    expect(least).toBeGreaterThan(kills * 100);
    // It was stopped somewhere: up to there nothing is missing.
    const reached = [...source].map(
      ([symbol, bars]) => [symbol, sliceBars(bars, 0, rows.get(symbol)!.length)] as const,
    );
    expectSource(rows, new Map(reached));
  });
});

/** What a machine that stops at a bad moment does to the end of a file. */
function spoil(file: string, random: () => number): void {
  const { size } = statSync(file);
  const what = Math.floor(random() * 4);
  if (what === 0) appendFileSync(file, '42000.1,42');
  if (what === 1) truncateSync(file, Math.max(0, size - Math.floor(random() * 300)));
  if (what === 2) appendFileSync(file, '\0'.repeat(50));
}

/** An exchange of this process, on real sockets. */
async function exchangeOf(bars: number, options: { speed?: number; faults?: string; from?: number } = {}) {
  const source = new Map(SYMBOLS.map(symbol => [symbol, barsOf(symbol, bars)]));
  const { parseFaults } = await import('../../src/exchange/fault-script.ts');
  const exchange = await localExchange({
    data: [...source].map(([symbol, columns]) => memoryFeed(columns, { symbol, interval: '1m' })),
    speed: options.speed ?? 6000,
    port: 0,
    clients: 1,
    updates: 2,
    ...(options.from === undefined ? {} : { from: options.from }),
    ...(options.faults === undefined ? {} : { faults: parseFaults(options.faults) }),
  });
  onTestFinished(() => exchange.close());
  return { exchange, source, url: exchange.url };
}

describe('qt record', () => {
  test('begins with the next bar, with --history or with --from, and stops cleanly when it is told to', async () => {
    const { url, source } = await exchangeOf(20_000, { speed: 600, from: START + 500 * 60_000 });
    const folder = await folderWith();
    const runs = [
      ['--out', 'next.csv'],
      ['--out', 'history.csv', '--history', '20'],
      ['--out', 'from.csv', '--from', '2024-01-31T01:00'],
    ].map(args => recorder(folder, ['BTCUSDT', '--exchange', url, ...args]));
    const lines = (name: string) => {
      const file = join(folder, `${name}.csv`);
      return existsSync(file) ? readFileSync(file, 'utf8').split('\n').length : 0;
    };
    const patience = performance.now() + 40_000;
    const least = () => Math.min(lines('next') + 20, lines('history'), lines('from'));
    while (least() < 26 && performance.now() < patience) await setTimeout(50);
    for (const [i, { child, outcome }] of runs.entries()) {
      child.kill(i === 0 ? 'SIGINT' : 'SIGTERM');
      const { code, stderr } = await outcome;
      expect([code, stderr]).toEqual([0, expect.stringMatching(/Stopped: [1-9]\d* rows written\n$/)]);
    }
    const whole = rowsOf(source.get('BTCUSDT')!);
    const place = (row: string[]) => whole.findIndex(other => other[5] === row[6]);
    const places = ['next', 'history', 'from'].map(name =>
      rowsIn(join(folder, `${name}.csv`), 'BTCUSDT')
        .get('BTCUSDT')!
        .map(place),
    );
    for (const rows of places) expect(rows).toEqual(rows.map((_, i) => rows[0] + i));
    expect(places[0][0]).toBeGreaterThanOrEqual(500);
    expect(places[1][0]).toBeGreaterThanOrEqual(480);
    expect(places[1].length).toBeGreaterThan(20);
    expect(places[2][0]).toBe(60);
  });

  test('writes rows to stdout, each as its bar closes, until the reader has gone', async () => {
    const { url } = await exchangeOf(20_000, { speed: 600 });
    const folder = await folderWith();
    const { child, outcome } = recorder(folder, ['BTCUSDT', 'ETHUSDT', '--exchange', url, '--out', '-']);
    let text = '';
    child.stdout!.on('data', chunk => {
      text += chunk;
      if (text.split('\n').length > 12) child.stdout!.destroy();
    });
    const { code, stderr } = await outcome;
    expect(stderr).not.toMatch(/Error|qt:/);
    expect(code).toBe(0);
    expect(text).toMatch(/^symbol,close,high,low,open,volume,baseVolume,datetime\n(BTC|ETH)USDT,\d/);
  });

  test('shows updates of open bars beside the file, never in it', async () => {
    const { url } = await exchangeOf(30, { speed: 600 });
    const folder = await folderWith();
    const { code, stderr } = await recorder(folder, ['BTCUSDT', '--exchange', url, '--forming']).outcome;
    expect(code).toBe(0);
    expect(stderr).toMatch(/^forming {2}BTCUSDT 1m 2024-01-31 00:\d\d {2}open [\d,.]+ {2}high/m);
    const times = rowsIn(join(folder, 'btcusdt-1m.csv'), 'BTCUSDT')
      .get('BTCUSDT')!
      .map(row => row[6]);
    expect(new Set(times).size).toBe(times.length);
  });

  test('prints JSON lines: closed and forming bars, and the end', async () => {
    const { url } = await exchangeOf(30, { speed: 600 });
    const folder = await folderWith();
    const args = ['BTCUSDT', '--exchange', url, '--forming', '--json', '--from', '2024-01-31'];
    const { code, stdout } = await recorder(folder, args).outcome;
    expect(code).toBe(0);
    const events = stdout
      .trim()
      .split('\n')
      .map(line => JSON.parse(line));
    const closed = events.filter(({ type, closed }) => type === 'bar' && closed);
    expect(closed).toHaveLength(30);
    expect(closed[0]).toMatchObject({
      symbol: 'BTCUSDT',
      interval: '1m',
      openTime: START,
      time: START + 60_000,
    });
    expect(Object.keys(closed[0])).toEqual(
      expect.arrayContaining(['quoteVolume', 'trades', 'takerBuyBase', 'late']),
    );
    expect(events.some(({ type, closed }) => type === 'bar' && !closed)).toBe(true);
    expect(events.at(-1)).toEqual({ type: 'end', reason: 'ended', rows: 30, gaps: 0 });
    expect(existsSync(join(folder, 'btcusdt-1m.csv'))).toBe(false);
  });

  test('writes files that a backtest reads', async () => {
    const { url, source } = await exchangeOf(300, { speed: 60_000 });
    const folder = await folderWith();
    await recorder(folder, ['ETHUSDT', '--exchange', url, '--from', '2024-01-31']).outcome;
    const feed = await csvFeed(join(folder, 'ethusdt-1m.csv'));
    expect([feed.instrument.symbol, feed.interval, feed.columns]).toEqual(['ETHUSDT', '1m', ['baseVolume']]);
    for await (const event of feed.events({ signal: new AbortController().signal, warmup: 0 })) {
      if (event.kind === 'bars') expect(event.bars.close).toEqual(source.get('ETHUSDT')!.close);
    }
  });

  test('writes JSON lines to stdout or a file, with the columns that were asked for', async () => {
    const { url } = await exchangeOf(30, { speed: 600 });
    const folder = await folderWith();
    const columns = ['--columns', 'symbol,time,close,trades', '--from', '2024-01-31'];
    const args = ['BTCUSDT', '--exchange', url, ...columns, '--format', 'jsonl'];
    const both = await Promise.all([
      recorder(folder, [...args, '--out', '-']).outcome,
      recorder(folder, args).outcome,
    ]);
    expect(both.map(({ code }) => code)).toEqual([0, 0]);
    const text = readFileSync(join(folder, 'btcusdt-1m.jsonl'), 'utf8');
    expect(both[0].stdout).toBe(text);
    const rows = text
      .trim()
      .split('\n')
      .map(line => JSON.parse(line));
    expect(rows).toHaveLength(30);
    expect(Object.keys(rows[0])).toEqual(['symbol', 'time', 'close', 'trades']);
    expect(rows.map(({ time }) => time)).toEqual(rows.map((_, i) => START + i * 60_000));
  });

  test('writes to the data store, from which it goes on, and which exchanges replay', async () => {
    const { url, source } = await exchangeOf(300, { speed: 60_000 });
    const folder = await folderWith();
    const args = ['ETHUSDT', '--exchange', url, '--format', 'sqlite', '--sync'];
    const { code, stderr } = await recorder(folder, [...args, '--from', '2024-01-31']).outcome;
    expect([code, stderr]).toEqual([
      0,
      expect.stringMatching(/into \.qt\/data\.sqlite\n[\s\S]*300 rows written/),
    ]);
    const venue = new URL(url).host;
    const key = { venue, market: 'spot', symbol: 'ETHUSDT', interval: '1m' };
    const store = new BarStore(join(folder, '.qt/data.sqlite'));
    const bars = store.read(key);
    store.delete(key, { from: bars.time[200] });
    store.close();
    expect(bars.close).toEqual(source.get('ETHUSDT')!.close);
    const again = await exchangeOf(300, { speed: 60_000 });
    // Another exchange is another venue: nothing of the first one is gone on with.
    const other = [...args.with(2, again.url), '--from', '2024-01-31'];
    expect((await recorder(folder, other).outcome).stderr).toMatch(/300 rows written/);
    const replay = qt(['exchange', 'ETHUSDT', '--venue', venue, '--port', '0', '--json'], {
      cwd: folder,
      onStart: child => child.stdout!.once('data', () => child.kill('SIGINT')),
    });
    expect(JSON.parse((await replay).stdout.split('\n')[0])).toMatchObject({ bars: 200, from: START });
  });

  test('refuses a file that is ahead of its exchange, rather than to wait in silence', async () => {
    const { url } = await exchangeOf(3000, { speed: 600 });
    const folder = await folderWith({
      'a.csv': 'close,high,low,open,volume,baseVolume,datetime\n1,1,1,1,1,1,2025-01-01T00:00:00Z\n',
    });
    const { code, stderr } = await recorder(folder, ['BTCUSDT', '--exchange', url, '--out', 'a.csv']).outcome;
    expect(stderr).toMatch(
      /^qt: RECORD_AHEAD: the last row of BTCUSDT in a\.csv is of 2025-01-01 00:00 UTC, but .*--out/m,
    );
    expect(code).toBe(2);
  });

  test('leaves no file behind for a symbol that does not exist', async () => {
    const { url } = await exchangeOf(3000, { speed: 600 });
    const folder = await folderWith();
    const { code, stderr } = await recorder(folder, ['BTCUSD', '--exchange', url]).outcome;
    expect(stderr).toMatch(/qt: SYMBOL_UNKNOWN: .*did you mean "BTCUSDT"\?/);
    expect(code).toBe(2);
    expect(existsSync(join(folder, 'btcusd-1m.csv'))).toBe(false);
  });

  test('without an exchange says in one line what cannot be reached and how to rehearse', async () => {
    const folder = await folderWith();
    const away = ['BTCUSDT', '--exchange', 'http://127.0.0.1:9'];
    const once = await recorder(folder, [...away, '--once']).outcome;
    expect(once.code).toBe(69);
    expect(once.stderr).toMatch(
      /^qt: EXCHANGE_UNREACHABLE: http:\/\/127\.0\.0\.1:9 could not be reached.*qt exchange --data/m,
    );
    const { child, outcome } = recorder(folder, away);
    await setTimeout(4000);
    child.kill('SIGINT');
    const { code, stderr } = await outcome;
    expect(stderr).toMatch(/127\.0\.0\.1:9 could not be reached.*again in .*`npx qt exchange --data FILE`/);
    expect(code).toBe(0);
  });

  test('that is already recording to a file keeps others away', async () => {
    const { url } = await exchangeOf(20_000, { speed: 600 });
    const folder = await folderWith();
    const first = recorder(folder, ['BTCUSDT', '--exchange', url, '--history', '5']);
    while (!existsSync(join(folder, 'btcusdt-1m.csv'))) await setTimeout(50);
    await setTimeout(300);
    const { code, stderr } = await recorder(folder, ['BTCUSDT', '--exchange', url]).outcome;
    expect(stderr).toMatch(/qt: RECORD_LOCKED: another recorder is writing to btcusdt-1m\.csv/);
    expect(code).toBe(73);
    first.child.kill('SIGINT');
    expect((await first.outcome).code).toBe(0);
  });

  test.each([
    [[], 'ARGUMENT_MISSING', 2],
    [['BTC/USDT'], 'SYMBOL_INVALID', 2],
    [['BTCUSDT', 'btcusdt'], 'SYMBOL_TWICE', 2],
    [['BTCUSDT', '--interval', '7m'], 'INTERVAL_UNSUPPORTED', 2],
    [['BTCUSDT', '--columns', 'opne'], 'COLUMN_UNKNOWN', 2],
    [['BTCUSDT', '--columns', 'close', '--out', 'a.csv'], 'RECORD_NO_TIME', 2],
    [['BTCUSDT', '--from', '2024-01-01', '--history', '5'], 'OPTION_INVALID', 2],
    [['BTCUSDT', '--format', 'sqlite', '--columns', 'ohlcv'], 'OPTION_INVALID', 2],
    [['BTCUSDT', '--format', 'sqlite', '--out', '-'], 'OPTION_INVALID', 2],
    [['BTCUSDT', '--format', 'jsonl', '--no-header'], 'OPTION_INVALID', 2],
    [['BTCUSDT', '--out', 'a.sqlite', '--data-store', 'b.sqlite'], 'OPTION_INVALID', 2],
    [['BTCUSDT', '--exchange', 'nowhere'], 'EXCHANGE_UNKNOWN', 2],
    [['BTCUSDT', '--out', '/proc/none/a.csv'], 'RECORD_NOT_WRITABLE', 73],
  ])('%j ends with %s', async (args, code, exit) => {
    const folder = await folderWith();
    const outcome = await recorder(folder, args).outcome;
    expect(outcome.stderr).toMatch(new RegExp(`^qt: ${code}: [^\\n]+\\n$`, 'm'));
    expect(outcome.code).toBe(exit);
  });
});
