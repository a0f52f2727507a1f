import { describe, expect, onTestFinished, test } from 'vitest';
import type { RecordServerOptions } from '../../src/streaming/server/contract.ts';
import { serveRecords } from '../../src/streaming/server/server.ts';
import { PlainClient } from '../support/plain-client.ts';
import { book, gap, kline, order, ticker, trade } from '../support/records.ts';

async function serve(options: RecordServerOptions = {}) {
  const server = await serveRecords({ port: 0, ...options });
  onTestFinished(() => server.close());
  return server;
}

describe('subscriptions', () => {
  test('a client gets what it subscribed to, numbered without a hole, and nothing else', async () => {
    const server = await serve();
    const client = await PlainClient.open(server.url);
    client.send({ op: 'subscribe', topic: 'BTC-USDT', channel: 'trades', venue: 'okx', id: 7 });
    expect(await client.next()).toMatchObject({ event: 'subscribed', id: 7, topic: 'BTC-USDT', streams: 0 });
    server.sink.write([
      trade(1),
      trade(2, { venue: 'bybit' }),
      trade(3, { symbol: 'ETH-USDT' }),
      ticker(5),
      trade(4),
    ]);
    const [first, second] = [await client.next(), await client.next()];
    expect(first).toMatchObject({
      channel: 'trades',
      venue: 'okx',
      topic: 'BTC-USDT',
      type: 'update',
      seq: 1,
    });
    expect(first.data).toEqual(trade(1));
    expect([second.seq, second.data.id]).toEqual([2, '4']);
    client.send('ping');
    expect((await client.next()).event).toBe('pong');
  });

  test('what is left out means all, but raw must be named; spelling does not matter', async () => {
    const server = await serve();
    const [all, one, begins] = [
      await PlainClient.open(server.url),
      await PlainClient.open(server.url),
      await PlainClient.open(server.url),
    ];
    all.send('sub');
    one.send('sub btcusdt * bybit');
    begins.send({ op: 'subscribe', topic: 'btc/*', channel: 'trades' });
    for (const client of [all, one, begins]) await client.event('subscribed');
    server.raw({
      ...{ kind: 'raw', venue: 'okx', event: 'recv', receiveTime: 1, text: '{}', isBinary: false },
      ...{ connection: 0, url: null },
    });
    server.sink.write([
      trade(1),
      trade(2, { venue: 'bybit' }),
      ticker(1, { venue: 'bybit' }),
      trade(3, { symbol: 'BTC-USD-261225' }),
      trade(4, { symbol: 'ETH-BTC' }),
    ]);
    const ids = async (client: PlainClient, count: number) => {
      const seen = [];
      for (let at = 0; at < count; at++) seen.push((await client.next()).data);
      return seen.map(data => data.id ?? data.kind);
    };
    expect(await ids(all, 5)).toEqual(['1', '2', 'ticker', '3', '4']);
    expect(await ids(one, 2)).toEqual(['2', 'ticker']);
    expect(await ids(begins, 3)).toEqual(['1', '2', '3']);
    one.send('sub * raw');
    await one.event('subscribed');
    server.raw({
      ...{ kind: 'raw', venue: 'okx', event: 'recv', receiveTime: 2, text: '[1]', isBinary: false },
      ...{ connection: 0, url: null },
    });
    expect((await one.next()).data.text).toBe('[1]');
  });

  test('dc ends all subscriptions, unsubscribe one of them, and both can be taken up again', async () => {
    const server = await serve();
    const client = await PlainClient.open(server.url);
    for (const round of [1, 2, 3]) {
      client.send('sub BTC-USDT trades');
      client.send({ op: 'subscribe', topic: 'ETH-USDT' });
      await client.event('subscribed');
      await client.event('subscribed');
      client.send({ op: 'unsubscribe', topic: 'BTC-USDT', channel: 'trades' });
      await client.event('unsubscribed');
      server.sink.write([trade(1), trade(2, { symbol: 'ETH-USDT' })]);
      expect((await client.next()).data.symbol).toBe('ETH-USDT');
      client.send('dc');
      await client.event('unsubscribed');
      server.sink.write([trade(1), trade(2, { symbol: 'ETH-USDT' })]);
      client.send('list');
      const list = await client.next();
      expect(list).toMatchObject({ event: 'list', subscriptions: [] });
      expect(list.streams).toEqual([
        { venue: 'okx', topic: 'BTC-USDT', channel: 'trades', seq: 2 * round },
        { venue: 'okx', topic: 'ETH-USDT', channel: 'trades', seq: 2 * round },
      ]);
    }
    client.send('exit');
    expect((await client.closed).code).toBe(1000);
  });

  test('a topic that nobody tells of is taken, with the closest one that there is', async () => {
    const server = await serve();
    server.sink.write([trade(1)]);
    const client = await PlainClient.open(server.url);
    client.send({ op: 'subscribe', topic: 'BTC-USDR' });
    expect(await client.next()).toMatchObject({ streams: 0, closest: ['BTC-USDT'] });
  });

  test.each([
    ['{', 'REQUEST_UNREADABLE'],
    ['{"op":"subscrib","id":"x"}', 'OPERATION_UNKNOWN'],
    ['{"op":"subscribe","channel":"trade"}', 'CHANNEL_UNKNOWN'],
    ['{"op":"subscribe","topic":{"a":1}}', 'REQUEST_INVALID'],
    ['{"op":"subscribe","topic":"<script>"}', 'REQUEST_INVALID'],
    ['{"op":"unsubscribe","topic":"BTC"}', 'SUBSCRIPTION_MISSING'],
    ['subb', 'OPERATION_UNKNOWN'],
    ['sub a trades okx more', 'REQUEST_INVALID'],
    ['', 'OPERATION_UNKNOWN'],
  ])('%s is answered with %s, and the connection goes on', async (text, code) => {
    const server = await serve();
    const client = await PlainClient.open(server.url);
    client.send(text);
    const error = await client.next();
    expect(error).toMatchObject({ event: 'error', code, message: expect.any(String) });
    if (text.includes('"id"')) expect(error.id).toBe('x');
    client.send('ping');
    expect((await client.next()).event).toBe('pong');
  });
});

