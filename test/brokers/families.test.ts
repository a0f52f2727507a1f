import { backtest, instrument, memoryFeed, type Order, strategy } from 'qt-trader';
import { describe, expect, test } from 'vitest';
import { bars, flat, MINUTE, type Plan, planned, START } from '../support/planned.ts';

const bracket: Plan = {
  0: self => self.buyBracket({ size: 1, stopLoss: 95, takeProfit: 110 }),
};

describe('of two orders of which one cancels the other', () => {
  const exits: Plan = {
    0: self => self.buy({ size: 1 }),
    1: self => {
      const target = self.sell({ size: 1, limit: 110 });
      self.sell({ size: 1, stop: 95, oco: target });
    },
  };

  test('the fill of one cancels the other', async () => {
    const { fills, ends } = await planned(exits, [flat(100), flat(100), [100, 111, 99, 105], flat(90)]);
    expect(fills[1]).toBe('2 sell 1 at 110 in 3 as maker');
    expect(ends).toEqual(['completed', 'completed', 'canceled']);
  });

  test('cancelling one cancels both', async () => {
    const { ends } = await planned({ ...exits, 2: self => self.cancel(self.openOrders[0]!) }, [
      flat(100),
      flat(100),
      flat(100),
      [94, 112, 90, 95],
    ]);
    expect(ends).toEqual(['completed', 'canceled', 'canceled']);
  });

  test('the base is reserved once', async () => {
    const seen: number[] = [];
    const { ends } = await planned(
      {
        0: self => self.buy({ size: 2 }),
        1: exits[1]!,
        2: self => seen.push(self.sell({ size: 1 }).id),
        3: self => seen.push(self.position.size),
      },
      [flat(100), flat(100), flat(100), flat(100)],
    );
    expect(seen).toEqual([4, 1]);
    expect(ends).toEqual(['completed', 'accepted', 'accepted', 'completed']);
  });

  test('of purchases the dearest is reserved, once, and is free again when all are cancelled', async () => {
    const seen: number[] = [];
    await planned(
      {
        0: self => {
          const low = self.buy({ size: 1, limit: 90 });
          self.buy({ size: 1, stop: 120, oco: low });
          seen.push(self.freeCash);
          self.cancel(low);
          seen.push(self.freeCash);
        },
      },
      [flat(100), flat(100)],
    );
    expect(seen).toEqual([9880, 10_000]);
  });

  test('naming an order that has ended is OCO_ENDED', async () => {
    let ended: Order;
    const { ends, result } = await planned(
      {
        0: self => {
          ended = self.buy({ size: 1 });
        },
        1: self => self.sell({ size: 1, stop: 90, oco: ended }),
      },
      [flat(100), flat(100), flat(100)],
    );
    expect(ends).toEqual(['completed', 'rejected OCO_ENDED']);
    expect(result.orders.at(1).reason!.message).toContain('order 1');
  });

  test('a market order may be one of them', async () => {
    const { fills, ends } = await planned(
      {
        0: self => {
          const one = self.buy({ size: 1 });
          self.buy({ size: 2, oco: one });
        },
      },
      [flat(100), flat(100)],
    );
    expect(fills).toEqual(['1 buy 1 at 100 in 1 as taker']);
    expect(ends).toEqual(['completed', 'canceled']);
  });
});

