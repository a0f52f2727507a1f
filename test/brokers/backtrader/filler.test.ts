import { barPercentFiller, barPointPercentFiller, fixedSizeFiller } from 'qt-trader';
import { expect, test } from 'vitest';
import { type BarRow, play } from './play.ts';

test('what a bar cannot fill waits, and the price of the order is the average by size', async () => {
  const bars: BarRow[] = [
    [100, 100, 100, 100, 50],
    [100, 100, 100, 100, 50],
    [110, 110, 110, 110, 50],
    [120, 120, 120, 120, 1],
    [130, 130, 130, 130, 50],
  ];
  const { told, account } = await play(bars, { 1: s => s.buy({ size: 5 }) }, { filler: fixedSizeFiller(2) });
  expect(told[1]).toEqual([
    '2 submitted',
    '2 accepted',
    '2 partial 2 @ 100',
    '3 partial 4 @ 105',
    '4 completed 5 @ 108',
  ]);
  expect(account.averages[0]).toBe(108);
});

test('a fixed size is no more than the bar traded', () => {
  const sizes = (filler: { size: (...args: [number, number, number, number]) => number }) =>
    [77, 2, 300].map(volume => filler.size(100, volume, 0, 0));
  expect(sizes(fixedSizeFiller(3))).toEqual([3, 2, 3]);
  expect(sizes(fixedSizeFiller())).toEqual([77, 2, 100]);
});

test('a share of the volume is whole units', () => {
  expect(barPercentFiller(3.3).size(100, 77, 0, 0)).toBe(2);
  expect(barPercentFiller().size(100, 77, 0, 0)).toBe(77);
  expect(barPercentFiller().size(5, 77, 0, 0)).toBe(5);
});

test('the volume at one price is that of the bar, spread over its prices; without a step it is all of it', () => {
  const at = (step: number | undefined, percent: number, volume: number, high: number, low: number) =>
    barPointPercentFiller({ step, percent }).size(1e9, volume, high, low);
  expect(at(0.5, 50, 1000, 10.5, 10)).toBe(250);
  expect(at(1, 10, 100_000, 3690, 3630)).toBe(163);
  // 0.5 + 0.1 holds five steps of 0.1 and a rest, as doubles are.
  expect(at(0.1, 100, 1000, 10.5, 10)).toBe(200);
  expect(at(undefined, 1, 1000, 10.5, 10)).toBe(10);
});

test('a filler of nothing is refused', () => {
  for (const make of [
    () => fixedSizeFiller(0),
    () => barPercentFiller(Number.NaN),
    () => barPointPercentFiller({ step: -1 }),
  ]) {
    expect(make).toThrowError(expect.objectContaining({ code: 'FILLER_INVALID' }));
  }
});
