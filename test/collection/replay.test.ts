import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { replayCapture } from '../../src/collection/replay.ts';
import { Summary } from '../../src/collection/summary.ts';
import type { MarketRecord } from '../../src/model/records.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'qt-capture-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const HEADER = { kind: 'header', venue: 'binance-spot', symbols: ['BTCUSDT'], channels: ['book', 'trades'] };
const CONNECT = { kind: 'connect', t: 1_700_000_000, conn: 0, url: 'wss://stream.binance.com:9443/stream' };
let time = 1_700_000_000;
const recv = (data: object) => ({
  kind: 'recv',
  t: ++time,
  conn: 0,
  text: JSON.stringify({ stream: 'btcusdt@x', data }),
});
const delta = (U: number, u: number, b: [string, string][], a: [string, string][]) =>
  recv({ e: 'depthUpdate', E: time * 1000, s: 'BTCUSDT', U, u, b, a });
const trade = (t: number, m = false) =>
  recv({ e: 'trade', E: time * 1000, s: 'BTCUSDT', t, p: '100.10', q: '0.50', T: time * 1000, m, M: true });
const snapshot = (lastUpdateId: number, bids: [string, string][], asks: [string, string][]) => ({
  kind: 'http',
  t: ++time,
  method: 'GET',
  url: 'https://api.binance.com/api/v3/depth?symbol=BTCUSDT&limit=1000',
  status: 200,
  text: JSON.stringify({ lastUpdateId, bids, asks }),
});

async function replay(lines: readonly object[], cut = '') {
  const file = join(folder, 'capture.jsonl.gz');
  writeFileSync(file, gzipSync(`${lines.map(line => JSON.stringify(line)).join('\n')}\n${cut}`));
  const records: MarketRecord[] = [];
  const summary = new Summary(file);
  const { pipeline } = await replayCapture(file, {
    onRecord: record => {
      records.push(record);
      summary.record(record);
    },
    onLine: line => summary.line(line),
  });
  return { records, result: summary.result(pipeline), pipeline };
}

const bookOf = ({ pipeline }: Awaited<ReturnType<typeof replay>>) => {
  const state = pipeline.decoder.books.get('BTCUSDT')!;
  const text = (levels: Iterable<readonly [string, string, ...unknown[]]>) =>
    Array.from(levels, ([price, size]) => `${price} ${size}`);
  return { valid: state.isValid, bids: text(state.book.bids.levels()), asks: text(state.book.asks.levels()) };
};

test('changes that came before the snapshot are kept, those it has are left out, the rest is applied', async () => {
  const run = await replay([
    HEADER,
    CONNECT,
    delta(8, 10, [['99.00', '1.0']], []),
    delta(11, 13, [['98.00', '2.0']], [['101.00', '3.0']]),
    snapshot(11, [['99.50', '5.0'], ['98.00', '1.0']], [['102.00', '1.0']]), // biome-ignore format: a row a side
    delta(14, 14, [['99.50', '0']], [['101.00', '2.5']]),
  ]);
  expect(bookOf(run)).toEqual({ valid: true, bids: ['98.00 2.0'], asks: ['101.00 2.5', '102.00 1.0'] });
  expect(run.records.map(record => record.kind === 'book' && record.type)).toEqual([
    'snapshot',
    'delta',
    'delta',
  ]);
  expect(run.result.gaps).toBe(0);
});

test('a missing change opens a gap, makes the book invalid, and a new snapshot ends both', async () => {
  const lines = [
    HEADER,
    CONNECT,
    delta(1, 1, [], []),
    snapshot(1, [['99.00', '1.0']], [['101.00', '1.0']]),
    delta(2, 2, [['99.00', '2.0']], []),
    delta(4, 4, [['99.00', '4.0']], []),
  ];
  const broken = await replay(lines);
  expect(bookOf(broken).valid).toBe(false);
  expect(broken.result.detections).toMatchObject([
    { recvIndex: 2, line: 6, symbol: 'BTCUSDT', rule: 'U == previous u + 1', closedAt: null },
  ]);
  const healed = await replay([...lines, snapshot(3, [['99.00', '3.0']], [['101.00', '1.0']])]);
  expect(bookOf(healed)).toEqual({ valid: true, bids: ['99.00 4.0'], asks: ['101.00 1.0'] });
  expect(healed.result.detections).toMatchObject([{ line: 6, closedAt: 7 }]);
});

test('a trade that comes twice is told once, and one that comes late closes the gap it left', async () => {
  const { records, result } = await replay([
    HEADER,
    CONNECT,
    ...[trade(1), trade(2, true), trade(2, true), trade(4), trade(3)],
  ]);
  const told = records.map(one =>
    one.kind === 'trade'
      ? `${one.id} ${one.side}${one.isLate ? ' late' : ''}`
      : `${one.kind} ${'state' in one && one.state} ${'isFilled' in one && one.isFilled}`,
  );
  expect(told).toEqual([
    ...['1 buy', '2 sell', 'gap open null', '4 buy'],
    ...['3 buy late', 'gap closed true'],
  ]);
  expect(result.counts).toMatchObject({ trades: 4, duplicateTrades: 1 });
});

test('a book whose best prices cross is not used', async () => {
  const run = await replay([
    HEADER,
    CONNECT,
    delta(1, 1, [], []),
    snapshot(1, [['99.00', '1.0']], [['101.00', '1.0']]),
    delta(2, 2, [['101.00', '1.0']], []),
  ]);
  expect(bookOf(run).valid).toBe(false);
  expect(run.result.detections).toMatchObject([{ rule: 'best bid < best ask' }]);
});

test('the last line of a capture whose writer was killed is left out', async () => {
  const { result } = await replay([HEADER, CONNECT, trade(1)], '{"kind":"recv","t":17000');
  expect(result.counts).toMatchObject({ recv: 1, trades: 1 });
});

test.each([
  ['no header', [CONNECT], 'CAPTURE_HEADER'],
  ['a venue that does not exist', [{ ...HEADER, venue: 'binance-spt' }], 'VENUE_UNKNOWN'],
])('a capture with %s is refused with its code', async (_, lines, code) => {
  await expect(replay(lines)).rejects.toMatchObject({ code });
});