describe('a bracket', () => {
  test('its exits come into force with the fill of its entry, in the same bar for prices that come after it', async () => {
    const { fills, ends } = await planned(bracket, [flat(100), [100, 101, 94, 96]]);
    expect(fills).toEqual(['1 buy 1 at 100 in 1 as taker', '2 sell 1 at 95 in 2 as taker']);
    expect(ends).toEqual(['completed', 'completed', 'canceled']);
  });

  test('before that they are neither filled nor do they reserve anything', async () => {
    const seen: number[] = [];
    const { fills } = await planned(
      {
        0: self => {
          self.buyBracket({ size: 1, limit: 90, stopLoss: 85, takeProfit: 110 });
          seen.push(self.freeCash);
        },
      },
      [flat(100), [100, 111, 95, 100], [100, 111, 95, 100]],
    );
    expect(fills).toEqual([]);
    expect(seen).toEqual([9910]);
  });

  test('whose entry is refused leaves no exits', async () => {
    const { ends } = await planned(
      { 0: self => self.buyBracket({ size: 1000, limit: 90, stopLoss: 85, takeProfit: 110 }) },
      [flat(100), flat(100)],
    );
    expect(ends).toEqual(['margin INSUFFICIENT_CASH', 'rejected FAMILY_REFUSED', 'rejected FAMILY_REFUSED']);
    const late = await planned(
      { 0: self => self.buyBracket({ size: 1000, stopLoss: 85, takeProfit: 110 }) },
      [flat(100), flat(100)],
    );
    expect(late.ends).toEqual(['margin INSUFFICIENT_CASH', 'canceled', 'canceled']);
  });

  test('of which one order is impossible is not taken at all', async () => {
    const rows = [flat(100), flat(100)];
    const data = memoryFeed(bars(...rows), { instrument: instrument('BTCUSDT', { tickSize: 1 }) });
    const { ends, fills } = await planned(
      { 0: self => self.buyBracket({ size: 1, stopLoss: 0.5, takeProfit: 110 }) },
      rows,
      { data },
    );
    expect(ends).toEqual(['rejected FAMILY_REFUSED', 'rejected PRICE_INVALID', 'rejected FAMILY_REFUSED']);
    expect(fills).toEqual([]);
  });

  test('the end of its entry is the end of its exits', async () => {
    const { ends } = await planned(
      {
        0: self => self.buyBracket({ size: 1, limit: 90, stopLoss: 85, takeProfit: 110 }),
        1: self => self.cancel(self.openOrders[0]!),
      },
      [flat(100), flat(100), flat(80)],
    );
    expect(ends).toEqual(['canceled', 'canceled', 'canceled']);
  });

  test('prices may lie at a distance from the fill', async () => {
    const { result } = await planned(
      {
        0: self => self.buyBracket({ size: 1, stopLoss: { percent: 0.1 }, takeProfit: { distance: 20 } }),
      },
      [flat(100), [110, 110, 110, 110]],
    );
    const [, stop, target] = [...result.orders];
    expect([stop!.stop, target!.limit]).toEqual([99, 130]);
  });

  test('sized in quote, its exits sell what was bought, less a fee in base', async () => {
    const { fills, result } = await planned(
      { 0: self => self.buyBracket({ quote: 1000, stopLoss: 95, takeProfit: 110 }) },
      [flat(100), flat(100), [94, 95, 93, 94]],
      { commission: 0.01, feeIn: 'base' },
    );
    expect(fills[1]).toBe('2 sell 9.9 at 94 in 2 as taker');
    expect(result.positions[0]!.size).toBe(0);
  });

  test('a child of an order that has ended is PARENT_ENDED', async () => {
    let ended: Order;
    const { ends } = await planned(
      {
        0: self => {
          ended = self.buy({ size: 1 });
        },
        1: self => self.sell({ size: 1, stop: 90, parent: ended }),
      },
      [flat(100), flat(100), flat(80)],
    );
    expect(ends).toEqual(['completed', 'rejected PARENT_ENDED']);
  });

  test('a child may be placed after a market order that waits, and comes into force with its fill', async () => {
    const { fills } = await planned(
      {
        0: self => {
          const parent = self.buy({ size: 1 });
          self.sell({ size: 1, stop: 95, parent });
        },
      },
      [flat(100), flat(100), [100, 100, 90, 95]],
    );
    expect(fills).toEqual(['1 buy 1 at 100 in 1 as taker', '2 sell 1 at 95 in 3 as taker']);
  });

  test('a parent that fills at the close leaves its children to the next bar of its instrument', async () => {
    const columns = bars(flat(100), [100, 101, 99, 100], flat(100), [100, 100, 90, 95]);
    const time = columns.time.map((_, i) => START + i * 5 * MINUTE);
    const others = bars(...Array.from({ length: 20 }, () => flat(7)));
    const data = [
      memoryFeed({ ...columns, time }, { symbol: 'BTCUSDT', interval: '5m' }),
      memoryFeed(others, { symbol: 'ETHUSDT', interval: '1m' }),
    ];
    class Closes extends strategy() {
      next() {
        if (this.openOrders.length > 0 || this.position.isOpen || this.data.length !== 1) return;
        const parent = this.buy({ size: 1, type: 'close' });
        this.sell({ size: 1, stop: 95, parent });
      }
    }
    const result = await backtest({ strategy: Closes, data, commission: 0 });
    expect([...result.fills].map(({ price, time }) => [price, (time - START) / MINUTE])).toEqual([
      [100, 10],
      [95, 20],
    ]);
  });

  test('a child of an order in another instrument is ORDER_INVALID: it would meet the market of its parent', async () => {
    const data = ['BTCUSDT', 'ETHUSDT'].map(symbol => memoryFeed(bars(flat(100), flat(100)), { symbol }));
    const plan: Plan = {
      0: self => self.sell({ data: self.datas[1], size: 1, stop: 5, parent: self.buy({ size: 1 }) }),
    };
    await expect(planned(plan, [], { data })).rejects.toMatchObject({
      ...{ code: 'ORDER_INVALID', value: 'ETHUSDT', limit: 'BTCUSDT', fix: expect.any(String) },
    });
  });

  test('a child valid to a moment within the bar of its entry is spared that bar, as any order is', async () => {
    const valid = START + 1.5 * MINUTE;
    const { fills, ends } = await planned(
      { 0: self => self.buyBracket({ size: 1, stopLoss: { price: 95, valid } }) },
      [flat(100), [100, 101, 90, 100], flat(100)],
    );
    expect(fills).toHaveLength(1);
    expect(ends).toEqual(['completed', 'expired EXPIRED']);
  });

  test('a child valid to the end of the bar counts in it, also when its entry is filled on the way', async () => {
    const valid = START + 2 * MINUTE - 1;
    const { fills } = await planned(
      { 0: self => self.buyBracket({ size: 1, limit: 98, stopLoss: { price: 95, valid } }) },
      [flat(100), [100, 101, 90, 100], flat(100)],
    );
    expect(fills.at(-1)).toBe('2 sell 1 at 95 in 2 as taker');
  });

  test('that is never completed waits; cancelling one of its orders cancels all', async () => {
    const { ends, fills } = await planned(
      {
        0: self => {
          const parent = self.buy({ size: 1, transmit: false });
          self.sell({ size: 1, stop: 95, parent, transmit: false });
        },
        2: self => self.cancel(self.openOrders[1]!),
      },
      [flat(100), flat(100), flat(100), flat(100)],
    );
    expect(fills).toEqual([]);
    expect(ends).toEqual(['canceled', 'canceled']);
  });

  test('with a trailing stop trails from the fill on', async () => {
    const { fills } = await planned(
      { 0: self => self.buyBracket({ size: 1, stopLoss: { trailAmount: 5 } }) },
      [flat(100), flat(102), [102, 108, 101, 107], [107, 107, 102, 104]],
    );
    expect(fills).toEqual(['1 buy 1 at 102 in 1 as taker', '2 sell 1 at 103 in 4 as taker']);
  });
});
