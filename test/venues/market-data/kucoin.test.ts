import { expect, test } from 'vitest';
import { KUCOIN } from '../../../src/venues/market-data/kucoin/kucoin.ts';
import { VenueRun } from '../../support/venue-run.ts';

const [SPOT, FUTURES] = KUCOIN;
const change = (first: number, last: number, asks: string[][], bids: string[][] = []) => ({
  type: 'message',
  topic: '/market/level2:BTC-USDT',
  subject: 'trade.l2update',
  data: {
    changes: { asks, bids },
    sequenceStart: first,
    sequenceEnd: last,
    symbol: 'BTC-USDT',
    time: 1685578980002,
  },
});
const FULL = 'https://api.kucoin.com/api/v3/market/orderbook/level2?symbol=BTC-USDT';
const whole = (sequence: string) => ({
  code: '200000',
  data: {
    time: 1,
    sequence,
    asks: [
      ['3988.62', '8'],
      ['3988.61', '32'],
    ],
    bids: [['3988.51', '56']],
  },
});

test('of a message that a snapshot has in part, the changes after it are taken alone', () => {
  const venue = new VenueRun(SPOT).open();
  venue.recv(
    change(
      15,
      19,
      [
        ['3988.61', '0', '19'],
        ['3988.62', '9', '15'],
      ],
      [['3988.50', '44', '18']],
    ),
  );
  expect(venue.asked).toEqual(['https://api.kucoin.com/api/v1/market/orderbook/level2_100?symbol=BTC-USDT']);
  venue.answer(FULL, whole('16'));
  expect(venue.book('BTC-USDT')).toEqual({ bids: ['3988.51 56', '3988.50 44'], asks: ['3988.62 8'] });
  expect(venue.check('BTC-USDT', 'snapshotJoins')).toEqual({ checked: 1, passed: 1 });
});

test('a price of 0 moves the sequence on and is no level', () => {
  const venue = new VenueRun(SPOT)
    .open()
    .recv(change(17, 17, [['0', '0', '17']]))
    .answer(FULL, whole('16'));
  venue.recv(change(18, 18, [['0', '5', '18']]));
  expect(venue.gaps).toEqual([]);
  expect(venue.book('BTC-USDT')).toEqual({ bids: ['3988.51 56'], asks: ['3988.61 32', '3988.62 8'] });
});

test('a snapshot older than the first change that is kept is not taken for the book', () => {
  const venue = new VenueRun(SPOT)
    .open()
    .recv(change(20, 20, [['3988.61', '1', '20']]))
    .answer(FULL, whole('16'));
  expect(venue.gaps).toEqual(['BTC-USDT book SNAPSHOT_JOIN open']);
  expect(venue.book('BTC-USDT')).toBe('invalid');
  expect(venue.answer(FULL, whole('19')).book('BTC-USDT')).toEqual({
    bids: ['3988.51 56'],
    asks: ['3988.61 1', '3988.62 8'],
  });
});

test('a change that is missing breaks the book, one that comes again does nothing', () => {
  const venue = new VenueRun(SPOT)
    .open()
    .recv(change(17, 17, []))
    .answer(FULL, whole('16'));
  venue.recv(change(17, 17, [['3988.61', '7', '17']]));
  expect(venue.gaps).toEqual([]);
  expect(venue.recv(change(19, 19, [])).gaps).toEqual(['BTC-USDT book SEQUENCE open']);
});

test('a snapshot that comes when its connection is gone makes no book valid', () => {
  const venue = new VenueRun(SPOT)
    .open()
    .recv(change(17, 17, []))
    .answer(FULL, whole('16'))
    .close();
  expect(venue.answer(FULL, whole('17')).book('BTC-USDT')).toBe('invalid');
});

test('futures name price, side and size in one text', () => {
  const venue = new VenueRun(FUTURES).open();
  const one = (sequence: number, text: string) => ({
    ...{ type: 'message', topic: '/contractMarket/level2:XBTUSDTM', subject: 'level2' },
    data: { sequence, change: text, timestamp: 1731897467182 },
  });
  venue.recv(one(17, '3988.50,buy,44'));
  const { data } = whole('16');
  venue.answer('https://api-futures.kucoin.com/api/v1/level2/snapshot?symbol=XBTUSDTM', {
    data: { ...data, sequence: 16 },
  });
  venue.recv(one(18, '3988.61,sell,0'));
  expect(venue.book('XBTUSDTM')).toEqual({ bids: ['3988.51 56', '3988.50 44'], asks: ['3988.62 8'] });
  expect(venue.of('book')[0].symbol).toBe('BTC-USDT-PERP');
  venue.recv(one(19, '3988.61,up,0'));
  expect(venue.pipeline.tally.total('undecodable')).toBe(1);
});

test('books of the newer API begin with a snapshot and hang together by O and C', () => {
  const frame = (t: string, O: number, C: number, a: string[][]) => ({
    ...{ T: 'obu.SPOT', dp: 'increment@10ms', t, P: '1774624848680504909' },
    d: { C, M: '1774624848673000000', O, a, b: [['66532.4', '0.1']], s: 'BTC-USDT' },
  });
  const venue = new VenueRun(SPOT)
    .open()
    .recv(frame('snapshot', 5, 5, [['66532.5', '0.4']]), frame('delta', 6, 8, []));
  expect(venue.book('BTC-USDT')).toEqual({ bids: ['66532.4 0.1'], asks: ['66532.5 0.4'] });
  venue.recv(frame('delta', 10, 10, []));
  expect(venue.gaps).toEqual(['BTC-USDT book SEQUENCE open']);
  expect(venue.sent.map(text => JSON.parse(text).action)).toEqual(['unsubscribe', 'subscribe']);
});

test('the address of the stream is made of the answer with the token', () => {
  const [{ url }] = SPOT.plan([{ instrument: SPOT.guess('BTC-USDT'), channel: 'trades' }], SPOT.addresses);
  if (typeof url === 'string') throw new Error('no request');
  expect(url.request).toEqual({ method: 'POST', url: 'https://api.kucoin.com/api/v1/bullet-public' });
  const answer = '{"data":{"token":"a=b","instanceServers":[{"endpoint":"wss://stream.test/"}]}}';
  expect(url.address(answer)).toBe('wss://stream.test/?token=a%3Db&connectId=qt1');
});