describe('how things stand', () => {
  test('a newcomer gets the whole book, then changes numbered from there', async () => {
    const server = await serve();
    server.sink.write([
      book('snapshot', [[99, 1], [98, 2]], [[101, 1], [102, 2]]), // biome-ignore format: short
      book('delta', [[99, 0], [98.5, 3]], [[101, 5]]), // biome-ignore format: short
    ]);
    const client = await PlainClient.open(server.url);
    client.send('sub BTC-USDT book');
    await client.event('subscribed');
    const whole = await client.next();
    expect(whole).toMatchObject({ type: 'snapshot', seq: 2, data: { kind: 'book', type: 'snapshot' } });
    expect(whole.data.bids.map((level: unknown[]) => level.slice(2))).toEqual([[98.5, 3], [98, 2]]); // biome-ignore format: short
    expect(whole.data.asks.map((level: unknown[]) => level.slice(2))).toEqual([[101, 5], [102, 2]]); // biome-ignore format: short
    server.sink.write([book('delta', [[98, 0]], [])]);
    expect(await client.next()).toMatchObject({ type: 'update', seq: 3, data: { type: 'delta' } });
  });

  test('a book that begins after the subscription begins with its first record, a whole one', async () => {
    const server = await serve();
    const client = await PlainClient.open(server.url);
    client.send('sub BTC-USDT book');
    expect(await client.next()).toMatchObject({ event: 'subscribed', streams: 0 });
    server.sink.write([book('snapshot', [[100, 1]], []), book('delta', [[100, 2]], [])]);
    expect(await client.next()).toMatchObject({ type: 'update', seq: 1, data: { type: 'snapshot' } });
    expect(await client.next()).toMatchObject({ type: 'update', seq: 2, data: { type: 'delta' } });
  });

  test('a book of orders comes with its queues', async () => {
    const server = await serve();
    server.sink.write([
      ...[order('clear', 'bid'), order('clear', 'ask')],
      ...[
        order('open', 'bid', 'a', 99, 5),
        order('open', 'bid', 'b', 99, 5),
        order('add', 'bid', 'c', 99.5, 1),
      ],
      // a shrinks and keeps its place, b grows and loses it against d.
      ...[
        order('add', 'bid', 'd', 99, 1),
        order('modify', 'bid', 'a', 99, 4),
        order('modify', 'bid', 'b', 99, 6),
      ],
      ...[order('add', 'ask', 'e', 101, 1), order('delete', 'ask', 'e', 101, 1)],
    ]);
    const client = await PlainClient.open(server.url);
    client.send('sub BTC-USDT l3');
    await client.event('subscribed');
    const seen = [];
    for (let at = 0; at < 6; at++) seen.push(await client.next());
    expect(seen.every(({ seq, type }) => seq === 10 && type === 'snapshot')).toBe(true);
    expect(seen.map(({ data }) => `${data.action} ${data.side} ${data.orderId}`)).toEqual([
      ...['clear bid ', 'open bid c', 'open bid a', 'open bid d', 'open bid b', 'clear ask '],
    ]);
  });

  test('the last ticker, and the last kline of each interval', async () => {
    const server = await serve();
    server.sink.write([ticker(1), ticker(2), kline(60, 1), kline(120, 2), kline(0, 3, { interval: '1h' })]);
    const client = await PlainClient.open(server.url);
    client.send('sub');
    await client.event('subscribed');
    expect((await client.next()).data.bid).toBe('2');
    const klines = [await client.next(), await client.next()];
    expect(klines.map(({ data }) => [data.interval, data.close])).toEqual([['1m', 2], ['1h', 3]]); // biome-ignore format: short
  });

  test('a gap is told in the stream that it is of; while it is open, it stands for the book', async () => {
    const server = await serve();
    const before = await PlainClient.open(server.url);
    before.send('sub BTC-USDT book');
    await before.event('subscribed');
    server.sink.write([book('snapshot', [[99, 1]], []), trade(1), gap(1, 'open')]);
    expect((await before.next()).data.kind).toBe('book');
    expect(await before.next()).toMatchObject({ seq: 2, data: { kind: 'gap', state: 'open' } });
    const during = await PlainClient.open(server.url);
    during.send('sub BTC-USDT');
    await during.event('subscribed');
    const [first, second] = [await during.next(), await during.next()];
    expect(first).toMatchObject({ channel: 'book', type: 'snapshot', seq: 2, data: { kind: 'gap', gap: 1 } });
    expect(second).toMatchObject({ channel: 'gaps', type: 'snapshot', data: { kind: 'gap', gap: 1 } });
    server.sink.write([book('snapshot', [[98, 1]], []), gap(1, 'closed')]);
    expect((await before.next()).data.bids[0][2]).toBe(98);
    expect((await before.next()).data.state).toBe('closed');
    const after = await PlainClient.open(server.url);
    after.send('sub BTC-USDT book');
    await after.event('subscribed');
    expect(await after.next()).toMatchObject({ type: 'snapshot', seq: 4, data: { kind: 'book' } });
  });

  test('a venue that nobody collects any more has no books until it tells them anew, and others go on', async () => {
    const server = await serve();
    server.sink.write([
      book('snapshot', [[99, 1]], []),
      book('snapshot', [[99, 1]], [], { symbol: 'ETH-USDT' }),
      book('snapshot', [[50, 1]], [], { venue: 'bybit' }),
      gap(5, 'open', { symbol: 'ETH-USDT' }),
    ]);
    const client = await PlainClient.open(server.url);
    client.send('sub * book');
    await client.event('subscribed');
    const first = [await client.next(), await client.next(), await client.next()];
    expect(first.map(({ data }) => data.kind)).toEqual(['book', 'gap', 'book']);
    server.down('okx', 'COLLECTOR_ENDED', 'was killed');
    const told = [await client.next(), await client.next(), await client.next()];
    expect(told.map(({ data, topic }) => `${topic} ${data.cause} ${data.state}`)).toEqual([
      ...['BTC-USDT COLLECTOR_ENDED open', 'ETH-USDT COLLECTOR_ENDED open', 'ETH-USDT SEQUENCE closed'],
    ]);
    const late = await PlainClient.open(server.url);
    late.send('sub * book');
    await late.event('subscribed');
    const kinds = [await late.next(), await late.next(), await late.next()];
    expect(kinds.map(({ data, venue }) => `${venue} ${data.kind}`)).toEqual([
      'okx gap',
      'okx gap',
      'bybit book',
    ]);
    // One book is back; the other one still is not to be used.
    server.sink.write([book('delta', [[1, 1]], []), book('snapshot', [[97, 1]], [])]);
    const back = [await late.next(), await late.next(), await late.next()];
    expect(back.map(({ data, topic }) => `${topic} ${data.type ?? data.state}`)).toEqual([
      ...['BTC-USDT delta', 'BTC-USDT snapshot', 'BTC-USDT closed'],
    ]);
    const last = await PlainClient.open(server.url);
    last.send('sub * book okx');
    await last.event('subscribed');
    const states = [await last.next(), await last.next()];
    expect(states.map(({ data, topic }) => `${topic} ${data.kind}`)).toEqual([
      'BTC-USDT book',
      'ETH-USDT gap',
    ]);
  });
});
