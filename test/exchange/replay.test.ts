import { describe, expect, test } from 'vitest';
import { decimalText } from '../../src/model/decimal-text.ts';
import type { ReplayTick } from '../../src/venues/binance/replay.ts';
import { type Combined, type KlineEvent, listenTo, MINUTE, market, minutes, START } from './support.ts';
import { loopbackWorld, type MakeWorld, virtualWorld } from './worlds.ts';

const BARS = 20;
const STREAMS = '/stream?streams=a@kline_1m/b@kline_1m/a@kline_5m';

const isTick = (message: unknown): message is Combined<ReplayTick> =>
  (message as Combined<unknown>).stream === '!replay';
const klinesOf = (messages: readonly unknown[], stream: string) =>
  messages
    .filter(message => (message as Combined<unknown>).stream === stream)
    .map(message => (message as Combined<KlineEvent>).data);
const ack = (tick: number) => JSON.stringify({ method: 'ACK', params: [tick] });
const pair = () => market({ A: minutes(BARS), B: minutes(BARS, 2) });

const WORLDS: [string, MakeWorld][] = [
  ['in virtual time', virtualWorld],
  ['on real sockets', loopbackWorld],
];

describe.each(WORLDS)('in lockstep, %s,', (_, make) => {
  test('every closed bar comes once, as the data has it, after its updates and before the next opening', async () => {
    const { exchange, network, url, until } = await make({ market: await pair(), pace: 'lockstep' });
    let end = false;
    const { messages } = listenTo(
      network,
      `${url.replace('http', 'ws')}${STREAMS}/!replay`,
      (message, socket) => {
        if (!isTick(message)) return;
        end = message.data.end;
        socket.send(ack(message.data.n));
      },
    );
    await until(() => end);
    const [source] = exchange.tape.market.sources;
    const klines = klinesOf(messages, 'a@kline_1m');
    const closed = klines.filter(({ k }) => k.x);
    expect(closed.map(({ k }) => [k.t, k.o, k.h, k.l, k.c, k.v])).toEqual(
      Array.from({ length: BARS }, (_, row) => [
        source.time[row],
        ...[source.open, source.high, source.low, source.close, source.volume].map(column =>
          decimalText(column[row]),
        ),
      ]),
    );
    expect(closed.map(({ E, k }) => E - k.T)).toEqual(Array(BARS).fill(1));
    expect(klines.map(({ k }) => k.x)).toEqual(Array(BARS).fill([false, false, false, false, true]).flat());
    const openings = klines.filter((_, i) => i % 5 === 0);
    expect(openings.every(({ E, k }) => E === k.t && [k.h, k.l, k.c].every(price => price === k.o))).toBe(
      true,
    );
    expect(klinesOf(messages, 'a@kline_5m').filter(({ k }) => k.x)).toHaveLength(BARS / 5);

    const ticks = messages.filter(isTick).map(({ data }) => data);
    expect(ticks.map(({ n }) => n)).toEqual(ticks.map((_, i) => i));
    expect(ticks.filter(({ end }) => end)).toEqual([ticks.at(-1)]);
    expect(ticks.at(-1)!.E).toBe(START + BARS * MINUTE);
    // A tick follows everything of its moment.
    const order = messages.map(message => (message as Combined<{ E: number }>).data.E);
    expect(order).toEqual([...order].sort((a, b) => a - b));
    // What closes has a tick of its own before what opens.
    expect(ticks.slice(4, 6).map(({ E }) => E - START)).toEqual([MINUTE, MINUTE]);
    const fifth = messages.findIndex(message => isTick(message) && message.data.n === 4);
    const sixth = messages.findIndex(message => isTick(message) && message.data.n === 5);
    const between = messages.slice(fifth + 1, sixth) as Combined<KlineEvent>[];
    expect(between.map(({ data }) => [data.k.x, data.k.i])).toEqual([
      [false, '1m'],
      [false, '5m'],
      [false, '1m'],
    ]);
  });

  test('time stands still until every client has acknowledged, and REST with it', async () => {
    const { network, url, pass, until } = await make({ market: await pair(), pace: 'lockstep', clients: 2 });
    const streams = `${url.replace('http', 'ws')}${STREAMS}/!replay`;
    const one = listenTo(network, streams);
    await pass(100);
    expect(one.messages).toEqual([]);
    const two = listenTo(network, streams);
    const tick = (n: number) => (message: unknown) => isTick(message) && message.data.n === n;
    await until(() => [one, two].every(({ messages }) => messages.some(tick(0))));
    const ask = async (path: string) => {
      const answer = network.http({ url: url + path, timeoutMs: 1000 });
      await pass(100);
      return JSON.parse((await answer).body);
    };
    one.socket.send(ack(0));
    await pass(100);
    expect(one.messages.some(tick(1))).toBe(false);
    expect(await ask('/api/v3/time')).toEqual({ serverTime: START });
    two.socket.send(ack(0));
    await until(() => [one, two].every(({ messages }) => messages.some(tick(1))));
    expect(await ask('/api/v3/time')).toEqual({ serverTime: START + MINUTE / 4 });
    // Who leaves is not waited for.
    one.socket.send(ack(1));
    two.socket.terminate();
    await until(() => one.messages.some(tick(2)));
    // Up to the closing of the first bar: REST has it, and nothing of the next one.
    for (const n of [2, 3]) {
      one.socket.send(ack(n));
      await until(() => one.messages.some(tick(n + 1)));
    }
    const rows = await ask('/api/v3/klines?symbol=A&interval=1m');
    expect(rows.map(([time]: number[]) => time)).toEqual([START]);
    expect(await ask('/api/v3/time')).toEqual({ serverTime: START + MINUTE });
    one.socket.send(ack(4));
    await until(() => one.messages.some(tick(5)));
    expect(await ask('/api/v3/klines?symbol=A&interval=1m')).toHaveLength(2);
    expect(await ask('/local/v1/info')).toMatchObject({ lockstep: true, speed: null, time: START + MINUTE });
  });

  test('who comes back gets the frames of the moment again, and loses nothing', async () => {
    const { network, url, until } = await make({ market: await pair(), pace: 'lockstep' });
    const streams = `${url.replace('http', 'ws')}${STREAMS}/!replay`;
    const all: unknown[] = [];
    let end = false;
    const connect = () => {
      let left = 7;
      const heard = listenTo(network, streams, (message, socket) => {
        all.push(message);
        if (!isTick(message)) return;
        if (message.data.end) end = true;
        // Gone before it has acknowledged, now and then.
        if (--left === 0 && !end) {
          socket.terminate();
          connect();
        } else if (left > 0) socket.send(ack(message.data.n));
      });
      return heard;
    };
    connect();
    await until(() => end);
    const ticks = all.filter(isTick).map(({ data }) => data.n);
    expect(ticks.length).toBeGreaterThan(new Set(ticks).size);
    expect([...new Set(ticks)]).toEqual(Array.from({ length: BARS * 5 + 1 }, (_, n) => n));
    const closed = klinesOf(all, 'b@kline_1m').filter(({ k }) => k.x);
    expect(new Set(closed.map(({ k }) => k.t)).size).toBe(BARS);
  });

  test('streams that are added before the tick is acknowledged get the moment’s frames, too', async () => {
    const { network, url, until } = await make({ market: await pair(), pace: 'lockstep' });
    const one = listenTo(network, `${url.replace('http', 'ws')}/stream?streams=!replay`);
    await until(() => one.messages.length === 1);
    one.socket.send(JSON.stringify({ method: 'SUBSCRIBE', params: ['a@kline_1m'], id: 7 }));
    await until(() => one.messages.length === 4);
    expect(one.messages.slice(1)).toMatchObject([
      { result: null, id: 7 },
      { stream: 'a@kline_1m', data: { E: START } },
      { stream: '!replay', data: { n: 0 } },
    ]);
  });
});

