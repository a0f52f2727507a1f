import { instrument, memoryFeed, type Strategy } from 'qt-trader';
import { describe, expect, test } from 'vitest';
import { bars, flat, MINUTE, type Plan, planned, type Row, START } from '../support/planned.ts';

/** Buys 1 at the open of bar 1, then does `plan`. */
const holding = (plan: Plan): Plan => ({ 0: self => self.buy({ size: 1 }), ...plan });

/** Fills after the first, which is the purchase. */
async function afterEntry(plan: Plan, rows: readonly Row[], more: object = {}) {
  const { fills, ...rest } = await planned(holding(plan), [flat(100), flat(100), ...rows], more);
  return { fills: fills.slice(1), ...rest };
}

describe('a stop', () => {
  const stop: Plan = { 1: self => self.sell({ size: 1, stop: 95 }) };

  test('is filled at its trigger by the bar whose range reaches it, known at the bar’s close', async () => {
    const { fills } = await afterEntry(stop, [
      [100, 101, 96, 97],
      [97, 98, 94, 96],
    ]);
    expect(fills).toEqual(['2 sell 1 at 95 in 4 as taker']);
  });

  test('is filled at the open of a bar that opens beyond its trigger', async () => {
    const { fills } = await afterEntry(stop, [flat(100), [93, 94, 92, 93]]);
    expect(fills).toEqual(['2 sell 1 at 93 in 3 as taker']);
  });

  test('whose trigger the market is beyond when it is placed is filled at the next open', async () => {
    const { fills } = await afterEntry({ 1: self => self.sell({ size: 1, stop: 105 }) }, [
      [100, 101, 99, 100],
    ]);
    expect(fills).toEqual(['2 sell 1 at 100 in 2 as taker']);
  });

  test('to buy waits for a rising market', async () => {
    const { fills } = await planned({ 0: self => self.buy({ size: 1, stop: 103 }) }, [
      flat(100),
      [100, 102, 99, 101],
      [101, 104, 100, 103],
    ]);
    expect(fills).toEqual(['1 buy 1 at 103 in 3 as taker']);
  });

  test('pays slippage, also beyond the bar', async () => {
    const { fills } = await afterEntry(stop, [[100, 100, 95, 96]], { slippage: 0.01 });
    expect(fills).toEqual(['2 sell 1 at 94.05 in 3 as taker']);
  });

  test('has its trigger put on the tick that is no easier to reach', async () => {
    const data = (rows: readonly Row[]) =>
      memoryFeed(bars(...rows), { instrument: instrument('BTCUSDT', { tickSize: 0.5 }) });
    const rows = [flat(100), flat(100), flat(100)];
    const { result } = await planned(
      {
        0: self => {
          self.buy({ size: 1, stop: 110.2 });
          self.buy({ size: 1 });
        },
        1: self => self.sell({ size: 1, stop: 90.2 }),
      },
      rows,
      { data: data(rows) },
    );
    expect([...result.orders].map(order => order.stop)).toEqual([110.5, Number.NaN, 90]);
  });

  test('below the first tick is PRICE_INVALID', async () => {
    const rows = [flat(100), flat(100)];
    const data = memoryFeed(bars(...rows), { instrument: instrument('BTCUSDT', { tickSize: 0.5 }) });
    const { ends } = await planned({ 0: self => self.sell({ size: 1, stop: 0.3 }) }, rows, { data });
    expect(ends).toEqual(['rejected PRICE_INVALID']);
  });

  test('to sell reserves its size, to buy what it costs at its trigger', async () => {
    const seen: number[] = [];
    await planned(
      {
        0: self => {
          self.buy({ size: 1, stop: 110 });
          seen.push(self.freeCash);
          self.buy({ size: 2 });
        },
        1: self => {
          self.sell({ size: 2, stop: 90 });
          self.sell({ size: 1 });
        },
        2: self => seen.push(self.position.size),
      },
      [flat(100), flat(100), flat(100)],
    );
    expect(seen).toEqual([10_000 - 110, 2]);
  });

  test('to buy for an amount of quote is sized by the price it gets', async () => {
    const { fills, result } = await planned({ 0: self => self.buy({ quote: 5000, stop: 104 }) }, [
      flat(100),
      flat(100),
      [125, 126, 120, 125],
    ]);
    expect(fills).toEqual(['1 buy 40 at 125 in 2 as taker']);
    expect(result.orders.at(0).size).toBe(40);
  });

  test('of close() takes no more than what is there', async () => {
    const { fills, ends } = await afterEntry(
      {
        1: self => {
          self.close({ stop: 95 });
          self.sell({ size: 0.5, limit: 105 });
        },
      },
      [[100, 101, 94, 95]],
    );
    expect(fills).toEqual(['2 sell 1 at 95 in 3 as taker']);
    expect(ends[2]).toBe('rejected SPOT_SHORT');
  });

  test('cancelled in the step in which it was placed never comes into force', async () => {
    const { ends, told } = await planned({ 0: self => self.cancel(self.buy({ size: 1, stop: 101 })) }, [
      flat(100),
      [102, 103, 101, 102],
    ]);
    expect(ends).toEqual(['canceled']);
    expect(told).toEqual(['1: 1 submitted', '1: 1 accepted', '1: 1 canceled']);
  });
});

