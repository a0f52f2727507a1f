import { type Order, type StrategyClass, strategy } from 'qt-trader';
import { expect, test } from 'vitest';
import { type EngineRunOptions, engineRun } from '../support/engine-run.ts';

type Plan = Readonly<Record<number, (self: InstanceType<typeof Base>) => unknown>>;
abstract class Base extends strategy() {}

let returned: unknown[] = [];

/** A strategy that does what `plan` says at each bar, counted from 0, and keeps what it got for it. */
function planned(plan: Plan): StrategyClass {
  returned = [];
  return class Planned extends Base {
    next() {
      const act = plan[this.data.length - 1];
      if (act !== undefined) returned.push(act(this));
    }
  };
}

/** Side, size and quote of the orders of a run. */
async function ordersOf(plan: Plan, closes: readonly number[], options: EngineRunOptions = {}) {
  const { broker } = await engineRun(planned(plan), closes, options);
  return [...broker.orders].map(({ side, filled, quote, status, reason }: Order) => ({
    side,
    filled,
    ...(Number.isNaN(quote) ? {} : { quote }),
    ...(status === 'completed' ? {} : { status, code: reason?.code }),
  }));
}

const TENS = [10, 10, 10, 10, 10, 10];

test('a target size orders what is missing, or what is too much, and nothing when the position has it', async () => {
  const orders = await ordersOf(
    {
      0: self => self.orderTargetSize(3),
      1: self => self.orderTargetSize(5),
      2: self => self.orderTargetSize(5),
      3: self => self.orderTargetSize(1.5),
      4: self => self.orderTargetSize(0),
    },
    TENS,
  );
  expect(orders).toEqual([
    { side: 'buy', filled: 3 },
    { side: 'buy', filled: 2 },
    { side: 'sell', filled: 3.5 },
    { side: 'sell', filled: 1.5 },
  ]);
  expect(returned[2]).toBeUndefined();
});

test('a target of 0 without a position is nothing to do', async () => {
  const plan = {
    0: (self: Base) => self.orderTargetSize(0),
    1: (self: Base) => self.orderTargetValue(0),
    2: (self: Base) => self.orderTargetPercent(0),
  };
  for (const whole of [false, true]) {
    expect(await ordersOf(plan, TENS, { whole })).toEqual([]);
    expect(returned).toEqual([undefined, undefined, undefined]);
  }
});

test('a target on the other side goes through zero in one order on a perpetual', async () => {
  const plan = { 0: (self: Base) => self.orderTargetSize(2), 2: (self: Base) => self.orderTargetSize(-3) };
  expect(await ordersOf(plan, TENS, { market: 'usdm' })).toEqual([
    { side: 'buy', filled: 2 },
    { side: 'sell', filled: 5 },
  ]);
});

test.each([
  ['size', (self: Base) => self.orderTargetSize(-1)],
  ['value', (self: Base) => self.orderTargetValue(-20)],
  ['percent', (self: Base) => self.orderTargetPercent(-0.1)],
])('a negative target %s on spot is refused with a code, with and without a position', async (_, target) => {
  const orders = await ordersOf({ 0: target, 1: self => self.buy({ size: 2 }), 3: target }, TENS);
  expect(orders).toEqual([
    { side: 'sell', filled: 0, status: 'rejected', code: 'SPOT_SHORT' },
    { side: 'buy', filled: 2 },
    { side: 'sell', filled: 0, status: 'rejected', code: 'SPOT_SHORT' },
  ]);
});

test('a target value buys in quote, so that a gap at the open cannot overdraw it, and sells in units', async () => {
  const orders = await ordersOf(
    { 0: self => self.orderTargetValue(1000), 2: self => self.orderTargetValue(400) },
    [10, 20, 20, 20],
    { commission: 0.01 },
  );
  // The first fills at the open of the second bar, at 10; by then it is worth twice as much.
  expect(orders[0]).toEqual({ side: 'buy', filled: expect.closeTo(1000 / 10 / 1.01, 9), quote: 1000 });
  expect(orders[1]).toEqual({ side: 'sell', filled: expect.closeTo((1000 / 10 / 1.01) * 1 - 400 / 20, 9) });
});

