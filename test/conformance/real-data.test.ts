import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { backtest, csvFeed, tradesHash } from 'qt-trader';
import { expect, test } from 'vitest';
import Sma from '../../strategies/sma.ts';
import { requireShared } from '../support/shared.ts';

const FILE = fileURLToPath(new URL('../../../shared/data/btcusdt-5m.csv.gz', import.meta.url));
requireShared(existsSync(FILE), 'real klines');

/**
 * The strategy on real klines, computed once more without any of our code: windows summed afresh in whole tenths of a
 * quote unit (what the prices are given in), the cross by comparing fractions, the account by hand.
 */
function byHand(text: string) {
  const rows = text
    .trim()
    .split('\n')
    .slice(1)
    .map(row => row.split(','));
  const open = rows.map(row => Number(row[1]));
  const ticks = rows.map(row => BigInt(Math.round(Number(row[4]) * 10)));
  const sum = (i: number, bars: number) => ticks.slice(i - bars + 1, i + 1).reduce((a, b) => a + b, 0n);
  const trades: { entry: string; exit: string; entryPrice: number; exitPrice: number }[] = [];
  let side = 0;
  let entry: { time: string; price: number } | undefined;
  let cash = 10_000;
  let size = 0;
  for (let i = 29; i < rows.length; i++) {
    const difference = sum(i, 10) * 3n - sum(i, 30);
    const before = side;
    if (difference !== 0n) side = difference > 0n ? 1 : -1;
    if (i + 1 >= rows.length || before === 0 || side === before) continue;
    const price = open[i + 1];
    const time = `${rows[i + 1][0]}.000Z`;
    if (side > 0 && entry === undefined) {
      entry = { time, price };
      size = cash / (price * 1.001);
      cash = 0;
    } else if (side < 0 && entry !== undefined) {
      trades.push({ entry: entry.time, exit: time, entryPrice: entry.price, exitPrice: price });
      cash = size * price * 0.999;
      entry = undefined;
    }
  }
  return { trades, value: entry === undefined ? cash : size * Number(rows[rows.length - 1][4]) };
}

test.skipIf(!existsSync(FILE))(
  'the trades of sma.ts on real klines agree with an independent computation',
  async () => {
    const result = await backtest({ strategy: Sma, data: await csvFeed(FILE) });
    const expected = byHand(gunzipSync(readFileSync(FILE)).toString());
    const iso = (time: number) => new Date(time).toISOString();
    const trades = [...result.trades].map(({ entryTime, exitTime, entryPrice, exitPrice }) => ({
      entry: iso(entryTime),
      exit: iso(exitTime),
      entryPrice,
      exitPrice,
    }));
    expect(trades.length).toBeGreaterThan(100);
    expect(trades).toEqual(expected.trades);
    expect(Math.abs(result.metrics.endValue / expected.value - 1)).toBeLessThan(1e-9);
    expect(tradesHash(result)).toMatch(/^[0-9a-f]{64}$/);
  },
);
