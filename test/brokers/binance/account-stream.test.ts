import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { AccountEvent, AccountStreamHandlers, Failure } from '../../../src/brokers/binance/port.ts';
import { API_KEY, API_SECRET } from './support/keys.ts';
import { error, ScriptedPort } from './support/scripted-port.ts';

const HOUR = 3_600_000;

function listening(exchange = new ScriptedPort()) {
  const told: (readonly [what: string, time: number, detail?: unknown])[] = [];
  const events: AccountEvent[] = [];
  const ticks: { time: number; end: boolean; done: () => void }[] = [];
  const tell = (what: string, detail?: unknown) => told.push([what, exchange.timers.now(), detail]);
  const handlers: AccountStreamHandlers = {
    onEvent: event => events.push(event),
    onConnected: () => tell('connected'),
    onDisconnected: reason => tell('disconnected', reason),
    onRefused: (failure: Failure) => tell('refused', failure),
    onTick: (time, end, done) => ticks.push({ time, end, done }),
  };
  const stream = exchange.port.listen(handlers);
  return { exchange, stream, told, events, ticks, what: () => told.map(([name]) => name) };
}

const report = (changes: object = {}) => ({
  e: 'executionReport',
  E: 1_750_000_000_100,
  s: 'BTCUSDT',
  c: 'q1',
  S: 'BUY',
  o: 'LIMIT',
  f: 'GTC',
  q: '0.50000000',
  p: '100.10000000',
  P: '0.00000000',
  g: -1,
  C: '',
  x: 'NEW',
  X: 'NEW',
  r: 'NONE',
  i: 28,
  l: '0.00000000',
  z: '0.00000000',
  L: '0.00000000',
  n: '0',
  N: null,
  T: 1_750_000_000_099,
  t: -1,
  m: false,
  Z: '0.00000000',
  Y: '0.00000000',
  ...changes,
});

