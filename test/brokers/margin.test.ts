import { instrument, memoryFeed } from 'qt-trader';
import { describe, expect, test } from 'vitest';
import { bars, flat, type Plan, planned, type Row } from '../support/planned.ts';

const perpetual = (rows: readonly Row[], stepMs = 60_000, interval: '1m' | '4h' | '1d' = '1m') => {
  const columns = bars(...rows);
  const time = columns.time.map((_, i) => columns.time[0]! + i * stepMs);
  return memoryFeed(
    { ...columns, time },
    { instrument: instrument('BTCUSDT', { market: 'usdm' }), interval },
  );
};

const run = (plan: Plan, rows: readonly Row[], more: object = {}) =>
  planned(plan, rows, { data: perpetual(rows), cash: 1000, ...more });

describe('leverage', () => {
  test('lets positions be worth so many times the account, and no more', async () => {
    const rows = [flat(100), flat(100)];
    const { fills } = await run({ 0: self => self.buy({ size: 50 }) }, rows, { leverage: 5 });
    expect(fills).toHaveLength(1);
    const { ends } = await run({ 0: self => self.buy({ size: 50.1 }) }, rows, { leverage: 5 });
    expect(ends).toEqual(['margin INSUFFICIENT_CASH']);
    expect((await run({ 0: self => self.buy({ size: 10.1 }) }, rows)).ends).toEqual([
      'margin INSUFFICIENT_CASH',
    ]);
  });

  test.each([
    [{ leverage: 0.5 }, 'LEVERAGE_INVALID'],
    [{ leverage: 126 }, 'LEVERAGE_INVALID'],
    [{ leverage: 20, maintenance: 0.05 }, 'MAINTENANCE_INVALID'],
    [{ liquidationFee: 1 }, 'LIQUIDATION_FEE_INVALID'],
    [{ funding: 2 }, 'FUNDING_INVALID'],
    [
      {
        funding: [
          { time: 2, rate: 0 },
          { time: 1, rate: 0 },
        ],
      },
      'FUNDING_INVALID',
    ],
  ])('%j is %s', async (terms, code) => {
    await expect(run({}, [flat(100)], terms)).rejects.toThrow(expect.objectContaining({ code }));
  });
});

describe('liquidation', () => {
  const long: Plan = { 0: self => self.buy({ size: 50 }) };
  const terms = { leverage: 5, maintenance: 0.01, liquidationFee: 0.002 };
  // 1000 + 50 × (P − 100) = 0.01 × 50 × P
  const price = 4000 / 49.5;

  test('comes at the price at which the account is worth no more than the margin that must be kept', async () => {
    const { result, ends } = await run(long, [flat(100), flat(100), [100, 101, 81, 90]], terms);
    expect(ends).toEqual(['completed']);
    const rows: Row[] = [flat(100), flat(100), [100, 101, 80, 90], flat(90)];
    const liquidated = await run(long, rows, terms);
    const [, fill] = [...liquidated.result.fills];
    expect(fill!.price).toBeCloseTo(price, 10);
    expect(fill!.fee).toBeCloseTo(0.002 * 50 * price, 10);
    expect(liquidated.result.orders.at(1)).toMatchObject({ tag: 'liquidation', status: 'completed' });
    expect(liquidated.result.metrics.orders.liquidations).toBe(1);
    expect(result.metrics.orders.liquidations).toBe(0);
    expect(liquidated.result.metrics.endValue).toBeCloseTo(0.008 * 50 * price, 8);
  });

  test('of a short comes from above', async () => {
    const { result } = await run(
      { 0: self => self.sell({ size: 50 }) },
      [flat(100), [100, 125, 99, 110]],
      terms,
    );
    // 1000 − 50 × (P − 100) = 0.01 × 50 × P
    expect([...result.fills][1]!.price).toBeCloseTo(6000 / 50.5, 10);
  });

  test('at an open beyond that price is at the open, and never leaves less than nothing', async () => {
    const gap = await run(long, [flat(100), flat(100), flat(80.5)], terms);
    expect([...gap.result.fills][1]!.price).toBe(80.5);
    const deep = await run(long, [flat(100), flat(100), flat(50)], terms);
    expect([...deep.result.fills][1]!.price).toBe(80);
    expect(deep.result.metrics.endValue).toBe(0);
  });

  test('does not come where a stop closes the position before', async () => {
    const { result, ends } = await run(
      { ...long, 1: self => self.sell({ size: 50, stop: 85 }) },
      [flat(100), flat(100), [100, 101, 70, 90]],
      terms,
    );
    expect(ends).toEqual(['completed', 'completed']);
    expect([...result.fills][1]!.price).toBe(85);
  });

  test('cancels the instrument’s orders first, and the strategy hears of its order', async () => {
    const { told, ends } = await run(
      { ...long, 1: self => self.sell({ size: 50, limit: 120 }) },
      [flat(100), flat(100), [100, 101, 70, 90]],
      terms,
    );
    expect(ends).toEqual(['completed', 'canceled', 'completed']);
    expect(told.slice(-4)).toEqual(['2: 2 canceled', '2: 3 submitted', '2: 3 accepted', '2: 3 completed']);
  });

  test('does not exist on spot, nor for a long position without leverage', async () => {
    const rows: Row[] = [flat(100), flat(100), flat(1)];
    const { result } = await run({ 0: self => self.buy({ size: 10 }) }, rows);
    expect(result.metrics.orders.liquidations).toBe(0);
    expect(result.metrics.endValue).toBe(10);
  });
});

