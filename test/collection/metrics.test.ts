import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { BITFINEX } from '../../src/venues/market-data/bitfinex/bitfinex.ts';
import { HTX } from '../../src/venues/market-data/htx/htx.ts';
import { INDEPENDENT_RESERVE } from '../../src/venues/market-data/independent-reserve/independent-reserve.ts';
import { VenueRun } from '../support/venue-run.ts';

const SECOND = 1_000_000;
const subscribed = (channel: string, chanId: number) => ({
  ...{ event: 'subscribed', channel, chanId, symbol: 'tBTCUSD', pair: 'BTCUSD', prec: 'P0' },
});
/** Its clock stands at the beginning of a second. */
const start = () =>
  new VenueRun(BITFINEX, SECOND)
    .open()
    .recv(subscribed('book', 1), subscribed('trades', 2), '[1,[[100,1,3],[101,1,-1]],1,1700000000000]');
const wait = (run: VenueRun, seconds = 1) => {
  run.time = (Math.floor(run.time / SECOND) + seconds) * SECOND - 1;
  return run;
};

test('a window ends with the first thing that comes after it, and has the book from before that', () => {
  const run = start().recv('[2,"te",[7,1700000000000,2,100.5],2]', '[1,[100,1,4],3,1700000000001]');
  expect(run.of('metrics')).toEqual([]);
  wait(run).recv('[1,[100,1,9],4]');
  const [first, ...more] = run.of('metrics');
  expect(more).toEqual([]);
  expect(first).toMatchObject({
    ...{ venue: 'bitfinex', symbol: 'BTC-USD', native: 'tBTCUSD', isValid: true, isWhole: true },
    ...{ from: 1_700_000_000_000_001, to: 1_700_000_001_000_000, receiveTime: 1_700_000_001_000_000 },
    ...{ exchangeTime: 1_700_000_000_001_000, sequence: '3', publishTime: 1_700_000_001_000_000 },
    ...{ bid: 100, bidSize: 4, imbalance: 0.8, open: 100.5, volume: 2, buyVolume: 2, trades: 1 },
    ...{ orderFlowImbalance: 1, inserts: 0, updates: 1, deletes: 0, updateShare: 1 },
  });
  expect(first.bookRecordsPerSecond).toBeCloseTo(2, 4);
  // It is told before what ended it.
  const kinds = run.records.map(({ kind }) => kind);
  expect(kinds.slice(-2)).toEqual(['metrics', 'book']);
  wait(run).recv('[1,"hb",5]');
  expect(run.of('metrics')[1]).toMatchObject({
    from: 1_700_000_001_000_000,
    bidSize: 9,
    trades: 0,
    open: null,
  });
});

test('a silence of many windows has one record, of the window in which something came', () => {
  const run = wait(start(), 10).recv('[1,"hb",2]');
  expect(run.of('metrics').map(({ from, to }) => [from, to])).toEqual([
    [1_700_000_000_000_001, 1_700_000_001_000_000],
  ]);
  wait(run).recv('[1,"hb",3]');
  expect(run.of('metrics')[1]).toMatchObject({ from: 1_700_000_010_000_000, to: 1_700_000_011_000_000 });
});

test('while the book is suspect nothing is told of it, and the window is not whole', () => {
  const run = wait(start().recv('[1,"cs",1,2]')).recv('[2,"hb",3]');
  const [first] = run.of('metrics');
  expect(run.gaps).toEqual(['BTC-USD book CHECKSUM open']);
  expect(first).toMatchObject({ isValid: false, isWhole: false, bid: null, mid: null, bidDepth10bps: null });
  // Whole again, but not for all of the window.
  run
    .recv({ event: 'unsubscribed', status: 'OK', chanId: 1 }, subscribed('book', 3))
    .recv('[3,[[90,1,1],[91,1,-1]],4]');
  wait(run).recv('[2,"hb",5]');
  expect(run.of('metrics')[1]).toMatchObject({
    isValid: true,
    isWhole: false,
    bid: 90,
    orderFlowImbalance: null,
  });
  wait(run).recv('[2,"hb",6]');
  expect(run.of('metrics')[2]).toMatchObject({ isValid: true, isWhole: true });
});

test('of an instrument without a book only trades are measured, not those of the past', () => {
  const run = new VenueRun(BITFINEX, SECOND)
    .open()
    .recv(subscribed('trades', 2), '[2,[[1,1700000000000,5,90]],1]', '[2,"te",[2,1700000000000,-1,100],2]');
  wait(run).recv('[2,"hb",3]');
  expect(run.of('metrics')[0]).toMatchObject({
    isValid: null,
    isWhole: true,
    bid: null,
    trades: 1,
    vwap: 100,
  });
});

test('a book of orders is measured by its orders', () => {
  const run = new VenueRun(BITFINEX, SECOND)
    .open()
    .recv({ ...subscribed('book', 1), prec: 'R0' }, '[1,[[11,100,1],[12,100,2],[21,101,-1]],1]');
  run.recv('[1,[13,100,4],2]', '[1,[11,0,1],3]');
  wait(run).recv('[1,"hb",4]');
  expect(run.of('metrics')[0]).toMatchObject({
    ...{ isValid: true, bid: 100, bidSize: 6, askSize: 1, inserts: 1, updates: 0, deletes: 1 },
    orderFlowImbalance: 3,
  });
});

test('a venue that has orders only is measured by these, one that sends whole books by what is between them', () => {
  const orders = new VenueRun(INDEPENDENT_RESERVE, SECOND);
  orders.time = 1_689_718_320_000_000;
  const time = (seconds: number) => 1_689_718_320_000 + seconds * 1000;
  orders
    .open()
    .recv({ Event: 'Subscriptions', Data: ['orderbook-eth'], Time: time(0) })
    .answer(
      'https://api.independentreserve.com/Public/GetAllOrders?primaryCurrencyCode=eth&secondaryCurrencyCode=aud',
      {
        BuyOrders: [{ Guid: 'b1', Price: 2500, Volume: 1.5 }],
        SellOrders: [{ Guid: 'a1', Price: 2510, Volume: 0.5 }],
        ...{ PrimaryCurrencyCode: 'Eth', SecondaryCurrencyCode: 'Aud' },
        CreatedTimestampUtc: new Date(time(1)).toISOString(),
      },
    )
    .recv({ Event: 'Heartbeat', Time: time(2) });
  wait(orders).recv({ Event: 'Heartbeat', Time: time(3) });
  expect(orders.of('metrics')[0]).toMatchObject({
    symbol: 'ETH-AUD',
    isValid: true,
    mid: 2505,
    imbalance: 0.75,
  });

  const levels = new VenueRun(HTX[0], SECOND).open();
  for (const size of [2, 5]) {
    const tick = { ts: 1, version: size, asks: [[101, 1]], bids: [[100, size]] };
    const frame = gzipSync(JSON.stringify({ tick, ts: 1618678069870, ch: 'market.btcusdt.depth.step0' }));
    levels.pipeline.feed(++levels.time, decoder => decoder.binary(0, frame));
  }
  wait(levels).recv('{"ping":1}');
  expect(levels.of('metrics')[0]).toMatchObject({
    bidSize: 5,
    orderFlowImbalance: 3,
    inserts: 0,
    updates: 0,
  });
});
