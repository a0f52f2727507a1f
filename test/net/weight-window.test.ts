import { expect, test } from 'vitest';
import { WeightWindow } from '../../src/net/weight-window.ts';

/** Limit 10 within 1,000 ms. */
const window = (...spent: readonly (readonly [at: number, weight: number])[]) => {
  const own = new WeightWindow(10, 1000);
  for (const [at, weight] of spent) own.spend(at, weight);
  return own;
};

test('what fits below the limit does not wait', () => {
  expect(window().wait(0, 10)).toBe(0);
  expect(window([0, 4], [100, 3]).wait(200, 3)).toBe(0);
});

test('what does not fit waits until enough of what was spent is out of the window', () => {
  const own = window([0, 4], [100, 3], [300, 3]);
  expect(own.wait(400, 1)).toBe(600);
  expect(own.wait(400, 4)).toBe(600);
  expect(own.wait(400, 5)).toBe(700);
  expect(own.wait(400, 8)).toBe(900);
});

test('after the wait it fits, and not a millisecond before', () => {
  const own = window([0, 6], [500, 4]);
  expect(own.wait(999, 6)).toBe(1);
  expect(own.wait(1000, 6)).toBe(0);
  own.spend(1000, 6);
  expect(own.wait(1000, 1)).toBe(500);
});

test('one heavier than the limit waits until nothing else counts, then goes', () => {
  const own = window([0, 1], [200, 1]);
  expect(own.wait(300, 50)).toBe(900);
  expect(own.wait(1200, 50)).toBe(0);
});

test('however many are spent, no window of a second ever holds more than the limit', () => {
  const own = window();
  const spent: { at: number; weight: number }[] = [];
  let now = 0;
  for (let at = 0; at < 300; at++) {
    const weight = 1 + ((at * 7) % 5);
    now += own.wait(now, weight);
    own.spend(now, weight);
    spent.push({ at: now, weight });
    now += at % 3 === 0 ? 37 : 0;
  }
  for (const { at } of spent) {
    const sum = spent
      .filter(one => one.at > at - 1000 && one.at <= at)
      .reduce((all, one) => all + one.weight, 0);
    expect(sum).toBeLessThanOrEqual(10);
  }
});
