import { generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { listenTo, MINUTE, START } from '../support.ts';
import { type Scene, scene } from './scene.ts';
import { account, bars, type Payload } from './support.ts';

const QUIET = [100, 101, 99, 100] as const;

interface Answer {
  readonly id: number;
  readonly status: number;
  readonly result: Payload;
  readonly error: { readonly code: number; readonly msg: string };
  readonly rateLimits?: readonly Payload[];
}

/** A connection to the WebSocket API on which requests are answered one by one. */
async function api(at: Scene, query = '') {
  const heard = listenTo(at.network, `${at.url.replace('http', 'ws')}/ws-api/v3${query}`);
  await at.pass(100);
  let id = 100;
  const ask = async (method: string, params?: Payload): Promise<Answer> => {
    const own = ++id;
    heard.socket.send(JSON.stringify({ id: own, method, params }));
    const answer = () => (heard.messages as Answer[]).find(message => message.id === own);
    await at.until(() => answer() !== undefined);
    return answer()!;
  };
  return { heard, ask };
}

describe('the WebSocket API', () => {
  test('answers signed requests as REST does', async () => {
    const at = await scene(bars(QUIET, QUIET));
    const { ask } = await api(at);
    expect(await ask('ping')).toMatchObject({ status: 200, result: {} });
    expect((await ask('time')).result.serverTime).toBe(START);
    const order = {
      symbol: 'BTCUSDT',
      side: 'BUY',
      type: 'LIMIT',
      timeInForce: 'GTC',
      price: 90,
      quantity: '1',
    };
    const placed = await ask('order.place', at.trader.signed({ ...order, newClientOrderId: 'ws' }));
    expect(placed).toMatchObject({ status: 200, result: { orderId: 1, clientOrderId: 'ws', status: 'NEW' } });
    expect(placed.rateLimits).toMatchObject([
      { rateLimitType: 'ORDERS', interval: 'SECOND', count: 1 },
      { rateLimitType: 'ORDERS', interval: 'DAY', count: 1 },
      { rateLimitType: 'REQUEST_WEIGHT', count: 2 },
    ]);
    const found = await ask('order.status', at.trader.signed({ symbol: 'BTCUSDT', orderId: 1 }));
    expect(found.result).toMatchObject({ clientOrderId: 'ws', price: '90.00000000' });
    expect(
      (await ask('order.place', at.trader.signed({ ...order, newClientOrderId: 'ws' }))).error.code,
    ).toBe(-2010);
    const wrong = { ...at.trader.signed({ symbol: 'BTCUSDT', orderId: 1 }), orderId: 2 };
    expect(await ask('order.status', wrong)).toMatchObject({ status: 400, error: { code: -1022 } });
    expect(
      (await ask('order.cancel', at.trader.signed({ symbol: 'BTCUSDT', orderId: 1 }))).result.status,
    ).toBe('CANCELED');
    expect((await ask('account.status', at.trader.signed())).result.accountType).toBe('SPOT');
    expect((await ask('order.steal')).error.code).toBe(-1020);
    expect(await ask('time', { returnRateLimits: false })).not.toHaveProperty('rateLimits');
    expect(await (await api(at, '?returnRateLimits=false')).ask('time')).not.toHaveProperty('rateLimits');
  });

  test('says so when it is sent no JSON', async () => {
    const at = await scene(bars(QUIET, QUIET));
    const { heard } = await api(at);
    heard.socket.send('{');
    await at.until(() => heard.messages.length > 0);
    expect(heard.messages).toMatchObject([{ id: null, status: 400, error: { code: -1135 } }]);
  });

  test('logs a session on with an Ed25519 key, and with no other', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    const pem = publicKey.export({ type: 'spki', format: 'pem' }) as string;
    const at = await scene(bars(QUIET, QUIET), {
      accounts: [account({ keys: [{ apiKey: 'ed255190', publicKey: pem }] })],
    });
    const { ask, heard } = await api(at);
    expect((await ask('session.logon', at.trader.signed())).error.code).toBe(-4056);
    expect((await ask('userDataStream.subscribe')).status).toBe(401);
    const params = { apiKey: 'ed255190', timestamp: START };
    const signature = sign(null, Buffer.from(`apiKey=ed255190&timestamp=${START}`), privateKey).toString(
      'base64',
    );
    expect((await ask('session.logon', { ...params, signature })).result.apiKey).toBe('ed255190');
    expect((await ask('userDataStream.subscribe')).result).toEqual({ subscriptionId: 0 });
    const order = { symbol: 'BTCUSDT', side: 'SELL', type: 'MARKET', quantity: '1', timestamp: START };
    expect((await ask('order.place', order)).result.status).toBe('FILLED');
    expect((await ask('order.place', { ...order, timestamp: START - 60_000 })).error.code).toBe(-1021);
    expect((await ask('session.status')).result).toMatchObject({ apiKey: 'ed255190', userDataStream: true });
    expect((await ask('session.logout')).result).toMatchObject({ apiKey: null, userDataStream: false });
    await at.pass(100);
    expect(heard.messages.at(-1)).toMatchObject({ subscriptionId: 0, event: { e: 'eventStreamTerminated' } });
    expect((await ask('order.place', order)).status).toBe(401);
  });
});

