import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { fakeBitfinex } from '../support/fake-bitfinex.ts';
import { folderWith, qt } from './qt.ts';

test('a replay of a capture has the same metrics as the live run, byte for byte, and every sink takes them', async () => {
  const { addresses } = await fakeBitfinex({
    pairs: ['BTCUSD', 'ETHUSD'],
    frames: channel => (channel === 'book' ? [[[[100, 1, 5], [101, 1, -7]]]] : []), // biome-ignore format: short
    next: (channel, number) =>
      channel === 'book'
        ? [[100 - (number % 5), number % 3, 1 + number / 10]]
        : ['te', [number, 1_564_617_600_000 + number, number % 2 === 0 ? 0.1 : -0.3, 100 + (number % 7)]],
  });
  const cwd = await folderWith();
  const collected = await qt(
    [
      ...['collect', '--venue', 'bitfinex', '--symbols', 'btcusd,ethusd', '--metrics', '1s'],
      ...['--sink', 'jsonl', 'csv', 'sqlite', '--capture', 'captures', ...addresses],
    ],
    { cwd, onStart: child => setTimeout(() => child.kill('SIGINT'), 4000) },
  );
  expect(collected.code, collected.stderr).toBe(0);
  const live = readFileSync(join(cwd, 'collected/bitfinex.jsonl'), 'utf8');
  const metrics = live
    .split('\n')
    .filter(line => line.startsWith('{"kind":"metrics"'))
    .map(line => JSON.parse(line));
  expect(new Set(metrics.map(({ symbol }) => symbol))).toEqual(new Set(['BTC-USD', 'ETH-USD']));
  expect(metrics.some(({ trades, updates, bid }) => trades > 0 && updates > 0 && bid > 0)).toBe(true);

  const [capture] = readdirSync(join(cwd, 'captures'));
  const replayed = await qt(['capture', 'replay', join('captures', capture), '--metrics', '1s'], { cwd });
  expect(replayed.stdout === live).toBe(true);

  const rows = readFileSync(join(cwd, 'collected/bitfinex/metrics.csv'), 'utf8').trim().split('\n');
  expect(rows.length).toBe(1 + metrics.length);
  const columns = rows[0].split(',');
  expect(rows[1].split(',').length).toBe(columns.length);
  const store = new Database(join(cwd, 'collected/market.sqlite'), { readonly: true });
  const kept = store.prepare('SELECT * FROM metrics ORDER BY rowid').all() as Record<string, unknown>[];
  store.close();
  expect(Object.keys(kept[0])).toEqual(columns);
  expect(kept.map(row => [row.symbol, row.from, row.bid_depth_10bps, row.vwap])).toEqual(
    metrics.map(({ symbol, from, bidDepth10bps, vwap }) => [symbol, from, bidDepth10bps, vwap]),
  );
});

test('--metrics takes windows that are all as long, of a day at most', async () => {
  const cwd = await folderWith();
  const args = ['collect', '--venue', 'bitfinex', '--symbols', 'btcusd', '--metrics'];
  for (const interval of ['1M', '2w']) {
    expect(await qt([...args, interval], { cwd })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('qt: OPTION_INVALID: '),
    });
  }
  expect(await qt([...args, 'soon'], { cwd })).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('qt: INTERVAL_INVALID: '),
  });
});