describe('funding', () => {
  const four = 4 * 3_600_000;
  const rows: Row[] = [flat(100), flat(100), flat(110), flat(120), flat(130)];
  const data = perpetual(rows, four, '4h');

  test('is paid by a long at 00, 08 and 16 UTC on what the position is worth at the open, and is a total of its own', async () => {
    const { result } = await planned({ 0: self => self.buy({ size: 1 }) }, rows, { data, funding: 0.01 });
    // Bought at 04:00; 08:00 opens at 110, 16:00 at 130.
    expect(result.metrics.funding).toBeCloseTo(2.4, 10);
    expect(result.metrics.endValue).toBeCloseTo(10_000 + 30 - 2.4, 8);
    expect(result.metrics.fees).toBe(0);
  });

  test('is received by a short, and the other way round at a negative rate', async () => {
    const sell: Plan = { 0: self => self.sell({ size: 1 }) };
    const received = await planned(sell, rows, { data, funding: 0.01 });
    expect(received.result.metrics.funding).toBeCloseTo(-2.4, 10);
    const paid = await planned(sell, rows, { data, funding: -0.01 });
    expect(paid.result.metrics.funding).toBeCloseTo(2.4, 10);
  });

  test('is not paid by who opens or holds nothing at the moment itself', async () => {
    const { result } = await planned({ 1: self => self.buy({ size: 1 }), 2: self => self.close() }, rows, {
      data,
      funding: 0.01,
    });
    expect(result.metrics.funding).toBe(0);
  });

  test('goes by a table of moments and rates, and by nothing else, where one is given', async () => {
    const start = bars(flat(1)).time[0]!;
    const funding = [
      { time: start + four, rate: 0.5 },
      { time: start + 3 * four, rate: 0.01 },
      { time: start + 40 * four, rate: 0.5 },
    ];
    const { result } = await planned({ 0: self => self.buy({ size: 1 }) }, rows, { data, funding });
    expect(result.metrics.funding).toBeCloseTo(1.2, 10);
  });

  test('of moments within a bar is settled at its close, on what is held then', async () => {
    const days: Row[] = [flat(100), [100, 120, 90, 110]];
    const daily = perpetual(days, 86_400_000, '1d');
    const { result } = await planned({ 0: self => self.buy({ size: 1 }) }, days, {
      data: daily,
      funding: 0.01,
    });
    // Bought at the open of the second day; 08:00 and 16:00 lie within it.
    expect(result.metrics.funding).toBeCloseTo(2 * 1.1, 10);
  });
});