describe.each(WORLDS)('by the clock, %s,', (_, make) => {
  test('the market goes through all of it, once, and says when it is over', async () => {
    const { exchange, network, url, until } = await make({ market: await pair(), pace: 1200, clients: 1 });
    const { messages, socket, closed } = listenTo(network, `${url.replace('http', 'ws')}${STREAMS}/!replay`);
    await until(() => messages.some(isTick));
    for (const symbol of ['a', 'b']) {
      const times = klinesOf(messages, `${symbol}@kline_1m`)
        .filter(({ k }) => k.x)
        .map(({ k }) => k.t);
      expect(times).toEqual(Array.from({ length: BARS }, (_, i) => START + i * MINUTE));
    }
    // No ticks but the last one.
    expect(messages.filter(isTick).map(({ data }) => [data.end, data.E])).toEqual([
      [true, START + BARS * MINUTE],
    ]);
    expect(exchange.status).toMatchObject({ ended: true, time: START + BARS * MINUTE, connections: 1 });
    socket.close();
    await until(() => closed.length === 1);
    await until(() => exchange.status.connections === 0);
  });
});

test('the market’s time follows the clock at its speed', async () => {
  const { exchange, pass } = await virtualWorld({ market: await market({ A: minutes(600) }), pace: 60 });
  for (const seconds of [1, 7, 100]) {
    const before = exchange.status.time;
    await pass(seconds * 1000);
    expect(exchange.status.time - before).toBeCloseTo(seconds * MINUTE, -2);
  }
});

