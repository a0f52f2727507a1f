import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { localExchange, memoryFeed } from 'qt-trader';
import { describe, expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { parseFaults } from '../../src/exchange/fault-script.ts';
import { type Combined, listenTo, MINUTE, market, minutes, START } from './support.ts';
import { loopbackWorld } from './worlds.ts';

const data = () => market({ A: minutes(300) });
const ws = (url: string) => url.replace('http', 'ws');

test('who answers pings stays, who does not is dropped after a minute', async () => {
  // A second on the wall is 100 seconds of the exchange.
  const { url, network, sockets, pass, until } = await loopbackWorld(
    { market: await data(), pace: 0.001 },
    100,
  );
  const good = listenTo(network, `${ws(url)}/ws`);
  const deaf = new WebSocket(`${ws(url)}/ws`, { autoPong: false });
  const liar = new WebSocket(`${ws(url)}/ws`, { autoPong: false });
  sockets.push(deaf, liar);
  // Pongs with another payload are unsolicited ones.
  liar.on('ping', () => liar.pong('something else'));
  const ended: string[] = [];
  deaf.on('close', code => ended.push(`deaf ${code}`));
  liar.on('close', code => ended.push(`liar ${code}`));
  await until(() => ended.length === 2);
  expect(ended.toSorted()).toEqual(['deaf 1006', 'liar 1006']);
  await pass(60_000);
  expect(good.closed).toEqual([]);
  expect(good.pings).toBeGreaterThanOrEqual(5);
});

test('a half-open connection answers neither pings nor goodbyes', async () => {
  const world = await loopbackWorld(
    { market: await data(), pace: 60, faults: parseFaults('halfopen@10m') },
    20,
  );
  const heard = listenTo(world.network, `${ws(world.url)}/ws/a@kline_1m`);
  await world.until(() => world.exchange.status.faults.halfopen === 1);
  await world.pass(2000);
  const before = heard.messages.length;
  const [socket] = world.sockets;
  let pongs = 0;
  socket.on('pong', () => pongs++);
  socket.ping();
  socket.close();
  await world.pass(10_000);
  expect([pongs, heard.messages.length, heard.closed]).toEqual([0, before, []]);
});

test('a connection is refused with its HTTP status', async () => {
  const { url } = await loopbackWorld({ market: await data(), pace: 60 });
  const refusal = (path: string) =>
    new Promise<number>(done => {
      const socket = new WebSocket(ws(url) + path);
      socket.on('unexpected-response', (_, response) => {
        done(response.statusCode!);
        response.destroy();
      });
      socket.on('error', () => {});
    });
  expect(await refusal('/ws-api/v2')).toBe(404);
});

test('REST answers over HTTP with Binance’s headers', async () => {
  const { url } = await loopbackWorld({ market: await data(), pace: 'lockstep' });
  const answer = await fetch(`${url}/api/v3/klines?symbol=A&interval=1m&limit=x`);
  expect(answer.status).toBe(400);
  expect(answer.headers.get('x-mbx-used-weight-1m')).toBe('2');
  expect(answer.headers.get('content-type')).toContain('application/json');
  expect(await answer.json()).toMatchObject({ code: -1100 });
  const order = await fetch(`${url}/api/v3/order`, { method: 'POST', body: 'symbol=A' });
  expect([order.status, await order.json()]).toMatchObject([401, { code: -2014 }]);
  expect((await fetch(`${url}/api/v3/ping`, { method: 'POST' })).status).toBe(405);
  expect((await fetch(`${url}/favicon.ico`)).status).toBe(404);
});

test('a message that is too long ends its connection, and no other', async () => {
  const { url, network, until } = await loopbackWorld({ market: await data(), pace: 60 });
  const other = listenTo(network, `${ws(url)}/ws/a@kline_1m`);
  const heard = listenTo(network, `${ws(url)}/ws/a@kline_1m`);
  await until(() => heard.messages.length > 0);
  heard.socket.send('x'.repeat(1_000_000));
  await until(() => heard.closed.length === 1);
  const before = other.messages.length;
  await until(() => other.messages.length > before);
});

test('a client that does not read is dropped, and the market goes on for the others', async () => {
  const all = await market({ A: minutes(3000) });
  const { url, network, sockets, exchange, until } = await loopbackWorld({
    market: all,
    pace: 20_000,
    clients: 2,
  });
  const streams = [...all.listings.get('A')!.series.values()].map(({ stream }) => stream);
  const path = `${ws(url)}/stream?streams=${streams.join('/')}`;
  const lazy = new WebSocket(path);
  sockets.push(lazy);
  lazy.on('open', () => lazy.pause());
  const good = listenTo(network, path);
  await until(() => exchange.status.counters.slowClients === 1);
  const before = good.messages.length;
  await until(() => good.messages.length > before + 1000);
  expect([good.closed, exchange.status.connections]).toEqual([[], 1]);
});

describe('localExchange', () => {
  const feed = () => memoryFeed(minutes(10), { symbol: 'BTCUSDT', interval: '1m' });

  test('replays feeds on a port of its own, says when it is over, and leaves nothing behind', async () => {
    const exchange = await localExchange({ data: [feed()], port: 0, speed: 600, clients: 1 });
    expect(exchange.url).toBe(`http://127.0.0.1:${exchange.port}`);
    expect(exchange.info).toMatchObject({
      lockstep: false,
      speed: 600,
      time: START,
      end: START + 10 * MINUTE,
    });
    const closed: number[] = [];
    const socket = new WebSocket(`${ws(exchange.url)}/stream?streams=btcusdt@kline_1m/!replay`);
    socket.on('message', text => {
      const { data } = JSON.parse(text.toString()) as Combined<{
        k?: { x: boolean; t: number };
        end?: boolean;
      }>;
      if (data.k?.x) closed.push(data.k.t);
      if (data.end) socket.close();
    });
    await exchange.finished;
    expect(closed).toHaveLength(10);
    await exchange.close();
    await expect(fetch(`${exchange.url}/api/v3/ping`)).rejects.toThrow();
  });

  test('begins where it is told, with the bars before as history', async () => {
    const exchange = await localExchange({ data: [feed()], port: 0, from: START + 5 * MINUTE, clients: 1 });
    onTestFinished(() => exchange.close());
    const rows = await (await fetch(`${exchange.url}/api/v3/klines?symbol=BTCUSDT&interval=1m`)).json();
    expect((rows as number[][]).map(([time]) => (time - START) / MINUTE)).toEqual([0, 1, 2, 3, 4]);
  });

  test('says what is wrong with a port, a host, a range and its options', async () => {
    const taken: Server = createServer().listen(0, '127.0.0.1');
    await new Promise(done => taken.once('listening', done));
    onTestFinished(() => void taken.close());
    const { port } = taken.address() as AddressInfo;
    const start = (options: object) => localExchange({ data: [feed()], port: 0, ...options });
    await expect(start({ port })).rejects.toMatchObject({ code: 'PORT_IN_USE', value: port });
    await expect(start({ host: '203.0.113.7' })).rejects.toMatchObject({ code: 'HOST_UNKNOWN' });
    await expect(start({ from: START + 10 * MINUTE })).rejects.toMatchObject({ code: 'RANGE_EMPTY' });
    await expect(start({ faults: 'drop=many' })).rejects.toMatchObject({ code: 'FAULTS_INVALID' });
    const stuck = start({ faults: 'rest-lag=5s', lockstep: true });
    await expect(stuck).rejects.toMatchObject({ code: 'FAULTS_INVALID' });
    for (const wrong of [
      { speed: 0 },
      { speed: Number.NaN },
      { port: 70_000 },
      { updates: 0 },
      { clients: -1 },
    ]) {
      await expect(start(wrong)).rejects.toMatchObject({ code: 'EXCHANGE_OPTION' });
    }
  });
});
