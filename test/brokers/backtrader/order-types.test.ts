import type { Strategy } from 'qt-trader';
import { expect, test } from 'vitest';
import { type BarRow, flat, play } from './play.ts';

const FILLED = (bar: number, size: number, price: number) => [
  `${bar} submitted`,
  `${bar} accepted`,
  `${bar} completed ${size} @ ${price}`,
];

test('a market order fills at the open of the next bar, and all of its statuses are told with that bar', async () => {
  const bars: BarRow[] = [
    [100, 101, 99, 100],
    [103, 108, 101, 104],
  ];
  const { told, cashes } = await play(bars, { 1: s => s.buy({ size: 2 }) });
  expect(told[1]).toEqual(FILLED(2, 2, 103));
  expect(cashes).toEqual([10_000, 10_000 - 206]);
});

test('an order of the last bar is told nothing', async () => {
  const { told, broker } = await play(flat(100, 100), { 2: s => s.buy({ size: 1 }) });
  expect(told).toEqual({});
  expect(broker.orders.length).toBe(1);
});

test('a purchase at a limit fills at the open if that is not above it, else at the limit if the low reaches it', async () => {
  const bars: BarRow[] = [
    [100, 100, 100, 100],
    [98, 99, 97, 98],
    [101, 102, 100, 101],
    [100, 100, 94, 95],
  ];
  const actions = { 1: (s: Strategy) => void [s.buy({ size: 1, limit: 99 }), s.buy({ size: 1, limit: 96 })] };
  const { told } = await play(bars, actions);
  expect(told[1]).toEqual(FILLED(2, 1, 98));
  expect(told[2]).toEqual(['2 submitted', '2 accepted', '4 completed 1 @ 96']);
});

test('a sale at a limit fills at the open if that is not below it, else at the limit if the high reaches it', async () => {
  const bars: BarRow[] = [
    [100, 100, 100, 100],
    [102, 103, 101, 102],
    [101, 106, 101, 101],
  ];
  const actions = {
    1: (s: Strategy) => void [s.sell({ size: 1, limit: 101 }), s.sell({ size: 1, limit: 105 })],
  };
  const { told } = await play(bars, actions);
  expect(told[1]).toEqual(FILLED(2, 1, 102));
  expect(told[2]).toEqual(['2 submitted', '2 accepted', '3 completed 1 @ 105']);
});

test('a stop fills at the open if that is beyond it, else at its price if the bar reaches it', async () => {
  const bars: BarRow[] = [
    [100, 100, 100, 100],
    [102, 104, 96, 103],
  ];
  const actions = {
    1: (s: Strategy) =>
      void [s.buy({ size: 1, stop: 101 }), s.buy({ size: 1, stop: 103.5 }), s.sell({ size: 1, stop: 97 })],
  };
  const { told } = await play(bars, actions);
  expect(told[1]).toEqual(FILLED(2, 1, 102));
  expect(told[2]).toEqual(FILLED(2, 1, 103.5));
  expect(told[3]).toEqual(FILLED(2, 1, 97));
});

test('a stop-limit that the open sets off is a limit order on that bar', async () => {
  const bars: BarRow[] = [
    [100, 100, 100, 100],
    [105, 106, 102, 104],
  ];
  const { told } = await play(bars, { 1: s => s.buy({ size: 1, stop: 102, limit: 103 }) });
  expect(told[1]).toEqual(FILLED(2, 1, 103));
});

test('a stop-limit to buy whose limit is not below its stop fills at the stop when the bar reaches it', async () => {
  const bars: BarRow[] = [
    [100, 100, 100, 100],
    [101, 106, 100, 105],
  ];
  const { told } = await play(bars, { 1: s => s.buy({ size: 1, stop: 103, limit: 104 }) });
  expect(told[1]).toEqual(FILLED(2, 1, 103));
});

test('a stop-limit whose limit lies behind its stop fills at the limit on the same bar only if the bar turned back through it', async () => {
  const down: BarRow[] = [
    [100, 100, 100, 100],
    [101, 104, 97, 98],
  ];
  const up: BarRow[] = [
    [100, 100, 100, 100],
    [101, 104, 97, 103],
    [103, 103, 99, 101],
  ];
  const action = { 1: (s: Strategy) => void s.buy({ size: 1, stop: 103, limit: 100 }) };
  expect((await play(down, action)).told[1]).toEqual(FILLED(2, 1, 100));
  // Set off by bar 2, it is a limit order from bar 3 on.
  expect((await play(up, action)).told[1]).toEqual(['2 submitted', '2 accepted', '3 completed 1 @ 100']);
});

test('a trailing stop follows the close of each bar that has not filled it, and only in its favour', async () => {
  const bars: BarRow[] = [
    [100, 100, 100, 100],
    [100, 120, 97, 110],
    [110, 111, 106, 106.5],
    [106, 107, 104, 105],
  ];
  const { told, stops } = await play(bars, { 1: s => s.sell({ size: 1, trailAmount: 5 }) });
  expect(told[1]).toEqual(['2 submitted', '2 accepted', '4 completed 1 @ 105']);
  // 95 from the close of bar 1, 105 from that of bar 2: the high of 120 does not count.
  expect(stops).toEqual([105, 105, 105]);
});

