import type { Strategy } from 'qt-trader';
import { expect, test } from 'vitest';
import { type BarRow, day, flat, play } from './play.ts';

const buys = (size: number) => (s: Strategy) => void s.buy({ size });
const sells = (size: number) => (s: Strategy) => void s.sell({ size });

test('orders of one step are checked one after the other, and one that is too large takes the others with it', async () => {
  const action = (s: Strategy) => {
    s.buy({ size: 200 });
    s.buy({ size: 1 });
  };
  const { told } = await play(flat(100, 100, 100), { 1: action, 2: buys(1) });
  expect(told[1]).toEqual(['2 submitted', '2 margin']);
  expect(told[2]).toEqual(['2 submitted', '2 margin']);
  expect(told[3]).toEqual(['3 submitted', '3 accepted', '3 completed 1 @ 100']);
});

test('the check counts what the orders before it in the step would close', async () => {
  const action = (s: Strategy) => {
    s.sell({ size: 100 });
    s.buy({ size: 50 });
  };
  const { told } = await play(flat(100, 100, 100), { 1: buys(100), 2: action });
  expect(told[3]).toEqual(['3 submitted', '3 accepted', '3 completed 50 @ 100']);
});

test('an order that was accepted ends for lack of cash when the open has gone up', async () => {
  const { told } = await play(flat(100, 100.5), { 1: buys(100) });
  expect(told[1]).toEqual(['2 submitted', '2 accepted', '2 margin']);
});

test('an order without a price may be checked at another price than the last close', async () => {
  const action = (s: Strategy) => void s.buy({ size: 100, checkPrice: 101 });
  expect((await play(flat(100, 100), { 1: action })).told[1]).toEqual(['2 submitted', '2 margin']);
});

test('cash that comes to exactly 0 is enough', async () => {
  const { told, account } = await play(flat(100, 100), { 1: buys(100) });
  expect(told[1].at(-1)).toBe('2 completed 100 @ 100');
  expect(account.cash).toBe(0);
});

test('of an order that goes through zero the closing part fills, and the rest ends for lack of cash', async () => {
  const futures = { commission: 0, margin: 1000 };
  const { told, account } = await play(
    flat(100, 100, 100),
    { 1: sells(1), 2: buys(20) },
    {
      commission: futures,
      checkSubmit: false,
    },
  );
  expect(told[2]).toEqual(['3 accepted', '3 partial 1 @ 100', '3 margin 1 @ 100']);
  expect(account.sizes[0]).toBe(0);
  // The position is told as if the whole of it had been filled.
  expect(account.executions.at(1)).toMatchObject({
    closed: 1,
    opened: 0,
    positionSize: 19,
    positionPrice: 100,
  });
});

test('without the check at submission no order is told as submitted', async () => {
  const { told } = await play(flat(100, 100), { 1: buys(1) }, { checkSubmit: false });
  expect(told[1]).toEqual(['2 accepted', '2 completed 1 @ 100']);
});

test('a short sale brings cash, is worth less than nothing, and is never refused', async () => {
  const { told, cashes, values } = await play(flat(100, 100, 90), { 1: sells(5000) });
  expect(told[1].at(-1)).toBe('2 completed 5000 @ 100');
  expect(cashes.slice(1)).toEqual([510_000, 510_000]);
  expect(values).toEqual([10_000, 10_000, 60_000]);
});

test('without short cash a short sale takes cash as a purchase does, and may be refused', async () => {
  const { cashes, values } = await play(flat(100, 100, 90), { 1: sells(50) }, { shortCash: false });
  expect(cashes).toEqual([10_000, 5000, 5000]);
  expect(values).toEqual([10_000, 10_000, 10_500]);
  const { told } = await play(flat(100, 100), { 1: sells(5000) }, { shortCash: false });
  expect(told[1]).toEqual(['2 submitted', '2 margin']);
});

test('leverage takes a part of what a long position costs, and lends the rest', async () => {
  const commission = { commission: 0, leverage: 5 };
  const { cashes, values } = await play(flat(100, 100, 110), { 1: buys(200) }, { commission });
  expect(cashes).toEqual([10_000, 6000, 6000]);
  expect(values).toEqual([10_000, 10_000, 12_000]);
});