describe('the stream of an account', () => {
  test('tells each change of an order, and the balances after it', async () => {
    const at = await scene(bars(QUIET, [100, 101, 89, 95]), {
      accounts: [account({ commission: { standard: { maker: '0.001' } } })],
    });
    await at.close(1);
    const stream = at.trader.listen();
    await at.until(() => stream.messages.length > 0);
    const { body } = await at.settle(
      at.trader.limit('BUY', 90, '1.5', { newClientOrderId: 'a', strategyId: 7 }),
    );
    await at.toEnd();
    await at.pass(100);
    const [placed, locked, traded, paid] = stream.events();
    expect(placed).toEqual({
      ...{ e: 'executionReport', E: START + MINUTE, s: 'BTCUSDT', c: 'a', S: 'BUY', o: 'LIMIT', f: 'GTC' },
      ...{
        q: '1.50000000',
        p: '90.00000000',
        P: '0.00000000',
        F: '0.00000000',
        g: -1,
        C: '',
        x: 'NEW',
        X: 'NEW',
      },
      ...{ r: 'NONE', i: body.orderId, l: '0.00000000', z: '0.00000000', L: '0.00000000', n: '0', N: null },
      ...{ T: START + MINUTE, t: -1, I: 1, w: true, m: false, M: false, O: START + MINUTE, Z: '0.00000000' },
      ...{ Y: '0.00000000', Q: '0.00000000', W: START + MINUTE, V: 'EXPIRE_MAKER', j: 7 },
    });
    expect(locked).toMatchObject({
      e: 'outboundAccountPosition',
      B: [{ a: 'USDT', f: '9865.00000000', l: '135.00000000' }],
    });
    expect(traded).toMatchObject({
      ...{
        x: 'TRADE',
        X: 'FILLED',
        l: '1.50000000',
        z: '1.50000000',
        L: '90.00000000',
        n: '0.00150000',
        N: 'BTC',
      },
      ...{ t: 1, m: true, w: false, Z: '135.00000000', Y: '135.00000000' },
    });
    expect(paid.B).toEqual([
      { a: 'USDT', f: '9865.00000000', l: '0.00000000' },
      { a: 'BTC', f: '11.49850000', l: '0.00000000' },
    ]);
  });

  test('names the cancel and the order that was cancelled', async () => {
    const at = await scene(bars(QUIET, QUIET));
    const stream = at.trader.listen();
    await at.until(() => stream.messages.length > 0);
    await at.settle(at.trader.limit('BUY', 90, 1, { newClientOrderId: 'a' }));
    await at.settle(at.trader.cancel({ origClientOrderId: 'a', newClientOrderId: 'b' }));
    await at.pass(100);
    expect(stream.events().find(({ x }) => x === 'CANCELED')).toMatchObject({
      X: 'CANCELED',
      c: 'b',
      C: 'a',
      w: false,
    });
  });

  test('is subscribed once, and may be left', async () => {
    const at = await scene(bars(QUIET, QUIET));
    const { ask, heard } = await api(at);
    const subscribe = () => ask('userDataStream.subscribe.signature', at.trader.signed());
    expect((await subscribe()).result).toEqual({ subscriptionId: 0 });
    expect((await subscribe()).error.code).toBe(-2035);
    expect((await ask('session.subscriptions')).result).toEqual([{ subscriptionId: 0 }]);
    expect((await ask('userDataStream.unsubscribe')).result).toEqual({});
    expect((await ask('userDataStream.unsubscribe')).error.code).toBe(-2036);
    expect((await subscribe()).result).toEqual({ subscriptionId: 1 });
    await at.settle(at.trader.market('BUY', 1));
    await at.pass(100);
    const events = (heard.messages as { subscriptionId?: number; event?: Payload }[]).filter(
      ({ event }) => event,
    );
    expect(events.map(({ subscriptionId, event }) => [subscriptionId, event!.e])).toEqual([
      [0, 'eventStreamTerminated'],
      [1, 'executionReport'],
      [1, 'executionReport'],
      [1, 'outboundAccountPosition'],
    ]);
  });

  test('tells what is paid in and out', async () => {
    const at = await scene(bars(QUIET, QUIET));
    const stream = at.trader.listen();
    await at.until(() => stream.messages.length > 0);
    at.exchange.transfer(1, 'USDT', '5');
    at.exchange.transfer(1, 'BTC', '-1.5');
    await at.pass(100);
    expect(stream.events().filter(({ e }) => e === 'balanceUpdate')).toMatchObject([
      { a: 'USDT', d: '5.00000000' },
      { a: 'BTC', d: '-1.50000000' },
    ]);
    expect(at.has('BTC')).toEqual([8.5, 0]);
    expect(() => at.exchange.transfer(1, 'BTC', '-9')).toThrow(
      expect.objectContaining({ code: 'BALANCE_TOO_SMALL' }),
    );
    expect(() => at.exchange.transfer(9, 'BTC', '1')).toThrow(
      expect.objectContaining({ code: 'ACCOUNT_UNKNOWN' }),
    );
    expect(() => at.exchange.transfer(1, 'BTC', 'x')).toThrow(
      expect.objectContaining({ code: 'AMOUNT_INVALID' }),
    );
  });

  test('announces a shutdown, and ends with it', async () => {
    const at = await scene(bars(...Array(4).fill(QUIET)), { faults: 'shutdown@2m:1s' });
    const stream = at.trader.listen();
    await at.until(() => stream.messages.length > 0);
    while (stream.events().length === 0) await at.step();
    expect(stream.events()).toEqual([{ e: 'serverShutdown', E: START + 2 * MINUTE }]);
    await at.pass(2000);
    expect(stream.closed).toMatchObject([{ code: 1001 }]);
  });
});

