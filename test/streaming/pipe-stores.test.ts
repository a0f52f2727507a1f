import { appendFileSync, mkdtempSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { CSV } from '../../src/live/record/row-format.ts';
import type { KlineRecord, MarketRecord } from '../../src/model/records.ts';
import { KlinePipeStore } from '../../src/streaming/kafka/stores/kline-store.ts';
import { LinePipeStore } from '../../src/streaming/kafka/stores/line-store.ts';
import { SqlitePipeStore } from '../../src/streaming/kafka/stores/sqlite-store.ts';
import { tradeOf } from '../kafka/trades.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'qt-pipe-store-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const PLACE = { topic: 'market', partition: 0 };
const batch = (from: number, to: number, make: (n: number) => MarketRecord = tradeOf, topicId = 'id') => {
  const offsets = Array.from({ length: to - from }, (_, i) => from + i);
  return { ...PLACE, topicId, offsets, records: offsets.map(make), next: to };
};

test('a SQLite store takes each message once, whoever brings it', () => {
  const file = join(folder, 'a.sqlite');
  const one = new SqlitePipeStore(file);
  const other = new SqlitePipeStore(file);
  expect(one.write(batch(0, 10))).toBe(10);
  // A member that has lost its partition, and does not know yet.
  expect(other.write(batch(5, 15))).toBe(5);
  expect(one.write(batch(10, 15))).toBe(0);
  expect(one.positionOf('id', PLACE)).toBe(15);
  // A topic that was made anew under the same name.
  expect(one.positionOf('another', PLACE)).toBeUndefined();
  one.close();
  other.close();
  const rows = new Database(file).prepare('SELECT sequence FROM trades').all() as { sequence: string }[];
  expect(rows.map(({ sequence }) => Number(sequence))).toEqual(Array.from({ length: 15 }, (_, n) => n));
});

test.each(['json', 'csv'] as const)(
  'a %s store cuts back what was written and not marked when it was killed',
  kind => {
    const file = kind === 'json' ? join(folder, 'a.jsonl') : join(folder, 'csv');
    const lines = kind === 'json' ? file : join(file, 'trades.csv');
    const open = () => (kind === 'json' ? LinePipeStore.json(file) : LinePipeStore.csv(file));
    const first = open();
    expect(first.write(batch(0, 10))).toBe(10);
    first.close();
    const whole = readFileSync(lines, 'utf8');
    appendFileSync(lines, `${whole.split('\n').at(-2)}\nhalf a li`);
    const second = open();
    expect(readFileSync(lines, 'utf8')).toBe(whole);
    expect(second.positionOf('id', PLACE)).toBe(10);
    expect(second.write(batch(8, 12))).toBe(2);
    second.close();
    expect(readFileSync(lines, 'utf8').trimEnd().split('\n').length).toBe(
      whole.trimEnd().split('\n').length + 2,
    );
    truncateSync(lines, 10);
    expect(open).toThrow(/it had|and had/);
  },
);

test('two processes do not write into the same files', () => {
  const store = LinePipeStore.json(join(folder, 'a.jsonl'));
  expect(() => LinePipeStore.json(join(folder, 'a.jsonl'))).toThrow(/another process/);
  store.close();
});

const klineOf = (n: number, more: Partial<KlineRecord> = {}): KlineRecord => {
  const openTime = 1_700_000_040_000_000 + n * 60_000_000;
  return {
    ...{ kind: 'kline', venue: 'okx', symbol: 'BTC-USDT', native: 'BTC-USDT', interval: '1m', openTime },
    ...{ exchangeTime: null, receiveTime: openTime + 60_000_000, publishTime: 0, sequence: null },
    ...{ open: 1, high: 2, low: 0.5, close: 1.5, volume: n, texts: ['1', '2', '0.5', '1.5', String(n)] },
    ...{ quoteVolume: null, trades: null, isClosed: true, isHistory: false, isLate: false },
    ...more,
  };
};

test('klines of a venue that marks none closed are kept once a later one comes, and none is lost by a kill', () => {
  const out = join(folder, '{symbol}.csv');
  const open = () =>
    new KlinePipeStore({
      out,
      format: CSV,
      onFailure: error => {
        throw error;
      },
    });
  // Each kline is looked at twice.
  const make = (offset: number) =>
    klineOf(offset >> 1, { isClosed: null, volume: (offset >> 1) + (offset & 1) / 2 });
  const first = open();
  expect(first.write(batch(0, 7, make))).toBe(3);
  // The first look at the one that may still grow.
  expect(first.positionOf('id', PLACE)).toBe(6);
  first.close();
  const second = open();
  expect(second.write(batch(6, 10, make))).toBe(1);
  second.close();
  const rows = readFileSync(join(folder, 'btc-usdt.csv'), 'utf8').trimEnd().split('\n').slice(1);
  expect(rows.map(row => row.split(',')[4])).toEqual(['0.5', '1.5', '2.5', '3.5']);
});