test('a future keeps its margin of the cash, and settles its result in cash at every bar', async () => {
  const commission = { commission: 2, margin: 2000, multiplier: 10 };
  const { cashes, values } = await play(
    flat(100, 100, 105, 103),
    { 1: buys(1), 3: sells(1) },
    { commission },
  );
  expect(cashes).toEqual([10_000, 7998, 8048, 10_026]);
  expect(values).toEqual([10_000, 9998, 10_048, 10_026]);
});

test('what is added to a future settles what is held at its price first', async () => {
  const commission = { commission: 0, margin: 100, multiplier: 2 };
  const { cashes } = await play(flat(100, 100, 105), { 1: buys(1), 2: buys(2) }, { commission });
  expect(cashes).toEqual([10_000, 9900, 9710]);
});

test('a margin may follow the price', async () => {
  const { cashes } = await play(
    flat(100, 100),
    { 1: buys(2) },
    {
      commission: { margin: 1, automargin: 0.1 },
    },
  );
  expect(cashes[1]).toBe(10_000 - 2 * 10);
  const byMultiplier = await play(
    flat(100, 100),
    { 1: buys(2) },
    {
      commission: { margin: 1, automargin: -1, multiplier: 3 },
    },
  );
  expect(byMultiplier.cashes[1]).toBe(10_000 - 2 * 300);
});

test('commission is a fraction of the value, a percentage of it, or an amount a unit', async () => {
  const fees = async (commission: Parameters<typeof play>[2]) =>
    (await play(flat(100, 100), { 1: buys(3) }, commission)).account.fees;
  expect(await fees({ commission: { commission: 0.01 } })).toBe(3);
  expect(
    await fees({ commission: { commission: 1, type: 'percent', stocklike: true, percentAbsolute: false } }),
  ).toBe(3);
  expect(await fees({ commission: { commission: 0.5, type: 'fixed', stocklike: true } })).toBe(1.5);
  expect(await fees({ commission: [{ commission: 0.01 }, { symbol: 'ONE', commission: 0.02 }] })).toBe(6);
  expect(await fees({})).toBe(0);
});

test('a short position bears interest for the days between two bars, at its average price', async () => {
  const commission = { commission: 0, interest: 0.365 };
  const times = [day(1), day(2), day(5), day(6)];
  const { cashes } = await play(flat(100, 100, 120, 120), { 1: sells(10) }, { commission, times });
  expect(cashes).toEqual([10_000, 11_000, 10_997, 10_996]);
  const long = await play(flat(100, 100, 100), { 1: buys(10) }, { commission });
  expect(long.cashes).toEqual([10_000, 9000, 9000]);
  const charged = await play(
    flat(100, 100, 100),
    { 1: buys(10) },
    {
      commission: { ...commission, interestLong: true },
    },
  );
  expect(charged.cashes).toEqual([10_000, 9000, 8999]);
});

test('interest is part of what closes the position, unless it is kept out of results', async () => {
  const commission = { commission: 0, interest: 0.365 };
  const actions = { 1: sells(10), 2: buys(10) };
  const { trades, cashes } = await play(flat(100, 100, 100), actions, { commission });
  expect(trades.at(-1)).toMatchObject({ pnl: 0, fees: 1, net: -1 });
  expect(cashes.at(-1)).toBe(9999);
  const apart = await play(flat(100, 100, 100), actions, { commission, int2pnl: false });
  expect(apart.trades.at(-1)).toMatchObject({ fees: 0, net: 0 });
  expect(apart.cashes.at(-1)).toBe(9999);
});

test('cash that is added comes in when the account is valued next, after the orders of that step', async () => {
  const action = (s: Strategy) => {
    s.addCash(5000);
    s.buy({ size: 120 });
  };
  const { told, cashes, account } = await play(flat(100, 100, 100), { 1: action, 2: buys(120) });
  expect(told[1]).toEqual(['2 submitted', '2 margin']);
  expect(told[2].at(-1)).toBe('3 completed 120 @ 100');
  expect(cashes).toEqual([10_000, 15_000, 3000]);
  // It made shares of the fund at their value of 100, which it does not change.
  expect(account.fund.shares).toBe(150);
  expect(account.fund.value).toBe(100);
});

