import { expect, test } from 'vitest';
import { type Comparison, compare, MISSING } from './compare.ts';

const DAILY: Comparison = { daily: true, exact: false, most: 100 };
const INTRADAY: Comparison = { ...DAILY, daily: false };
const paths = (expected: unknown, got: unknown, options = DAILY) =>
  compare(expected, got, options).map(({ path }) => path);

test('prices may differ by a billionth of themselves, and no more', () => {
  expect(paths({ price: 100 }, { price: 100 + 9e-8 })).toEqual([]);
  expect(paths({ price: 100 }, { price: 100 + 2e-7 })).toEqual(['price']);
  expect(paths({ pnl: 0 }, { pnl: 9e-13 })).toEqual([]);
  expect(paths({ pnl: 0 }, { pnl: 2e-12 })).toEqual(['pnl']);
});

test('sizes, bars and references must be the same to the last bit', () => {
  for (const name of ['size', 'exec_size', 'rem', 'bar', 'ref', 'parent', 'barlen', 'psize']) {
    expect(paths({ [name]: 1 }, { [name]: 1 + 2e-16 })).toEqual([name]);
  }
  expect(paths({ pos: [[0.1 + 0.2]] }, { pos: [[0.3]] })).toEqual(['pos[0][0]']);
});

test('what is not there is a difference on either side, and so is an element too many', () => {
  expect(compare({ a: 1 }, {}, DAILY)).toEqual([{ path: 'a', expected: 1, got: MISSING }]);
  expect(compare({}, { a: 1 }, DAILY)).toEqual([{ path: 'a', expected: MISSING, got: 1 }]);
  expect(paths({ orders: [1, 2] }, { orders: [1] })).toEqual(['orders[1]']);
  expect(paths({ orders: [1] }, { orders: [1, 2] })).toEqual(['orders[1]']);
  expect(paths({ a: null }, { a: 0 })).toEqual(['a']);
  expect(paths({ a: 0 }, { a: null })).toEqual(['a']);
  expect(paths({ a: [] }, { a: {} })).toEqual(['a']);
});

test('a day is compared as a day, a moment to the two milliseconds that days kept as doubles hold', () => {
  const end = '2006-01-02T23:59:59.999989';
  expect(paths({ dt: end }, { dt: '2006-01-02T17:30:00' })).toEqual([]);
  expect(paths({ dt: end }, { dt: '2006-01-03T23:59:59.999989' })).toEqual(['dt']);
  expect(paths({ dt: '2006-01-02T09:05:00' }, { dt: '2006-01-02T09:05:00.001' }, INTRADAY)).toEqual([]);
  expect(paths({ dt: '2006-01-02T09:05:00' }, { dt: '2006-01-02T09:05:01' }, INTRADAY)).toEqual(['dt']);
  expect(paths({ dt: end }, { dt: '2006-01-02T00:00:00' }, INTRADAY)).toEqual([]);
  expect(paths({ exec_dt: null }, { exec_dt: end })).toEqual(['exec_dt']);
});

test('values by moment are found whatever the way in which the moment is written', () => {
  expect(paths({ '2006-01-02T23:59:59.999989': 1 }, { '2006-01-02': 1 })).toEqual([]);
  expect(paths({ '2006-01-02T09:05:00': 1 }, { '2006-01-02T09:05:00': 2 }, INTRADAY)).toHaveLength(1);
  expect(paths({ '2006-01-02T09:05:00': 1 }, { '2006-01-02T09:06:00': 1 }, INTRADAY)).toHaveLength(2);
});

test('NaN and the infinities are what their names say', () => {
  expect(paths({ a: 'NaN', b: 'Infinity' }, { a: Number.NaN, b: Number.POSITIVE_INFINITY })).toEqual([]);
  expect(paths({ a: 'NaN' }, { a: 0 })).toEqual(['a']);
  expect(paths({ b: 'Infinity' }, { b: Number.NEGATIVE_INFINITY })).toEqual(['b']);
  expect(paths({ a: 0 }, { a: Number.NaN })).toEqual(['a']);
});

test('compared exactly, a difference in the last bit is one', () => {
  const exact = { ...DAILY, exact: true };
  expect(paths({ price: 0.3 }, { price: 0.1 + 0.2 }, exact)).toEqual(['price']);
  expect(paths({ price: Number.NaN }, { price: Number.NaN }, exact)).toEqual([]);
});
