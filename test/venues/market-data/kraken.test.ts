import { expect, test } from 'vitest';
import { KRAKEN } from '../../../src/venues/market-data/kraken/kraken.ts';
import { VenueRun } from '../../support/venue-run.ts';

const PAIRS = {
  error: [],
  result: {
    XXBTZUSD: { wsname: 'XBT/USD', pair_decimals: 1, lot_decimals: 8 },
    XETHZUSD: { wsname: 'ETH/USD', pair_decimals: 1, lot_decimals: 8 },
    'XXBTZUSD.d': { altname: 'XBTUSD.d' },
  },
};
const time = '2026-08-12T19:28:44.084233Z';

type Rows = readonly (readonly [price: number, qty: number])[];

function book(type: string, symbol: string, bids: Rows, asks: Rows, checksum?: number) {
  const side = (rows: Rows) => rows.map(([price, qty]) => ({ price, qty }));
  const data = [{ symbol, bids: side(bids), asks: side(asks), checksum, timestamp: time }];
  return { channel: 'book', type, data };
}

const SUBSCRIBE = '{"method":"subscribe","params":{"channel":"book","symbol":["BTC/USD"],"depth":10}}';
const SNAPSHOT = book(
  'snapshot',
  'BTC/USD',
  [
    [100.5, 2],
    [99, 0.25],
  ],
  [
    [101, 1.5],
    [102.5, 0.0002],
  ],
  1343400300,
);
const OTHER = book('snapshot', 'ETH/USD', [[10, 1]], [[11, 1]], 514696170);
const WHOLE = {
  bids: ['100.5 2', '99 0.25'],
  asks: ['101 1.5', '102.5 0.0002'],
};

function run(): VenueRun {
  const venue = new VenueRun(KRAKEN).answer('https://api.kraken.com/0/public/AssetPairs', PAIRS).open();
  venue.pipeline.feed(venue.time, decoder => decoder.sent(0, SUBSCRIBE));
  return venue;
}

test('a book follows snapshot and updates, and its checksum is that of digits which the frames leave out', () => {
  const venue = run().recv(SNAPSHOT, book('update', 'BTC/USD', [[100.5, 0]], [], 2854286263));
  expect(venue.book('BTC/USD')).toEqual({ bids: ['99 0.25'], asks: WHOLE.asks });
  expect(venue.check('BTC/USD', 'checksums')).toEqual({ checked: 2, passed: 2 });
  expect(venue.gaps).toEqual([]);
  const [first, second] = venue.of('book');
  expect(first).toMatchObject({ type: 'snapshot', symbol: 'BTC-USD', native: 'BTC/USD' });
  expect(second.bids).toEqual([['100.5', '0', 100.5, 0]]);
  expect(second.exchangeTime).toBe(Date.UTC(2026, 7, 12, 19, 28, 44) * 1000 + 84233);
});

test('without a list of pairs the precision is what the frames show', () => {
  const text = JSON.stringify(SNAPSHOT)
    .replace('"price":99,', '"price":99.0,')
    .replace('"qty":2}', '"qty":2.00000000}');
  expect(new VenueRun(KRAKEN).open().recv(text).check('BTC/USD', 'checksums')).toEqual({
    checked: 1,
    passed: 1,
  });
});

test('the order of keys and blanks between them mean nothing', () => {
  const venue = run().recv(
    `{ "data" : [ { "checksum":1343400300, "asks":[ {"qty":1.5,"price":101.0} , {"price":1025e-1,"qty":2.0E-4} ],
      "bids":[{"qty":0.25,"price":99},{"price":100.5,"qty":2}], "symbol":"BTC\\/USD" } ] ,
      "type" : "snapshot" , "channel" : "book" }`,
  );
  expect(venue.book('BTC/USD')).toEqual({ bids: WHOLE.bids, asks: ['101.0 1.5', '102.5 0.00020'] });
  expect(venue.check('BTC/USD', 'checksums')).toEqual({ checked: 1, passed: 1 });
});

