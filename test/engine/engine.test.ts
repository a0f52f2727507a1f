import {
  allIn,
  backtest,
  type Data,
  type DataFeed,
  fixedSize,
  memoryFeed,
  type Order,
  sma,
  strategy,
} from 'qt-trader';
import { describe, expect, test } from 'vitest';
import { closes, walk } from '../support/bars.ts';

const MINUTE = 60_000;
const START = Date.UTC(2024, 0, 1);
const free = { commission: 0, cash: 1000 } as const;

/** A strategy that does what `plan` says at each bar number. */
function planned(plan: Readonly<Record<number, (self: InstanceType<typeof Base>) => void>>) {
  return class Planned extends Base {
    next() {
      plan[this.data.length - 1]?.(this);
    }
  };
}
abstract class Base extends strategy() {
  orders: string[] = [];
  override notifyOrder({ id, status }: Order) {
    this.orders.push(`${this.data.length - 1}: ${id} ${status}`);
  }
  override stop() {
    told = this.orders;
  }
}
let told: string[] = [];

describe('a market order', () => {
  test("fills at the next bar's open, fee on top, and is told before that bar's next()", async () => {
    const data = memoryFeed(closes([10, 11, 12, 13], [10, 10.5, 11.5, 12.5]), { symbol: 'BTCUSDT' });
    const result = await backtest({
      strategy: planned({ 0: self => self.buy({ size: 2 }), 2: self => self.close() }),
      data,
      cash: 1000,
      commission: 0.01,
    });
    const taker = { instrument: 0, maker: false, feeAsset: 'quote', size: 2 };
    expect([...result.fills]).toEqual([
      { ...taker, orderId: 1, side: 'buy', price: 10.5, fee: 0.21, time: START + MINUTE },
      { ...taker, orderId: 2, side: 'sell', price: 12.5, fee: 0.25, time: START + 3 * MINUTE },
    ]);
    expect(told).toEqual([
      '1: 1 submitted',
      '1: 1 accepted',
      '1: 1 completed',
      '3: 2 submitted',
      '3: 2 accepted',
      '3: 2 completed',
    ]);
    expect([...result.equity.value]).toEqual([
      1000,
      1000 - 21 - 0.21 + 22,
      1000 - 21 - 0.21 + 24,
      1000 - 21 - 0.21 + 25 - 0.25,
    ]);
    expect([...result.trades]).toMatchObject([
      { side: 'long', entryPrice: 10.5, exitPrice: 12.5, pnl: 4, bars: 2 },
    ]);
  });

  test('pays slippage on both sides', async () => {
    const data = memoryFeed(closes([10, 10, 10, 10]));
    const { fills } = await backtest({
      strategy: planned({ 0: self => self.buy({ size: 1 }), 1: self => self.close() }),
      data,
      ...free,
      slippage: 0.01,
    });
    expect([...fills].map(fill => fill.price)).toEqual([10.1, 9.9]);
  });

  test('that spends quote cannot be overdrawn by a gap at the open', async () => {
    const data = memoryFeed(closes([10, 20, 20], [10, 20, 20]));
    const { fills, orders } = await backtest({
      strategy: planned({ 0: self => self.buy() }),
      data,
      cash: 1000,
      commission: 0.001,
      sizer: allIn(),
    });
    expect(orders.at(0)).toMatchObject({ status: 'completed' });
    const [fill] = fills;
    expect(fill.size * fill.price + fill.fee).toBeCloseTo(1000, 9);
    expect(fill.price).toBe(20);
  });

  test('that the cash cannot pay for ends as margin and says why', async () => {
    const data = memoryFeed(closes([10, 10, 10]), { symbol: 'BTCUSDT' });
    const { orders, metrics } = await backtest({
      strategy: planned({ 0: self => self.buy({ size: 200 }) }),
      data,
      ...free,
    });
    expect(orders.at(0)).toMatchObject({ status: 'margin', reason: { code: 'INSUFFICIENT_CASH' } });
    expect(orders.at(0).reason?.message).toContain('costs 2000 with fees, 1000 USDT is free');
    expect(metrics.orders).toMatchObject({
      total: 1,
      completed: 0,
      refused: { INSUFFICIENT_CASH: 1 },
      open: 0,
    });
  });

  test('that would sell short is refused on spot and filled on a perpetual', async () => {
    const plan = planned({ 0: self => self.sell({ size: 1 }), 2: self => self.close() });
    const values = closes([10, 10, 8, 8]);
    const spot = await backtest({ strategy: plan, data: memoryFeed(values), ...free });
    expect(spot.orders.at(0)).toMatchObject({ status: 'rejected', reason: { code: 'SPOT_SHORT' } });
    const perpetual = memoryFeed(values, {
      instrument: {
        symbol: 'BTCUSDT',
        base: 'BTC',
        quote: 'USDT',
        market: 'usdm',
        tickSize: 0,
        lotStep: 0,
        minSize: 0,
        maxSize: 0,
        minNotional: 0,
      },
    });
    const short = await backtest({ strategy: plan, data: perpetual, ...free });
    expect([...short.trades]).toMatchObject([{ side: 'short', entryPrice: 10, exitPrice: 8, pnl: 2 }]);
  });

  test('of size 0 is a notification with a code, never silence', async () => {
    const { orders } = await backtest({
      strategy: planned({ 0: self => self.buy({ size: 0 }) }),
      data: memoryFeed(closes([10, 10])),
      ...free,
    });
    expect(told).toEqual(['1: 1 submitted', '1: 1 rejected']);
    expect(orders.at(0).reason?.code).toBe('SIZE_ZERO');
  });

  test('is rounded down to the lot step, and refused below the least value', async () => {
    const terms = {
      base: 'BTC',
      quote: 'USDT',
      market: 'spot',
      tickSize: 0.01,
      lotStep: 0.1,
      minSize: 0,
      maxSize: 0,
      minNotional: 5,
    } as const;
    const data = memoryFeed(closes([10, 10, 10]), { instrument: { symbol: 'BTCUSDT', ...terms } });
    const run = (size: number) =>
      backtest({ strategy: planned({ 0: self => self.buy({ size }) }), data, ...free });
    expect((await run(1.29)).fills.at(0).size).toBeCloseTo(1.2, 12);
    const small = await run(0.49);
    expect(small.fills.length).toBe(0);
    expect(small.orders.at(0)).toMatchObject({ status: 'rejected', reason: { code: 'MIN_NOTIONAL' } });
    const dust = await run(0.09);
    expect(dust.orders.at(0)).toMatchObject({ status: 'rejected', reason: { code: 'SIZE_ZERO' } });
  });

  test('can be cancelled until it fills', async () => {
    const { orders, fills } = await backtest({
      strategy: planned({ 0: self => self.cancel(self.buy({ size: 1 })) }),
      data: memoryFeed(closes([10, 10])),
      ...free,
    });
    expect(orders.at(0).status).toBe('canceled');
    expect(fills.length).toBe(0);
  });

  test('placed in a notification is told at the next step, not in the middle of this one', async () => {
    const seen: string[] = [];
    class Chain extends strategy() {
      next() {
        if (this.data.length === 1) this.buy({ size: 1 });
      }
      override notifyOrder(order: Order) {
        seen.push(`${this.data.length}: ${order.id} ${order.status}`);
        if (order.id === 1 && order.status === 'completed') this.close();
      }
    }
    await backtest({ strategy: Chain, data: memoryFeed(closes([1, 1, 1, 1])), ...free });
    expect(seen).toEqual([
      '2: 1 submitted',
      '2: 1 accepted',
      '2: 1 completed',
      '3: 2 submitted',
      '3: 2 accepted',
      '3: 2 completed',
    ]);
  });

  test('is the same object in buy(), openOrders and notifyOrder', async () => {
    let placed: Order | undefined;
    class Same extends strategy() {
      next() {
        if (this.data.length > 1) return;
        placed = this.buy({ size: 1, tag: 'first' });
        expect(this.openOrders).toEqual([placed]);
        expect(placed.status).toBe('created');
      }
      override notifyOrder(order: Order) {
        expect(order).toBe(placed);
      }
      override stop() {
        expect(this.openOrders).toEqual([]);
        expect(placed).toMatchObject({ status: 'completed', tag: 'first' });
      }
    }
    await backtest({ strategy: Same, data: memoryFeed(closes([1, 1])), ...free });
    expect(placed).toBeDefined();
  });

  test.each([
    [{ size: Number.NaN }],
    [{ size: -1 }],
    [{ size: Number.POSITIVE_INFINITY }],
    [{ quote: -5 }],
    [{ size: 1, quote: 1 }],
  ])('with %o throws ORDER_INVALID and leaves nothing behind', async options => {
    const run = backtest({
      strategy: planned({ 0: self => self.buy(options) }),
      data: memoryFeed(closes([1, 1])),
    });
    await expect(run).rejects.toMatchObject({ code: 'ORDER_INVALID' });
  });
});