test('clients are pinged every 20 s of real time and stay for 24 h, whatever the market’s speed', async () => {
  const data = await market({ A: minutes(30) });
  const { exchange, network, pass, openSockets, timers } = await virtualWorld({ market: data, pace: 600 });
  const heard = listenTo(network, 'ws://exchange/ws/a@kline_1m');
  await pass(61_000);
  expect(heard.pings).toBe(3);
  await pass(24 * 3_600_000 - 61_000 - 1000);
  expect([heard.pings, heard.closed]).toEqual([(24 * 3600) / 20 - 1, []]);
  await pass(2000);
  expect(heard.closed).toEqual([{ code: 1001, reason: 'connected for 24 hours' }]);
  expect([openSockets(), timers.pending, exchange.status.connections]).toEqual([0, 0, 0]);
});

test('300 connections within five minutes are the most', async () => {
  const { network, pass } = await virtualWorld({ market: await market({ A: minutes(30) }), pace: 1 });
  const all = Array.from({ length: 301 }, () => listenTo(network, 'ws://exchange/ws'));
  await pass(1000);
  expect(all.filter(({ closed }) => closed.length > 0).map(({ closed }) => closed)).toEqual([
    [{ code: 1006, reason: 'Unexpected server response: 429' }],
  ]);
  await pass(300_000);
  const later = listenTo(network, 'ws://exchange/ws');
  await pass(1000);
  expect(later.closed).toEqual([]);
});

test('a stream that nothing comes on is accepted in silence, and a person is told', async () => {
  const told: string[] = [];
  const { network, pass } = await virtualWorld({
    market: await market({ A: minutes(3) }),
    pace: 60,
    onEvent: ({ kind, message }) => kind === 'warning' && told.push(message),
  });
  const { messages } = listenTo(network, 'ws://exchange/stream?streams=A@kline_1m/doge@trade/a@bookTicker');
  await pass(10_000);
  expect(new Set(messages.map(message => (message as Combined<unknown>).stream))).toEqual(
    new Set(['a@bookTicker']),
  );
  expect(told).toEqual([
    'nothing will come on the stream "A@kline_1m", symbols are lower case',
    'nothing will come on the stream "doge@trade"',
  ]);
});

test('REST refuses who asks too much by the clock, and nobody in lockstep', async () => {
  const data = await market({ A: minutes(30) });
  for (const [pace, statuses] of [
    [1, [429, 418]],
    ['lockstep', []],
  ] as const) {
    const { network, pass } = await virtualWorld({ market: data, pace });
    const found = new Set<number>();
    let used = '';
    for (let i = 0; i < 320; i++) {
      const answer = network.http({ url: 'http://exchange/api/v3/exchangeInfo', timeoutMs: 1000 });
      await pass(50);
      const { status, headers } = await answer;
      if (status !== 200) expect(Number(headers['retry-after'])).toBeGreaterThan(0);
      found.add(status);
      used = headers['x-mbx-used-weight-1m'];
    }
    expect([...found]).toEqual([200, ...statuses]);
    expect(Number(used)).toBeGreaterThan(6000);
  }
});
