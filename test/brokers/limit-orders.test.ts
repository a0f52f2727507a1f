import { instrument, memoryFeed, type Order, type Strategy, strategy } from 'qt-trader';
import { describe, expect, test } from 'vitest';
import { Reserve } from '../../src/brokers/reserve.ts';
import { engineRun } from '../support/engine-run.ts';
import { bars, flat, planned as run } from '../support/planned.ts';

describe('a limit order in history', () => {
  test('that the next open meets is filled there, as a taker, at the bar’s open time', async () => {
    const { fills, told } = await run({ 0: self => self.buy({ size: 1, limit: 100 }) }, [
      flat(100),
      [99, 101, 98, 100],
      flat(100),
    ]);
    expect(fills).toEqual(['1 buy 1 at 99 in 1 as taker']);
    expect(told).toEqual(['1: 1 submitted', '1: 1 accepted', '1: 1 completed']);
  });

  test('that the next open equals is filled by it', async () => {
    const { fills } = await run({ 0: self => self.buy({ size: 1, limit: 100 }) }, [flat(100), flat(100)]);
    expect(fills).toEqual(['1 buy 1 at 100 in 1 as taker']);
  });

  test('that rests fills at its limit when the low touches it, known at the bar’s close', async () => {
    const { fills } = await run({ 0: self => self.buy({ size: 1, limit: 98 }) }, [
      flat(100),
      [100, 101, 99, 100],
      [100, 101, 98, 100],
      flat(90),
    ]);
    expect(fills).toEqual(['1 buy 1 at 98 in 3 as maker']);
  });

  test('to sell rests until the high touches it', async () => {
    const { fills } = await run(
      { 0: self => self.buy({ size: 1 }), 1: self => self.sell({ size: 1, limit: 105 }) },
      [flat(100), flat(100), [100, 104, 99, 100], [100, 105, 99, 100]],
    );
    expect(fills[1]).toBe('2 sell 1 at 105 in 4 as maker');
  });

  test('may be touched within the very bar whose open it did not meet', async () => {
    const { fills } = await run({ 0: self => self.buy({ size: 1, limit: 99 }) }, [
      flat(100),
      [100, 101, 98, 100],
    ]);
    expect(fills).toEqual(['1 buy 1 at 99 in 2 as maker']);
  });

  test('that rests is taken at its own price by a bar that opens beyond it', async () => {
    const { fills } = await run({ 0: self => self.buy({ size: 1, limit: 98 }) }, [
      flat(100),
      flat(100),
      [90, 91, 89, 90],
    ]);
    expect(fills).toEqual(['1 buy 1 at 98 in 2 as maker']);
  });

  test('that a bar opens beyond is filled among the market orders of that open, by age', async () => {
    const { fills } = await run(
      {
        0: self => self.buy({ size: 1, limit: 98 }),
        1: self => self.buy({ size: 2 }),
      },
      [flat(100), flat(100), [90, 91, 89, 90]],
    );
    expect(fills).toEqual(['1 buy 1 at 98 in 2 as maker', '2 buy 2 at 90 in 2 as taker']);
  });

  test('slips as a taker, but never beyond its limit, and not at all as a maker', async () => {
    const rows = [flat(100), [99, 101, 98, 100], flat(100)] as const;
    const buy = (limit: number) =>
      run({ 0: self => self.buy({ size: 1, limit }) }, rows, { slippage: 0.005 });
    expect((await buy(100)).fills).toEqual(['1 buy 1 at 99.49499999999999 in 1 as taker']);
    expect((await buy(99.2)).fills).toEqual(['1 buy 1 at 99.2 in 1 as taker']);
    expect((await buy(98.5)).fills).toEqual(['1 buy 1 at 98.5 in 2 as maker']);
  });

  test('is filled after the market orders of the bar, whichever came first', async () => {
    const { fills } = await run(
      {
        0: self => {
          self.buy({ size: 1, limit: 99 });
          self.buy({ size: 2 });
        },
      },
      [flat(100), [100, 101, 98, 100]],
    );
    expect(fills).toEqual(['2 buy 2 at 100 in 1 as taker', '1 buy 1 at 99 in 2 as maker']);
  });

  test('of two that the same bar touches, the one that the price comes to first is filled first, of equals the older', async () => {
    const { fills } = await run(
      {
        0: self => {
          self.buy({ size: 1, limit: 98 });
          self.buy({ size: 1, limit: 99 });
          self.buy({ size: 2, limit: 99 });
        },
      },
      [flat(100), [100, 101, 97, 100]],
    );
    expect(fills.map(fill => fill[0])).toEqual(['2', '3', '1']);
  });

  test('is still in force at the end if nothing touched it', async () => {
    const { result, ends } = await run({ 0: self => self.buy({ size: 1, limit: 50 }) }, [
      flat(100),
      flat(100),
    ]);
    expect(ends).toEqual(['accepted']);
    expect(result.metrics.orders).toMatchObject({ total: 1, completed: 0, refused: {}, open: 1 });
  });

  test('tells its type, its limit on the tick, its size in lots, and whether it was a maker', async () => {
    const terms = instrument('BTCUSDT', { tickSize: 0.1, lotStep: 0.01 });
    const data = memoryFeed(bars(flat(100), flat(100), flat(99)), { instrument: terms });
    const { result } = await run(
      {
        0: self => {
          self.buy({ size: 1.239, limit: 99.57 });
          self.buy({ size: 1 });
        },
      },
      [],
      { data },
    );
    const [first, second] = JSON.parse(JSON.stringify([...result.orders]));
    expect(first).toMatchObject({ type: 'limit', limit: 99.5, size: 1.23, timeInForce: 'GTC', maker: true });
    expect(second).toMatchObject({ type: 'market', limit: null, maker: false });
    expect(second).not.toHaveProperty('timeInForce');
  });

  test('to buy goes down to the tick, to sell up: never worse than asked', async () => {
    const terms = instrument('BTCUSDT', { tickSize: 0.1 });
    const data = memoryFeed(bars(flat(100), flat(100), flat(100)), { instrument: terms });
    const { result } = await run(
      {
        0: self => self.buy({ size: 1 }),
        1: self => {
          self.buy({ size: 1, limit: 99.99 });
          self.sell({ size: 1, limit: 100.01 });
          self.buy({ size: 1, limit: 0.3 });
        },
      },
      [],
      { data },
    );
    expect([...result.orders].slice(1).map(({ limit }) => limit)).toEqual([99.9, 100.1, 0.3]);
  });

  test('in quote is sized by its limit, with the dearer of both fees', async () => {
    const { result, fills } = await run(
      { 0: self => self.buy({ quote: 1000, limit: 100 }) },
      [flat(110), flat(110), flat(100)],
      {
        commission: {
          label: 'two',
          fee: (s: number, p: number, maker: boolean) => s * p * (maker ? 0.25 : 0),
          affordable: (q: number, p: number, maker: boolean) => q / (p * (maker ? 1.25 : 1)),
        },
      },
    );
    expect(fills).toEqual(['1 buy 8 at 100 in 2 as maker']);
    expect(result.orders.at(0)).toMatchObject({ size: 8, quote: 1000 });
    expect(result.metrics.endValue).toBe(10_000 - 200);
  });
});

