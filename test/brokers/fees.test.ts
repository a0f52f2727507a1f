import { backtest, instrument, makerTakerCommission, memoryFeed, type Strategy, strategy } from 'qt-trader';
import { expect, test } from 'vitest';
import { closes } from '../support/bars.ts';

/** Does `plan[bar]` at each bar, counted from 0. */
const planned = (plan: Record<number, (self: Strategy) => void>) =>
  class Planned extends strategy() {
    next() {
      plan[this.data.length - 1]?.(this);
    }
  };

const spot = { symbol: 'BTCUSDT' };

test('who takes pays the taker’s fee, who rested the maker’s', async () => {
  const result = await backtest({
    strategy: planned({
      0: self => {
        self.buy({ size: 1 });
        self.buy({ size: 1, limit: 101 });
        self.buy({ size: 1, limit: 90 });
      },
    }),
    data: memoryFeed(closes([100, 100, 90]), spot),
    commission: makerTakerCommission({ maker: 0.01, taker: 0.05 }),
  });
  expect([...result.fills].map(({ fee, maker }) => [fee, maker])).toEqual([
    [5, false],
    [5, false],
    [0.9, true],
  ]);
  expect(result.settings.commission).toBe('maker 1 %, taker 5 %');
});

test('a fee in base makes what was bought less, and what is paid not more', async () => {
  const result = await backtest({
    strategy: planned({ 0: self => self.buy({ size: 10 }) }),
    data: memoryFeed(closes([100, 100, 100]), spot),
    commission: 0.01,
    feeIn: 'base',
  });
  const [fill] = [...result.fills];
  expect(fill).toMatchObject({ size: 9.9, price: 100, fee: 10, feeAsset: 'base' });
  expect(result.orders.at(0)).toMatchObject({ size: 10, filled: 10, fees: 10 });
  expect(result.positions[0]!.size).toBe(9.9);
  expect(result.metrics.endValue).toBe(10_000 - 1000 + 990);
  expect(result.metrics.fees).toBe(10);
  expect(result.openTrades[0]).toMatchObject({ size: 9.9, fees: 10, entryPrice: 100 });
  expect(result.settings.feeIn).toBe('base');
});

test('the fee of a sale is taken in quote, whatever that of a purchase is', async () => {
  const result = await backtest({
    strategy: planned({ 0: self => self.buy({ size: 10 }), 1: self => self.close() }),
    data: memoryFeed(closes([100, 100, 100]), spot),
    commission: 0.01,
    feeIn: 'base',
  });
  expect(result.fills.at(1)).toMatchObject({ size: 9.9, fee: 9.9, feeAsset: 'quote' });
  expect(result.metrics.endValue).toBe(10_000 - 1000 + 990 - 9.9);
});

test('a perpetual knows no fee in base', async () => {
  const data = memoryFeed(closes([100, 100]), { instrument: instrument('BTCUSDT', { market: 'usdm' }) });
  const plan = planned({ 0: self => self.buy({ size: 1 }) });
  const { fills } = await backtest({ strategy: plan, data, commission: 0.01, feeIn: 'base' });
  expect(fills.at(0)).toMatchObject({ size: 1, feeAsset: 'quote' });
});

test('an all-in purchase with a fee in base spends everything and nothing more', async () => {
  for (const price of [3, 7, 0.1, 12_345.67]) {
    for (const limit of [undefined, price]) {
      const result = await backtest({
        strategy: planned({ 0: self => self.buy(limit === undefined ? {} : { limit }) }),
        data: memoryFeed(closes([price, price, price]), spot),
        commission: 0.001,
        feeIn: 'base',
      });
      const [{ size, fee, price: paid }] = [...result.fills];
      const cash = 10_000 - (size * paid + fee);
      expect(cash).toBeGreaterThanOrEqual(0);
      expect(cash).toBeLessThan(1e-8);
    }
  }
});

test('a fee that takes all that was bought is no purchase', async () => {
  const flat = {
    label: 'flat 1',
    fee: () => 1,
    affordable: (quote: number, price: number) => (quote - 1) / price,
  };
  const plan = planned({ 0: self => self.buy({ size: 0.01 }) });
  const data = memoryFeed(closes([100, 100]), spot);
  const { orders, fills } = await backtest({ strategy: plan, data, commission: flat, feeIn: 'base' });
  expect(fills.length).toBe(0);
  expect(orders.at(0).reason).toMatchObject({ code: 'SIZE_ZERO' });
  expect(orders.at(0).reason?.message).toMatch('the fee of 1 takes all of 0.01 BTC');
});

test.each([
  [{ maker: -0.1, taker: 0 }, 'makers'],
  [{ maker: 0, taker: 1 }, 'takers'],
])('rates of %j are refused', (rates, who) => {
  expect(() => makerTakerCommission(rates)).toThrow(
    expect.objectContaining({ code: 'COMMISSION_INVALID', message: expect.stringContaining(who) }),
  );
});
