import { type Bracket, type BracketOptions, type Order, type OrderOptions, strategy } from 'qt-trader';
import { beforeEach, describe, expect, test } from 'vitest';
import type { SimulatedBroker } from '../../src/brokers/simulated/broker.ts';
import { type EngineRunOptions, engineRun } from '../support/engine-run.ts';

const PRICES = [100, 100, 100, 100];
const NOON = Date.UTC(2024, 0, 1, 12);

let broker: SimulatedBroker;
let kept: Order | undefined;

abstract class Base extends strategy() {}

/** Runs what is to be done at the first bar, and returns the orders as they were placed. */
async function placed(act: (self: Base) => unknown, options: EngineRunOptions = {}) {
  let orders: Record<string, unknown>[] = [];
  class Acts extends Base {
    next() {
      if (this.data.length !== 1) return;
      try {
        act(this);
      } finally {
        orders = this.openOrders.map(order => JSON.parse(JSON.stringify(order)));
        left = this.openOrders.length;
      }
    }
  }
  left = 0;
  ({ broker } = await engineRun(Acts, PRICES, options));
  return orders;
}

/** Orders that were placed in spite of an error. */
let left = 0;

/** The error with which an order ends the run; nothing may have been placed by then. */
async function errorOf(act: (self: Base) => unknown, options: EngineRunOptions = {}) {
  const error = await placed(act, options).then(
    () => undefined,
    (thrown: unknown) =>
      thrown as { code: string; value: unknown; limit: unknown; fix: string; message: string },
  );
  expect(left).toBe(0);
  expect(error, 'no error').toBeDefined();
  expect(error).toMatchObject({ limit: expect.anything(), fix: expect.any(String) });
  return error!;
}

const buy = (options: OrderOptions) => (self: Base) => self.buy(options);
const bracket = (options: BracketOptions) => (self: Base) => self.buyBracket(options);

describe('the prices say the type of an order', () => {
  test.each<[string, OrderOptions]>([
    ['market', {}],
    ['limit', { limit: 90 }],
    ['stop', { stop: 110 }],
    ['stopLimit', { stop: 110, limit: 112 }],
    ['stopTrail', { trailAmount: 5 }],
    ['stopTrail', { trailPercent: 0.05, stop: 100 }],
    ['stopTrailLimit', { trailAmount: 5, limit: 120 }],
    ['close', { type: 'close' }],
  ])('%s: %j', async (type, options) => {
    expect(await placed(buy({ size: 1, ...options }))).toMatchObject([{ type }]);
    // Naming it changes nothing.
    expect(await placed(buy({ size: 1, ...options, type: type as 'limit' }))).toMatchObject([{ type }]);
  });

  test.each<[string, OrderOptions]>([
    ['a limit order without a limit', { type: 'limit' }],
    ['a limit order with a stop', { type: 'limit', limit: 90, stop: 110 }],
    ['a stop without a trigger', { type: 'stop' }],
    ['a stop-limit without a limit', { type: 'stopLimit', stop: 110 }],
    ['a stop-limit without a trigger', { type: 'stopLimit', limit: 90 }],
    ['a trailing stop without a trail', { type: 'stopTrail', stop: 110 }],
    ['a trailing stop-limit without a limit', { type: 'stopTrailLimit', trailAmount: 2 }],
    ['a market order with a limit', { type: 'market', limit: 90 }],
    ['an order at the close with a limit', { type: 'close', limit: 90 }],
  ])('%s is an error', async (_, options) => {
    const error = await errorOf(buy({ size: 1, ...options }));
    expect(error).toMatchObject({ code: 'ORDER_INVALID', value: options.type });
    expect(error.message).toContain(String(error.limit));
  });

  test('a type that there is not is an error that names those there are', async () => {
    const error = await errorOf(buy({ type: 'stoplimit' as never, stop: 110, limit: 112 }));
    expect(error).toMatchObject({ code: 'ORDER_INVALID', value: 'stoplimit' });
    expect(error.message).toContain('stopLimit');
  });
});