describe('time in force', () => {
  test.each(['IOC', 'FOK'] as const)('%s is filled by the first open it meets', async timeInForce => {
    const { fills } = await run({ 0: self => self.buy({ size: 1, limit: 100, timeInForce }) }, [
      flat(100),
      flat(99),
    ]);
    expect(fills).toEqual(['1 buy 1 at 99 in 1 as taker']);
  });

  test.each(['IOC', 'FOK'] as const)('%s expires at the first open it does not meet', async timeInForce => {
    const { result, fills, ends } = await run({ 0: self => self.buy({ size: 1, limit: 99, timeInForce }) }, [
      flat(100),
      [100, 100, 98, 99],
      flat(98),
    ]);
    expect(fills).toEqual([]);
    expect(ends).toEqual([`expired ${timeInForce}_NOT_FILLED`]);
    expect(result.orders.at(0).reason?.message).toMatch(
      'the first price it met was 100, not at or below its limit 99',
    );
    expect(result.orders.at(0).timeInForce).toBe(timeInForce);
  });
});

describe('a cancel of a limit order', () => {
  test('is settled at its next bar, whose open and range it is spared', async () => {
    const orders: Order[] = [];
    const { fills, told } = await run(
      {
        0: self => orders.push(self.buy({ size: 1, limit: 99 })),
        1: self => self.cancel(orders[0]!),
      },
      [flat(100), flat(100), [98, 98, 90, 95], flat(95)],
    );
    expect(fills).toEqual([]);
    expect(told).toEqual(['1: 1 submitted', '1: 1 accepted', '2: 1 canceled']);
  });

  test('in the step in which it was placed leaves nothing of it', async () => {
    const { fills, ends } = await run({ 0: self => self.cancel(self.buy({ size: 1, limit: 101 })) }, [
      flat(100),
      flat(100),
      flat(100),
    ]);
    expect([fills, ends]).toEqual([[], ['canceled']]);
  });

  test('frees what it reserved at once: another order may have it in the same step', async () => {
    const { ends } = await run(
      {
        0: self => {
          const first = self.buy({ quote: 10_000, limit: 90 });
          expect(self.freeCash).toBeLessThan(1e-9);
          self.cancel(first);
          expect(self.freeCash).toBe(10_000);
          self.buy({ quote: 10_000, limit: 95 });
        },
      },
      [flat(100), flat(95)],
    );
    expect(ends).toEqual(['canceled', 'completed']);
  });

  test('after the last bar is settled at the end', async () => {
    const orders: Order[] = [];
    const { ends } = await run(
      { 0: self => orders.push(self.buy({ size: 1, limit: 9 })), 1: self => self.cancel(orders[0]!) },
      [flat(10), flat(10)],
    );
    expect(ends).toEqual(['canceled']);
  });
});