describe('the account stream', () => {
  test('subscribes with a signature of now, and tells events', async () => {
    const { exchange, events, what } = listening();
    exchange.ahead = 7_000_000;
    await exchange.pass(1000);
    expect(what()).toEqual(['connected']);
    const { method, params } = JSON.parse(exchange.sockets[0].sent[0].text);
    expect(method).toBe('userDataStream.subscribe.signature');
    expect(params).toMatchObject({ apiKey: API_KEY, recvWindow: 5000 });
    exchange.event(report());
    exchange.event(
      report({
        x: 'TRADE',
        X: 'FILLED',
        t: 7,
        l: '0.5',
        z: '0.5',
        L: '100',
        n: '0.0005',
        N: 'BTC',
        Z: '50',
        Y: '50',
        m: true,
      }),
    );
    exchange.event({
      e: 'outboundAccountPosition',
      E: 1_750_000_000_200,
      u: 1_750_000_000_150,
      B: [{ a: 'BTC', f: '0.5', l: '0' }],
    });
    exchange.event({ e: 'balanceUpdate', E: 1, a: 'BTC', d: '1', T: 1 });
    exchange.event({ e: 'listStatus', E: 1 });
    await exchange.pass(1000);
    expect(events).toMatchObject([
      {
        kind: 'order',
        order: { clientOrderId: 'q1', status: 'NEW', reason: '', time: 1_750_000_000_099 },
        trade: undefined,
      },
      {
        kind: 'order',
        order: { status: 'FILLED', executed: '0.5', executedQuote: '50' },
        trade: {
          tradeId: 7,
          orderId: 28,
          price: '100',
          quantity: '0.5',
          quoteQuantity: '50',
          commission: '0.0005',
          commissionAsset: 'BTC',
          maker: true,
        },
      },
      { kind: 'balances', time: 1_750_000_000_150, balances: [{ asset: 'BTC', free: '0.5', locked: '0' }] },
    ]);
  });

  test('gives an order the id it was placed with, and the reason of its end', async () => {
    const { exchange, events } = listening();
    await exchange.pass(1000);
    exchange.event(report({ x: 'CANCELED', X: 'CANCELED', c: 'cancel-id', C: 'q1' }));
    exchange.event(report({ x: 'EXPIRED', X: 'EXPIRED', eR: 3 }));
    exchange.event(report({ x: 'REJECTED', X: 'REJECTED', r: 'INSUFFICIENT_BALANCES' }));
    await exchange.pass(1000);
    const orders = events.map(
      event => event.kind === 'order' && [event.order.clientOrderId, event.order.reason],
    );
    expect(orders).toEqual([
      ['q1', ''],
      ['q1', '3'],
      ['q1', 'INSUFFICIENT_BALANCES'],
    ]);
  });

  test('comes back after a cut, with a new signature, and tells so', async () => {
    const { exchange, told, what } = listening();
    for (let i = 0; i < 5; i++) {
      await exchange.pass(120_000);
      exchange.cut();
    }
    await exchange.pass(60_000);
    expect(what()).toEqual([
      'connected',
      ...Array.from({ length: 5 }, () => ['disconnected', 'connected']).flat(),
    ]);
    expect(inspect(told)).not.toContain(API_KEY);
    const signatures = exchange.sockets.map(({ sent }) => JSON.parse(sent[0].text).params.signature);
    expect(new Set(signatures).size).toBe(6);
  });

  test('tries again with growing pauses while it is not let in', async () => {
    const { exchange, what } = listening();
    exchange.refusing = true;
    await exchange.pass(300_000);
    expect(what()).toEqual([]);
    expect(exchange.connects.length).toBeGreaterThan(8);
    expect(exchange.connects.length).toBeLessThan(60);
    exchange.refusing = false;
    await exchange.pass(60_000);
    expect(what()).toEqual(['connected']);
  });

  test('takes a silent connection for dead', async () => {
    const { exchange, what } = listening();
    await exchange.pass(5000);
    exchange.sockets[0].mute = true;
    await exchange.pass(50_000);
    expect(what()).toEqual(['connected']);
    await exchange.pass(30_000);
    expect(what()).toEqual(['connected', 'disconnected', 'connected']);
  });

  test.each([
    ['before a day has passed', async (exchange: ScriptedPort) => exchange.pass(23 * HOUR)],
    [
      'when the server is about to go',
      async (exchange: ScriptedPort) => {
        await exchange.pass(10_000);
        exchange.say({ event: { e: 'serverShutdown', E: 1 } });
        await exchange.pass(60_000);
      },
    ],
  ])(
    'opens a new connection %s, and drops the old one afterwards, so that nothing is missed',
    async (_, wait) => {
      const { exchange, what, events } = listening();
      await wait(exchange);
      expect(exchange.sockets.map(({ closed }) => closed)).toEqual([true, false]);
      expect(what()).toEqual(['connected']);
      exchange.event(report());
      await exchange.pass(1000);
      expect(events.length).toBe(1);
    },
  );

  test('subscribes anew when the exchange ends the subscription', async () => {
    const { exchange, what } = listening();
    await exchange.pass(60_000);
    exchange.event({ e: 'eventStreamTerminated', E: 1 });
    await exchange.pass(30_000);
    expect(what()).toEqual(['connected', 'disconnected', 'connected']);
  });

  test('measures the clock when its time is refused, and is let in then', async () => {
    const { exchange, what } = listening();
    await exchange.pass(60_000);
    exchange.ahead = 600_000;
    exchange.cut();
    await exchange.pass(60_000);
    expect(what()).toEqual(['connected', 'disconnected', 'connected']);
    expect(exchange.gateway.counts.stream).toMatchObject({ refused: 1, connects: 2 });
  });

  test('measures the clock every ten minutes', async () => {
    const { exchange } = listening();
    await exchange.pass(HOUR + 60_000);
    expect(exchange.of('/api/v3/time').length).toBe(7);
  });

  test('says at once that a key is refused that never worked', async () => {
    const exchange = new ScriptedPort();
    exchange.reply = () => ({ status: 401, error: { code: -2015, msg: 'Invalid API-key.' } });
    const { what } = listening(exchange);
    await exchange.pass(HOUR);
    expect([what(), exchange.connects.length]).toEqual([['refused'], 1]);
  });

  test('does not believe the first refusal of a key that has worked', async () => {
    const { exchange, what } = listening();
    await exchange.pass(60_000);
    let refusals = 0;
    exchange.reply = () =>
      refusals++ < 2 ? { status: 401, error: { code: -2015, msg: 'Invalid API-key.' } } : undefined;
    exchange.cut();
    await exchange.pass(60_000);
    expect(what()).toEqual(['connected', 'disconnected', 'connected']);
  });

  test('says that the key is refused when it stays refused, and connects no more', async () => {
    const { exchange, told } = listening();
    await exchange.pass(60_000);
    exchange.reply = () => ({ status: 401, error: { code: -2015, msg: `Invalid API-key ${API_KEY}.` } });
    exchange.cut();
    await exchange.pass(10 * HOUR);
    expect(told.map(([name]) => name)).toEqual(['connected', 'disconnected', 'refused']);
    const [, , failure] = told[2];
    expect(failure).toMatchObject({ class: 'auth', code: -2015 });
    expect(inspect(failure)).not.toContain(API_KEY);
    expect(exchange.sockets.filter(({ closed }) => !closed)).toEqual([]);
    expect(exchange.connects.length).toBe(4);
  });

  test('stays away as long as it is told to', async () => {
    const exchange = new ScriptedPort();
    const until = exchange.now() + 1_800_000;
    let refusals = 0;
    exchange.reply = () =>
      refusals++ === 0
        ? {
            status: 418,
            error: { code: -1003, msg: 'Way too much.', data: { serverTime: 1, retryAfter: until } },
          }
        : undefined;
    const { what } = listening(exchange);
    await exchange.pass(1_799_000);
    expect([what(), exchange.connects.length]).toEqual([[], 1]);
    // Requests wait, too.
    expect((await exchange.settle(exchange.port.account())).ok).toBe(false);
    await exchange.pass(60_000);
    expect(what()).toEqual(['connected']);
  });

  test('asks whoever listens to ask for what it could not read', async () => {
    const { exchange, events, what } = listening();
    await exchange.pass(10_000);
    exchange.event(report({ z: 'many' }));
    exchange.event(report({ X: 'HALF_FILLED' }));
    exchange.event(report({ i: 2 ** 60 }));
    exchange.event(report());
    await exchange.pass(1000);
    expect([events.length, what()]).toEqual([1, ['connected', 'connected']]);
    expect(exchange.gateway.counts.stream.unreadable).toBe(3);
    expect(exchange.notices.filter(notice => notice.includes('EVENT_UNREADABLE')).length).toBe(1);
  });

  test('connects once the exchange can be asked for its time', async () => {
    const exchange = new ScriptedPort();
    exchange.answer = () => error(503, -1000, 'down');
    const { what } = listening(exchange);
    await exchange.pass(120_000);
    expect([exchange.connects.length, what()]).toEqual([0, []]);
    exchange.answer = () => undefined;
    await exchange.pass(60_000);
    expect(what()).toEqual(['connected']);
  });

  test('leaves nothing behind when it is closed', async () => {
    for (const after of [0, 10, 30, 50, 1000, 70_000]) {
      const { exchange, stream, told } = listening();
      await exchange.pass(after);
      const before = told.length;
      stream.close();
      exchange.event(report());
      await exchange.timers.run({ until: exchange.timers.now() + HOUR });
      expect([after, told.length, exchange.timers.pending]).toEqual([after, before, 0]);
      expect(exchange.sockets.filter(({ closed }) => !closed)).toEqual([]);
    }
  });

  test('says nothing of keys and signatures in all of this', async () => {
    const { exchange, told } = listening();
    exchange.reply = message => ({
      status: 400,
      error: { code: -1000, msg: `refused ${JSON.stringify(message)}` },
    });
    await exchange.pass(100_000);
    const signatures = exchange.sockets.flatMap(({ sent }) =>
      sent.map(({ text }) => JSON.parse(text).params.signature),
    );
    expect(signatures.length).toBeGreaterThan(2);
    const seen = inspect([told, exchange.notices], { depth: 9, maxArrayLength: null, maxStringLength: null });
    expect(seen).toContain('refused the subscription');
    for (const secret of [API_KEY, API_SECRET, ...signatures]) expect(seen).not.toContain(secret);
  });
});