test('a target percent is a fraction of the value of the account, 1 for all of it', async () => {
  const orders = await ordersOf(
    { 0: self => self.orderTargetPercent(1), 2: self => self.orderTargetPercent(0.25) },
    [10, 10, 20, 20],
  );
  expect(orders).toEqual([
    { side: 'buy', filled: 100, quote: 1000 },
    { side: 'sell', filled: 75 },
  ]);
});

test('a target that is met but for rounding orders nothing', async () => {
  const plan = Object.fromEntries(TENS.map((_, i) => [i, (self: Base) => self.orderTargetPercent(1)]));
  expect(await ordersOf(plan, [10, 11.3, 9.7, 12.9, 3.1, 7.7], { commission: 0.001 })).toHaveLength(1);
});

test('a target never spends what a resting order has reserved', async () => {
  const orders = await ordersOf(
    { 0: self => self.buy({ size: 60, limit: 5 }), 1: self => self.orderTargetPercent(1) },
    TENS,
  );
  expect(orders[1]).toEqual({ side: 'buy', filled: 70, quote: 700 });
});

test('a target with a limit is an order at that limit, sized by it', async () => {
  const { broker } = await engineRun(
    planned({ 0: self => self.orderTargetValue(90, { limit: 9, tag: 'low' }) }),
    [10, 10, 8, 8],
  );
  expect(broker.orders.at(0)).toMatchObject({ type: 'limit', limit: 9, size: 10, tag: 'low' });
});

test('in whole units the value that is missing is cut to units at the last close, and less than one is nothing', async () => {
  const orders = await ordersOf(
    {
      0: self => self.orderTargetValue(95),
      1: self => self.orderTargetValue(99),
      2: self => self.orderTargetValue(120),
      3: self => self.orderTargetPercent(0.05),
      4: self => self.orderTargetPercent(0),
    },
    TENS,
    { whole: true },
  );
  expect(orders).toEqual([
    { side: 'buy', filled: 9 },
    { side: 'buy', filled: 3 },
    { side: 'sell', filled: 7 },
    { side: 'sell', filled: 5 },
  ]);
  expect(returned[1]).toBeUndefined();
});

test('a target trades the data it is given', async () => {
  class Named extends Base {
    next() {
      if (this.data.length === 1) this.orderTargetSize(2, { data: this.datas[0] });
      else this.orderTargetSize(1, { data: {} as never });
    }
  }
  await expect(engineRun(Named, TENS)).rejects.toMatchObject({ code: 'DATA_UNKNOWN' });
});

test.each([Number.NaN, Number.POSITIVE_INFINITY, '3' as never])(
  'a target of %s is an error',
  async target => {
    for (const method of ['orderTargetSize', 'orderTargetValue', 'orderTargetPercent'] as const) {
      const run = engineRun(planned({ 0: self => self[method](target) }), TENS);
      await expect(run).rejects.toMatchObject({
        code: 'TARGET_INVALID',
        value: target,
        limit: expect.any(String),
        message: expect.stringContaining(method),
      });
    }
  },
);

test('cash is added, and taken, when the broker next matches', async () => {
  const cash: number[] = [];
  class Deposits extends Base {
    next() {
      cash.push(this.cash);
      if (this.data.length === 1) this.addCash(500);
      if (this.data.length === 3) this.addCash(-200);
    }
  }
  await engineRun(Deposits, TENS);
  expect(cash).toEqual([1000, 1500, 1500, 1300, 1300, 1300]);
});

test.each([Number.NaN, Number.NEGATIVE_INFINITY, '5' as never])(
  'adding %s of cash is an error',
  async amount => {
    await expect(engineRun(planned({ 0: self => self.addCash(amount) }), TENS)).rejects.toMatchObject({
      code: 'CASH_AMOUNT_INVALID',
      value: amount,
    });
  },
);