describe('what resting orders reserve', () => {
  test('is limit × size and the fee, and is not free; cash stays what it is', async () => {
    const { ends } = await run(
      {
        0: self => {
          self.buy({ size: 50, limit: 100 });
          expect([self.cash, self.freeCash]).toEqual([10_000, 10_000 - 5050]);
        },
      },
      [flat(200), flat(200)],
      { commission: 0.01 },
    );
    expect(ends).toEqual(['accepted']);
  });

  test('refuses a limit order beyond it at once', async () => {
    const { ends, result } = await run(
      {
        0: self => {
          self.buy({ size: 60, limit: 100 });
          self.buy({ size: 60, limit: 100 });
        },
      },
      [flat(200), flat(200)],
    );
    expect(ends).toEqual(['accepted', 'margin INSUFFICIENT_CASH']);
    expect(result.orders.at(1).reason?.message).toBe(
      'buying 60 BTC at 100 may cost 6000 with fees, 4000 USDT is free, 6000 is reserved by resting orders: order less, or size in quote: buy({ quote })',
    );
  });

  test('is kept from market orders, too', async () => {
    const { ends, fills } = await run(
      {
        0: self => self.buy({ size: 60, limit: 100 }),
        1: self => self.buy({ size: 30 }),
        2: self => self.buy({ size: 20 }),
      },
      [flat(200), flat(200), flat(200), flat(200)],
    );
    expect(ends).toEqual(['accepted', 'margin INSUFFICIENT_CASH', 'completed']);
    expect(fills).toEqual(['3 buy 20 at 200 in 3 as taker']);
  });

  test('is what the sizer is not given', async () => {
    const { fills } = await run({ 0: self => self.buy({ size: 60, limit: 100 }), 1: self => self.buy() }, [
      flat(200),
      flat(200),
      flat(200),
    ]);
    expect(fills).toEqual(['2 buy 20 at 200 in 2 as taker']);
  });

  test('of a position cannot be sold twice', async () => {
    const { ends, result } = await run(
      {
        0: self => self.buy({ size: 3 }),
        1: self => {
          self.sell({ size: 2, limit: 300 });
          self.sell({ size: 2, limit: 400 });
          self.sell({ size: 2 });
        },
      },
      [flat(200), flat(200), flat(200)],
    );
    expect(ends).toEqual(['completed', 'accepted', 'rejected SPOT_SHORT', 'rejected SPOT_SHORT']);
    expect(result.orders.at(2).reason?.message).toMatch('2 of it reserved by resting orders');
  });

  test('is left alone by close(), which sells the rest', async () => {
    const { fills } = await run(
      {
        0: self => self.buy({ size: 3 }),
        1: self => self.sell({ size: 2, limit: 300 }),
        2: self => self.close(),
      },
      [flat(200), flat(200), flat(200), flat(200)],
    );
    expect(fills[1]).toBe('3 sell 1 at 200 in 3 as taker');
  });

  test('refuses a close() of which nothing is left, until it is cancelled', async () => {
    const orders: Order[] = [];
    const { ends } = await run(
      {
        0: self => self.buy({ size: 3 }),
        1: self => orders.push(self.sell({ size: 3, limit: 300 })),
        2: self => self.close(),
        3: self => {
          self.cancel(orders[0]!);
          self.close();
        },
      },
      [flat(200), flat(200), flat(200), flat(200), flat(200)],
    );
    expect(ends).toEqual(['completed', 'canceled', 'rejected SPOT_SHORT', 'completed']);
  });

  test('comes back when the order fills', async () => {
    const { result } = await run(
      { 0: self => self.buy({ size: 50, limit: 100 }), 2: self => expect(self.freeCash).toBe(self.cash) },
      [flat(110), flat(100), flat(100)],
    );
    expect(result.metrics.orders.completed).toBe(1);
  });

  test('sums up exactly, whatever comes and goes', () => {
    const reserve = new Reserve();
    const amounts = Array.from({ length: 1000 }, (_, i) => ((i * 7919) % 1013) * 0.1 + 1e-9 * i);
    for (const amount of amounts) reserve.add(amount);
    for (const amount of amounts.slice(1)) reserve.remove(amount);
    expect(reserve.total).toBe(amounts[0]);
    reserve.remove(amounts[0]!);
    expect(reserve.total).toBe(0);
  });

  test('does not exist on a perpetual, where the account is asked when the order fills', async () => {
    const data = memoryFeed(bars(flat(100), flat(100), flat(90)), {
      instrument: instrument('BTCUSDT', { market: 'usdm' }),
    });
    const { ends } = await run(
      {
        0: self => {
          self.sell({ size: 60, limit: 90 });
          self.sell({ size: 60, limit: 90 });
          expect(self.freeCash).toBe(10_000);
        },
      },
      [],
      { data },
    );
    expect(ends).toEqual(['completed', 'margin INSUFFICIENT_CASH']);
  });
});