describe('a stop-limit', () => {
  test('takes its trigger’s price when its limit allows it', async () => {
    const { fills } = await afterEntry({ 1: self => self.sell({ size: 1, stop: 95, limit: 94 }) }, [
      [100, 101, 93, 94],
    ]);
    expect(fills).toEqual(['2 sell 1 at 95 in 3 as taker']);
  });

  test('slips as far as its limit', async () => {
    const { fills } = await afterEntry(
      { 1: self => self.sell({ size: 1, stop: 95, limit: 94 }) },
      [[100, 101, 93, 94]],
      { slippage: 0.05 },
    );
    expect(fills).toEqual(['2 sell 1 at 94 in 3 as taker']);
  });

  test('rests at its limit when the bar opens beyond both, and is filled when the price comes back', async () => {
    const plan: Plan = { 1: self => self.sell({ size: 1, stop: 95, limit: 94 }) };
    const beyond = await afterEntry(plan, [flat(100), [90, 93, 89, 92], [92, 93, 91, 92]]);
    expect(beyond.fills).toEqual([]);
    const back = await afterEntry(plan, [flat(100), [90, 94.5, 89, 92]]);
    expect(back.fills).toEqual(['2 sell 1 at 94 in 4 as maker']);
  });

  test('with its limit on the near side rests, and the rest of the way through the bar may fill it', async () => {
    const plan: Plan = { 1: self => self.sell({ size: 1, stop: 95, limit: 97 }) };
    const { fills } = await afterEntry(plan, [[100, 100.5, 94, 98]]);
    expect(fills).toEqual(['2 sell 1 at 97 in 3 as maker']);
    const { fills: later } = await afterEntry(
      plan,
      [
        [100, 100.5, 94, 96],
        [96, 97, 95, 96],
      ],
      { intrabar: 'ohlc' },
    );
    expect(later).toEqual(['2 sell 1 at 97 in 4 as maker']);
  });
});

