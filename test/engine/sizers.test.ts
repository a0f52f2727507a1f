import {
  fixedReverser,
  fixedSize,
  fixedSizeTarget,
  instrument,
  percentOfCash,
  percentOfValue,
  riskOf,
  type Sizer,
  type SizerInput,
  strategy,
} from 'qt-trader';
import { describe, expect, test } from 'vitest';
import { engineRun } from '../support/engine-run.ts';

function input(given: Partial<SizerInput>): SizerInput {
  return {
    side: 'buy',
    instrument: instrument('BTCUSDT'),
    price: 100,
    entry: 100,
    stopDistance: Number.NaN,
    cash: 1000,
    value: 1000,
    position: 0,
    ...given,
  };
}

/** What a sizer says with each of these positions, on either side. */
function sizes(sizer: Sizer, positions: readonly number[], given: Partial<SizerInput> = {}) {
  const on = (side: 'buy' | 'sell') =>
    positions.map(position => sizer.size(input({ ...given, side, position })));
  expect(on('sell')).toEqual(on('buy'));
  return on('buy').map(sizing => ('size' in sizing ? sizing.size : Number.NaN));
}

// The expected sizes of this block are those that backtrader 1.9.78.123 gives for the same positions and cash.
describe("backtrader's sizers", () => {
  const positions = [0, 3, 7, -2, -5];

  test('FixedSize is its stake, whatever is held; of tranches, the whole units of one', () => {
    expect(sizes(fixedSize(1), positions)).toEqual([1, 1, 1, 1, 1]);
    expect(sizes(fixedSize(10, { tranches: 3 }), positions)).toEqual([3, 3, 3, 3, 3]);
    expect(sizes(fixedSize(2, { tranches: 3 }), [0])).toEqual([0]);
  });

  test('FixedReverser is its stake, and twice that with a position', () => {
    expect(sizes(fixedReverser(2), positions)).toEqual([2, 4, 4, 4, 4]);
  });

  test('FixedSizeTarget is its stake; of tranches, one more than is held, up to the stake', () => {
    expect(sizes(fixedSizeTarget(6), positions)).toEqual([6, 6, 6, 6, 6]);
    expect(sizes(fixedSizeTarget(6, { tranches: 4 }), positions)).toEqual([1, 4, 6, 1, 4]);
    expect(sizes(fixedSizeTarget(9, { tranches: 2 }), positions)).toEqual([4, 7, 9, 2, 1]);
  });

  test('PercentSizer is a part of the cash at the close, and the size of a position that is open', () => {
    const given = { cash: 1000, price: 100.54 };
    expect(sizes(percentOfCash(20), positions, given)).toEqual([1.9892580067634773, 3, 7, 2, 5]);
    expect(sizes(percentOfCash(55, { whole: true }), positions, given)).toEqual([5, 3, 7, 2, 5]);
  });

  test('AllInSizer is all of the cash at the close', () => {
    const given = { cash: 1000, price: 100.16 };
    expect(sizes(percentOfCash(100), [0, 3], given)).toEqual([9.984025559105431, 3]);
    expect(sizes(percentOfCash(100, { whole: true }), [0, -2.5], given)).toEqual([9, 2]);
  });
});