describe('in lockstep an account', () => {
  test('is waited for, and hears a tick after all events of each moment', async () => {
    const at = await scene(bars(QUIET, [100, 101, 89, 95], QUIET));
    await at.close(1);
    const stream = at.trader.listen({ lockstep: true });
    await at.until(() => stream.messages.length > 1);
    await at.settle(at.trader.limit('BUY', 90, 1));
    await at.toEnd();
    await at.pass(100);
    const told: unknown[][] = (stream.messages as { event?: Payload }[])
      .flatMap(({ event }): Payload[] => (event === undefined ? [] : [event]))
      .map(({ e, x, E, end }: Payload) =>
        [e === 'replay' ? 'tick' : x, (Number(E) - START) / MINUTE, end].filter(one => one !== undefined),
      );
    const fill = told.findIndex(([what]) => what === 'TRADE');
    expect(told.slice(fill - 1, fill + 3)).toEqual([
      ['tick', 1.25, false],
      ['TRADE', 1.5],
      [1.5],
      ['tick', 1.5, false],
    ]);
    expect(told.at(-1)).toEqual(['tick', 3, true]);
    const ticks = told.filter(([what]) => what === 'tick');
    // The last moments of the first bar's close on, and the end.
    expect(ticks).toHaveLength(1 + 4 + 1 + 4 + 1 + 1);
  });

  test('that does not acknowledge keeps time from going on, until it is gone', async () => {
    const at = await scene(bars(...Array(4).fill(QUIET)));
    const { ask, heard } = await api(at);
    await ask('replay.subscribe');
    at.follower.acknowledge();
    await at.pass(10_000);
    expect(at.follower.tick).toBeUndefined();
    heard.socket.terminate();
    await at.until(() => at.follower.tick !== undefined);
  });

  test('alone does not let time begin, nor go on', async () => {
    const at = await scene(bars(...Array(4).fill(QUIET)));
    const stream = at.trader.listen({ lockstep: true });
    await at.until(() => stream.messages.length > 2);
    const { time } = at.exchange.status;
    at.follower.heard.socket.terminate();
    await at.pass(10_000);
    expect(at.exchange.status.time).toBe(time);
  });
});
