import { expect, test } from 'vitest';
import { FTX } from '../../../src/venues/market-data/ftx/ftx.ts';
import { venueNamed } from '../../../src/venues/market-data/index.ts';
import { VenueRun } from '../../support/venue-run.ts';

const [SITE] = FTX;
const PARTIAL =
  '{"channel": "orderbook", "market": "BTC-PERP", "type": "partial", "data": {"time": 1651872435.2858999, "checksum": 1122838401, "bids": [[36006.0, 2.3987], [1e-05, 12.0]], "asks": [[36043.5, 1e+16]], "action": "partial"}}';
const UPDATE =
  '{"data":{"action":"update","asks":[[40000.0,0.0001]],"bids":[[1e-5,0.0]],"checksum":1820590615,"time":1651872436},"type":"update","market":"BTC-PERP","channel":"orderbook"}';

test('books are checked by checksums of numbers as Python writes them, exponents and all', () => {
  const venue = new VenueRun(SITE).open().recv(PARTIAL, UPDATE);
  expect(venue.gaps).toEqual([]);
  expect(venue.check('BTC-PERP', 'checksums')).toEqual({ checked: 2, passed: 2 });
  expect(venue.book('BTC-PERP')).toEqual({
    bids: ['36006.0 2.3987'],
    asks: ['36043.5 10000000000000000', '40000.0 0.0001'],
  });
  expect(venue.of('book')[0]).toMatchObject({ symbol: 'BTC-USD-PERP', exchangeTime: 1651872435285899 });
});

test('a change that is missing is noticed at the next checksum, and the next partial makes the book whole', () => {
  const venue = new VenueRun(SITE).open().recv(PARTIAL, UPDATE.replace('[[1e-5,0.0]]', '[]'));
  expect(venue.gaps).toEqual(['BTC-USD-PERP book CHECKSUM open']);
  expect(venue.book('BTC-PERP')).toBe('invalid');
  expect(venue.recv(PARTIAL).gaps.at(-1)).toBe('BTC-USD-PERP book CHECKSUM closed');
  expect(venue.sent).toEqual([]);
});

test('a frame that is cut leaves no book valid, and one of another shape only its own', () => {
  const other = PARTIAL.replace('BTC-PERP', 'ETH/USD');
  const venue = new VenueRun(SITE).open().recv(PARTIAL, other);
  venue.recv('{"channel":"orderbook","market":"ETH/USD","type":"update","data":{"bids":[["x",1]]}}');
  expect(venue.book('ETH/USD')).toBe('invalid');
  expect(venue.book('BTC-PERP')).not.toBe('invalid');
  expect(venue.recv(UPDATE.slice(0, 90)).book('BTC-PERP')).toBe('invalid');
});

test('trades and tickers keep the texts of the wire', () => {
  const venue = new VenueRun(SITE)
    .open()
    .recv(
      '{"channel":"trades","market":"FTT/BTC","type":"update","data":[{"id":3851103424,"price":0.0010089,"size":13.5,"side":"sell","liquidation":false,"time":"2022-04-29T13:01:38.252748+00:00"},{"id":3851103425,"price":0.001,"size":1e-05,"side":"buy","liquidation":true,"time":"2022-04-29T13:01:38+00:00"}]}',
      '{"channel":"ticker","market":"FTT/BTC","type":"update","data":{"bid":null,"ask":0.002,"bidSize":null,"askSize":750.0,"last":0.001,"time":1651237298.3807747}}',
      '{"type":"subscribed","channel":"trades","market":"FTT/BTC"}',
      '{"type":"pong"}',
      '{"type":"update","channel":"markets","data":{}}',
      '{"channel":"trades"}',
    );
  expect(
    venue.of('trade').map(({ exchangeTime, id, side, sizeText }) => [id, side, sizeText, exchangeTime]),
  ).toEqual([
    ['3851103424', 'sell', '13.5', 1651237298252748],
    ['3851103425', 'buy', '1e-05', 1651237298000000],
  ]);
  expect(venue.of('ticker')[0]).toMatchObject({ bid: null, bidSize: null, ask: '0.002', askSize: '750.0' });
  expect(Object.fromEntries(venue.pipeline.tally.other)).toEqual({
    ...{ subscribed: 1, pong: 1, markets: 1, unknown: 1 },
  });
});

test('a future that leaves out its year expires next after it was seen', () => {
  const venue = new VenueRun(SITE).open();
  venue.time = Date.UTC(2021, 8, 25) * 1000;
  const frame = (market: string) => PARTIAL.replace('BTC-PERP', market);
  venue.recv(frame('BTC-0924'), frame('BTC-1231'), frame('BTC-20200327'), frame('BTC-MOVE-2022Q1'));
  expect(venue.of('book').map(({ symbol }) => symbol)).toEqual([
    ...['BTC-USD-220924', 'BTC-USD-211231', 'BTC-USD-200327', 'BTC-USD-MOVE-2022Q1'],
  ]);
});

test('each of the three sites says that it is closed, and plans nothing', () => {
  for (const id of ['ftx', 'ftx-us', 'ftx-tr']) {
    const venue = venueNamed(id)!;
    expect(venue.closed).toContain('closed in November 2022');
    expect(venue.plan([], venue.addresses)).toEqual([]);
    expect(venue.instrumentRequests(venue.addresses)).toEqual([]);
  }
});
