import { expect, test } from 'vitest';
import { START } from '../support.ts';
import { scene } from './scene.ts';
import { bars, type Payload } from './support.ts';

const QUIET = [100, 101, 99, 100] as const;
const ORDER: Payload = {
  side: 'BUY',
  type: 'LIMIT',
  timeInForce: 'GTC',
  quantity: '1',
  price: '90',
  newClientOrderId: 'a',
};

const orders = (at: Awaited<ReturnType<typeof scene>>) =>
  at.exchange.accounts[0].orders.map(({ status, executedQty }) => [status, Number(executedQty)]);

test('order-lost: the order is taken, and nobody says so', async () => {
  const at = await scene(bars(QUIET, QUIET), { faults: 'order-lost=1' });
  await expect(at.settle(at.trader.place(ORDER))).rejects.toMatchObject({ code: 'REQUEST_TIMEOUT' });
  expect(orders(at)).toEqual([['NEW', 0]]);
  expect((await at.settle(at.trader.order({ origClientOrderId: 'a' }))).body.status).toBe('NEW');
  expect(at.exchange.status.faults).toEqual({ 'order-lost': 1 });
});

test('order-503 and order-503-not: one of the bodies of 503, with the order taken or not', async () => {
  for (const [fault, count] of [
    ['order-503', 20],
    ['order-503-not', 0],
  ] as const) {
    const at = await scene(bars(QUIET, QUIET), { faults: `${fault}=1` });
    const said = new Set<string>();
    for (let i = 0; i < 20; i++) {
      const { status, body } = await at.settle(at.trader.place({ ...ORDER, newClientOrderId: `a${i}` }));
      expect(status).toBe(503);
      said.add(body.msg);
    }
    expect([...said].sort()).toEqual([
      'Internal error; unable to process your request. Please try again.',
      'Service Unavailable.',
      'Unknown error, please check your request or try again later.',
    ]);
    expect(orders(at)).toHaveLength(count);
  }
});

test('order-late and order-never: -1007, and the order comes into the market later or never', async () => {
  const at = await scene(bars(QUIET, QUIET), { faults: 'order-late=1:2s' });
  const refused = { status: 504, body: { code: -1007 } };
  expect(await at.settle(at.trader.place(ORDER))).toMatchObject(refused);
  expect((await at.settle(at.trader.order({ origClientOrderId: 'a' }))).body.code).toBe(-2013);
  await at.pass(2000);
  expect(orders(at)).toEqual([['NEW', 0]]);
  const never = await scene(bars(QUIET, QUIET), { faults: 'order-never=1' });
  expect(await never.settle(never.trader.place(ORDER))).toMatchObject(refused);
  await never.pass(60_000);
  expect(orders(never)).toEqual([]);
});

test('order-unseen: queries do not know an order for a while, though it is told and can be cancelled', async () => {
  const at = await scene(bars(QUIET, QUIET), { faults: 'order-unseen=1:3s' });
  const stream = at.trader.listen();
  await at.until(() => stream.messages.length > 0);
  await at.settle(at.trader.place(ORDER));
  const find = async () => (await at.settle(at.trader.order({ origClientOrderId: 'a' }))).body;
  const open = async () => (await at.settle(at.trader.ask('GET', '/api/v3/openOrders'))).body;
  expect((await find()).code).toBe(-2013);
  expect(await open()).toEqual([]);
  expect(stream.events()[0]).toMatchObject({ c: 'a', X: 'NEW' });
  await at.pass(3000);
  expect((await find()).status).toBe('NEW');
  expect(await open()).toHaveLength(1);
});

test('order-429: refused with a Retry-After, and not placed', async () => {
  const at = await scene(bars(QUIET, QUIET), { faults: 'order-429=1:4s' });
  const { status, headers, body } = await at.settle(at.trader.place(ORDER));
  expect([status, headers['retry-after'], body.code]).toEqual([429, '4', -1015]);
  expect(orders(at)).toEqual([]);
});