describe('a trailing stop', () => {
  const trail: Plan = { 1: self => self.sell({ size: 1, trailAmount: 5 }) };

  test('follows the high, not the close', async () => {
    const { fills, result } = await afterEntry(trail, [
      [100, 110, 99, 106],
      [106, 107, 104.5, 106],
    ]);
    expect(fills).toEqual(['2 sell 1 at 105 in 4 as taker']);
    expect(result.orders.at(1).stop).toBe(105);
  });

  test('worst first: the low is judged by the trigger of before, the close by that of the high', async () => {
    const { fills, result } = await afterEntry(trail, [[100, 110, 96, 108]]);
    expect(fills).toEqual([]);
    expect(result.orders.at(1).stop).toBe(105);
    const sure = await afterEntry(trail, [[100, 110, 96, 103]]);
    expect(sure.fills).toEqual(['2 sell 1 at 105 in 3 as taker']);
    const low = await afterEntry(trail, [[100, 110, 94, 103]]);
    expect(low.fills).toEqual(['2 sell 1 at 95 in 3 as taker']);
  });

  test('moves with an open in its favour before the bar goes on', async () => {
    const { fills } = await afterEntry(trail, [[110, 110, 104, 109]]);
    expect(fills).toEqual(['2 sell 1 at 105 in 3 as taker']);
  });

  test('never moves back, and begins where it is told to', async () => {
    const { result } = await afterEntry({ 1: self => self.sell({ size: 1, trailPercent: 0.1, stop: 102 }) }, [
      flat(100),
      flat(98),
    ]);
    expect(result.orders.at(1).stop).toBeCloseTo(91.8, 10);
  });

  test('to buy follows the low', async () => {
    const { fills } = await planned({ 0: self => self.buy({ size: 1, trailAmount: 5 }) }, [
      flat(100),
      [100, 101, 90, 92],
      [92, 96, 91, 95],
    ]);
    expect(fills).toEqual(['1 buy 1 at 95 in 3 as taker']);
  });

  test('with a limit keeps the limit’s distance to the trigger', async () => {
    const { fills, result } = await afterEntry(
      { 1: self => self.sell({ size: 1, trailAmount: 5, limit: 94 }) },
      [
        [100, 110, 99, 109],
        [109, 109, 103, 104],
      ],
      { slippage: 0 },
    );
    expect(fills).toEqual(['2 sell 1 at 105 in 4 as taker']);
    const { stop, limit } = result.orders.at(1);
    expect([stop, limit]).toEqual([105, 104]);
  });
});

describe('an order for the close', () => {
  test('is filled at the close of the next bar, as a taker', async () => {
    const { fills } = await planned({ 0: self => self.buy({ size: 1, type: 'close' }) }, [
      flat(100),
      [101, 103, 99, 102],
    ]);
    expect(fills).toEqual(['1 buy 1 at 102 in 2 as taker']);
  });
});

describe('validity', () => {
  const buyAt = (valid: Parameters<Strategy['buy']>[0] & object) => ({
    0: (self: Strategy) => self.buy({ size: 1, limit: 95, ...valid }),
  });

  test('a duration counts from the bar’s time on; the order expires with the reason EXPIRED', async () => {
    const rows = [flat(100), flat(100), flat(100), [100, 100, 94, 95]] as const;
    const { ends, told } = await planned(buyAt({ valid: '2m' }), rows);
    expect(ends).toEqual(['expired EXPIRED']);
    expect(told.at(-1)).toBe('3: 1 expired');
    const { fills } = await planned(buyAt({ valid: '3m' }), rows);
    expect(fills).toHaveLength(1);
  });

  test('a moment is the last at which it may be filled', async () => {
    const rows = [flat(100), flat(100), [94, 95, 93, 94]] as const;
    const until = new Date(START + 2 * MINUTE);
    const { fills } = await planned(buyAt({ valid: until }), rows);
    expect(fills).toEqual(['1 buy 1 at 95 in 2 as maker']);
    const before = await planned(buyAt({ valid: Number(until) - 1 }), rows);
    expect(before.ends).toEqual(['expired EXPIRED']);
  });

  test('of a bar that lasts longer than the order, only the open counts', async () => {
    const { ends } = await planned(buyAt({ valid: '30s' }), [flat(100), [100, 100, 94, 95]]);
    expect(ends).toEqual(['expired EXPIRED']);
  });

  test('an order of the day ends with the UTC day', async () => {
    const time = Array.from({ length: 30 }, (_, i) => START + i * 3_600_000);
    const column = new Array<number>(30).fill(100);
    const data = memoryFeed(
      { time, open: column, high: column, low: column, close: column },
      { symbol: 'BTCUSDT' },
    );
    const { told, result } = await planned(buyAt({ valid: 'day' }), [], { data });
    expect(told.at(-1)).toBe('23: 1 expired');
    expect(result.orders.at(0).validUntil).toBe(START + 86_400_000 - 1);
  });
});
