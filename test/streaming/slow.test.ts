import { setTimeout as pause } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import WebSocket from 'ws';
import type { BookRecord } from '../../src/model/records.ts';
import type { RecordServerOptions } from '../../src/streaming/server/contract.ts';
import { serveRecords } from '../../src/streaming/server/server.ts';
import { PlainClient } from '../support/plain-client.ts';
import { book, trade } from '../support/records.ts';

async function serve(options: RecordServerOptions = {}) {
  const server = await serveRecords({ port: 0, ...options });
  onTestFinished(() => server.close());
  return server;
}

/** A book of so many levels a side: about 60 bytes each. */
const deep = (levels: number, offset = 0): BookRecord =>
  book(
    'snapshot',
    Array.from({ length: levels }, (_, at) => [10_000 - at, 1 + offset] as const),
    Array.from({ length: levels }, (_, at) => [10_001 + at, 1 + offset] as const),
  );

test('a client that stops reading gets how things stand when it reads again, instead of what it missed', async () => {
  const server = await serve({ limits: { backlogBytes: 100_000, slowMs: 60_000 } });
  const client = await PlainClient.open(server.url);
  client.send('sub BTC-USDT');
  await client.event('subscribed');
  server.sink.write([deep(100)]);
  await client.next(({ channel }) => channel === 'book');
  client.socket.pause();
  let size = 0;
  // Until the buffers of the system are full as well.
  while (server.status.behind === 0) {
    server.sink.write([deep(2000, ++size), trade(size)]);
    await pause(1);
  }
  for (let more = 0; more < 50; more++) {
    server.sink.write([book('delta', [[10_000, 5000 + more]], [])]);
    await pause(1);
  }
  expect(server.status).toMatchObject({ lagged: 1, slow: 0, behind: 1 });
  // However much comes, no more waits for it.
  const { backlog } = server.status;
  for (let more = 0; more < 20; more++) server.sink.write([deep(2000, more)]);
  await pause(50);
  expect(server.status.backlog).toBe(backlog);
  server.sink.write([book('delta', [[10_000, 7777]], [])]);
  client.socket.resume();
  const lost = await client.event('lost');
  expect(lost.records).toBeGreaterThan(50);
  const whole = await client.next();
  expect(whole).toMatchObject({ channel: 'book', type: 'snapshot', part: 1, parts: 1 });
  expect(whole.data.bids[0].slice(2)).toEqual([10_000, 7777]);
  server.sink.write([book('delta', [[10_000, 8888]], []), trade(1_000_000)]);
  expect(await client.next()).toMatchObject({ channel: 'book', type: 'update', seq: whole.seq + 1 });
  // The hole in the numbers of the trades says how many are missing.
  expect((await client.next()).seq).toBe(size + 1);
  expect(server.status).toMatchObject({ behind: 0, backlog: 0 });
}, 30_000);

test('one that does not catch up is disconnected, and counted', async () => {
  const server = await serve({ limits: { backlogBytes: 100_000, slowMs: 2000 } });
  const client = await PlainClient.open(server.url);
  client.send('sub');
  await client.event('subscribed');
  client.socket.pause();
  while (server.status.behind === 0) {
    server.sink.write([deep(2000)]);
    await pause(1);
  }
  await expect
    .poll(() => server.status, { timeout: 10_000 })
    .toMatchObject({ clients: 0, slow: 1, lagged: 1 });
}, 30_000);

test('one that asks without reading is not given more than it may have waiting', async () => {
  const server = await serve({
    limits: { backlogBytes: 100_000, slowMs: 60_000, requestBurst: 100_000, requestsPerSecond: 100_000 },
  });
  server.sink.write([deep(5000)]);
  const client = await PlainClient.open(server.url);
  client.socket.pause();
  for (let at = 0; at < 200; at++) {
    client.send({ op: 'subscribe', topic: 'BTC-USDT', channel: 'book' });
    client.send('list');
    if (at % 20 === 0) await pause(5);
  }
  await expect.poll(() => server.status.behind, { timeout: 20_000 }).toBe(1);
  // One snapshot may be longer than the limit; two may not wait.
  expect(server.status.backlog).toBeLessThan(2 * JSON.stringify(deep(5000)).length);
}, 30_000);

test('ten clients that stop reading do not hold up the others', async () => {
  const server = await serve({ limits: { backlogBytes: 200_000, slowMs: 60_000 } });
  const stopped = [];
  for (let at = 0; at < 10; at++) {
    const client = await PlainClient.open(server.url);
    client.send('sub');
    await client.event('subscribed');
    client.socket.pause();
    stopped.push(client);
  }
  const good = new WebSocket(server.url);
  onTestFinished(() => good.terminate());
  await new Promise(resolve => good.once('open', resolve));
  good.send('sub BTC-USDT trades');
  const ids: number[] = [];
  const delays: number[] = [];
  good.on('message', data => {
    const message = JSON.parse(data.toString());
    if (message.data?.kind !== 'trade') return;
    ids.push(Number(message.data.id));
    delays.push((performance.timeOrigin + performance.now()) * 1000 - message.time);
  });
  await pause(50);
  let id = 0;
  while (server.status.behind < 10 && id < 2_000_000) {
    // 200 records every millisecond or so, with a book that fills the buffers of those who do not read.
    server.sink.write([deep(500), ...Array.from({ length: 200 }, () => trade(++id))]);
    await pause(1);
  }
  expect(server.status.behind).toBe(10);
  const [before, rss] = [ids.length, process.memoryUsage().rss];
  for (let round = 0; round < 200; round++) {
    server.sink.write(Array.from({ length: 20 }, () => trade(++id)));
    await pause(1);
  }
  await expect.poll(() => ids.length, { timeout: 20_000 }).toBe(id);
  expect(ids).toEqual(Array.from({ length: id }, (_, at) => at + 1));
  const after = delays.slice(before).sort((one, other) => one - other);
  // Half of a second would be a thousand times what it takes; a busy machine is no reason to fail.
  expect(after[after.length >> 1]).toBeLessThan(500_000);
  expect(process.memoryUsage().rss - rss).toBeLessThan(100e6);
}, 60_000);

test('with permessage-deflate a client gets the same, compressed once for all', async () => {
  const server = await serve({ compress: true });
  const [packed, plain] = [
    await PlainClient.open(server.url, { perMessageDeflate: true }),
    await PlainClient.open(server.url),
  ];
  expect(packed.socket.extensions).toContain('permessage-deflate');
  expect(plain.socket.extensions).toBe('');
  for (const client of [packed, plain]) {
    client.send('sub');
    await client.event('subscribed');
  }
  for (let at = 0; at < 20; at++) server.sink.write([deep(300, at), trade(at)]);
  for (let at = 0; at < 40; at++) {
    const [one, other] = [await packed.next(), await plain.next()];
    expect(one).toEqual(other);
  }
  const bytes = (client: PlainClient) =>
    (client.socket as unknown as { _socket: { bytesRead: number } })._socket.bytesRead;
  expect(bytes(packed)).toBeLessThan(bytes(plain) / 4);
});