test('order-race: the order is filled just before it would be cancelled', async () => {
  const at = await scene(bars(QUIET, QUIET), { faults: 'order-race=1' });
  await at.settle(at.trader.place(ORDER));
  expect((await at.settle(at.trader.cancel({ origClientOrderId: 'a' }))).body.code).toBe(-2011);
  expect(orders(at)).toEqual([['FILLED', 1]]);
  expect(at.has('BTC')).toEqual([11, 0]);
});

test('order-partial: half is executed, the rest with the next price', async () => {
  const at = await scene(bars(QUIET, [100, 101, 89, 95], QUIET), { faults: 'order-partial=1' });
  await at.close(1);
  await at.settle(at.trader.place(ORDER));
  while (orders(at)[0][1] === 0) await at.step();
  expect(orders(at)).toEqual([['PARTIALLY_FILLED', 0.5]]);
  await at.step();
  expect(orders(at)).toEqual([['FILLED', 1]]);
  expect(at.exchange.accounts[0].trades).toMatchObject([
    { price: '90.00000000', isMaker: true },
    { price: '90.00000000', isMaker: true },
  ]);
  const market = await at.settle(at.trader.market('SELL', 1, { newClientOrderId: 'm' }));
  expect(market.body.fills).toHaveLength(2);
});

test('order-stuck: half is executed, the rest never; what rests can be cancelled', async () => {
  const at = await scene(bars(QUIET, [100, 101, 89, 95], [95, 96, 80, 85]), { faults: 'order-stuck=1' });
  await at.close(1);
  await at.settle(at.trader.place(ORDER));
  const { body } = await at.settle(at.trader.market('SELL', 1));
  expect(body).toMatchObject({
    status: 'EXPIRED',
    executedQty: '0.50000000',
    expiryReason: 'INSUFFICIENT_LIQUIDITY',
  });
  await at.toEnd();
  expect(orders(at)[0]).toEqual(['PARTIALLY_FILLED', 0.5]);
  await at.settle(at.trader.cancel({ origClientOrderId: 'a' }));
  expect(orders(at)[0]).toEqual(['CANCELED', 0.5]);
  expect(at.has('USDT')).toEqual([10_005, 0]);
});

test('order-expired: instead of being executed the order expires, by an execution rule', async () => {
  const at = await scene(bars(QUIET, QUIET), { faults: 'order-expired=1' });
  const stream = at.trader.listen();
  await at.until(() => stream.messages.length > 0);
  const { body } = await at.settle(at.trader.market('SELL', 1));
  expect(body).toMatchObject({ status: 'EXPIRED', expiryReason: 'EXECUTION_RULE_PRICE_RANGE_EXCEEDED' });
  await at.pass(100);
  expect(stream.events().map(({ X, eR }) => [X, eR])).toContainEqual([
    'EXPIRED',
    'EXECUTION_RULE_PRICE_RANGE_EXCEEDED',
  ]);
  expect(at.has('BTC')).toEqual([10, 0]);
});

test('cancel-only: for a time of the market’s orders are only cancelled', async () => {
  const at = await scene(bars(...Array(6).fill(QUIET)), { faults: 'cancel-only@1m:2m' });
  await at.settle(at.trader.place(ORDER));
  await at.close(1);
  const info = async () =>
    JSON.parse(
      (await at.settle(at.network.http({ url: `${at.url}/api/v3/exchangeInfo`, timeoutMs: 1000 }))).body,
    );
  expect((await info()).symbols[0].status).toBe('CANCEL_ONLY');
  expect((await at.settle(at.trader.place({ ...ORDER, newClientOrderId: 'b' }))).body.msg).toBe(
    'Market is closed.',
  );
  expect((await at.settle(at.trader.cancel({ origClientOrderId: 'a' }))).body.status).toBe('CANCELED');
  await at.close(3);
  expect((await info()).symbols[0].status).toBe('TRADING');
  expect((await at.settle(at.trader.place(ORDER))).status).toBe(200);
});

