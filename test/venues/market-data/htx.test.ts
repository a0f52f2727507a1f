import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { HTX } from '../../../src/venues/market-data/htx/htx.ts';
import { VenueRun } from '../../support/venue-run.ts';

const [SPOT, SWAPS] = HTX;
const zipped = (venue: VenueRun, text: string, bytes = gzipSync(text)) => {
  venue.pipeline.feed(++venue.time, decoder => decoder.binary(0, bytes));
  return venue;
};
const mbp = (previous: number, last: number, asks: string) =>
  `{"ch":"market.btcusdt.mbp.150","ts":1583472025885,"tick":{"seqNum":${last},"prevSeqNum":${previous},"bids":[],"asks":${asks}}}`;
const REPLY =
  '{"id":"1","rep":"market.btcusdt.mbp.150","status":"ok","ts":1583472025999,"data":{"seqNum":20,"bids":[[9058.27,1.5]],"asks":[[9084.27,0.2],[9.08569E3,1]]}}';

test('frames are unpacked, pings answered with their own number, prices with exponents read', () => {
  const venue = new VenueRun(SPOT).open();
  zipped(venue, '{"ping":1645289389594123456789}');
  expect(venue.sent).toEqual(['{"pong":1645289389594123456789}']);
  zipped(
    venue,
    '{"tick":{"ts":1618678069868,"version":100182534697,"asks":[[4.0E-5,63690.96]],"bids":[[9.121E-7,92730.24]]},"ts":1618678069870,"ch":"market.trioeth.depth.step0"}',
  );
  expect(venue.book('trioeth')).toEqual({ bids: ['0.0000009121 92730.24'], asks: ['0.000040 63690.96'] });
});

test('a frame that is no gzip, or cut, is a gap of the connection', () => {
  const venue = new VenueRun(SPOT).open();
  zipped(venue, '', gzipSync(mbp(1, 2, '[]')).subarray(0, 40));
  zipped(venue, '', Buffer.from('no gzip'));
  expect(venue.of('gap').map(({ rule, native }) => [rule, native])).toEqual([
    ['binary frame cannot be decompressed', ''],
    ['binary frame cannot be decompressed', ''],
  ]);
});

test('changes wait for the snapshot that is asked for on the same socket, and those before it are dropped', () => {
  const venue = new VenueRun(SPOT).open().recv(mbp(10, 20, '[[9084.27,7]]'));
  expect(JSON.parse(venue.sent[0]).req).toBe('market.btcusdt.mbp.150');
  venue.recv(mbp(20, 30, '[[9085.69,0]]'), REPLY);
  expect(venue.book('btcusdt')).toEqual({ bids: ['9058.27 1.5'], asks: ['9084.27 0.2'] });
  venue.recv(mbp(31, 40, '[]'));
  expect(venue.gaps).toEqual(['BTC-USDT book SEQUENCE open']);
});

test('a snapshot from before the first change that is kept is not joined', () => {
  const venue = new VenueRun(SPOT).open().recv(mbp(25, 30, '[]'), REPLY);
  expect(venue.gaps).toEqual(['BTC-USDT book SNAPSHOT_JOIN open']);
  expect(venue.book('btcusdt')).toBe('invalid');
});

test('books of contracts follow by version, and one that breaks is subscribed to again alone', () => {
  const frame = (event: string, version: number) =>
    `{"ch":"market.ETC-USDT.depth.size_150.high_freq","tick":{"asks":[[6.7918,118]],"bids":[],"event":"${event}","id":1,"ts":1606780833036,"version":${version}},"ts":1606780833036}`;
  const venue = new VenueRun(SWAPS).open().recv(frame('snapshot', 4), frame('update', 5), frame('update', 7));
  expect(venue.gaps).toEqual(['ETC-USDT-PERP book SEQUENCE open']);
  expect(venue.sent.map(text => Object.keys(JSON.parse(text))[0])).toEqual(['unsub', 'sub']);
  expect(venue.recv(frame('snapshot', 9)).book('ETC-USDT')).toEqual({ bids: [], asks: ['6.7918 118'] });
});

test('ids of trades keep all their digits, and a trade that comes again is dropped', () => {
  const trade =
    '{"ch":"market.btcusdt.trade.detail","ts":1786563034186,"tick":{"id":192582259647,"ts":1786563034185,"data":[{"id":1925822596471664607926422813,"ts":1786563034185,"amount":0.004682,"price":63349.89,"direction":"sell"}]}}';
  const venue = new VenueRun(SPOT).open().recv(trade, trade);
  expect(venue.of('trade').map(({ id, side, sizeText }) => [id, side, sizeText])).toEqual([
    ['1925822596471664607926422813', 'sell', '0.004682'],
  ]);
});
