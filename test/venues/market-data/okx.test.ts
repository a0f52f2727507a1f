import { expect, test } from 'vitest';
import { OKX } from '../../../src/venues/market-data/okx/okx.ts';
import { VenueRun } from '../../support/venue-run.ts';

type Rows = readonly (readonly [price: string, size: string])[];

const ID = 'BTC-USD-220527';

function book(
  action: 'snapshot' | 'update' | undefined,
  bids: Rows,
  asks: Rows,
  facts: { checksum?: number; seqId?: number; prevSeqId?: number },
  instId = ID,
  channel = 'books',
) {
  const side = (rows: Rows) => rows.map(([price, size]) => [price, size, '0', '1']);
  const data = [{ asks: side(asks), bids: side(bids), ts: '1652459225464', ...facts }];
  return { arg: { channel, instId }, action, data };
}

const BIDS: Rows = [
  ['10.5', '3'],
  ['10.4', '0.00000001'],
];
const ASKS: Rows = [['10.6', '7']];
const snapshot = (seqId: number, more = {}) =>
  book('snapshot', BIDS, ASKS, { seqId, prevSeqId: -1, ...more });
const update = (prevSeqId: number, seqId: number, asks: Rows = []) =>
  book('update', [], asks, { seqId, prevSeqId, checksum: 0 });

const run = () => new VenueRun(OKX).open();
const LINK = (checked: number, passed: number) => ({ checked, passed });

test('books of old captures are checked by their checksums, signed and of the texts of the wire', () => {
  const venue = run().recv(
    book('snapshot', BIDS, ASKS, { checksum: -635169254 }),
    book('update', [['10.5', '0']], [['10.7', '1.50']], { checksum: 123191711 }),
    book('update', [['10.45', '2']], [], { checksum: -1178278062 }),
  );
  expect(venue.gaps).toEqual([]);
  expect(venue.check(ID, 'checksums')).toEqual({ checked: 3, passed: 3 });
  expect(venue.book(ID)).toEqual({ bids: ['10.45 2', '10.4 0.00000001'], asks: ['10.6 7', '10.7 1.50'] });
  expect(venue.of('book')[1]).toMatchObject({ symbol: ID, exchangeTime: 1652459225464000, type: 'delta' });
});

test('a checksum of 0 is none, and the sequence alone decides', () => {
  const venue = run().recv(snapshot(10, { checksum: 0 }), update(10, 15, [['10.6', '8']]));
  expect(venue.check(ID, 'checksums')).toEqual({ checked: 0, passed: 0 });
  expect(venue.check(ID, 'links')).toEqual(LINK(1, 1));
  expect(venue.book(ID)).toMatchObject({ asks: ['10.6 8'] });
});

test('a message that is missing is noticed at the next one, and its book alone is subscribed to again', () => {
  const other = book('snapshot', BIDS, ASKS, { seqId: 3, prevSeqId: -1 }, 'ETH-USDT');
  const venue = run().recv(snapshot(10), other, update(10, 11), update(12, 13), update(13, 14));
  expect(venue.gaps).toEqual([`${ID} book SEQUENCE open`]);
  expect(venue.of('gap')[0]).toMatchObject({ after: '11', detail: 'prevSeqId=12 previous seqId=11' });
  expect(venue.book(ID)).toBe('invalid');
  expect(venue.book('ETH-USDT')).not.toBe('invalid');
  const args = [{ channel: 'books', instId: ID }];
  expect(venue.sent.map(text => JSON.parse(text))).toEqual([
    { op: 'unsubscribe', args },
    { op: 'subscribe', args },
  ]);
  venue.recv(snapshot(20), update(20, 22, [['10.6', '9']]));
  expect(venue.gaps.at(-1)).toBe(`${ID} book SEQUENCE closed`);
  expect(venue.book(ID)).toMatchObject({ asks: ['10.6 9'] });
});

test('messages that changed places make the book invalid', () => {
  const venue = run().recv(snapshot(10), update(11, 12), update(10, 11));
  expect(venue.book(ID)).toBe('invalid');
});

test('a message that says that nothing changed keeps the chain, as one does with which the sequence begins anew', () => {
  const venue = run().recv(
    ...[
      snapshot(10),
      update(10, 10),
      update(10, 10),
      update(10, 12),
      update(12, 3),
      update(3, 5, [['10.6', '1']]),
    ],
  );
  expect(venue.gaps).toEqual([]);
  expect(venue.book(ID)).toMatchObject({ asks: ['10.6 1'] });
});

test('a message that was lost when the sequence began anew is not taken for one that had come before', () => {
  const venue = run().recv(snapshot(100), update(100, 101), update(3, 5));
  expect(venue.gaps).toEqual([`${ID} book SEQUENCE open`]);
});

