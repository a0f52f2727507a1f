import { expect, test } from 'vitest';
import { MISSING } from './compare.ts';
import { describe, inTime } from './describe.ts';

const RESULT = {
  orders: [
    { events: [{ bar: 9, dt: '2006-01-12T23:59:59.999989', status: 'Completed' }] },
    { events: [{ bar: 4, dt: '2006-01-05T23:59:59.999989', status: 'Canceled' }] },
  ],
  trades: [{ bar: 12, dtopen: '2006-01-12', dtclose: '2006-01-17T23:59:59.999989' }],
  bars: { index: null, dt: ['2006-01-02T09:05:00', '2006-01-02T09:10:00'], cash: [1, 2] },
  final: { cash: 3 },
};

test('a difference is told with its place, both values, bar and date', () => {
  const status = { path: 'orders[0].events[0].status', expected: 'Completed', got: 'Margin' };
  expect(describe(RESULT, status)).toBe(
    'orders[0].events[0].status: expected "Completed", got "Margin" (bar 9, 2006-01-12)',
  );
  expect(describe(RESULT, { path: 'orders[1]', expected: 1, got: MISSING })).toBe(
    'orders[1]: expected 1, got nothing (bar 4, 2006-01-05)',
  );
  expect(describe(RESULT, { path: 'bars.cash[1]', expected: 2, got: 3 })).toBe(
    'bars.cash[1]: expected 2, got 3 (bar 2, 2006-01-02T09:10:00)',
  );
  expect(describe(RESULT, { path: 'final.cash', expected: 3, got: 4 })).toBe('final.cash: expected 3, got 4');
});

test('the difference that came first in the run is told first, whatever its place in the file', () => {
  const at = (path: string) => ({ path, expected: 1, got: 2 });
  const found = ['final.cash', 'orders[0].events[0].rem', 'trades[0].pnl', 'orders[1].size', 'bars.cash[0]'];
  expect(inTime(RESULT, found.map(at)).map(({ path }) => path)).toEqual([
    'bars.cash[0]',
    'orders[1].size',
    'orders[0].events[0].rem',
    'trades[0].pnl',
    'final.cash',
  ]);
});