describe('a limit order', () => {
  test('that may only rest is rejected by an open that would fill it', async () => {
    const { ends, fills, result } = await run(
      { 0: self => self.buy({ size: 1, limit: 100, postOnly: true }) },
      [flat(100), flat(99)],
    );
    expect(ends).toEqual(['rejected POST_ONLY_TAKES']);
    expect(fills).toEqual([]);
    expect(JSON.parse(JSON.stringify(result.orders.at(0)))).toMatchObject({ postOnly: true });
  });

  test('that may only rest is filled at its limit later, as a maker', async () => {
    const { fills } = await run({ 0: self => self.buy({ size: 1, limit: 99, postOnly: true }) }, [
      flat(100),
      [100, 100, 98, 100],
    ]);
    expect(fills).toEqual(['1 buy 1 at 99 in 2 as maker']);
  });

  test.each([
    ['without a limit', { postOnly: true }],
    ['with a stop', { stop: 1, postOnly: true }],
    ['that may not rest', { limit: 1, timeInForce: 'IOC', postOnly: true }],
    ['and not with true', { limit: 1, postOnly: 'yes' }],
  ])('asked to only rest %s is an error', async (_, options) => {
    const plan = { 0: (self: Strategy) => self.buy({ size: 1, ...(options as object) }) };
    await expect(run(plan, [flat(1), flat(1)])).rejects.toMatchObject({ code: 'ORDER_INVALID' });
  });

  test('that may only rest is none of backtrader’s', async () => {
    class Resting extends strategy() {
      next() {
        this.buy({ size: 1, limit: 1, postOnly: true });
      }
    }
    await expect(engineRun(Resting, [1, 1], { whole: true })).rejects.toMatchObject({
      code: 'ORDER_INVALID',
    });
  });
});

describe('close() at a limit', () => {
  test('closes the position there', async () => {
    const { fills, result } = await run(
      { 0: self => self.buy({ size: 2 }), 1: self => self.close({ limit: 103, tag: 'target' }) },
      [flat(100), flat(100), [100, 104, 100, 100]],
    );
    expect(fills[1]).toBe('2 sell 2 at 103 in 3 as maker');
    expect(result.orders.at(1).tag).toBe('target');
  });

  test('never opens: what another order was quicker to close is NOTHING_TO_CLOSE', async () => {
    const data = memoryFeed(bars(flat(100), flat(100), [100, 104, 100, 100]), {
      instrument: instrument('BTCUSDT', { market: 'usdm' }),
    });
    const { ends, result } = await run(
      {
        0: self => self.buy({ size: 2 }),
        1: self => {
          self.close({ limit: 103 });
          self.close();
        },
      },
      [],
      { data },
    );
    expect(ends).toEqual(['completed', 'rejected NOTHING_TO_CLOSE', 'completed']);
    expect(result.positions[0]!.size).toBe(0);
  });
});

describe('an order that makes no sense is an error', () => {
  test.each([
    ['a limit of 0', { limit: 0 }],
    ['a limit that is no number', { limit: Number.NaN }],
    ['an endless limit', { limit: Number.POSITIVE_INFINITY }],
    ['an unknown time in force', { limit: 1, timeInForce: 'GTX' }],
    ['a time in force without a limit', { timeInForce: 'IOC' }],
  ])('%s', async (_, options) => {
    const plan = { 0: (self: Strategy) => self.buy({ size: 1, ...(options as object) }) };
    await expect(run(plan, [flat(1), flat(1)])).rejects.toMatchObject({ code: 'ORDER_INVALID' });
  });
});
