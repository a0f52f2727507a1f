import {
  abs,
  backtest,
  clamp,
  type Data,
  delay,
  div,
  gt,
  type Line,
  memoryFeed,
  nz,
  pow,
  round,
  sign,
  sma,
  strategy,
  sub,
  where,
} from 'qt-trader';
import { expect, test } from 'vitest';
import { closes, walk } from '../support/bars.ts';
import { expectChunksAgree, expectGrowingAgrees, readLines } from '../support/lines.ts';

const N = Number.NaN;
const of = async (values: readonly number[], build: (close: Line, data: Data) => Line) =>
  (
    await readLines(memoryFeed(closes(values), { interval: '1m' }), data => ({
      line: build(data.close, data),
    }))
  ).line;

test('abs, sign, round and pow are those of mathematics, and a power that is no number is NaN', async () => {
  const change = (close: Line) => sub(close, 3);
  expect(await of([1, 3, 5.5], close => abs(change(close)))).toEqual([2, 0, 2.5]);
  expect(await of([1, 3, 5.5], close => sign(change(close)))).toEqual([-1, 0, 1]);
  expect(await of([1.5, 2.6, 3.6], close => round(change(close)))).toEqual([-1, 0, 1]);
  expect(await of([2, 3, 4], close => pow(close, 2))).toEqual([4, 9, 16]);
  expect(await of([2, 3, 4], close => pow(2, close))).toEqual([4, 8, 16]);
  expect(await of([1, 3, 4], close => pow(change(close), 0.5))).toEqual([N, 0, 1]);
  expect(await of([3, 4], close => pow(change(close), -1))).toEqual([N, 1]);
});

test('clamp gives the nearest value within its limits, which may be lines', async () => {
  expect(await of([1, 2, 3, 4], close => clamp(close, 2, 3))).toEqual([2, 2, 3, 3]);
  expect(await of([5, 1, 9], (close, data) => clamp(close, data.open, 6))).toEqual([5, 5, 6]);
  expect(await of([5], close => clamp(close, 6, 4))).toEqual([N]);
});

test('where takes one or the other by a condition, and nothing of the one it does not take', async () => {
  const even = [1, 2, 3, 4];
  expect(await of(even, close => where(gt(close, 2), close, -1))).toEqual([-1, -1, 3, 4]);
  expect(await of(even, close => where(gt(close, 2), div(close, 0), 7))).toEqual([7, 7, N, N]);
  expect(await of(even, close => where(div(sub(close, 2), sub(close, 2)), 1, 0))).toEqual([1, N, 1, 1]);
});

test('nz puts something in the place of NaN, but not before there was anything', async () => {
  const gap = (close: Line) => div(1, sub(close, 2));
  expect(await of([1, 2, 3], close => nz(gap(close)))).toEqual([-1, 0, 1]);
  expect(await of([1, 2, 3], close => nz(gap(close), close))).toEqual([-1, 2, 1]);
  expect(await of([4, 4, 2, 4], close => nz(delay(gap(close), 1), 9))).toEqual([N, 0.5, 0.5, 9]);
});

test('they are the same in chunks, and on bars that grow', async () => {
  const build = ({ close, open, volume }: Data) => ({
    choice: where(gt(close, sma(close, 5)), pow(abs(sub(close, open)), 0.5), nz(div(volume, 0), open)),
    limited: clamp(round(close), sma(close, 3), sma(open, 2)),
  });
  await expectChunksAgree(walk(2500, 4), build);
  await expectGrowingAgrees(walk(150, 4), build);
});

test('an operation without a line is refused', async () => {
  class None extends strategy() {
    line = pow(2, 3);
    next() {}
  }
  await expect(backtest({ strategy: None, data: memoryFeed(closes([1, 2])) })).rejects.toMatchObject({
    code: 'NOT_A_LINE',
  });
});
