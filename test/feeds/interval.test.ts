import { memoryFeed } from 'qt-trader';
import { expect, test } from 'vitest';
import { walk } from '../support/bars.ts';

const HOUR = 3_600_000;

test.each(['1m', '30m', '2h', '1d'] as const)('hourly bars are not taken for %s', interval => {
  expect(() => memoryFeed(walk(50, 1, { stepMs: HOUR }), { interval })).toThrow(
    expect.objectContaining({ code: 'INTERVAL_CONTRADICTED', value: interval, limit: '1h' }),
  );
});

test('gaps do not contradict an interval, however many', () => {
  const { interval } = memoryFeed(walk(500, 1, { gaps: 0.9 }), { interval: '1m' });
  expect(interval).toBe('1m');
});

test('months of different lengths are months', () => {
  const time = Array.from({ length: 14 }, (_, i) => Date.UTC(2023, i));
  const price = time.map(() => 1);
  const feed = memoryFeed({ time, open: price, high: price, low: price, close: price }, { interval: '1M' });
  expect(feed.interval).toBe('1M');
});