test.each([
  ['report-drop=1', []],
  ['report-duplicate=1', ['NEW', 'NEW', 'TRADE', 'TRADE']],
  ['report-reorder=1', ['NEW', 'TRADE']],
  ['report-delay=1:1s', ['NEW', 'TRADE']],
])('%s: reports of orders do so, and nothing else changes', async (faults, kinds) => {
  const at = await scene(bars(QUIET, QUIET), { faults });
  const stream = at.trader.listen();
  await at.until(() => stream.messages.length > 0);
  await at.settle(at.trader.market('BUY', 1));
  await at.pass(10_000);
  const told = stream.events().flatMap(({ x }) => x ?? []);
  expect([...told].sort()).toEqual(kinds);
  expect(orders(at)).toEqual([['FILLED', 1]]);
});

test('a report that is reordered comes after the next one', async () => {
  let swapped = 0;
  for (let seed = 1; seed <= 10; seed++) {
    const at = await scene(bars(QUIET, QUIET), { faults: 'report-reorder=0.5', seed });
    const stream = at.trader.listen();
    await at.until(() => stream.messages.length > 0);
    await at.settle(at.trader.market('BUY', 1));
    await at.pass(10_000);
    const told = stream.events().map(({ e, x }) => x ?? e);
    expect([...told].sort()).toEqual(['NEW', 'TRADE', 'outboundAccountPosition']);
    if (told[0] !== 'NEW') swapped++;
  }
  expect(swapped).toBeGreaterThan(0);
});

test('account-cut and account-halfopen: the account’s connection ends, or hears nothing any more', async () => {
  for (const [faults, closed] of [
    ['account-cut@1m', 1],
    ['account-halfopen@1m', 0],
  ] as const) {
    const at = await scene(bars(...Array(4).fill(QUIET)), { faults });
    const stream = at.trader.listen({ lockstep: true });
    await at.until(() => stream.messages.length > 2);
    await at.close(2);
    expect(stream.closed).toHaveLength(closed);
    await at.settle(at.trader.market('BUY', 1));
    await at.pass(100);
    expect(stream.events()).toEqual([]);
    expect(at.follower.heard.closed).toEqual([]);
  }
});

test('account-1021 and account-2015: a subscription is refused', async () => {
  for (const [fault, code] of [
    ['account-1021', -1021],
    ['account-2015', -2015],
  ] as const) {
    const at = await scene(bars(QUIET, QUIET), { faults: `${fault}=1` });
    const stream = at.trader.listen();
    await at.until(() => stream.messages.length > 0);
    expect(stream.messages).toMatchObject([{ id: 1, error: { code } }]);
  }
});

test('skew: signed requests are judged by the exchange’s clock', async () => {
  const at = await scene(bars(QUIET, QUIET), { faults: 'skew=30000' });
  const ask = (timestamp: number) => at.settle(at.trader.ask('GET', '/api/v3/account', { timestamp }));
  expect((await ask(START)).body.code).toBe(-1021);
  expect((await ask(START + 30_000)).status).toBe(200);
});

test('what befalls an order is decided by its id, and is the same every time', async () => {
  const run = async () => {
    const at = await scene(bars(QUIET, QUIET), {
      faults: 'order-503=0.3,order-never=0.2,order-unseen=0.3:1h',
    });
    const codes = [];
    for (let i = 0; i < 30; i++) {
      codes.push((await at.settle(at.trader.place({ ...ORDER, newClientOrderId: `o${i}` }))).status);
      // What else is asked changes nothing.
      if (codes.length % 3 === 0) await at.settle(at.trader.order({ orderId: i }));
    }
    return [codes, at.exchange.status.faults];
  };
  const [first, second] = [await run(), await run()];
  expect(first).toEqual(second);
  expect(new Set(first[0] as number[])).toEqual(new Set([200, 503, 504]));
});