test('a message that comes again is dropped, at once or later', () => {
  const [first, second] = [update(10, 11, [['10.6', '1']]), update(11, 12, [['10.6', '2']])];
  const venue = run().recv(snapshot(10), first, first, second, {
    ...first,
    data: [{ ...first.data[0], ts: '1' }],
  });
  expect(venue.gaps).toEqual([]);
  expect(venue.counter(ID, 'duplicateDeltas')).toBe(2);
  expect(venue.book(ID)).toMatchObject({ asks: ['10.6 2'] });
});

test('reordered keys and blanks mean nothing; a cut frame leaves no book valid', () => {
  const text = `{ "data" : [ {"prevSeqId":-1,"seqId":10,"checksum":-635169254,"ts":"1652459225464",
    "bids":[ ["10.5","3","0","1"], ["10.4" , "0.00000001"] ],"asks":[["10.6","7"]]} ],
    "action" : "snapshot", "arg":{"instId":"${ID}","channel":"books"} }`;
  expect(run().recv(text).check(ID, 'checksums')).toEqual({ checked: 1, passed: 1 });
  for (let length = 1; length < text.length; length += 7) {
    const venue = run().recv(snapshot(10), text.slice(0, length));
    expect(venue.book(ID)).toBe('invalid');
    expect(venue.of('gap')[0].rule).toBe('frame is not valid JSON');
  }
});

test('books of five levels are whole each time, and give way to none of the same connection', () => {
  const five = book(undefined, BIDS, ASKS, { seqId: 5 }, ID, 'books5');
  expect(run().recv(five, five).book(ID)).toEqual({ bids: ['10.5 3', '10.4 0.00000001'], asks: ['10.6 7'] });
  const venue = run().recv(snapshot(10), five, update(10, 11, [['10.6', '1']]));
  expect(venue.book(ID)).toMatchObject({ asks: ['10.6 1'] });
  expect(venue.gaps).toEqual([]);
});

const trade = (tradeId: string, count?: string) => ({
  arg: { channel: 'trades', instId: 'BTC-USDT' },
  data: [
    {
      ...{ instId: 'BTC-USDT', tradeId, px: '42219.9', sz: '0.12060306' },
      ...{ side: 'buy', ts: '1630048897897', count },
    },
  ],
});

test('all rows of a message are trades, and one that sums up several names the first and the last of them', () => {
  const two = { ...trade('7'), data: [...trade('6').data, ...trade('7').data] };
  const venue = run().recv(two, trade('10', '3'), trade('10', '3'), trade('11'));
  expect(venue.of('trade').map(({ fills, id }) => [id, fills])).toEqual([
    ['6', null],
    ['7', null],
    ['10', { first: '8', last: '10' }],
    ['11', null],
  ]);
  expect(venue.of('trade')[0]).toMatchObject({ side: 'buy', sizeText: '0.12060306', symbol: 'BTC-USDT' });
  expect(venue.gaps).toEqual([]);
});

test('a trade before the first one that came is new, once', () => {
  const venue = new VenueRun(OKX).open().recv(trade('12'), trade('11'), trade('11'), trade('13'));
  expect(venue.of('trade').map(({ id }) => id)).toEqual(['12', '11', '13']);
  expect(venue.counter('BTC-USDT', 'duplicateTrades')).toBe(1);
  expect(venue.gaps).toEqual([]);
});

test('trades that are missing are asked for backwards, page by page, until the hole is filled', () => {
  const venue = run().recv(trade('100'), trade('301'));
  expect(venue.gaps).toEqual(['BTC-USDT trades SEQUENCE open']);
  const row = (id: number) => ({
    ...{ instId: 'BTC-USDT', tradeId: String(id), px: '1', sz: '2', side: 'sell', ts: '1630048897000' },
  });
  const page = (from: number) => ({
    code: '0',
    data: Array.from({ length: 100 }, (_, at) => row(from - at)),
  });
  venue.answer(venue.asked[0], page(300));
  expect(venue.asked).toEqual(
    [301, 201].map(
      id => `https://www.okx.com/api/v5/market/history-trades?instId=BTC-USDT&type=1&after=${id}&limit=100`,
    ),
  );
  venue.answer(venue.asked[1], page(200));
  expect(venue.gaps.at(-1)).toBe('BTC-USDT trades SEQUENCE closed');
  expect(new Set(venue.of('trade').map(({ id }) => id)).size).toBe(202);
  expect(venue.of('trade')).toHaveLength(202);
});

test('klines tell whether they are closed; days of UTC and of Hong Kong are different intervals', () => {
  const kline = (channel: string, row: readonly string[]) => ({
    arg: { channel, instId: 'BTC-USDT' },
    data: [row],
  });
  const row = ['1597026360000', '8533.02', '8553.74', '8527.17', '8548.26', '45247', '529.58', '5529.5', '1'];
  const venue = run().recv(
    kline('candle1m', row),
    kline('candle1Dutc', [...row.slice(0, 8), '0']),
    kline('candle1D', row.slice(0, 7)),
    kline('candle1H', row),
  );
  expect(
    venue.of('kline').map(({ interval, isClosed, quoteVolume }) => [interval, isClosed, quoteVolume]),
  ).toEqual([
    ['1m', true, 5529.5],
    ['1d', false, 5529.5],
    ['1d@+08:00', null, null],
    ['1h', true, 5529.5],
  ]);
  expect(venue.of('kline')[0]).toMatchObject({ openTime: 1597026360000000, volume: 45247 });
});