describe('the risk sizer', () => {
  const one = riskOf({ fraction: 0.01 });

  test('loses the fraction of the account over the distance to the stop', () => {
    expect(one.size(input({ stopDistance: 4, value: 2000, cash: 2000 }))).toEqual({ size: 5 });
  });

  test('orders no more than the cash, and nearly all of it in quote', () => {
    expect(one.size(input({ stopDistance: 0.5 }))).toEqual({ quote: 1000 });
    expect(one.size(input({ stopDistance: 1, cash: 1005, value: 1000 }))).toEqual({ quote: 1000 });
    expect(one.size(input({ stopDistance: 1, cash: 300, value: 1000 }))).toEqual({ quote: 300 });
    expect(one.size(input({ stopDistance: 1, cash: -5, value: 1000 }))).toEqual({ quote: 0 });
  });

  test('on a perpetual may be worth the leverage, less what is held', () => {
    const perpetual = input({ instrument: instrument('BTCUSDT', { market: 'usdm' }), stopDistance: 0.5 });
    expect(one.size({ ...perpetual, side: 'sell' })).toEqual({ quote: 1000 });
    expect(riskOf({ fraction: 0.01, leverage: 3 }).size(perpetual)).toEqual({ size: 20 });
    expect(riskOf({ fraction: 0.01, leverage: 2 }).size({ ...perpetual, position: 5 })).toEqual({
      quote: 1500,
    });
  });

  test('against a position is the whole of it, with or without a stop', () => {
    expect(one.size(input({ side: 'sell', position: 3 }))).toEqual({ size: 3 });
  });

  test.each([
    ['an absolute stop', { stopLoss: 95 }, 2],
    ['a distance', { stopLoss: { distance: 4 } }, 2.5],
    ['a fraction', { stopLoss: { percent: 0.05 } }, 2],
    ['a limit entry', { limit: 90, stopLoss: 85 }, 2],
    ['a fraction of a limit entry', { limit: 50, stopLoss: { percent: 0.05 } }, 4],
    ['an amount to trail by', { stopLoss: { trailAmount: 8 } }, 1.25],
    ['a fraction to trail by', { stopLoss: { trailPercent: 0.1 } }, 1],
  ])("reads the distance from the bracket's stop-loss: %s", async (_, options, size) => {
    let entry = Number.NaN;
    class Once extends strategy() {
      next() {
        if (this.data.length === 1) entry = this.buyBracket(options).entry.size;
      }
    }
    await engineRun(Once, [100, 100], { sizer: one });
    expect(entry).toBeCloseTo(size, 12);
  });

  test.each([
    ['without a stop-loss', {}, /no stop-loss/],
    ['with one on the wrong side of the market', { stopLoss: 105 }, /wrong side/],
  ])('an order %s is an error', async (_, options, message) => {
    class Once extends strategy() {
      next() {
        this.buyBracket(options);
      }
    }
    const run = engineRun(Once, [100, 100], { sizer: one });
    await expect(run).rejects.toMatchObject({
      code: 'SIZER_STOP_MISSING',
      message: expect.stringMatching(message),
    });
  });
});

test('a sizer is asked for the order that names no amount, with the account as it is', async () => {
  const seen: SizerInput[] = [];
  const spy: Sizer = {
    label: 'spy',
    size: given => {
      seen.push({ ...given });
      return { size: 2 };
    },
  };
  class Asks extends strategy() {
    next() {
      if (this.data.length === 2) this.buy({ limit: 9 });
      if (this.data.length === 4) this.sell({ size: 1 });
      if (this.data.length === 5) this.sell();
    }
  }
  await engineRun(Asks, [10, 10, 8, 12, 12, 12], { sizer: spy });
  expect(seen).toMatchObject([
    { side: 'buy', price: 10, entry: 9, cash: 1000, value: 1000, position: 0 },
    { side: 'sell', price: 12, entry: 12, cash: 1000 - 18 + 12, value: 1000 - 18 + 24, position: 1 },
  ]);
});

test.each([Number.NaN, -1, Number.POSITIVE_INFINITY, '2' as never])(
  'a sizer that gives %s is an error',
  async size => {
    class Buys extends strategy() {
      next() {
        this.buy();
      }
    }
    const sizer: Sizer = { label: 'odd', size: () => ({ size }) };
    await expect(engineRun(Buys, [10, 10], { sizer })).rejects.toMatchObject({
      code: 'SIZER_RESULT_INVALID',
      value: size,
    });
  },
);

test.each([
  () => fixedSize(0),
  () => fixedSize(Number.NaN),
  () => fixedSize(1, { tranches: 0 }),
  () => fixedSize(1, { tranches: 1.5 }),
  () => fixedReverser(-1),
  () => fixedSizeTarget(Number.POSITIVE_INFINITY),
  () => percentOfValue(101),
  () => percentOfCash(0),
  () => percentOfCash(Number.POSITIVE_INFINITY),
  () => riskOf({ fraction: 1 }),
  () => riskOf({ fraction: Number.NaN }),
  () => riskOf({ fraction: 0.01, leverage: 0 }),
])('a sizer with terms that cannot be is an error (%#)', make => {
  expect(make).toThrow(expect.objectContaining({ code: 'SIZER_INVALID', limit: expect.any(String) }));
});