test('a checksum that differs makes that book invalid and subscribes to it again, while the others go on', () => {
  const venue = run().recv(SNAPSHOT, OTHER, book('update', 'BTC/USD', [[100.5, 3]], [], 2854286263));
  expect(venue.book('BTC/USD')).toBe('invalid');
  expect(venue.book('ETH/USD')).toEqual({ bids: ['10 1'], asks: ['11 1'] });
  expect(venue.gaps).toEqual(['BTC-USD book CHECKSUM open']);
  expect(venue.sent).toEqual([
    '{"method":"unsubscribe","params":{"channel":"book","symbol":["BTC/USD"],"depth":10},"req_id":1949894133}',
    '{"method":"subscribe","params":{"channel":"book","symbol":["BTC/USD"],"depth":10,"snapshot":true},"req_id":3955794388}',
  ]);
  venue.recv(book('update', 'BTC/USD', [[100.5, 1]], [], 7), SNAPSHOT);
  expect(venue.book('BTC/USD')).toEqual(WHOLE);
  expect(venue.gaps).toEqual(['BTC-USD book CHECKSUM open', 'BTC-USD book CHECKSUM closed']);
  expect(venue.sent).toHaveLength(2);
});

test('a book that breaks again and again is asked for ever more rarely, and one that never comes ends the connection', () => {
  const venue = run().recv(SNAPSHOT);
  const broken = { ...SNAPSHOT, data: [{ ...SNAPSHOT.data[0], checksum: 1 }] };
  for (let second = 0; second < 100; second++) {
    venue.time += 1e6;
    venue.recv(broken);
  }
  expect(venue.sent.length / 2).toBeGreaterThan(2);
  expect(venue.sent.length / 2).toBeLessThan(6);
  expect(venue.reconnects).toEqual([]);
  for (let second = 0; second < 1000; second++) {
    venue.time += 1e6;
    venue.recv({ channel: 'heartbeat' });
  }
  expect(venue.reconnects).toEqual([0]);
});

test('what lies beyond the depth that was subscribed to is forgotten, since no deletion tells of it', () => {
  const asks: [number, number][] = Array.from({ length: 10 }, (_, at) => [101 + at, 1]);
  const venue = run().recv(
    book('snapshot', 'BTC/USD', [[100, 1]], asks, 1696651924),
    // The best ask goes and an eleventh comes, in one message.
    book(
      'update',
      'BTC/USD',
      [],
      [
        [101, 0],
        [111, 1],
      ] as Rows,
      1583015476,
    ),
    book('update', 'BTC/USD', [], [[100.5, 1]], 2609608988),
    book('update', 'BTC/USD', [], [[100.5, 0]], 3776123913),
  );
  expect(venue.gaps).toEqual([]);
  expect(venue.check('BTC/USD', 'checksums')).toEqual({ checked: 4, passed: 4 });
  expect(venue.pipeline.decoder.books.get('BTC/USD')?.book.asks.length).toBe(9);
});

test('a snapshot may come at any time, and replaces the book', () => {
  const change = book('update', 'BTC/USD', [], [[101, 3]], 935032918);
  const venue = run().recv(SNAPSHOT, change, SNAPSHOT, change);
  expect(venue.book('BTC/USD')).toMatchObject({ asks: ['101 3', '102.5 0.0002'] });
  expect(venue.check('BTC/USD', 'checksums')).toEqual({ checked: 4, passed: 4 });
});

test('the same message twice in a row counts once', () => {
  const change = book('update', 'BTC/USD', [], [[101, 3]], 935032918);
  const venue = run().recv(SNAPSHOT, change, change);
  expect(venue.of('book')).toHaveLength(2);
  expect(venue.counter('BTC/USD', 'duplicateDeltas')).toBe(1);
});

test('a frame that is cut leaves no book of its connection valid, wherever it is cut', () => {
  const whole = JSON.stringify(book('update', 'BTC/USD', [], [[101, 3]], 935032918));
  for (let length = 0; length < whole.length; length++) {
    const venue = run().recv(SNAPSHOT).recvOn(1, OTHER).recv(whole.slice(0, length));
    expect(venue.book('BTC/USD')).toBe('invalid');
    expect(venue.book('ETH/USD')).not.toBe('invalid');
    expect(venue.of('gap')[0]).toMatchObject({ cause: 'UNREADABLE', rule: 'frame is not valid JSON' });
  }
});