describe('the life of a strategy', () => {
  test('is init, prenext until the minimum period, nextstart once, next, stop', async () => {
    const calls: string[] = [];
    class Life extends strategy() {
      average = sma(this.data.close, 3);
      override init() {
        calls.push('init');
      }
      override prenext() {
        calls.push(`prenext ${this.data.length}`);
      }
      override nextstart() {
        calls.push(`nextstart ${this.data.length}`);
      }
      next() {
        calls.push(`next ${this.data.length}`);
      }
      override stop() {
        calls.push('stop');
      }
    }
    await backtest({ strategy: Life, data: memoryFeed(closes([1, 2, 3, 4, 5])) });
    expect(calls).toEqual(['init', 'prenext 1', 'prenext 2', 'nextstart 3', 'next 4', 'next 5', 'stop']);
  });

  test('warm-up bars only feed indicators: next starts with the first bar of the run', async () => {
    const seen: number[][] = [];
    class Warm extends strategy() {
      average = sma(this.data.close, 3);
      next() {
        seen.push([this.bar.close, this.average.now]);
      }
    }
    const data = memoryFeed(closes([1, 2, 3, 4, 5]));
    await backtest({ strategy: Warm, data, warmup: 3 });
    expect(seen).toEqual([
      [4, 3],
      [5, 4],
    ]);
    seen.length = 0;
    const result = await backtest({ strategy: Warm, data, from: START + 3 * MINUTE });
    expect(seen).toEqual([
      [4, 3],
      [5, 4],
    ]);
    expect(result.stats).toMatchObject({ bars: 4, warmupBars: 2, steps: 2, from: START + 3 * MINUTE });
  });

  test('a run ends before `to`', async () => {
    const { stats } = await backtest({
      strategy: planned({}),
      data: memoryFeed(closes([1, 2, 3, 4])),
      to: START + 2 * MINUTE,
    });
    expect(stats).toMatchObject({ bars: 2, to: START + 2 * MINUTE });
  });

  test('an asynchronous next is an error, not a race', async () => {
    class Late extends strategy() {
      async next() {}
    }
    await expect(
      backtest({ strategy: Late as never, data: memoryFeed(closes([1, 2])) }),
    ).rejects.toMatchObject({
      code: 'STRATEGY_ASYNC',
    });
  });

  test('what it throws says when, and keeps the cause', async () => {
    const cause = new TypeError('boom');
    const strategy = planned({
      1: () => {
        throw cause;
      },
    });
    await expect(backtest({ strategy, data: memoryFeed(closes([1, 2, 3])) })).rejects.toMatchObject({
      code: 'STRATEGY_THREW',
      message: expect.stringContaining('at 2024-01-01T00:02:00.000Z: TypeError: boom'),
      cause,
    });
  });

  test('orders before the first bar are refused', async () => {
    class Eager extends strategy() {
      override init() {
        this.buy();
      }
      next() {}
    }
    await expect(backtest({ strategy: Eager, data: memoryFeed(closes([1])) })).rejects.toMatchObject({
      code: 'ORDER_OUTSIDE_RUN',
    });
  });

  test('trades are told when they open and when they close', async () => {
    const seen: string[] = [];
    class Told extends Base {
      next() {
        if (this.data.length === 1) this.buy({ size: 1, tag: 'in' });
        if (this.data.length === 3) this.close({ tag: 'out' });
      }
      override notifyTrade(trade: { open: boolean; tag: string; pnl: number }) {
        seen.push(`${this.data.length} ${trade.open} ${trade.tag} ${trade.pnl}`);
      }
    }
    await backtest({ strategy: Told, data: memoryFeed(closes([1, 2, 3, 4, 5])), ...free });
    expect(seen).toEqual(['2 true in 0', '4 false in 2']);
  });

  test('a listener set in init() is heard', async () => {
    const statuses: string[] = [];
    class Assigned extends Base {
      override init() {
        this.notifyOrder = order => statuses.push(order.status);
      }
      next() {
        if (this.data.length === 1) this.buy({ size: 1 });
      }
    }
    await backtest({ strategy: Assigned, data: memoryFeed(closes([1, 1, 1])), ...free });
    expect(statuses).toEqual(['submitted', 'accepted', 'completed']);
  });

  test('what a feed says beside its bars is told before the next bar', async () => {
    const seen: string[] = [];
    class Listening extends Base {
      override notifyData(data: Data, status: string) {
        seen.push(`${data.instrument.symbol} ${status}`);
      }
      next() {
        seen.push(`${this.data.length}/${this.datas.at(-1)?.length}`);
      }
    }
    const gapped = (symbol: string): DataFeed => {
      const whole = memoryFeed(closes([1, 2]), { symbol, chunk: 1 });
      return {
        ...whole,
        async *events(request) {
          let first = true;
          for await (const event of whole.events(request)) {
            yield event;
            if (first) yield { kind: 'gap', from: START, to: START + 1, cause: 'test' };
            if (first) yield { kind: 'status', status: 'live' };
            first = false;
          }
        },
      };
    };
    await backtest({ strategy: Listening, data: gapped('A') });
    expect(seen).toEqual(['1/1', 'A gap', 'A live', '2/2']);
    seen.length = 0;
    await backtest({ strategy: Listening, data: [memoryFeed(closes([1, 2]), { symbol: 'B' }), gapped('A')] });
    expect(seen).toEqual(['1/1', 'A gap', 'A live', '2/2']);
  });

  test('all in twice orders once: what rounding left is nothing to order with', async () => {
    class Greedy extends Base {
      next() {
        this.buy();
      }
    }
    const { fills, metrics } = await backtest({
      strategy: Greedy,
      data: memoryFeed(walk(50, 1)),
      cash: 1000,
    });
    expect(fills.length).toBe(1);
    expect(Object.keys(metrics.orders.refused)).toEqual(['SIZE_ZERO']);
  });

  test('orders of the last step are settled before stop(), and told', async () => {
    const { metrics } = await backtest({
      strategy: planned({
        1: self => {
          self.cancel(self.buy({ size: 1 }));
          self.buy({ size: 0 });
        },
      }),
      data: memoryFeed(closes([1, 1])),
      ...free,
    });
    expect(metrics.orders).toMatchObject({ total: 2, completed: 0, refused: { SIZE_ZERO: 1 }, open: 0 });
    expect(told.map(line => line.slice(3))).toEqual([
      '1 submitted',
      '1 accepted',
      '2 submitted',
      '2 rejected',
      '1 canceled',
    ]);
  });

  test('what a notification after the last step throws is told like any other', async () => {
    class Touchy extends strategy() {
      next() {
        if (this.data.length === 2) this.buy({ size: 0 });
      }
      override notifyOrder() {
        throw new Error('late');
      }
    }
    await expect(backtest({ strategy: Touchy, data: memoryFeed(closes([1, 1])) })).rejects.toMatchObject({
      code: 'STRATEGY_THREW',
    });
  });

  test('a run whose next never came says so', async () => {
    class Long extends Base {
      average = sma(this.data.close, 20);
      next() {}
    }
    const { notes } = await backtest({
      strategy: Long,
      data: memoryFeed(closes([1, 2, 3]), { symbol: 'X' }),
    });
    expect(notes).toEqual(['next() never ran: X 1m has 3 bars, its lines need 20']);
  });

  test('a feed that gives bars twice is an error', async () => {
    const whole = memoryFeed(closes([1, 2]));
    const twice: DataFeed = {
      ...whole,
      async *events(request) {
        yield* whole.events(request);
        yield* whole.events(request);
      },
    };
    await expect(backtest({ strategy: planned({}), data: twice })).rejects.toMatchObject({
      code: 'TIME_NOT_ASCENDING',
    });
  });

  test('an open trade counts its bars up to the end', async () => {
    const { openTrades } = await backtest({
      strategy: planned({ 0: self => self.buy({ size: 1 }) }),
      data: memoryFeed(closes([1, 1, 1, 1])),
      ...free,
    });
    expect(openTrades).toMatchObject([{ bars: 2, open: true }]);
  });

  test('a feed is closed when the run fails', async () => {
    let closed = false;
    const whole = memoryFeed(closes([1, 2, 3]));
    const feed: DataFeed = {
      ...whole,
      async *events(request) {
        try {
          yield* whole.events(request);
        } finally {
          closed = true;
        }
      },
    };
    const strategy = planned({
      0: () => {
        throw new Error('no');
      },
    });
    await expect(backtest({ strategy, data: feed })).rejects.toMatchObject({ code: 'STRATEGY_THREW' });
    expect(closed).toBe(true);
  });
});

