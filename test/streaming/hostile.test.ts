import { once } from 'node:events';
import type { Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { deflateRawSync } from 'node:zlib';
import { describe, expect, onTestFinished, test } from 'vitest';
import WebSocket from 'ws';
import type { RecordServerOptions } from '../../src/streaming/server/contract.ts';
import { serveRecords } from '../../src/streaming/server/server.ts';
import { PlainClient } from '../support/plain-client.ts';
import { clientFrame, HANDSHAKE, rawSocket, rawWebSocket } from '../support/raw-socket.ts';
import { book, trade } from '../support/records.ts';

async function serve(options: RecordServerOptions = {}) {
  const server = await serveRecords({ port: 0, ...options });
  onTestFinished(() => server.close());
  return server;
}

/** The code of the close frame that a raw websocket gets, 0 where it is ended without one. */
async function closeCode(socket: Socket): Promise<number> {
  let heard = Buffer.alloc(0);
  socket.on('data', data => {
    heard = Buffer.concat([heard, data]);
  });
  if (!socket.closed) await once(socket, 'close');
  const at = heard.indexOf(0x88);
  return at < 0 ? 0 : heard.readUInt16BE(at + 2);
}

const text = (what: string) => Buffer.from(what);
const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;

describe('what breaks the protocol is answered with the right close code', () => {
  test.each([
    ['a binary frame', () => clientFrame(2, text('sub')), 1003],
    ['text that is not UTF-8', () => clientFrame(1, Buffer.from([0xc3, 0x28])), 1007],
    ['a message longer than it may be', () => clientFrame(1, Buffer.alloc(20_000, 0x61)), 1009],
    ['a length of 2^62', () => clientFrame(1, text('x'), { length: 2 ** 52 }), 1009],
    ['a frame without a mask', () => clientFrame(1, text('sub'), { masked: false }), 1002],
    ['a reserved bit', () => clientFrame(1, text('sub'), { rsv: 0x40 }), 1002],
    ['a reserved opcode', () => clientFrame(3, text('sub')), 1002],
    ['a continuation of nothing', () => clientFrame(0, text('sub')), 1002],
    ['a long ping', () => clientFrame(9, Buffer.alloc(126)), 1002],
    ['a fragmented ping', () => clientFrame(9, text('x'), { fin: false }), 1002],
    ['a close with half a code', () => clientFrame(8, Buffer.from([3])), 1002],
    [
      'a thousand fragments',
      () => Buffer.concat([clientFrame(1, text('a'), { fin: false }), ...Array.from({ length: 1000 }, () => clientFrame(0, text('a'), { fin: false }))]), // biome-ignore format: long
      1008,
    ],
  ])('%s', async (_, frame, code) => {
    const server = await serve();
    const socket = await rawWebSocket(server.url);
    socket.write(frame());
    expect(await closeCode(socket)).toBe(code);
    await expect.poll(() => server.status.clients, { timeout: 20_000 }).toBe(0);
  });

  test('a message that is small only while it is compressed', async () => {
    const server = await serve({ compress: true });
    const socket = await rawSocket(server.url);
    socket.write(HANDSHAKE.replace('\r\n\r\n', '\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n'));
    await once(socket, 'data');
    const bomb = deflateRawSync(Buffer.alloc(50_000_000, 0x61), { finishFlush: 2 }).subarray(0, -4);
    // Half of it is more than a message may have, however it is packed.
    socket.write(clientFrame(1, bomb.subarray(0, 10_000), { rsv: 0x40 }));
    expect(await closeCode(socket)).toBe(1009);
  });
});

test('10,000 hostile messages: the server goes on, and whoever behaves gets every record', async () => {
  const server = await serve({ limits: { clients: 50 } });
  const before = process.memoryUsage().rss;
  const good = await PlainClient.open(server.url);
  good.send('sub BTC-USDT trades');
  await good.event('subscribed');
  let id = 0;
  const market = setInterval(() => server.sink.write([trade(++id)]), 2);
  onTestFinished(() => clearInterval(market));
  const random = randomNumbers(3);
  const messages: ((at: number) => Buffer)[] = [
    at => clientFrame(1, text(nested(100 + (at % 8000)))),
    at => clientFrame(1, text(`{"op":"subscribe","topic":${nested(at % 7000)}}`)),
    () => clientFrame(1, text(`{"op":"subscribe","topic":"${'x'.repeat(15_000)}"}`)),
    () => clientFrame(1, text('{"op":"subscribe","__proto__":{"channel":"trades"},"constructor":{}}')),
    () => clientFrame(1, text('{"op":["subscribe"],"id":{"toString":1}}')),
    () => clientFrame(1, text('null')),
    () => clientFrame(1, text('{"op":"constructor"}')),
    () => clientFrame(1, text('__proto__')),
    at => clientFrame(1, text(`sub ${'\u0000'.repeat(at % 500)} \u202e`)),
    at => clientFrame(1, text(`sub ${at} trades ${'*'.repeat(at % 100)}`)),
    () => clientFrame(2, Buffer.alloc(1000, 7)),
    () => clientFrame(1, Buffer.from([0xff, 0xfe, 0xfd])),
    () => clientFrame(1, Buffer.alloc(70_000, 0x61)),
    () => clientFrame(1, text('x'), { length: 2 ** 40 }),
    at =>
      clientFrame(at % 16, Buffer.alloc(at % 200), {
        fin: at % 3 > 0,
        masked: at % 5 > 0,
        rsv: (at % 4) << 4,
      }),
    at => Buffer.from(Array.from({ length: 1 + (at % 300) }, () => Math.floor(random() * 256))),
    () => clientFrame(9, text('ping')),
    () => clientFrame(10, text('pong')),
    () => clientFrame(1, text('list')),
  ];
  let sent = 0;
  let connections = 0;
  const attack = async (kind: number) => {
    while (sent < 10_000) {
      connections++;
      const socket = await rawWebSocket(server.url);
      // As many as it bears, then on with another connection.
      for (let at = 0; at < 60 && !socket.destroyed && sent < 10_000; at++) {
        const make = kind < 0 ? messages[Math.floor(random() * messages.length)] : messages[kind];
        socket.write(make(sent++));
        if (at % 10 === 9) await pause(0);
      }
      socket.destroy();
    }
  };
  // Each kind alone, where one that is cut off at once would hide the others, and all mixed.
  await Promise.all([...messages.keys(), -1, -1, -1].map(attack));
  expect(sent).toBeGreaterThanOrEqual(10_000);
  const last = id;
  await good.next(({ data }) => Number(data?.id) >= last);
  clearInterval(market);
  await expect.poll(() => server.status.clients, { timeout: 10_000 }).toBe(1);
  server.sink.write([trade(++id)]);
  const { seq } = await good.next(({ data }) => Number(data?.id) === id);
  expect(seq).toBe(id);
  expect(server.status).toMatchObject({ subscriptions: 1, backlog: 0, lagged: 0, slow: 0 });
  expect(connections).toBeGreaterThan(100);
  expect(process.memoryUsage().rss - before).toBeLessThan(300e6);
}, 120_000);

describe('floods', () => {
  test('of requests: they are refused, told once a second, then the connection is closed', async () => {
    const server = await serve({ limits: { requestBurst: 10, requestsPerSecond: 1, refusals: 50 } });
    const client = await PlainClient.open(server.url);
    for (let at = 0; at < 1000; at++) client.send('ping');
    expect((await client.closed).code).toBe(1008);
    expect(client.messages.filter(({ event }) => event === 'pong').length).toBe(10);
    expect(client.messages.filter(({ code }) => code === 'RATE_LIMITED').length).toBe(1);
  });

  test('of pings count as requests', async () => {
    const server = await serve({ limits: { requestBurst: 10, requestsPerSecond: 1, refusals: 50 } });
    const client = await PlainClient.open(server.url);
    let pongs = 0;
    client.socket.on('pong', () => pongs++);
    for (let at = 0; at < 1000; at++) client.socket.ping();
    expect((await client.closed).code).toBe(1008);
    expect(pongs).toBe(10);
  });

  test('of connections: more than there may be are turned away, and one that leaves makes room', async () => {
    const server = await serve({ limits: { clients: 3 } });
    const clients = [];
    for (let at = 0; at < 3; at++) clients.push(await PlainClient.open(server.url));
    const refused = new WebSocket(server.url);
    const [error] = await once(refused, 'error');
    expect(String(error)).toContain('503');
    clients[0].send('exit');
    await clients[0].closed;
    await PlainClient.open(server.url);
  });

  test('of subscriptions', async () => {
    const server = await serve({ limits: { subscriptions: 5 } });
    const client = await PlainClient.open(server.url);
    for (let at = 0; at < 7; at++) client.send(`sub COIN-${at}`);
    expect(await client.event('error')).toMatchObject({ code: 'SUBSCRIPTIONS_TOO_MANY' });
    expect(server.status.subscriptions).toBe(5);
  });

  test('of half-open handshakes and requests that come byte by byte: they end, and others get in', async () => {
    const server = await serve({ limits: { requestMs: 1500 } });
    const sockets: Socket[] = [];
    for (let at = 0; at < 100; at++) {
      const socket = await rawSocket(server.url);
      socket.write(at % 2 === 0 ? 'GET / HTTP/1.1\r\nHost: x\r\n' : '');
      socket.resume();
      sockets.push(socket);
    }
    const loris = setInterval(() => sockets[0].writable && sockets[0].write('X-A: b\r\n'), 50);
    onTestFinished(() => clearInterval(loris));
    const client = await PlainClient.open(server.url);
    client.send('ping');
    await client.event('pong');
    await expect.poll(() => sockets.every(socket => socket.destroyed), { timeout: 15_000 }).toBe(true);
  }, 30_000);
});

describe('who may come in', () => {
  test.each([
    [undefined, 'localhost:1', 101],
    ['http://127.0.0.1:1', '127.0.0.1:1', 101],
    ['http://localhost:1', 'localhost:1', 101],
    ['https://evil.example', '127.0.0.1:1', 403],
    // A name that somebody lets lead here: the page's origin and the host are the same, and both are theirs.
    ['http://evil.example:1', 'evil.example:1', 403],
    ['null', '127.0.0.1:1', 403],
    ['https://good.example', '127.0.0.1:1', 101],
  ])('origin %s at host %s: %i', async (origin, host, status) => {
    const server = await serve({ origins: ['https://good.example'] });
    const socket = await rawSocket(server.url);
    const from = origin === undefined ? '' : `\r\nOrigin: ${origin}`;
    socket.write(HANDSHAKE.replace('Host: 127.0.0.1', `Host: ${host}${from}`));
    const [answer] = await once(socket, 'data');
    expect(String(answer)).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  });

  test('with a token: by header, by address or by the first message; without one nothing is told', async () => {
    const server = await serve({ token: 'the-secret-token', limits: { authenticationMs: 1500 } });
    server.sink.write([book('snapshot', [[1, 1]], [])]);
    const byHeader = await PlainClient.open(server.url, {
      headers: { authorization: 'Bearer the-secret-token' },
    });
    const byAddress = await PlainClient.open(`${server.url}?token=the-secret-token`);
    const byMessage = await PlainClient.open(server.url);
    byMessage.send({ op: 'auth', token: 'the-secret-token', id: 1 });
    expect(await byMessage.next()).toMatchObject({ event: 'authenticated', id: 1 });
    for (const client of [byHeader, byAddress, byMessage]) {
      client.send('sub BTC-USDT book');
      await client.event('subscribed');
      expect((await client.next()).data.kind).toBe('book');
    }
    const silent = await PlainClient.open(server.url);
    for (const request of ['sub', 'list', 'ping']) {
      silent.send(request);
      expect(await silent.next()).toMatchObject({ event: 'error', code: 'UNAUTHORISED' });
    }
    expect((await silent.closed).code).toBe(4401);
    expect(silent.messages).toEqual([]);
    const wrong = await PlainClient.open(server.url);
    wrong.send({ op: 'auth', token: 'the-secret-tokem' });
    expect((await wrong.closed).code).toBe(4401);
    const [error] = await once(new WebSocket(`${server.url}?token=nonsense`), 'error');
    expect(String(error)).toContain('401');
  });

  test('other machines only with a token, unless it is said otherwise', async () => {
    await expect(serveRecords({ port: 0, host: '0.0.0.0' })).rejects.toMatchObject({ code: 'TOKEN_MISSING' });
    await serve({ host: '0.0.0.0', isPublic: true });
    await serve({ host: '0.0.0.0', token: 'the-secret-token' });
  });
});

/** Uniform numbers from 0 to 1, always the same ones (mulberry32). */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
