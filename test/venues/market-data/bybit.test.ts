import { expect, test } from 'vitest';
import { BYBIT } from '../../../src/venues/market-data/bybit/bybit.ts';
import { BYBIT_2021 } from '../../../src/venues/market-data/bybit/bybit-2021.ts';
import { VenueRun } from '../../support/venue-run.ts';

const [CONTRACTS, SPOT] = BYBIT;
const frame = (type: string, u: number, b: string[][], a: string[][] = []) => ({
  ...{ topic: 'orderbook.200.BTCUSDT', type, ts: 1786310818130, cts: 1786310818129 },
  data: { s: 'BTCUSDT', b, a, u, seq: 753843913870 },
});
const WHOLE = frame('snapshot', 7, [['65095.30', '1']], [['65116.60', '2']]);

test('changes follow by u, whatever order the members have', () => {
  const venue = new VenueRun(CONTRACTS).open().recv(WHOLE);
  venue.recv(
    ' {"data":{"u":8,"a":[["65116.60","0"],[6.51170e4,"3"]],"b":[],"s":"BTCUSDT"},"type":"delta","topic":"orderbook.200.BTCUSDT"}',
  );
  expect(venue.gaps).toEqual([]);
  expect(venue.book('BTCUSDT')).toEqual({ bids: ['65095.30 1'], asks: ['65117.0 3'] });
  venue.recv(frame('delta', 10, []));
  expect(venue.gaps).toEqual(['BTC-USDT-PERP book SEQUENCE open']);
  expect(venue.sent.map(text => JSON.parse(text))).toMatchObject([
    { op: 'unsubscribe', args: ['orderbook.200.BTCUSDT'] },
    { op: 'subscribe', args: ['orderbook.200.BTCUSDT'] },
  ]);
});

test('a snapshot of u=1 after a restart of the venue replaces the book', () => {
  const venue = new VenueRun(CONTRACTS)
    .open()
    .recv(WHOLE, frame('snapshot', 1, [['1', '1']]), frame('delta', 2, []));
  expect(venue.gaps).toEqual([]);
  expect(venue.book('BTCUSDT')).toEqual({ bids: ['1 1'], asks: [] });
});

test('changes of the older of two connections are not for the book of the newer', () => {
  const venue = new VenueRun(CONTRACTS)
    .open()
    .recv(WHOLE)
    .recvOn(1, frame('snapshot', 9, [['65000', '1']]));
  venue
    .recvOn(0, frame('delta', 8, [['64000', '1']]))
    .close(0)
    .recvOn(1, frame('delta', 10, [['65001', '2']]));
  expect(venue.gaps).toEqual([]);
  expect(venue.book('BTCUSDT')).toEqual({ bids: ['65001 2', '65000 1'], asks: [] });
});

test('spot is told from contracts of the same name by the socket', () => {
  const venue = new VenueRun(CONTRACTS).open(0, 'wss://stream.test/v5/public/linear');
  venue.open(1, 'wss://stream.test/v5/public/spot').recv(WHOLE).recvOn(1, WHOLE);
  expect(venue.of('book').map(({ symbol }) => symbol)).toEqual(['BTC-USDT-PERP', 'BTC-USDT']);
  expect(new VenueRun(SPOT).open().recv(WHOLE).of('book')[0].symbol).toBe('BTC-USDT');
});

test('tickers are whole although the venue sends what changed', () => {
  const ticker = (type: string, data: object) => ({
    topic: 'tickers.BTCUSDT',
    type,
    ts: 1786310817883,
    data,
  });
  const venue = new VenueRun(CONTRACTS).open();
  venue.recv(ticker('snapshot', { symbol: 'BTCUSDT', bid1Price: '1', ask1Price: '3', lastPrice: '2' }));
  venue.recv(ticker('delta', { symbol: 'BTCUSDT', bid1Price: '1.5' }));
  expect(venue.of('ticker')[1]).toMatchObject({ bid: '1.5', ask: '3', last: '2' });
});

test('contracts are named alike everywhere', () => {
  const names = [
    'BTCUSDT',
    'BTCUSD',
    'BTCPERP',
    'BTC-26DEC25',
    'BTCUSDT-26DEC25',
    'BTCUSDZ25',
    'BTC-5JAN26-100000-C',
  ];
  expect(names.map(native => CONTRACTS.guess(native).symbol)).toEqual([
    ...[
      'BTC-USDT-PERP',
      'BTC-USD-PERP',
      'BTC-USDC-PERP',
      'BTC-USDC-251226',
      'BTC-USDT-251226',
      'BTC-USD-Z25',
    ],
    'BTC-USDC-260105-100000-C',
  ]);
});

const row = (price: string, side: string, size?: number, id = price) => ({
  ...{ price, symbol: 'BTCUSD', id, side, size },
});
const old = (type: string, cross_seq: number, data: unknown) => ({
  ...{ topic: 'orderBookL2_25.BTCUSD', type, cross_seq, timestamp_e6: 1618677787537958 },
  data,
});
const delta = (cross_seq: number, data: object) =>
  old('delta', cross_seq, { delete: [], update: [], insert: [], ...data });
const old2021 = () =>
  new VenueRun(BYBIT_2021)
    .open()
    .recv(old('snapshot', 5, [row('60621.50', 'Buy', 3), row('60622', 'Sell', 4)]));

test('captures of 2021: a deletion of a level that is not there breaks the book at that message', () => {
  const venue = old2021().recv(
    delta(6, {
      delete: [row('60621.50', 'Buy')],
      update: [row('60622', 'Sell', 9)],
      insert: [row('60620', 'Buy', 1)],
    }),
  );
  expect(venue.book('BTCUSD')).toEqual({ bids: ['60620 1'], asks: ['60622 9'] });
  venue.recv(delta(7, { delete: [row('60621.50', 'Buy')] }));
  expect(venue.of('gap').at(-1)?.rule).toBe('delete/update name a known level, insert a new one');
  expect(venue.book('BTCUSD')).toBe('invalid');
});

test('captures of 2021: a level is known by its price, however it is written, and not by its id', () => {
  const venue = old2021().recv(delta(6, { update: [row('60622.00', 'Sell', 9, '1')] }));
  expect(venue.gaps).toEqual([]);
  venue.recv(delta(7, { update: [row('60623', 'Sell', 9, '60622')] }));
  expect(venue.gaps).toEqual(['BTC-USD-PERP book LEVELS open']);
});

test('captures of 2021: of a change that names an unknown level and crosses the book, the level is told', () => {
  const venue = old2021().recv(delta(6, { update: [row('60630', 'Buy', 1)] }));
  expect(venue.gaps).toEqual(['BTC-USD-PERP book LEVELS open']);
  expect(venue.check('BTCUSD', 'levelOps')).toEqual({ checked: 1, passed: 0 });
});
