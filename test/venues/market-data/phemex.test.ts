import { expect, test } from 'vitest';
import { PHEMEX } from '../../../src/venues/market-data/phemex/phemex.ts';
import { VenueRun } from '../../support/venue-run.ts';

const book = (type: string, sequence: number, bids: unknown[], asks: unknown[], symbol = 'XTZUSD') =>
  JSON.stringify({ book: { asks, bids }, depth: 30, sequence, symbol, timestamp: 1625342241732802, type });
const WHOLE = book(
  'snapshot',
  10,
  [[30000, 5]],
  [
    [30170, 42007],
    [30180, 3],
  ],
);

test('scaled integers become the prices that they stand for, whatever order the members have', () => {
  const venue = new VenueRun(PHEMEX).open().recv(WHOLE);
  venue.recv(
    ' { "type" : "incremental", "symbol":"XTZUSD", "sequence":11, "timestamp":1625342241732802237, "depth":30, "book": {"bids":[ [ 3.001e4 , 7 ] ], "asks":[[30180,0]]} } ',
  );
  expect(venue.gaps).toEqual([]);
  expect(venue.book('XTZUSD')).toEqual({ bids: ['3.0010 7', '3.0000 5'], asks: ['3.0170 42007'] });
  expect(venue.of('book')[1]).toMatchObject({ symbol: 'XTZ-USD-PERP', exchangeTime: 1625342241732802 });
  expect(venue.of('book')[1].bids).toEqual([['3.0010', '7', 3.001, 7]]);
});

test('sizes beyond what a double holds keep all their digits', () => {
  const venue = new VenueRun(PHEMEX).open();
  venue.recv(
    '{"book":{"asks":[[2,1]],"bids":[[1,12345678901234567891]]},"depth":30,"sequence":1,"symbol":"sSHIBUSDT","timestamp":1625342241732802237,"type":"snapshot"}',
  );
  expect(venue.book('sSHIBUSDT')).toEqual({
    bids: ['0.00000001 123456789012.34567891'],
    asks: ['0.00000002 0.00000001'],
  });
});

test('contracts of USDT have real prices', () => {
  const venue = new VenueRun(PHEMEX).open().recv({
    ...{ depth: 30, sequence: 77668172, symbol: 'BTCUSDT', timestamp: 1666854171201355, type: 'snapshot' },
    orderbook_p: { asks: [['20704.9', '0.5']], bids: [['20703.1', '0.2']] },
  });
  expect(venue.book('BTCUSDT')).toEqual({ bids: ['20703.1 0.2'], asks: ['20704.9 0.5'] });
  expect(venue.of('book')[0].symbol).toBe('BTC-USDT-PERP');
});

test('a snapshot that is not the book that was kept leaves it invalid until the next one, and asks for that', () => {
  const venue = new VenueRun(PHEMEX).open().recv(WHOLE, book('snapshot', 12, [[30000, 5]], [[30170, 42007]]));
  expect(venue.gaps).toEqual(['XTZ-USD-PERP book SNAPSHOT_DIFFERS open']);
  expect(venue.book('XTZUSD')).toBe('invalid');
  expect(venue.sent).toEqual(['{"id":1001,"method":"orderbook.subscribe","params":["XTZUSD"]}']);
  venue.recv(book('snapshot', 13, [[30000, 5]], [[30170, 42007]]));
  expect(venue.book('XTZUSD')).toEqual({ bids: ['3.0000 5'], asks: ['3.0170 42007'] });
});

test('a snapshot that equals the book is counted, and a sequence that goes back breaks it', () => {
  const venue = new VenueRun(PHEMEX).open().recv(WHOLE, WHOLE);
  expect(venue.check('XTZUSD', 'snapshotsEqualBook')).toEqual({ checked: 1, passed: 1 });
  venue.recv(book('incremental', 9, [[30001, 1]], []));
  expect(venue.gaps).toEqual(['XTZ-USD-PERP book SEQUENCE open']);
});

test('a frame that is cut makes the books of its connection invalid, and one of trades does not', () => {
  const venue = new VenueRun(PHEMEX).open().recv(WHOLE);
  venue.recv('{"trades":[[1625342240710279103,"Bu');
  expect(venue.book('XTZUSD')).not.toBe('invalid');
  venue.recv(WHOLE.slice(0, 30));
  expect(venue.book('XTZUSD')).toBe('invalid');
});

test('trades of the snapshot are history, and after a break those that were missed are not', () => {
  const trades = (type: string, sequence: number, ...rows: string[]) =>
    `{"sequence":${sequence},"symbol":"XTZUSD","trades":[${rows.join(',')}],"type":"${type}"}`;
  const [first, second, third] = ['1625342240000000001', '1625342241000000001', '1625342242000000001'].map(
    time => `[${time},"Buy",30070,38]`,
  );
  const venue = new VenueRun(PHEMEX)
    .open()
    .recv(trades('snapshot', 1, first), trades('incremental', 2, second));
  venue
    .close()
    .open(1)
    .recvOn(1, trades('snapshot', 3, third, second, first));
  expect(venue.of('trade').map(one => [one.isHistory, one.exchangeTime])).toEqual([
    [true, 1625342240000000],
    [false, 1625342241000000],
    [false, 1625342242000000],
  ]);
  expect(venue.gaps).toEqual([
    'XTZ-USD-PERP trades DISCONNECTED open',
    'XTZ-USD-PERP trades DISCONNECTED closed',
  ]);
});

test('no connection has more than 20 subscriptions', () => {
  const instruments = Array.from({ length: 25 }, (_, at) => PHEMEX.guess(`sC${at}USDT`));
  const plans = PHEMEX.plan(
    instruments.map(instrument => ({ instrument, channel: 'book' })),
    PHEMEX.addresses,
  );
  expect(plans.map(({ requests }) => requests.length)).toEqual([20, 5]);
});
