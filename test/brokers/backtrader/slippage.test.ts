import { type BarSlippage, fixedBarSlippage, percentBarSlippage, type Strategy } from 'qt-trader';
import { expect, test } from 'vitest';
import { type BarRow, play } from './play.ts';

const BARS: BarRow[] = [
  [100, 100, 100, 100],
  [103, 108, 101, 104],
];

async function fill(action: (s: Strategy) => void, slippage: BarSlippage, bars = BARS) {
  const { account } = await play(bars, { 1: action }, { slippage });
  return account.fills.length === 0 ? undefined : account.fills.price(0);
}

const buys = (s: Strategy) => void s.buy({ size: 1 });

test('a fraction or an amount is added to what is bought, and taken off what is sold', async () => {
  expect(await fill(buys, percentBarSlippage(0.01))).toBe(104.03);
  expect(await fill(s => void s.sell({ size: 1 }), percentBarSlippage(0.01))).toBe(101.97);
  expect(await fill(buys, fixedBarSlippage(1.5))).toBe(104.5);
});

test('a price that slips beyond the bar is cut back to its edge', async () => {
  expect(await fill(buys, percentBarSlippage(0.1))).toBe(108);
  expect(await fill(s => void s.sell({ size: 1 }), percentBarSlippage(0.1))).toBe(101);
});

test('with out it fills beyond the bar, at a price that never was', async () => {
  expect(await fill(buys, fixedBarSlippage(10, { out: true }))).toBe(113);
});

test('without match it does not fill on this bar, and is tried again on the next', async () => {
  const slippage = percentBarSlippage(0.03, { match: false });
  const bars: BarRow[] = [...BARS, [100, 110, 100, 100]];
  expect(await fill(buys, percentBarSlippage(0.1, { match: false }))).toBeUndefined();
  expect(await fill(buys, slippage, [[100, 100, 100, 100], [103, 105, 101, 104], bars[2]])).toBe(103);
});

test('an order with a limit is cut back to it where match is off, unless limit is off, too', async () => {
  const limit = (s: Strategy) => void s.buy({ size: 1, limit: 103.5 });
  expect(await fill(limit, percentBarSlippage(0.01, { match: false }))).toBe(103.5);
  expect(await fill(limit, percentBarSlippage(0.01, { match: false, limit: false }))).toBeUndefined();
});

test('without open fills at the open do not slip, those at a stop within the bar do', async () => {
  const slippage = percentBarSlippage(0.01, { open: false });
  expect(await fill(buys, slippage)).toBe(103);
  expect(await fill(s => void s.buy({ size: 1, stop: 105 }), slippage)).toBe(105 * 1.01);
});

test('a sale at a limit is cut back to its limit, even below the low; a purchase to the high, too', async () => {
  const bars: BarRow[] = [
    [100, 100, 100, 100],
    [103, 103.2, 102.9, 103],
  ];
  const slippage = percentBarSlippage(0.01);
  expect(await fill(s => void s.sell({ size: 1, limit: 102 }), slippage, bars)).toBe(102);
  expect(await fill(s => void s.buy({ size: 1, limit: 104 }), slippage, bars)).toBe(103.2);
});

test('a limit that is reached within the bar fills at the limit, without slippage', async () => {
  expect(await fill(s => void s.buy({ size: 1, limit: 102 }), percentBarSlippage(0.01))).toBe(102);
});

test('a slippage that no price could bear is refused', () => {
  expect(() => percentBarSlippage(1)).toThrowError(
    expect.objectContaining({ code: 'SLIPPAGE_INVALID', value: 1 }),
  );
  expect(() => fixedBarSlippage(Number.NaN)).toThrowError(
    expect.objectContaining({ code: 'SLIPPAGE_INVALID' }),
  );
});