test('a message of another shape makes the book that it names invalid, and no other', () => {
  const venue = run().recv(SNAPSHOT, OTHER, {
    channel: 'book',
    type: 'update',
    data: [{ symbol: 'ETH/USD', bids: [{ price: 'ten' }], asks: [] }],
  });
  expect(venue.book('BTC/USD')).toEqual(WHOLE);
  expect(venue.book('ETH/USD')).toBe('invalid');
  venue.recv({ channel: 'ticker', type: 'update', data: [{ symbol: 'BTC/USD', bid: 'x' }] });
  expect(venue.book('BTC/USD')).toEqual(WHOLE);
});

test('while two connections overlap, a book belongs to the newer one', () => {
  const venue = run().recv(SNAPSHOT).recvOn(1, SNAPSHOT);
  venue.recv(book('update', 'BTC/USD', [], [[101, 9]], 1), SNAPSHOT);
  venue.recvOn(1, book('update', 'BTC/USD', [[100.5, 0]], [], 2854286263)).close(0);
  expect(venue.book('BTC/USD')).toMatchObject({ bids: ['99 0.25'] });
  expect(venue.gaps).toEqual([]);
  venue.close(1);
  expect(venue.book('BTC/USD')).toBe('invalid');
  expect(venue.gaps).toEqual(['BTC-USD book DISCONNECTED open']);
});

test('a newer connection whose snapshot was lost takes the book on if the checksum holds, and breaks it if not', () => {
  const update = (checksum: number) => book('update', 'BTC/USD', [[100.5, 0]], [], checksum);
  const sound = run().recv(SNAPSHOT).recvOn(1, update(2854286263));
  expect(sound.book('BTC/USD')).toEqual({ bids: ['99 0.25'], asks: WHOLE.asks });
  expect(sound.gaps).toEqual([]);
  const broken = run().recv(SNAPSHOT).recvOn(1, update(1));
  expect(broken.book('BTC/USD')).toBe('invalid');
  expect(broken.gaps).toEqual(['BTC-USD book CHECKSUM open']);
});

const trade = (id: number, type = 'update') => ({
  channel: 'trade',
  type,
  data: [
    {
      ...{ symbol: 'BTC/USD', side: 'sell', price: 105944.2, qty: 0.00027625 },
      ...{ ord_type: 'limit', trade_id: id, timestamp: '2023-10-06T17:35:55.440295Z' },
    },
  ],
});

test('trades of the first subscription are the past; those of a later one fill what was missed', () => {
  const past = (from: number, to: number) => ({
    ...trade(from, 'snapshot'),
    data: Array.from({ length: to - from + 1 }, (_, at) => ({ ...trade(0).data[0], trade_id: to - at })),
  });
  const venue = run().recv(past(1, 3), trade(4), trade(4)).close().open(1).recvOn(1, past(3, 7));
  venue.recvOn(1, trade(8));
  const rows = venue.of('trade').map(({ id, isHistory }) => `${id}${isHistory ? ' past' : ''}`);
  expect(rows).toEqual(['1 past', '2 past', '3 past', '4', '5', '6', '7', '8']);
  expect(venue.of('trade')[3]).toMatchObject({ side: 'sell', priceText: '105944.2', sizeText: '0.00027625' });
  expect(venue.gaps).toEqual([]);
  expect(venue.counter('BTC/USD', 'duplicateTrades')).toBe(1);
});

