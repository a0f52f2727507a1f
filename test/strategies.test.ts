import { readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { backtest, csvFeed, tradesHash } from '../src/index.ts';

/** The datas of strategies that want more than one. */
const DATA: Readonly<Record<string, readonly string[]>> = { rotation: ['btcusdt', 'ethusdt'] };

/**
 * What every strategy in strategies/ trades on the sample data, to the last bit. After a change that is meant to move
 * fills, `npm run test:update` writes the file anew; its diff is for reading, not for waving through.
 */
test('every strategy trades exactly as recorded in test/expected/strategies.json', async () => {
  const recorded: Record<string, object> = {};
  for (const file of readdirSync('strategies').sort()) {
    const name = file.replace(/\.ts$/, '');
    const { default: strategy } = await import(/* @vite-ignore */ resolve('strategies', file));
    const symbols = DATA[name] ?? ['btcusdt'];
    const data = await Promise.all(symbols.map(symbol => csvFeed(`data/synthetic-${symbol}-4h.csv`)));
    const result = await backtest({ strategy, data });
    const { metrics, trades } = result;
    expect(metrics.orders.refused, `${name} has orders refused`).toEqual({});
    expect(trades.length, `${name} hardly trades`).toBeGreaterThan(5);
    recorded[name] = { trades: trades.length, endValue: metrics.endValue, hash: tradesHash(result) };
  }
  await expect(`${JSON.stringify(recorded, null, 2)}\n`).toMatchFileSnapshot('expected/strategies.json');
});
