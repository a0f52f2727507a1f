import { expect, test } from 'vitest';
import { KRAKEN_V1 } from '../../../src/venues/market-data/kraken/kraken-v1.ts';
import { VenueRun } from '../../support/venue-run.ts';

const SNAPSHOT =
  '[7,{"as":[["13.284500","1396.00000000","1618678133.1"]],"bs":[["13.232900","185.18432037","1618678132.5"]]},"book-1000","WAVES/EUR"]';
const NAME = '"book-1000","WAVES/EUR"';

test('a book follows its snapshot, and sizes of many digits keep the zeros that its checksum needs', () => {
  const venue = new VenueRun(KRAKEN_V1).open().recv(
    SNAPSHOT,
    `[7,{"a":[["13.290000","2000000000.00000000","1618678134.2"]],"c":"3383731877"},${NAME}]`,
    // Asks and bids in an object each, the checksum in the second; "r" marks a level that is sent again.
    `[7, {"a":[["13.284500","0.00000000","1618678135.000001"]]}, {"c":"965817918","b":[["13.240000","5.00000000","1618678134.9","r"]]}, ${NAME}]`,
  );
  expect(venue.gaps).toEqual([]);
  expect(venue.check('WAVES/EUR', 'checksums')).toEqual({ checked: 2, passed: 2 });
  expect(venue.book('WAVES/EUR')).toEqual({
    bids: ['13.240000 5.00000000', '13.232900 185.18432037'],
    asks: ['13.290000 2000000000.00000000'],
  });
  expect(venue.of('book').at(-1)?.exchangeTime).toBe(1618678135000001);
});

test('a checksum that differs makes the book invalid and subscribes to its pair again at the same depth', () => {
  const venue = new VenueRun(KRAKEN_V1)
    .open()
    .recv(SNAPSHOT, `[7,{"a":[["13.290000","1.00000000","1618678134.2"]],"c":"3383731877"},${NAME}]`);
  expect(venue.book('WAVES/EUR')).toBe('invalid');
  expect(venue.sent.map(text => JSON.parse(text))).toEqual(
    ['unsubscribe', 'subscribe'].map(event => ({
      ...{ event, pair: ['WAVES/EUR'], subscription: { name: 'book', depth: 1000 } },
    })),
  );
  expect(venue.recv(SNAPSHOT).gaps).toEqual([
    'WAVES-EUR book CHECKSUM open',
    'WAVES-EUR book CHECKSUM closed',
  ]);
});

test('changes before any snapshot make no book', () => {
  const venue = new VenueRun(KRAKEN_V1)
    .open()
    .recv(`[7,{"a":[["13.290000","1.00000000","1618678134.2"]],"c":"5"},${NAME}]`);
  expect(venue.book('WAVES/EUR')).toBe('invalid');
  expect(venue.gaps).toEqual([]);
});

test('trades, klines and tickers are read by their positions', () => {
  const venue = new VenueRun(KRAKEN_V1)
    .open()
    .recv(
      '[1,[["5541.2","0.15850568","1534614057.321597","s","l",""],["6060.0","0.02455000","1534614057.324998","b","l",""]],"trade","XBT/USD"]',
      '[2,["1542057314.748456","1542057360.435743","3586.7","3586.8","3586.6","3586.65","3586.68894","0.03373000",2],"ohlc-5","XBT/USD"]',
      '[3,{"c":["5525.1","0.00398963"],"a":["5525.4",1,"1.000"],"b":["5525.0",2,"2.5"],"h":["1","2"],"l":["3","4"],"v":["5","6"],"p":["7","8"],"t":[9,10],"o":["11","12"]},"ticker","XBT/USD"]',
      '[4,["5698.4","5700.0","1542057299.545897","1.01","0.98"],"spread","XBT/USD"]',
    );
  expect(
    venue
      .of('trade')
      .map(({ exchangeTime, priceText, side, symbol }) => [symbol, side, priceText, exchangeTime]),
  ).toEqual([
    ['BTC-USD', 'sell', '5541.2', 1534614057321597],
    ['BTC-USD', 'buy', '6060.0', 1534614057324998],
  ]);
  expect(venue.of('kline')[0]).toMatchObject({
    ...{ interval: '5m', openTime: 1542057060435743, trades: 2 },
    texts: ['3586.7', '3586.8', '3586.6', '3586.65', '0.03373000'],
  });
  expect(venue.of('ticker')[0]).toMatchObject({
    ...{ bid: '5525.0', bidSize: '2.5', ask: '5525.4', askSize: '1.000', last: '5525.1' },
    ...{ volume: '6', high: '2', low: '4' },
  });
  expect(Object.fromEntries(venue.pipeline.tally.other)).toEqual({ spread: 1 });
});

test('events are counted by their names; arrays and events of no known kind are noticed, and nothing is thrown', () => {
  const venue = new VenueRun(KRAKEN_V1)
    .open()
    .recv(
      '{"event":"heartbeat"}',
      '{"event":"subscriptionStatus","status":"error","errorMessage":"Currency pair not supported","pair":"XX/YY"}',
      '[5,{"x":1},"news","XBT/USD"]',
      '[5,"XBT/USD"]',
      '{"a":1}',
      '[[[[',
      'null',
      '7',
    );
  expect(Object.fromEntries(venue.pipeline.tally.other)).toEqual({
    ...{ heartbeat: 1, subscriptionStatus: 1, unknown: 2 },
  });
  expect(venue.notices).toEqual(['REQUEST_REFUSED', 'FRAME_UNKNOWN', 'FRAME_UNKNOWN']);
  expect(venue.of('gap').map(({ rule }) => rule)).toEqual([
    'frame is as the protocol says',
    'frame is not valid JSON',
    ...['frame is as the protocol says', 'frame is as the protocol says'],
  ]);
});