test('trades that are missing are asked for by REST, emitted once, and the gap closes', () => {
  const venue = run().recv(trade(10), trade(13));
  expect(venue.gaps).toEqual(['BTC-USD trades SEQUENCE open']);
  expect(venue.asked).toEqual([
    'https://api.kraken.com/0/public/Trades?pair=XBTUSD&since=1696613755440294000&count=1000',
  ]);
  const rows = [10, 11, 12, 13, 14].map(id => ['105944.1', '0.5', 1696613755.4403, 'b', 'l', '', id]);
  venue.answer(venue.asked[0], { error: [], result: { XXBTZUSD: rows, last: '1' } });
  expect(venue.of('trade').map(({ id, side }) => `${id} ${side}`)).toEqual([
    ...['10 sell', '13 sell', '11 buy', '12 buy'],
  ]);
  expect(venue.gaps.at(-1)).toBe('BTC-USD trades SEQUENCE closed');
});

test('klines carry their interval, and those of the subscription are the past', () => {
  const row = {
    ...{ symbol: 'BTC/USD', open: 63301.6, high: 63301.6, low: 63297.7, close: 63297.7, trades: 27 },
    ...{ volume: 0.04121249, vwap: 63298.2, interval: 60, interval_begin: '2026-08-12T19:00:00.000000000Z' },
  };
  const venue = run().recv(
    { channel: 'ohlc', type: 'snapshot', data: [row] },
    { channel: 'ohlc', type: 'update', data: [row], timestamp: time },
  );
  expect(venue.of('kline').map(({ isHistory }) => isHistory)).toEqual([true, false]);
  expect(venue.of('kline')[1]).toMatchObject({
    ...{ interval: '1h', openTime: Date.UTC(2026, 7, 12, 19) * 1000, trades: 27, isClosed: null },
    texts: ['63301.6', '63301.6', '63297.7', '63297.7', '0.04121249'],
  });
});

test('klines that passed while the connection was gone are asked for, and are a gap until they come', () => {
  const kline = (minute: number) => ({
    channel: 'ohlc',
    type: 'update',
    data: [
      {
        ...{ symbol: 'BTC/USD', open: 1, high: 1, low: 1, close: 1, trades: 0, volume: 0, interval: 1 },
        interval_begin: new Date(Date.UTC(2026, 7, 12, 19, minute)).toISOString(),
      },
    ],
  });
  const venue = run().recv(kline(0)).close().recvOn(1, kline(3));
  expect(venue.gaps).toEqual(['BTC-USD klines DISCONNECTED open']);
  expect(venue.asked).toHaveLength(1);
  const start = Date.UTC(2026, 7, 12, 19) / 1000;
  const rows = [0, 60, 120, 180].map(at => [start + at, '1', '2', '1', '2', '1.5', '0.5', 4]);
  venue.answer(venue.asked[0], { error: [], result: { XXBTZUSD: rows, last: start } });
  const minutes = venue
    .of('kline')
    .map(({ isClosed, openTime }) => [(openTime / 1e6 - start) / 60, isClosed]);
  expect(minutes).toEqual([
    [0, null],
    [3, null],
    [0, true],
    [1, true],
    [2, true],
  ]);
  expect(venue.gaps.at(-1)).toBe('BTC-USD klines DISCONNECTED closed');
});

test('a market without trades has no prices, rather than prices of 0 in the year 1970', () => {
  const row = {
    ...{ symbol: 'BTC/USD', bid: 0, bid_qty: 0, ask: 5.5, ask_qty: 1, last: 0, volume: 0, high: 0, low: 0 },
    timestamp: '1970-01-01T00:00:00.000000Z',
  };
  const venue = run().recv({ channel: 'ticker', type: 'snapshot', data: [row] });
  expect(venue.of('ticker')[0]).toMatchObject({ bid: null, ask: '5.5', last: null, exchangeTime: null });
});

test('messages without data are counted by their kind, and unknown ones are noticed', () => {
  const venue = run().recv(
    { channel: 'heartbeat' },
    { channel: 'status', type: 'update', data: [{ system: 'online' }] },
    { method: 'pong', req_id: 42 },
    { method: 'subscribe', success: false, error: 'Currency pair not supported XX/YY' },
    { channel: 'news', type: 'update', data: [] },
    {},
  );
  expect(Object.fromEntries(venue.pipeline.tally.other)).toEqual({
    ...{ heartbeat: 1, status: 1, pong: 1, subscribe: 1, unknown: 2 },
  });
  expect(venue.notices).toEqual(['REQUEST_REFUSED', 'FRAME_UNKNOWN', 'FRAME_UNKNOWN']);
});

