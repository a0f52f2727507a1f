import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { fakeBitfinex } from '../support/fake-bitfinex.ts';
import { folderWith, qt } from './qt.ts';

const PAIRS = ['BTCUSD', 'LTCUSD', 'LTCBTC', 'ETHUSD', 'ETHBTC'];

/** A trade of the past, then a sale and a purchase; ids are of the channel. */
const trades = (_channel: string, _symbol: string, id: number) => [
  [[[id * 100, 1_564_617_600_000, 9, 9]]],
  ['te', [id * 100 + 1, 1_564_617_600_709, -0.25, 10087.5]],
  ['tu', [id * 100 + 1, 1_564_617_600_709, -0.25, 10087.5]],
  ['te', [id * 100 + 2, 1_564_617_600_710, 1.5, 10088]],
];
const rowsOf = (stdout: string) =>
  stdout
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line));

test('each trade is one flat row, for symbols in any spelling; trades of the past are left out', async () => {
  const { addresses, subscribed } = await fakeBitfinex({ pairs: PAIRS, frames: trades });
  const cwd = await folderWith();
  const args = ['ticks', 'bitfinex', 'btcusd', 'tLTCUSD', 'LTC-BTC', 'eth/usd', 'ETHBTC', 'btc-usd'];
  const { code, stdout } = await qt([...args, '--count', '10', ...addresses], { cwd });
  expect(code).toBe(0);
  const rows = rowsOf(stdout);
  expect(subscribed.sort()).toEqual(PAIRS.map(pair => `trades t${pair}`).sort());
  expect(rows.filter(({ symbol }) => symbol === 'LTC-BTC')).toEqual([
    { symbol: 'LTC-BTC', price: 10087.5, volume: 0.25, is_buy: false, timestamp: 1_564_617_600_709 },
    { symbol: 'LTC-BTC', price: 10088, volume: 1.5, is_buy: true, timestamp: 1_564_617_600_710 },
  ]);
  expect(new Set(rows.map(({ symbol }) => symbol))).toEqual(
    new Set(['BTC-USD', 'LTC-USD', 'LTC-BTC', 'ETH-USD', 'ETH-BTC']),
  );
  expect(rows.length).toBe(10);
});

test('--count ends after exactly so many rows, and what a sink is given is kept', async () => {
  const { addresses } = await fakeBitfinex({ pairs: PAIRS, frames: trades });
  const cwd = await folderWith();
  const args = ['ticks', 'bitfinex', 'btcusd', '--count', '1', '--sink', 'sqlite:ticks.sqlite'];
  const { code, stdout } = await qt([...args, ...addresses], { cwd });
  expect(code).toBe(0);
  expect(rowsOf(stdout).length).toBe(1);
  const store = new Database(join(cwd, 'ticks.sqlite'), { readonly: true });
  const kept = store.prepare('SELECT symbol, side, price, size FROM trades WHERE id = ?').get('101');
  store.close();
  expect(kept).toEqual({ symbol: 'BTC-USD', side: 'sell', price: '10087.5', size: '0.25' });
});

test('--tickers prints tickers', async () => {
  const { addresses } = await fakeBitfinex({
    pairs: PAIRS,
    frames: channel => (channel === 'ticker' ? [[[100, 1.5, 101, 2, 3, 0.01, 100.5, 400, 110, 90]]] : []),
  });
  const args = ['ticks', 'bitfinex', 'BTC_USD', '--tickers', '--count', '1', ...addresses];
  const { stdout } = await qt(args, { cwd: await folderWith() });
  const [row] = rowsOf(stdout);
  expect(row).toMatchObject({ symbol: 'BTC-USD', bid: 100, bid_size: 1.5, ask: 101, ask_size: 2 });
  expect(row).toMatchObject({ last: 100.5, volume: 400, high: 110, low: 90 });
  expect(Number.isInteger(row.timestamp)).toBe(true);
});

test('an unknown symbol is told in one line with the closest ones, while the others go on', async () => {
  const { addresses } = await fakeBitfinex({ pairs: PAIRS, frames: trades });
  const args = ['ticks', 'bitfinex', 'btcusx', 'ethbtc', '--count', '2', ...addresses];
  const { code, stderr, stdout } = await qt(args, { cwd: await folderWith() });
  expect(code).toBe(0);
  expect(stderr).toMatch(/^qt: SYMBOL_UNKNOWN: bitfinex has no symbol "btcusx": the closest are BTC-USD/m);
  expect(rowsOf(stdout).map(({ symbol }) => symbol)).toEqual(['ETH-BTC', 'ETH-BTC']);
});

test('with no valid symbol at all it ends with exit code 2', async () => {
  const { addresses, subscribed } = await fakeBitfinex({ pairs: PAIRS, frames: trades });
  const args = ['ticks', 'bitfinex', 'ltcxyzw', 'nothing', ...addresses];
  const { code, stderr, stdout } = await qt(args, { cwd: await folderWith() });
  expect([code, stdout, subscribed]).toEqual([2, '', []]);
  expect(stderr).toContain('qt: SYMBOLS_UNKNOWN: ');
  // Where nothing is written alike, those that begin alike.
  expect(stderr).toMatch(/no symbol "ltcxyzw": the closest are LTC-BTC, LTC-USD$/m);
  expect(stderr).toMatch(/no symbol "nothing": it has none like it$/m);
});

test('a download that fails is repeated, and told in one line', async () => {
  const { addresses } = await fakeBitfinex({ pairs: PAIRS, failures: 1, frames: trades });
  const args = ['ticks', 'bitfinex', 'btcusd', '--count', '1', ...addresses];
  const { code, stderr, stdout } = await qt(args, { cwd: await folderWith() });
  expect([code, rowsOf(stdout).length]).toEqual([0, 1]);
  expect(stderr.match(/^warning LIST_FAILED: Bitfinex: HTTP status 500; again in .+ s$/gm)?.length).toBe(1);
});

test('a venue that is closed, or that there is not, is told at once', async () => {
  const cwd = await folderWith();
  const closed = await qt(['ticks', 'ftx', 'btcusd'], { cwd });
  expect([closed.code, closed.stderr]).toEqual([2, expect.stringContaining('November 2022')]);
  const unknown = await qt(['ticks', 'bitfinx', 'btcusd'], { cwd });
  expect([unknown.code, unknown.stderr]).toEqual([2, expect.stringContaining('"bitfinex" is one')]);
});
