import { expect, test } from 'vitest';
import { ArrayPool, NEW_ARRAYS } from '../../src/model/array-pool.ts';

test('what a run has written is gone for the next one, in the same memory', () => {
  const pool = new ArrayPool();
  const first = pool.take(8).fill(7);
  pool.recycle();
  const second = pool.take(8);
  expect(second.buffer).toBe(first.buffer);
  expect([...second]).toEqual(Array(8).fill(0));
});

test('an array is filled with the value that is asked for, whether its memory is new or was used before', () => {
  const pool = new ArrayPool();
  expect([...pool.take(4, 2)]).toEqual([2, 2, 2, 2]);
  pool.recycle();
  expect([...pool.take(4, 3)]).toEqual([3, 3, 3, 3]);
  expect([...NEW_ARRAYS.take(2, Number.NaN)]).toEqual([Number.NaN, Number.NaN]);
  expect([...NEW_ARRAYS.take(2)]).toEqual([0, 0]);
});

test('arrays of one run never share memory', () => {
  const pool = new ArrayPool();
  pool.take(8);
  pool.take(8);
  pool.recycle();
  const buffers = [pool.take(8), pool.take(8), pool.take(8), pool.take(16)].map(({ buffer }) => buffer);
  expect(new Set(buffers).size).toBe(4);
});

test('an array is an object of its own, also where its memory was another one’s', () => {
  const pool = new ArrayPool();
  const first = pool.take(8);
  pool.recycle();
  expect(pool.take(8)).not.toBe(first);
});

test('what rests is bounded', () => {
  const pool = new ArrayPool();
  const buffers = new Set([pool.take(3 * 2 ** 20).buffer, pool.take(3 * 2 ** 20).buffer]);
  pool.recycle();
  const again = [pool.take(3 * 2 ** 20).buffer, pool.take(3 * 2 ** 20).buffer];
  expect(again.filter(buffer => buffers.has(buffer)).length).toBe(1);
});
