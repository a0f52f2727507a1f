import type { Strategy } from 'qt-trader';
import { expect, test } from 'vitest';
import { day, flat, play } from './play.ts';

const bid = (valid: NonNullable<Parameters<Strategy['buy']>[0]>['valid']) => (s: Strategy) =>
  void s.buy({ size: 1, limit: 90, valid });

test('an order with a date is in force on a bar that is stamped with it, and expires with the first one after it', async () => {
  const { told } = await play(flat(100, 100, 100, 90), { 1: bid(day(3)) });
  expect(told[1]).toEqual(['2 submitted', '2 accepted', '4 expired']);
});

test('a date at midnight ends before that day’s bar', async () => {
  const { told } = await play(flat(100, 100, 90), { 1: bid(new Date(Date.UTC(2024, 0, 3))) });
  expect(told[1]).toEqual(['2 submitted', '2 accepted', '3 expired']);
});

test('a duration counts from the bar on which the order was placed', async () => {
  const { told } = await play(flat(100, 100, 90), { 1: bid('2d') });
  expect(told[1]).toEqual(['2 submitted', '2 accepted', '3 completed 1 @ 90']);
});

test('an order of the day expires before its first chance on daily bars', async () => {
  const { told } = await play(flat(100, 90), { 1: bid('day') });
  expect(told[1]).toEqual(['2 submitted', '2 accepted', '2 expired']);
});

test('an order of the day is in force for the rest of the day on shorter bars', async () => {
  const hour = (number: number) => Date.UTC(2024, 0, 1, number);
  const feed = { interval: '1h' } as const;
  const { told } = await play(
    flat(100, 100, 90, 90),
    { 1: bid('day') },
    { feed, times: [21, 22, 24, 25].map(hour) },
  );
  expect(told[1]).toEqual(['2 submitted', '2 accepted', '3 expired']);
});

test('a market order never expires', async () => {
  const { told } = await play(flat(100, 101), { 1: s => s.buy({ size: 1, valid: 'day' }) });
  expect(told[1]).toEqual(['2 submitted', '2 accepted', '2 completed 1 @ 101']);
});

test('an order cannot be cancelled in the step in which it was placed: the request is lost', async () => {
  const { told } = await play(flat(100, 100), { 1: s => s.cancel(s.buy({ size: 1 })) });
  expect(told[1]).toEqual(['2 submitted', '2 accepted', '2 completed 1 @ 100']);
});

test('an order that was accepted is cancelled at once, and that is told with the next bar', async () => {
  const { told, broker } = await play(flat(100, 100, 90), {
    1: s => s.buy({ size: 1, limit: 90 }),
    2: s => s.cancel(s.openOrders[0]),
  });
  expect(told[1]).toEqual(['2 submitted', '2 accepted', '3 canceled']);
  expect(broker.endedAt(1)).toBe(day(2));
});