test('klines that passed while the connection was gone come by REST', () => {
  const kline = (minute: number) => ({
    arg: { channel: 'candle1m', instId: 'BTC-USDT' },
    data: [[String(minute * 60_000), '1', '1', '1', '1', '1', '1', '1', '0']],
  });
  const venue = run().recv(kline(10)).close().recvOn(1, kline(13));
  expect(venue.asked).toEqual([
    'https://www.okx.com/api/v5/market/history-candles?instId=BTC-USDT&bar=1m&after=780000&limit=100',
  ]);
  const rows = [12, 11, 10, 9].map(minute => [String(minute * 60_000), ...'12345678'.split('')]);
  venue.answer(venue.asked[0], { code: '0', data: rows });
  expect(venue.of('kline').map(({ openTime }) => openTime / 60e6)).toEqual([10, 13, 10, 11, 12]);
  expect(venue.gaps).toEqual(['BTC-USDT klines DISCONNECTED open', 'BTC-USDT klines DISCONNECTED closed']);
});

test('tickers without a price have none', () => {
  const row = {
    ...{ instType: 'OPTION', instId: ID, last: '0.0065', lastSz: '0', askPx: '', askSz: '', bidPx: '0.0065' },
    ...{ bidSz: '5', high24h: '1', low24h: '0.5', vol24h: '2', ts: '1626995703355' },
  };
  const venue = run().recv({ arg: { channel: 'tickers', instId: ID }, data: [row] });
  expect(venue.of('ticker')[0]).toMatchObject({ ask: null, askSize: null, bid: '0.0065', volume: '2' });
});

test('answers and notices are counted by their kind', () => {
  const venue = run().recv(
    'pong',
    { event: 'subscribe', arg: { channel: 'trades', instId: 'BTC-USDT' }, connId: 'a4d3ae55' },
    { event: 'error', code: '60012', msg: 'Invalid request' },
    { event: 'notice', code: '64008', msg: 'The connection will soon be closed for a service upgrade.' },
    { arg: { channel: 'funding-rate', instId: 'BTC-USDT-SWAP' }, data: [{}] },
    { hello: 1 },
  );
  expect(Object.fromEntries(venue.pipeline.tally.other)).toEqual({
    ...{ pong: 1, subscribe: 1, error: 1, notice: 1, 'funding-rate': 1, unknown: 1 },
  });
  expect(venue.notices).toEqual(['REQUEST_REFUSED', 'VENUE_NOTICE', 'FRAME_UNKNOWN']);
});

test('a subscription that stands without its snapshot is asked for again', () => {
  const venue = run().recv({ event: 'subscribe', arg: { channel: 'books', instId: ID } });
  venue.time += 11e6;
  venue.recv('pong');
  expect(venue.sent).toHaveLength(2);
});

test('instruments are named alike everywhere, and contracts know their size', () => {
  expect(OKX.guess('BTC-USDT-SWAP').symbol).toBe('BTC-USDT-PERP');
  expect(OKX.guess('btc-usd-261225-60000-c').symbol).toBe('BTC-USD-261225-60000-C');
  const [request] = OKX.instrumentRequests(OKX.addresses);
  const venue = run().answer(request.url, {
    code: '0',
    data: [
      { instId: 'BTC-USDT', ctVal: '', ctMult: '' },
      { instId: 'UNI-USD-SWAP', ctVal: '10', ctMult: '1' },
    ],
  });
  expect([...venue.pipeline.instruments.all()]).toEqual([
    { native: 'BTC-USDT', symbol: 'BTC-USDT' },
    { native: 'UNI-USD-SWAP', symbol: 'UNI-USD-PERP', contractSize: 10 },
  ]);
});

test('klines have a connection of their own, and no connection gets more than its share', () => {
  const subscriptions = Array.from({ length: 450 }, (_, at) => ({
    channel: at % 3 === 0 ? ('klines' as const) : ('book' as const),
    instrument: OKX.guess(`A${at}-USDT`),
    interval: '1d',
  }));
  const plans = OKX.plan(subscriptions, { stream: 'ws://127.0.0.1:1', rest: '' });
  expect(plans.map(({ subscriptions: { length }, url }) => `${url} ${length}`)).toEqual([
    'ws://127.0.0.1:1/ws/v5/public 200',
    'ws://127.0.0.1:1/ws/v5/public 100',
    'ws://127.0.0.1:1/ws/v5/business 150',
  ]);
  const args = plans.flatMap(({ requests }) => requests.flatMap(text => JSON.parse(text).args));
  expect(args).toHaveLength(450);
  expect(args.at(-1)).toEqual({ channel: 'candle1Dutc', instId: 'A447-USDT' });
  expect(plans[0].keepAlive?.text()).toBe('ping');
});
