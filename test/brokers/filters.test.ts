import { backtest, type Instrument, instrument, memoryFeed, type Strategy, strategy } from 'qt-trader';
import { describe, expect, test } from 'vitest';
import { closes } from '../support/bars.ts';

/** What became of one order on an instrument with these terms, placed on the first of bars that stand at `price`. */
async function order(terms: Partial<Instrument>, act: (self: Strategy) => void, price = 100) {
  class One extends strategy() {
    next() {
      if (this.data.length === 1) act(this);
    }
  }
  const data = memoryFeed(closes([price, price, price]), { instrument: instrument('BTCUSDT', terms) });
  const { orders, fills } = await backtest({ strategy: One, data, commission: 0 });
  const { status, reason, filled } = orders.at(0);
  return { status, code: reason?.code, message: reason?.message, filled, fills: fills.length };
}

describe.each([
  ['a market order', undefined],
  ['a limit order', 100],
])('%s', (_, price) => {
  const limit = price === undefined ? {} : { limit: price };

  test('is rounded down to the lot step, to the double nearest to the decimal', async () => {
    expect((await order({ lotStep: 0.1 }, self => self.buy({ size: 0.39, ...limit }))).filled).toBe(0.3);
    expect((await order({ lotStep: 0.1 }, self => self.buy({ size: 0.1 + 0.2, ...limit }))).filled).toBe(0.3);
    expect((await order({ lotStep: 0.1 }, self => self.buy({ size: 0.3, ...limit }))).filled).toBe(0.3);
  });

  test('of less than a lot is SIZE_ZERO', async () => {
    const { code, message } = await order({ lotStep: 0.1 }, self => self.buy({ size: 0.09, ...limit }));
    expect(code).toBe('SIZE_ZERO');
    expect(message).toBe(
      'the size 0.09 is 0 after rounding down to the lot step 0.1: order at least 0.1 BTC',
    );
  });

  test('below the smallest size is MIN_SIZE', async () => {
    const { status, code, message } = await order({ lotStep: 0.1, minSize: 0.5 }, self =>
      self.buy({ size: 0.45, ...limit }),
    );
    expect([status, code]).toEqual(['rejected', 'MIN_SIZE']);
    expect(message).toBe('the size 0.4 BTC is below the minimum 0.5: order at least 0.5 BTC');
  });

  test('above the largest size is MAX_SIZE and not cut to it', async () => {
    const { code, message, fills } = await order({ maxSize: 5 }, self => self.buy({ size: 6, ...limit }));
    expect([code, fills]).toEqual(['MAX_SIZE', 0]);
    expect(message).toBe('the size 6 BTC is above the maximum 5: order at most 5 BTC, in parts if need be');
  });

  test('below the least notional is MIN_NOTIONAL, and says in lots how much it takes', async () => {
    const { code, message } = await order({ minNotional: 50, lotStep: 0.2 }, self =>
      self.buy({ size: 0.4, ...limit }),
    );
    expect(code).toBe('MIN_NOTIONAL');
    expect(message).toBe('0.4 BTC at 100 is worth 40 USDT, the minimum is 50: order at least 0.6 BTC');
  });

  test('of exactly the least notional is filled, whatever the product is rounded to', async () => {
    // 0.57 × 100 is 56.99999999999999.
    expect((await order({ minNotional: 57 }, self => self.buy({ size: 0.57, ...limit }))).filled).toBe(0.57);
  });
});

test('a market order has a largest size and a least notional of its own where the exchange says so', async () => {
  const terms = { maxSize: 9, maxMarketSize: 5, minNotional: 50, minMarketNotional: 0 };
  const large = await order(terms, self => self.buy({ size: 6 }));
  expect(large.message).toMatch('above the maximum of market orders 5');
  expect((await order(terms, self => self.buy({ size: 6, limit: 100 }))).filled).toBe(6);
  expect((await order(terms, self => self.buy({ size: 0.1 }))).filled).toBe(0.1);
  expect((await order(terms, self => self.buy({ size: 0.1, limit: 100 }))).code).toBe('MIN_NOTIONAL');
});

test('a limit order is judged when it is placed, at its limit', async () => {
  const { code, message } = await order({ minNotional: 50 }, self => self.buy({ size: 0.6, limit: 80 }));
  expect(code).toBe('MIN_NOTIONAL');
  expect(message).toMatch('0.6 BTC at 80 is worth 48 USDT');
});

test('a limit below the first tick is PRICE_INVALID', async () => {
  const { code, message } = await order({ tickSize: 0.5 }, self => self.buy({ size: 1, limit: 0.4 }));
  expect(code).toBe('PRICE_INVALID');
  expect(message).toBe('the limit 0.4 is 0 after rounding to the tick 0.5: give a limit of 0.5 or more');
});

test('a purchase in quote never overdraws it by a lot', async () => {
  class All extends strategy() {
    next() {
      if (this.data.length === 1) this.buy({ quote: 30 });
    }
  }
  const run = async (price: number) => {
    const data = memoryFeed(closes([price, price]), { instrument: instrument('BTCUSDT', { lotStep: 0.1 }) });
    return (await backtest({ strategy: All, data, cash: 30, commission: 0 })).fills.at(0).size;
  };
  expect(await run(100)).toBe(0.3);
  expect(await run(100.000000001)).toBe(0.2);
});

test('close() leaves alone what no order could sell', async () => {
  const asked: unknown[] = [];
  class Dusty extends strategy() {
    next() {
      const bar = this.data.length;
      if (bar === 1) this.buy({ size: 0.3 });
      else if (bar === 2) asked.push(this.position.isOpen, this.close());
      else asked.push(this.position.isOpen, this.close());
    }
  }
  // Of 0.3 bought, 10 % is the fee: two lots can be sold, and 0.07 stays.
  const data = memoryFeed(closes([100, 100, 100, 100]), {
    instrument: instrument('BTCUSDT', { lotStep: 0.1 }),
  });
  const { positions, trades, openTrades, fills } = await backtest({
    strategy: Dusty,
    data,
    commission: 0.1,
    feeIn: 'base',
  });
  expect(asked.map(one => (typeof one === 'object' ? 'an order' : one))).toEqual([
    true,
    'an order',
    false,
    undefined,
    false,
    undefined,
  ]);
  expect(positions[0]!.size).toBeCloseTo(0.07, 12);
  expect(fills.at(1).size).toBe(0.2);
  expect(trades.length).toBe(1);
  expect(openTrades).toEqual([]);
});
