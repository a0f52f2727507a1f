import { backtest, instrument, memoryFeed, strategy } from 'qt-trader';
import { expect, test } from 'vitest';
import { closes } from '../support/bars.ts';

test('a ruined account has no Sharpe, Sortino or volatility: its returns on nothing would make them shine', async () => {
  class Short extends strategy() {
    next() {
      if (this.data.length === 1) this.sell();
    }
  }
  const prices = Array.from({ length: 10 }, (_, i) => 100 * 1.5 ** i);
  const time = prices.map((_, i) => Date.UTC(2024, 0, 1 + i));
  const data = memoryFeed(
    { ...closes(prices), time },
    { instrument: instrument('X', { market: 'usdm' }), interval: '1d' },
  );
  const { metrics } = await backtest({ strategy: Short, data });
  expect(metrics.orders.liquidations).toBe(1);
  expect(metrics.endValue).toBe(0);
  const { total, sharpe, sortino, volatility } = metrics.returns;
  expect(total).toBe(-1);
  expect([sharpe, sortino, volatility]).toEqual([Number.NaN, Number.NaN, Number.NaN]);
});