describe('a number that cannot be meant is an error', () => {
  const numbers = [
    Number.NaN,
    -1,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    '5' as never,
    null as never,
  ];

  test.each(['size', 'quote'] as const)('as %s', async name => {
    for (const value of numbers) {
      const error = await errorOf(buy({ [name]: value }));
      expect(error).toMatchObject({ code: 'ORDER_INVALID', value });
      expect(error.message).toContain(`buy() was given the ${name} ${value}`);
    }
  });

  test.each(['limit', 'stop', 'trailAmount', 'trailPercent'] as const)(
    'as %s, where 0 is none either',
    async name => {
      for (const value of [...numbers, 0]) {
        const error = await errorOf(buy({ size: 1, [name]: value }));
        expect(error).toMatchObject({ code: 'ORDER_INVALID', value });
        expect(error.message).toContain(name);
      }
    },
  );

  test('as trailPercent from 1 on', async () => {
    const error = await errorOf(buy({ size: 1, trailPercent: 5 }));
    expect(error).toMatchObject({ code: 'ORDER_INVALID', value: 5, limit: 'below 1' });
  });

  test.each([-1, 0.5, Number.NaN, '1' as never])('as tradeId: %s', async tradeId => {
    expect(await errorOf(buy({ size: 1, tradeId }))).toMatchObject({ code: 'ORDER_INVALID', value: tradeId });
  });

  test('as size of an order to sell, which the side says', async () => {
    const error = await errorOf(self => self.sell({ size: -2 }));
    expect(error.message).toContain('sell() was given the size -2');
    expect(error.fix).toContain('direction');
  });
});

test.each<[string, OrderOptions]>([
  ['size and quote', { size: 1, quote: 100 }],
  ['two kinds of trail', { size: 1, trailAmount: 5, trailPercent: 0.05 }],
  ['a timeInForce and no limit', { size: 1, timeInForce: 'IOC' }],
  ['a timeInForce on a stop', { size: 1, stop: 110, timeInForce: 'FOK' }],
  ['a timeInForce of IOC on a stop-limit', { size: 1, stop: 110, limit: 111, timeInForce: 'IOC' }],
  ['a timeInForce that there is not', { size: 1, limit: 90, timeInForce: 'DAY' as never }],
])('%s is an error', async (_, options) => {
  expect(await errorOf(buy(options))).toMatchObject({ code: 'ORDER_INVALID', value: expect.anything() });
});

describe('how long an order is valid', () => {
  const start = Date.UTC(2024, 0, 1, 0, 1);

  test.each<[string, OrderOptions['valid'], number]>([
    ['a duration counts from the step in which it is placed', '90m', start + 90 * 60_000],
    ['seconds', '30s', start + 30_000],
    ['fractions of an hour', '1.5h', start + 5_400_000],
    ['days', '2d', start + 2 * 86_400_000],
    ['weeks', '1w', start + 7 * 86_400_000],
    ['a date is the last moment', new Date(NOON), NOON],
    ['and so are epoch ms', NOON, NOON],
  ])('%s', async (_, valid, until) => {
    expect(await placed(buy({ size: 1, limit: 90, valid }))).toMatchObject([{ validUntil: until }]);
  });

  test('of the day, the broker says', async () => {
    await placed(buy({ size: 1, limit: 90, valid: 'day' }));
    expect(broker.orders.isOfDay(1)).toBe(true);
  });

  test('without one, for ever', async () => {
    await placed(buy({ size: 1, limit: 90 }));
    expect(broker.orders.validUntil(1)).toBe(Number.POSITIVE_INFINITY);
  });

  test.each<[string, unknown]>([
    ['a word', 'tomorrow'],
    ['a duration of another unit', '3M'],
    ['a duration of nothing', '0h'],
    ['a duration backwards', '-1h'],
    ['a date as text', '2024-01-01'],
    ['a date that is none', new Date(Number.NaN)],
    ['seconds since 1970', NOON / 1000],
    ['NaN', Number.NaN],
    ['null', null],
    ['a list', [NOON]],
  ])('%s is an error', async (_, valid) => {
    const error = await errorOf(buy({ size: 1, limit: 90, valid: valid as never }));
    expect(error).toMatchObject({ code: 'ORDER_INVALID', value: valid });
  });
});