test('asking what a position is worth lets waiting cash in at once', async () => {
  const seen: number[] = [];
  const action = (s: Strategy) => {
    s.addCash(5000);
    seen.push(s.cash);
    s.orderTargetValue(1000);
    seen.push(s.cash);
  };
  await play(flat(100, 100), { 1: action });
  expect(seen).toEqual([10_000, 15_000]);
});

test('an amount of quote makes whole units: what it covers, times the leverage', async () => {
  const { broker } = await play(flat(100), {}, { commission: { leverage: 2.5 } });
  expect(broker.sizeFor(0, 399, 100)).toBe(7);
  expect(broker.sizeFor(0, -399, 100)).toBe(-7);
  const futures = await play(flat(100), {}, { commission: { margin: 150 } });
  expect(futures.broker.sizeFor(0, 399, 100)).toBe(2);
});

test('an order without a size is for one unit', async () => {
  const { told } = await play(flat(100, 100), { 1: s => s.buy() });
  expect(told[1].at(-1)).toBe('2 completed 1 @ 100');
});

test('with data of several instruments each has terms of its own', async () => {
  const other = { bars: flat(50, 50), times: [day(1), day(2)] };
  const action = (s: Strategy) => {
    s.buy({ size: 1 });
    s.buy({ size: 1, data: s.datas[1] });
  };
  const commission = [{ commission: 0.1 }, { symbol: 'OTHER', commission: 1, margin: 20 }];
  const { cashes, values } = await play(flat(100, 100), { 1: action }, { commission, other });
  expect(cashes.at(-1)).toBe(10_000 - 110 - 21);
  expect(values.at(-1)).toBe(10_000 - 10 - 1);
});

test('the same orders give the same bits whatever the chunks', async () => {
  const bars: BarRow[] = Array.from({ length: 400 }, (_, i) => {
    const open = 100 + 10 * Math.sin(i / 7);
    return [open, open + 2, open - 2, open + Math.cos(i)];
  });
  const actions = Object.fromEntries(
    Array.from({ length: 390 }, (_, i) => [
      i + 1,
      (s: Strategy) => {
        if (i % 3 === 0) s.buy({ size: 1.1, limit: bars[i][3] - 1, valid: '3d' });
        else if (i % 5 === 0)
          s.sellBracket({ size: 0.7, stopLoss: bars[i][3] + 3, takeProfit: bars[i][3] - 3 });
        else if (i % 11 === 0) s.sell({ size: 0.3, trailPercent: 0.02 });
      },
    ]),
  );
  const commission = { commission: 0.001, interest: 0.02 };
  const run = async (chunk: number) => {
    const { told, values, account } = await play(bars, actions, { commission, feed: { chunk } });
    return { told, values, fills: [...account.fills] };
  };
  const whole = await run(1000);
  expect(whole.fills.length).toBeGreaterThan(100);
  expect(await run(1)).toEqual(whole);
  expect(await run(7)).toEqual(whole);
});

test('terms that cannot be are refused', async () => {
  for (const commission of [
    { margin: -1 },
    { multiplier: 0 },
    { leverage: Number.NaN },
    { commission: Number.NaN },
  ]) {
    await expect(play(flat(100), {}, { commission })).rejects.toMatchObject({ code: 'COMMISSION_INVALID' });
  }
  await expect(play(flat(100), {}, { cash: 0 })).rejects.toMatchObject({ code: 'CASH_INVALID' });
});

test('the fee of a small order is told to the last bit after that of an enormous one', async () => {
  const commission = { commission: 0.1, type: 'fixed' as const };
  const actions = { 1: buys(1e16), 2: sells(3) };
  const { broker } = await play(flat(0.001, 0.001, 0.001), actions, { commission, cash: 1e18 });
  expect(broker.orders.fees(2)).toBe(3 * 0.1);
});