test('the limit of a trailing stop-limit keeps its distance to the stop', async () => {
  const bars: BarRow[] = [
    [100, 100, 100, 100],
    [100, 101, 98, 100],
    [100, 111, 99, 110],
    [110, 110, 100, 104],
    [104, 104, 104, 104],
  ];
  const { broker } = await play(bars, {
    1: s => s.sell({ size: 1, stop: 100, limit: 98, trailPercent: 0.05 }),
  });
  // 100 × 0.95 = 95, then 110 × 0.95 = 104.5; the limit stays 2 below that from which it began: 98 − 100.
  expect(broker.orders.stop(1)).toBe(104.5);
  expect(broker.orders.limit(1)).toBe(102.5);
  expect(broker.orders.price(1)).toBe(104.5);
});

test('an order at the close of daily bars fills at the close of the next bar', async () => {
  const bars: BarRow[] = [
    [100, 100, 100, 100],
    [101, 104, 97, 103],
  ];
  const { told } = await play(bars, { 1: s => s.buy({ size: 1, type: 'close' }) });
  expect(told[1]).toEqual(FILLED(2, 1, 103));
});

test('an order at the close fills at the close of the bar that ends the session', async () => {
  const hour = (number: number) => Date.UTC(2024, 0, 1, number);
  const feed = { interval: '1h', tradingDay: { start: 0, end: 17 * 3_600_000 } } as const;
  const { told } = await play(
    flat(100, 101, 102, 103),
    { 1: s => s.buy({ size: 1, type: 'close' }) },
    {
      feed,
      times: [15, 16, 17, 18].map(hour),
    },
  );
  expect(told[1]).toEqual(['2 submitted', '2 accepted', '3 completed 1 @ 102']);
});

test('an order at the close whose session has no bar at its end fills at the last close within it, a bar later', async () => {
  const hour = (number: number) => Date.UTC(2024, 0, 1, number);
  const feed = { interval: '1h', tradingDay: { start: 0, end: 16.5 * 3_600_000 } } as const;
  const { told, account } = await play(
    flat(100, 101, 102, 103),
    { 1: s => s.buy({ size: 1, type: 'close' }) },
    { feed, times: [15, 16, 17, 18].map(hour) },
  );
  expect(told[1]).toEqual(['2 submitted', '2 accepted', '3 completed 1 @ 101']);
  expect(account.fills.time(0)).toBe(hour(16));
});

test('with cheat-on-close a market order fills at the close of its bar, and is told with the next', async () => {
  const bars: BarRow[] = [
    [100, 102, 99, 101],
    [103, 108, 101, 104],
  ];
  const { told, account } = await play(bars, { 1: s => s.buy({ size: 1 }) }, { coc: true });
  expect(told[1]).toEqual(FILLED(2, 1, 101));
  expect(account.fills.time(0)).toBe(Date.UTC(2024, 0, 1) + 86_399_999.99);
});

test('with cheat-on-open what is ordered in nextOpen fills at the open of the same bar', async () => {
  const bars: BarRow[] = [
    [100, 100, 100, 100],
    [100, 100, 100, 100],
    [105, 108, 101, 104],
  ];
  const atOpen = { 3: (s: Strategy) => void s.buy({ size: 1 }) };
  const { told } = await play(bars, {}, { cheatOnOpen: true, atOpen });
  expect(told[1]).toEqual(FILLED(3, 1, 105));
});

test('with nextOpen but without cheat-on-open at the broker a market order waits for the next bar', async () => {
  const atOpen = { 2: (s: Strategy) => void s.buy({ size: 1 }) };
  const { told } = await play(flat(100, 101, 102), {}, { cheatOnOpen: true, coo: false, atOpen });
  expect(told[1]).toEqual(['2 submitted', '2 accepted', '3 completed 1 @ 102']);
});

test('where another instrument makes the step, a limit order is matched against the bar that was there when it was placed', async () => {
  const at = (hour: number) => Date.UTC(2024, 0, 1, hour);
  const bars: BarRow[] = [
    [100, 104, 96, 100],
    [100, 100, 100, 100],
  ];
  const action = {
    1: (s: Strategy) => {
      if (s.openOrders.length === 0 && s.position.size === 0) s.buy({ size: 1, limit: 97 });
    },
  };
  const options = {
    feed: { interval: '1h' },
    times: [at(1), at(3)],
    other: { bars: flat(50, 50, 50), times: [at(1), at(2), at(3)] },
  } as const;
  const { account } = await play(bars, action, options);
  expect(account.fills.price(0)).toBe(97);
  expect(account.fills.time(0)).toBe(at(1));
});