describe('several feeds', () => {
  test.each([
    ['A', 'B'],
    ['B', 'A'],
  ])(
    'what was sold in a step pays for what was bought after it, feeds in the order %s, %s',
    async (...symbols) => {
      class Switch extends strategy() {
        next() {
          const of = (symbol: string) => this.datas.find(data => data.instrument.symbol === symbol)!;
          if (this.data.length === 1) this.buy({ data: of('A') });
          if (this.data.length === 3) {
            this.close({ data: of('A') });
            this.buy({ data: of('B'), quote: 900 });
          }
        }
      }
      const data = symbols.map(symbol => memoryFeed(closes([1, 1, 1, 1, 1]), { symbol }));
      const { metrics } = await backtest({ strategy: Switch, data, ...free });
      expect(metrics.orders).toMatchObject({ completed: 3, refused: {} });
    },
  );

  test('a cancel that comes after the open of a longer bar comes too late', async () => {
    const fine = walk(12, 1);
    const coarse = walk(3, 2, { stepMs: 5 * MINUTE });
    const run = async (cancelAt: number) => {
      class Late extends strategy() {
        order: Order | undefined;
        next() {
          const minute = (this.time - START) / MINUTE;
          if (minute === 5) this.order = this.buy({ size: 1, data: this.datas[1] });
          if (minute === cancelAt && this.order !== undefined) this.cancel(this.order);
        }
      }
      const data = [memoryFeed(fine, { symbol: 'A' }), memoryFeed(coarse, { symbol: 'B', interval: '5m' })];
      return (await backtest({ strategy: Late, data, ...free })).orders.at(0).status;
    };
    expect(await run(5)).toBe('canceled');
    expect(await run(9)).toBe('completed');
  });

  test('closing again while a close waits closes once', async () => {
    const fine = walk(20, 1);
    const coarse = walk(4, 2, { stepMs: 5 * MINUTE });
    const terms = {
      base: 'B',
      quote: 'USDT',
      market: 'usdm',
      tickSize: 0,
      lotStep: 0,
      minSize: 0,
      maxSize: 0,
      minNotional: 0,
    } as const;
    class Nervous extends strategy() {
      next() {
        const data = this.datas[1];
        if (this.time === START + 5 * MINUTE) this.buy({ size: 1, data });
        else this.close({ data });
      }
    }
    const data = [
      memoryFeed(fine, { symbol: 'A' }),
      memoryFeed(coarse, { instrument: { symbol: 'B', ...terms }, interval: '5m' }),
    ];
    const { positions, metrics } = await backtest({ strategy: Nervous, data, ...free });
    expect(positions[1].size).toBe(0);
    expect(metrics.orders.refused).toEqual({ NOTHING_TO_CLOSE: 4 });
  });

  test('step on the union of their times; a feed without a bar keeps its last', async () => {
    const seen: (number | string)[][] = [];
    class Two extends strategy() {
      next() {
        const [a, b] = this.datas;
        seen.push([(this.time - START) / MINUTE, a.length, a.bar.close, b.length, b.bar.close]);
      }
      override prenext() {
        this.next();
      }
    }
    const at = (minutes: number[], values: number[]) => ({
      ...closes(values),
      time: Float64Array.from(minutes, minute => START + minute * MINUTE),
    });
    const data = (chunk: number) => [
      memoryFeed(at([0, 1, 2, 5], [1, 2, 3, 4]), { symbol: 'A', chunk }),
      memoryFeed(at([1, 3, 5], [10, 20, 30]), { symbol: 'B', interval: '1m', chunk }),
    ];
    await backtest({ strategy: Two, data: data(1) });
    const expected = [
      [1, 1, 1, 0, Number.NaN],
      [2, 2, 2, 1, 10],
      [3, 3, 3, 1, 10],
      [4, 3, 3, 2, 20],
      [6, 4, 4, 3, 30],
    ];
    expect(seen).toEqual(expected);
    seen.length = 0;
    await backtest({ strategy: Two, data: data(100) });
    expect(seen).toEqual(expected);
  });

  test('a longer bar becomes visible only when it has closed', async () => {
    const seen: number[][] = [];
    class Mixed extends strategy() {
      next() {
        seen.push([(this.time - START) / MINUTE, this.datas[1].length]);
      }
    }
    const fine = walk(10, 1);
    const coarse = walk(2, 2, { stepMs: 5 * MINUTE });
    await backtest({
      strategy: Mixed,
      data: [memoryFeed(fine, { symbol: 'A' }), memoryFeed(coarse, { symbol: 'A', interval: '5m' })],
    });
    expect(seen.map(([minute]) => minute)).toEqual([5, 6, 7, 8, 9, 10]);
    expect(seen.map(([, length]) => length)).toEqual([1, 1, 1, 1, 1, 2]);
  });

  test("an order on a longer bar's symbol fills at the finer feed's next open", async () => {
    const fine = walk(10, 1);
    const coarse = walk(2, 1, { stepMs: 5 * MINUTE });
    class Once extends strategy() {
      next() {
        if (this.time === START + 6 * MINUTE) this.buy({ size: 1 });
      }
    }
    const { fills } = await backtest({
      strategy: Once,
      data: [memoryFeed(coarse, { symbol: 'A', interval: '5m' }), memoryFeed(fine, { symbol: 'A' })],
      ...free,
    });
    expect([...fills]).toMatchObject([{ price: fine.open[6], time: START + 6 * MINUTE }]);
  });

  test('an order never fills at an open that lay before it was placed', async () => {
    const quick = walk(10, 1);
    const slow = walk(3, 2, { stepMs: 5 * MINUTE });
    class Cross extends strategy() {
      next() {
        if (this.time === START + 7 * MINUTE) this.buy({ size: 1, data: this.datas[1] });
      }
    }
    const { fills } = await backtest({
      strategy: Cross,
      data: [memoryFeed(quick, { symbol: 'A' }), memoryFeed(slow, { symbol: 'B', interval: '5m' })],
      ...free,
    });
    expect([...fills]).toMatchObject([{ price: slow.open[2], time: START + 10 * MINUTE }]);
  });

  test('bars stamped by their close are known at that stamp', async () => {
    const times: number[] = [];
    class Clock extends strategy() {
      next() {
        times.push(this.time, this.bar.openTime, this.bar.closeTime);
      }
    }
    await backtest({ strategy: Clock, data: memoryFeed(closes([1]), { stamps: 'close', interval: '1m' }) });
    expect(times).toEqual([START, START - MINUTE, START]);
  });
});

test('a run without bars ends with empty results, not with an exception', async () => {
  const { stats, metrics, equity } = await backtest({ strategy: planned({}), data: memoryFeed(closes([])) });
  expect(stats).toMatchObject({ bars: 0, steps: 0 });
  expect(metrics.endValue).toBe(10_000);
  expect(equity.length).toBe(0);
});

test('the same inputs give the same bits twice', async () => {
  const run = () =>
    backtest({
      strategy: planned({ 5: s => s.buy(), 50: s => s.close() }),
      data: memoryFeed(walk(100, 9)),
      sizer: fixedSize(1),
    });
  const [a, b] = [await run(), await run()];
  expect(a.equity.value).toEqual(b.equity.value);
  expect(a.metrics).toEqual(b.metrics);
});
