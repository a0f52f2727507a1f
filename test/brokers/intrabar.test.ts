import { type IntrabarPolicy, instrument, memoryFeed } from 'qt-trader';
import { describe, expect, test } from 'vitest';
import { bars, flat, type Plan, planned, type Row } from '../support/planned.ts';

/** The prices at which a run was filled, under each policy. */
async function prices(plan: Plan, rows: readonly Row[], market: 'spot' | 'usdm' = 'spot') {
  const policies: IntrabarPolicy[] = ['worst', 'best', 'nearest', 'ohlc', 'olhc'];
  const found: Record<string, string> = {};
  for (const intrabar of policies) {
    const data = memoryFeed(bars(...rows), { instrument: instrument('BTCUSDT', { market }) });
    const { result } = await planned(plan, rows, { data, intrabar });
    found[intrabar] =
      `${[...result.fills].map(fill => fill.price).join(' ')}, ${result.metrics.orders.pathDependent}`;
  }
  return found;
}

describe('when a bar leaves open which order comes first', () => {
  const long: Plan = { 0: self => self.buyBracket({ size: 1, stopLoss: 95, takeProfit: 110 }) };

  test('a stop and a target inside one bar: the policy decides, worst first unless told otherwise', async () => {
    expect(await prices(long, [flat(100), flat(100), [100, 111, 94, 100]])).toEqual({
      worst: '100 95, 1',
      best: '100 110, 1',
      nearest: '100 95, 1',
      ohlc: '100 110, 1',
      olhc: '100 95, 1',
    });
  });

  test('of a short it is the same the other way round', async () => {
    const short: Plan = { 0: self => self.sellBracket({ size: 1, stopLoss: 105, takeProfit: 90 }) };
    expect(await prices(short, [flat(100), flat(100), [100, 106, 89, 100]], 'usdm')).toEqual({
      worst: '100 105, 1',
      best: '100 90, 1',
      nearest: '100 105, 1',
      ohlc: '100 105, 1',
      olhc: '100 90, 1',
    });
  });

  test('a resting entry and its exits in one bar: worst, the stop is behind it and the target was before it', async () => {
    const entry: Plan = { 0: self => self.buyBracket({ size: 1, limit: 98, stopLoss: 95, takeProfit: 102 }) };
    expect(await prices(entry, [flat(100), [100, 103.5, 97, 99]])).toEqual({
      worst: '98, 1',
      best: '98 102, 1',
      nearest: '98 102, 1',
      ohlc: '98, 1',
      olhc: '98 102, 1',
    });
    const { worst } = await prices(entry, [flat(100), [100, 103, 94, 99]]);
    expect(worst).toBe('98 95, 1');
  });

  test('after a stop has entered, worst, the price comes back to the exit before it goes on to the target', async () => {
    const entry: Plan = {
      0: self => self.buyBracket({ size: 1, stop: 102, stopLoss: 100, takeProfit: 105 }),
    };
    expect(await prices(entry, [flat(101), [101, 106, 99.5, 104]])).toEqual({
      worst: '102 100, 1',
      best: '102 105, 1',
      nearest: '102 105, 1',
      ohlc: '102 105, 1',
      olhc: '102 105, 1',
    });
  });

  test('only one of them within the bar: no policy is needed, and no trade counts as path dependent', async () => {
    const found = await prices(long, [flat(100), flat(100), [100, 111, 96, 100]]);
    expect(new Set(Object.values(found))).toEqual(new Set(['100 110, 0']));
  });

  test('a trailing trigger that the bar moves into its own range counts as path dependent', async () => {
    const trail: Plan = {
      0: self => self.buy({ size: 1 }),
      1: self => self.sell({ size: 1, trailAmount: 5 }),
    };
    expect(await prices(trail, [flat(100), flat(100), [100, 108, 99, 107]])).toEqual({
      worst: '100, 1',
      best: '100 103, 1',
      nearest: '100, 1',
      ohlc: '100 103, 1',
      olhc: '100, 1',
    });
    const quiet = await prices(trail, [flat(100), flat(100), [100, 101, 99, 100]]);
    expect(quiet.worst).toBe('100, 0');
  });

  test('an unknown policy is refused with the names of those there are', async () => {
    await expect(planned({}, [flat(1)], { intrabar: 'kind' })).rejects.toThrow(
      expect.objectContaining({ code: 'INTRABAR_INVALID', value: 'kind' }),
    );
  });
});
