import type { Strategy } from 'qt-trader';
import { expect, test } from 'vitest';
import { flat, play } from './play.ts';

const COMMISSION = { commission: { commission: 0.001 } };

test('an order through zero closes one trade and opens the next, each with the commission of its own part', async () => {
  const { trades } = await play(
    flat(100, 103, 104),
    { 1: s => s.buy({ size: 1 }), 2: s => s.sell({ size: 2 }) },
    COMMISSION,
  );
  expect(trades.map(({ id, open }) => [id, open])).toEqual([
    [1, true],
    [1, false],
    [2, true],
  ]);
  expect(trades[1].pnl).toBeCloseTo(1, 12);
  expect(trades[1].net).toBeCloseTo(0.793, 12);
  expect(trades[2]).toMatchObject({ side: 'short', size: 1, entryPrice: 104 });
  expect(trades[2].net).toBeCloseTo(-0.104, 12);
});

test('a trade is told when it opens and when it closes, not when its size changes', async () => {
  const actions = {
    1: (s: Strategy) => void s.buy({ size: 1 }),
    2: (s: Strategy) => void s.buy({ size: 1 }),
    3: (s: Strategy) => void s.sell({ size: 1 }),
    4: (s: Strategy) => void s.sell({ size: 1 }),
  };
  const { trades } = await play(flat(100, 100, 110, 120, 130), actions);
  expect(trades.map(({ open }) => open)).toEqual([true, false]);
  expect(trades[1]).toMatchObject({
    size: 2,
    entryPrice: 105,
    averagePrice: 105,
    exitPrice: 125,
    pnl: 40,
    bars: 3,
  });
});

test('what has been closed no longer counts for the average price', async () => {
  const actions = {
    1: (s: Strategy) => void s.buy({ size: 2 }),
    2: (s: Strategy) => void s.sell({ size: 1 }),
    3: (s: Strategy) => void s.buy({ size: 1 }),
    4: (s: Strategy) => void s.sell({ size: 2 }),
  };
  const { trades } = await play(flat(100, 100, 100, 130, 130), actions);
  expect(trades.at(-1)).toMatchObject({ entryPrice: 110, averagePrice: 115, pnl: 30 });
});

test('trades of different numbers are kept apart, whatever the position', async () => {
  const actions = {
    1: (s: Strategy) => void s.buy({ size: 1, tradeId: 1 }),
    2: (s: Strategy) => void s.buy({ size: 1, tradeId: 2 }),
    3: (s: Strategy) => void s.sell({ size: 1, tradeId: 1 }),
    4: (s: Strategy) => void s.sell({ size: 1, tradeId: 2 }),
  };
  const { trades, account } = await play(flat(100, 100, 110, 120, 130), actions);
  expect(trades.map(({ id, tradeId, open, pnl }) => [id, tradeId, open, pnl])).toEqual([
    [1, 1, true, 0],
    [2, 2, true, 0],
    [1, 1, false, 20],
    [2, 2, false, 20],
  ]);
  // The position is at average cost all the same.
  expect([0, 1, 2, 3].map(row => account.executions.at(row).pnl)).toEqual([0, 0, 15, 25]);
  expect(account.trades.length).toBe(2);
});

test('an order that closes the position of another number opens a trade of its own', async () => {
  const actions = {
    1: (s: Strategy) => void s.buy({ size: 1, tradeId: 1 }),
    2: (s: Strategy) => void s.sell({ size: 1, tradeId: 2 }),
  };
  const { trades, account } = await play(flat(100, 100, 110), actions);
  expect(account.sizes[0]).toBe(0);
  expect(trades.map(({ tradeId, side, open }) => [tradeId, side, open])).toEqual([
    [1, 'long', true],
    [2, 'short', true],
  ]);
  expect(account.trades.openOn(0, 2).map(({ tradeId }) => tradeId)).toEqual([1, 2]);
});

test('what closes another number’s position goes on with the last trade of its own number', async () => {
  const actions = {
    1: (s: Strategy) => void s.buy({ size: 1, tradeId: 1 }),
    2: (s: Strategy) => void s.sell({ size: 1, tradeId: 1 }),
    3: (s: Strategy) => void s.buy({ size: 1, tradeId: 2 }),
    4: (s: Strategy) => void s.sell({ size: 1, tradeId: 1 }),
  };
  const { trades } = await play(flat(100, 100, 110, 110, 120), actions);
  expect(trades.at(-1)).toMatchObject({ id: 1, tradeId: 1, side: 'short', open: true, pnl: 10, size: 1 });
});

test('the multiplier of a future multiplies the result of its trades', async () => {
  const { trades } = await play(
    flat(100, 100, 105),
    { 1: s => s.buy({ size: 2 }), 2: s => s.sell({ size: 2 }) },
    { commission: { commission: 1, margin: 50, multiplier: 10 } },
  );
  expect(trades.at(-1)).toMatchObject({ pnl: 100, fees: 4, net: 96 });
});

test('each fill says how it divided into closing and opening, with values and fees of both', async () => {
  const { account } = await play(
    flat(100, 100, 110),
    { 1: s => s.buy({ size: 1 }), 2: s => s.sell({ size: 3 }) },
    COMMISSION,
  );
  expect(account.executions.length).toBe(2);
  const { closedFee, openedFee, ...second } = account.executions.at(1);
  expect(second).toEqual({
    closed: -1,
    opened: -2,
    closedValue: 100,
    openedValue: -220,
    pnl: 10,
    positionSize: -2,
    positionPrice: 110,
  });
  expect(closedFee).toBeCloseTo(0.11, 12);
  expect(openedFee).toBeCloseTo(0.22, 12);
  expect(account.fills.at(1)).toMatchObject({ size: 3, side: 'sell', price: 110 });
});
