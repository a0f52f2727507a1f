import { backtest, backtraderProfile, instrument, memoryFeed, percentBarSlippage, strategy } from 'qt-trader';
import { expect, test } from 'vitest';
import { rangeFeed } from '../../../src/feeds/range.ts';
import { floorDivide } from '../../../src/model/floor-divide.ts';
import { closes } from '../../support/bars.ts';

class Idle extends strategy() {
  override next() {}
}

test('a run in the backtrader profile tells its terms', async () => {
  const profile = backtraderProfile({
    commission: { commission: 2, margin: 100, multiplier: 5, leverage: 2, interest: 0.03 },
    slippage: percentBarSlippage(0.01),
  });
  const { settings, metrics } = await backtest({
    strategy: Idle,
    data: memoryFeed(closes([1, 2, 3])),
    cash: 500,
    profile,
  });
  expect(settings).toMatchObject({
    commission: '2 a unit, margin 100, multiplier 5, leverage 2, interest 0.03 a year',
    slippage: '1 %',
    sizer: 'fixed 1',
    cash: 500,
  });
  expect(metrics.endValue).toBe(500);
});

test('terms beside the profile are refused, with where to give them', async () => {
  const data = memoryFeed(closes([1, 2]));
  const run = (options: object) =>
    backtest({ strategy: Idle, data, profile: backtraderProfile(), ...options });
  await expect(run({ commission: 0.001 })).rejects.toThrowError(
    /give it to backtraderProfile\(\{ commission \}\)/,
  );
  await expect(run({ slippage: 0 })).rejects.toMatchObject({ code: 'PROFILE_OPTION', value: 0 });
  await expect(run({ feeIn: 'base' })).rejects.toMatchObject({ code: 'PROFILE_OPTION' });
});

test('a feed keeps its trading day when a range is cut out of it', () => {
  const tradingDay = { start: 34_200_000, end: 61_200_000 };
  const feed = memoryFeed(closes([1, 2, 3]), { instrument: instrument('ONE'), tradingDay });
  expect(rangeFeed(feed, { from: 0, to: Date.UTC(2025) }).tradingDay).toBe(tradingDay);
  expect(memoryFeed(closes([1, 2])).tradingDay).toBeUndefined();
});

test('a division that is rounded down goes by the exact remainder', () => {
  expect([floorDivide(7, 2), floorDivide(6, 2), floorDivide(0.5, 1)]).toEqual([3, 3, 0]);
  expect(1 / 0.1).toBe(10);
  expect(floorDivide(1, 0.1)).toBe(9);
  expect([floorDivide(-7, 2), floorDivide(7, -2), floorDivide(-6, 2)]).toEqual([-4, -4, -3]);
});