test('subscriptions are grouped by what they ask for, and pairs are named as the protocol does', () => {
  const subscriptions = (['trades', 'book', 'klines', 'tickers'] as const).flatMap(channel =>
    ['XBT/USD', 'ETH/USD'].map(native => ({
      ...{ channel, instrument: KRAKEN.guess(native) },
      ...(channel === 'klines' ? { interval: '1h' } : {}),
    })),
  );
  const [plan, ...more] = KRAKEN.plan(subscriptions, { stream: 'ws://127.0.0.1:1', rest: '' });
  expect(more).toEqual([]);
  expect(plan.url).toBe('ws://127.0.0.1:1/v2');
  const symbol = ['BTC/USD', 'ETH/USD'];
  expect(plan.requests.map(text => JSON.parse(text).params)).toEqual([
    { channel: 'trade', symbol, snapshot: true },
    { channel: 'book', symbol, depth: 1000, snapshot: true },
    { channel: 'ohlc', symbol, interval: 60, snapshot: true },
    { channel: 'ticker', symbol, snapshot: true },
  ]);
  expect(() =>
    KRAKEN.plan(
      [{ channel: 'klines', instrument: KRAKEN.guess('BTC/USD'), interval: '3m' }],
      KRAKEN.addresses,
    ),
  ).toThrow('no klines of 3m');
});

type Order = readonly [side: 'bids' | 'asks', id: string, price: number, qty: number, event?: string];

function orders(type: string, rows: readonly Order[], checksum: number) {
  const side = (name: string) =>
    rows
      .filter(row => row[0] === name)
      .map(([, order_id, limit_price, order_qty, event]) => ({ event, order_id, limit_price, order_qty }));
  const data = [{ symbol: 'BTC/USD', checksum, bids: side('bids'), asks: side('asks'), timestamp: time }];
  return { channel: 'level3', type, data };
}

const ORDERS = orders(
  'snapshot',
  [
    ['asks', 'A1', 101, 1],
    ['asks', 'A2', 101, 0.5],
    ['asks', 'A3', 102, 3],
    ['bids', 'B1', 100, 2],
  ],
  2645683189,
);

test('a book of single orders is checked order by order in its queues', () => {
  const venue = run().recv(
    ORDERS,
    // A smaller order keeps its place, a new one goes behind it.
    orders(
      'update',
      [
        ['asks', 'A2', 101, 0.25, 'modify'],
        ['asks', 'A4', 101, 4, 'add'],
      ] as const,
      3114002362,
    ),
    orders('update', [['asks', 'A1', 101, 0, 'delete']], 2503243337),
  );
  expect(venue.gaps).toEqual([]);
  expect(venue.check('BTC/USD', 'l3Checksums')).toEqual({ checked: 3, passed: 3 });
  expect(venue.book('BTC/USD', 'orderBooks')).toEqual({ bids: ['100 2'], asks: ['101 4.25', '102 3'] });
  const actions = venue.of('order').map(({ action, orderId }) => `${action} ${orderId}`.trim());
  expect(actions.slice(2)).toEqual([
    ...['open B1', 'open A1', 'open A2', 'open A3', 'modify A2', 'add A4', 'delete A1'],
  ]);
});

test('a book of single orders whose checksum differs is invalid, and the book of levels is not', () => {
  const venue = run().recv(SNAPSHOT, ORDERS, orders('update', [['asks', 'A1', 101, 0, 'delete']], 1));
  expect(venue.book('BTC/USD', 'orderBooks')).toBe('invalid');
  expect(venue.book('BTC/USD')).toEqual(WHOLE);
  expect(venue.gaps).toEqual(['BTC-USD l3 CHECKSUM open']);
  expect(venue.reconnects).toEqual([0]);
});
