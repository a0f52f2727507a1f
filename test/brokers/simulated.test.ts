import { backtest, instrument, memoryFeed, type Strategy, strategy } from 'qt-trader';
import { expect, test } from 'vitest';
import { closes } from '../support/bars.ts';

/** Does `plan[bar]` at each bar, counted from 0. */
const planned = (plan: Record<number, (self: Strategy) => void>) =>
  class Planned extends strategy() {
    next() {
      plan[this.data.length - 1]?.(this);
    }
  };

const perpetual = instrument('BTCUSDT', { market: 'usdm' });
const free = { commission: 0, slippage: 0 };

test('a short that is bought back in parts is flat, whatever rounding leaves', async () => {
  const { openTrades, positions, trades } = await backtest({
    strategy: planned({
      0: self => self.sell({ size: 0.3 }),
      1: self => self.buy({ size: 0.1 }),
      2: self => self.buy({ size: 0.1 }),
      3: self => self.buy({ size: 0.1 }),
    }),
    data: memoryFeed(closes([100, 100, 100, 100, 100, 100]), { instrument: perpetual }),
    ...free,
  });
  expect(positions[0].size).toBe(0);
  expect(openTrades).toEqual([]);
  expect(trades.length).toBe(1);
});

test('a perpetual is paid for by what the account is worth at the fill, not at the last close', async () => {
  // 50 long, then the next bar opens at half the price: 10,000 have become 7,500, which carry 150 at 50.
  const run = (size: number) =>
    backtest({
      strategy: planned({ 0: self => self.buy({ size: 50 }), 1: self => self.buy({ size }) }),
      data: memoryFeed(closes([100, 100, 50], [100, 100, 50]), { instrument: perpetual }),
      ...free,
    });
  expect((await run(100)).metrics.orders).toMatchObject({ completed: 2, refused: {} });
  expect((await run(101)).metrics.orders).toMatchObject({ completed: 1, refused: { INSUFFICIENT_CASH: 1 } });
});

test('a bar that opens at 0 fills nothing, and the account stays a number', async () => {
  const plan = planned({ 0: self => self.buy({ quote: 100 }), 1: self => self.buy({ quote: 100 }) });
  const data = memoryFeed(closes([10, 10, 10], [10, 0, 10]));
  const { metrics, orders } = await backtest({ strategy: plan, data });
  expect(metrics.orders).toMatchObject({ completed: 1, refused: { PRICE_INVALID: 1 } });
  expect(orders.at(0).reason?.message).toMatch('opened at 0');
  expect(metrics.endValue).toBeCloseTo(10_000 - metrics.fees, 9);
});

test('a commission whose affordable() forgets its fee() is an error, not a run that never ends', async () => {
  const flat = { label: 'flat 1', fee: () => 1, affordable: (quote: number, price: number) => quote / price };
  const plan = planned({ 0: self => self.buy({ quote: 100 }) });
  await expect(
    backtest({ strategy: plan, data: memoryFeed(closes([10, 10])), commission: flat }),
  ).rejects.toMatchObject({ code: 'COMMISSION_INCONSISTENT', limit: 100 });
});

test('a multiple of the lot step stays what it is, also for many millions of steps', async () => {
  const terms = instrument('PEPEUSDT', { lotStep: 0.1 });
  for (const steps of [3, 7_654_321, 123_456_789, 987_654_321_097]) {
    const size = Number((steps * 0.1).toFixed(1));
    const plan = planned({ 0: self => self.buy({ size }) });
    const data = memoryFeed(closes([1e-9, 1e-9]), { instrument: terms });
    const { fills } = await backtest({ strategy: plan, data, ...free });
    expect(Math.round(fills.at(0).size / 0.1)).toBe(steps);
  }
});