describe('at a local exchange in lockstep', () => {
  const local = { lockstep: true, speed: null, time: 0, end: 0, series: [] };

  test('a moment is acknowledged when it has been dealt with', async () => {
    const { exchange, ticks, what } = listening(new ScriptedPort({ local }));
    await exchange.pass(1000);
    expect(what()).toEqual(['connected']);
    const methods = exchange.sockets[0].sent.map(({ text }) => JSON.parse(text).method);
    expect(methods).toEqual(['userDataStream.subscribe.signature', 'replay.subscribe']);
    const acknowledged = () =>
      exchange.sockets
        .map(({ sent }) =>
          sent
            .map(({ text }) => JSON.parse(text))
            .flatMap(({ method, params }) => (method === 'ACK' ? params : [])),
        )
        .filter(acknowledgements => acknowledgements.length > 0);
    const time = exchange.now() + 60_000;
    exchange.say({ event: { e: 'replay', E: time, n: 0, end: false } });
    await exchange.pass(1000);
    expect([ticks.map(tick => [tick.time, tick.end]), acknowledged()]).toEqual([[[time, false]], []]);
    // Time stands where the exchange said.
    expect(exchange.port.now()).toBe(time);
    ticks[0].done();
    expect(acknowledged()).toEqual([[0]]);
    exchange.say({ event: { e: 'replay', E: time + 1, n: 1, end: true } });
    await exchange.pass(1000);
    // Lost, and told again on the next connection.
    exchange.cut();
    await exchange.pass(60_000);
    exchange.say({ event: { e: 'replay', E: time + 1, n: 1, end: true } });
    await exchange.pass(1000);
    expect(ticks.length).toBe(2);
    ticks[1].done();
    expect(acknowledged()).toEqual([[0], [1]]);
    exchange.say({ event: { e: 'replay', E: time + 1, n: 1, end: true } });
    await exchange.pass(1000);
    expect([ticks.length, acknowledged()]).toEqual([2, [[0], [1, 1]]]);
  });

  test('an exchange that is none of ours is not asked for ticks', async () => {
    for (const body of ['<html>not found</html>', { code: -1000, msg: 'no such path' }]) {
      const exchange = new ScriptedPort({ local });
      exchange.answer = ({ path }) => (path === '/local/v1/info' ? { status: 404, body } : undefined);
      const { what } = listening(exchange);
      await exchange.pass(1000);
      expect(what()).toEqual(['connected']);
      expect(exchange.sockets[0].sent.length).toBe(1);
    }
  });
});