describe('a family', () => {
  beforeEach(async () => {
    await placed(self => {
      kept = self.buy({ size: 1 });
    });
  });

  test.each(['parent', 'oco'] as const)('%s must be an order of the run', async name => {
    const own = await placed(self => self.buy({ size: 1, [name]: self.buy({ size: 1, limit: 90 }) }));
    expect(own[1]).toMatchObject({ [`${name}Id`]: 1 });
    for (const wrong of [kept, { ...kept }, { id: 1 }, 1, null]) {
      const error = await errorOf(buy({ size: 1, [name]: wrong as never }));
      expect(error).toMatchObject({ code: 'ORDER_INVALID', value: wrong });
      expect(error.message).toContain(name);
    }
  });
});

test('a data of another run, or none, is an error', async () => {
  expect(await errorOf(buy({ size: 1, data: {} as never }))).toMatchObject({ code: 'DATA_UNKNOWN' });
});

describe('a bracket', () => {
  const legs = (options: BracketOptions) =>
    placed(bracket({ size: 2, limit: 100, ...options })).then(([entry, ...rest]) => ({ entry, legs: rest }));

  test('is an entry and two children on the other side, of its size and trade', async () => {
    const { entry, legs: children } = await legs({ stopLoss: 95, takeProfit: 110, tradeId: 3, tag: 'swing' });
    expect(entry).toMatchObject({ id: 1, side: 'buy', type: 'limit', size: 2, tradeId: 3, tag: 'swing' });
    const child = { side: 'sell', size: 2, parentId: 1, tradeId: 3, tag: 'swing' };
    expect(children).toMatchObject([
      { ...child, type: 'stop', stop: 95 },
      { ...child, type: 'limit', limit: 110 },
    ]);
    expect([1, 2, 3].map(id => broker.orders.transmits(id))).toEqual([false, false, true]);
  });

  test('may have one leg, or none', async () => {
    expect((await legs({ takeProfit: 110 })).legs).toMatchObject([{ type: 'limit' }]);
    expect([1, 2].map(id => broker.orders.transmits(id))).toEqual([false, true]);
    expect((await legs({})).legs).toEqual([]);
    expect(broker.orders.transmits(1)).toBe(true);
  });

  test('to sell has its legs the other way round', async () => {
    const sell = (self: Base) => self.sellBracket({ size: 1, limit: 100, stopLoss: 105, takeProfit: 90 });
    expect(await placed(sell, { market: 'usdm' })).toMatchObject([
      { side: 'sell' },
      { side: 'buy', stop: 105 },
      { side: 'buy', limit: 90 },
    ]);
  });

  test('has no prices yet where they follow from the fill', async () => {
    let returned: Bracket | undefined;
    const prices: number[] = [];
    await placed(self => {
      returned = self.buyBracket({ size: 1, stopLoss: { distance: 4 }, takeProfit: { percent: 0.02 } });
      prices.push(returned.stopLoss!.stop, returned.takeProfit!.limit);
    });
    expect(prices).toEqual([Number.NaN, Number.NaN]);
    const { orders } = broker;
    expect([orders.type(2), orders.type(3)]).toEqual(['stop', 'limit']);
    expect([orders.fillOffset(2), orders.fillOffsetPercent(2)]).toEqual([-4, Number.NaN]);
    expect([orders.fillOffset(3), orders.fillOffsetPercent(3)]).toEqual([Number.NaN, 0.02]);
  });

  test('may protect by a trail, or by a stop with a limit', async () => {
    expect((await legs({ stopLoss: { trailPercent: 0.05 } })).legs).toMatchObject([
      { type: 'stopTrail', trailPercent: 0.05 },
    ]);
    expect((await legs({ stopLoss: { price: 95, limit: 94, valid: '1d', tag: 'out' } })).legs).toMatchObject([
      { type: 'stopLimit', stop: 95, limit: 94, validUntil: expect.any(Number), tag: 'out' },
    ]);
  });

  test.each<[string, BracketOptions]>([
    ['a stop-loss above the limit to buy at', { limit: 100, stopLoss: 101 }],
    ['a stop-loss at it', { limit: 100, stopLoss: 100 }],
    ['a stop-loss above the trigger', { stop: 105, stopLoss: 106 }],
    ['a stop-loss between trigger and limit', { stop: 105, limit: 107, stopLoss: 106 }],
    ['a take-profit below the limit to buy at', { limit: 100, takeProfit: 99 }],
    ['a take-profit between trigger and limit', { stop: 105, limit: 107, takeProfit: 106 }],
    ['a stop-loss above the take-profit', { stopLoss: 110, takeProfit: 105 }],
  ])('%s is an error, and nothing is placed', async (_, options) => {
    const error = await errorOf(bracket({ size: 1, ...options }));
    expect(error).toMatchObject({ code: 'BRACKET_INVALID', value: options.stopLoss ?? options.takeProfit });
    expect(error.message).toContain(String(error.limit));
    // backtrader places it as it is.
    expect(await placed(bracket({ size: 1, ...options }), { whole: true })).not.toEqual([]);
  });

  test.each<[string, BracketOptions]>([
    ['a stop-loss below the limit to sell at', { limit: 100, stopLoss: 99 }],
    ['a take-profit above it', { limit: 100, takeProfit: 101 }],
  ])('to sell: %s is an error', async (_, options) => {
    expect(await errorOf(self => self.sellBracket({ size: 1, ...options }))).toMatchObject({
      code: 'BRACKET_INVALID',
    });
  });

  test('a trail that begins anywhere is on no side', async () => {
    const { legs: children } = await legs({ stopLoss: { price: 105, trailAmount: 5 } });
    expect(children).toMatchObject([{ type: 'stopTrail', stop: 105 }]);
  });

  test.each<[string, BracketOptions, unknown]>([
    ['a stop-loss of NaN', { stopLoss: Number.NaN }, Number.NaN],
    ['a stop-loss of 0', { stopLoss: 0 }, 0],
    ['a stop-loss as text', { stopLoss: '95' as never }, '95'],
    ['a stop-loss of null', { stopLoss: null as never }, null],
    ['a stop-loss with nothing', { stopLoss: {} }, {}],
    ['a stop-loss with a limit only', { stopLoss: { limit: 94 } }, { limit: 94 }],
    ['a stop-loss whose price is null', { stopLoss: { price: null as never } }, null],
    ['a negative distance', { stopLoss: { distance: -5 } }, -5],
    ['a distance of NaN', { takeProfit: { distance: Number.NaN } }, Number.NaN],
    ['a distance as text', { takeProfit: { distance: '5' as never } }, '5'],
    ['a fraction of 100 % below', { stopLoss: { percent: 1 } }, 1],
    ['a fraction of 0', { takeProfit: { percent: 0 } }, 0],
    ['a distance and a trail', { stopLoss: { price: { distance: 5 }, trailAmount: 5 } }, { distance: 5 }],
    ['two kinds of trail', { stopLoss: { trailAmount: 5, trailPercent: 0.1 } }, 5],
    ['a limit of NaN', { stopLoss: { price: 95, limit: Number.NaN } }, Number.NaN],
    ['a take-profit with nothing', { takeProfit: {} as never }, {}],
    ['a take-profit of -1', { takeProfit: { price: -1 } }, -1],
    ['a leg whose validity is none', { takeProfit: { price: 110, valid: 'soon' } }, 'soon'],
  ])('with %s is an error, and nothing is placed', async (_, options, value) => {
    expect(await errorOf(bracket({ size: 1, ...options }))).toMatchObject({ code: 'ORDER_INVALID', value });
  });

  test('whose entry has a wrong amount is an error, and nothing is placed', async () => {
    for (const size of [Number.NaN, -1])
      expect(await errorOf(bracket({ size, stopLoss: 95 }))).toMatchObject({ code: 'ORDER_INVALID' });
  });
});

test('a number as wrong as it is in buy() is an error in close(), of which nothing is placed either', async () => {
  class Closes extends Base {
    next() {
      if (this.data.length === 1) this.buy({ size: 2 });
      if (this.data.length === 3) this.close({ size: Number.NaN });
    }
  }
  await expect(engineRun(Closes, PRICES)).rejects.toMatchObject({
    code: 'ORDER_INVALID',
    message: expect.stringContaining('sell() was given the size NaN'),
  });
});

test('cancel() of what is no order of the run is refused, also where an order of the run has its number', async () => {
  let foreign: Order | undefined;
  await placed(self => {
    foreign = self.buy({ size: 1, limit: 90 });
  });
  for (const order of [foreign, undefined, { id: 1, alive: true }]) {
    const cancelled = placed(self => {
      self.buy({ size: 1, limit: 90 });
      self.cancel(order as Order);
    });
    await expect(cancelled).rejects.toMatchObject({ code: 'ORDER_INVALID', limit: expect.anything() });
  }
});
