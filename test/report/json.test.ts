import { expect, test } from 'vitest';
import { backtest, memoryFeed, strategy, syntheticBars, tradesHash } from '../../src/index.ts';
import { EQUITY_POINTS, resultJson } from '../../src/report/json.ts';

class Busy extends strategy({}) {
  next() {
    if (this.position.size === 0) this.buy({ quote: 100, limit: this.bar.close, timeInForce: 'IOC' });
    else this.close();
  }
}

test('a long run comes in pieces that make one document, with everything in it', async () => {
  const bars = syntheticBars({ bars: 5000 });
  const result = await backtest({ strategy: Busy, data: memoryFeed(bars, { symbol: 'BTCUSDT' }) });
  const pieces = [...resultJson(result, { strategyFile: 'busy.ts' })];
  expect(pieces.length).toBeGreaterThan(5);
  const document = JSON.parse(pieces.join(''));
  expect(document.orders).toHaveLength(result.orders.length);
  expect(document.fills).toHaveLength(result.fills.length);
  const { limit } = result.orders.at(0);
  expect(document.orders[0]).toMatchObject({ type: 'limit', limit, timeInForce: 'IOC', maker: false });
  expect(document.orders.find((one: { type: string }) => one.type === 'market').limit).toBeNull();
  expect(document.fills[0]).toMatchObject({ maker: false, feeAsset: 'quote' });
  expect(document.settings.feeIn).toBe('quote');
  expect(document.trades).toEqual(JSON.parse(JSON.stringify([...result.trades])));
  expect(document.tradesHash).toBe(tradesHash(result));
  expect(document.settings.strategyFile).toBe('busy.ts');
  const { time, value } = document.equity;
  expect(time).toHaveLength(EQUITY_POINTS);
  expect(time.at(-1)).toBe(result.equity.time.at(-1));
  expect(value.at(-1)).toBe(result.metrics.endValue);
  const steps = new Map([...result.equity.time].map((at, i) => [at, result.equity.value[i]]));
  expect(time.every((at: number, i: number) => steps.get(at) === value[i])).toBe(true);
});
