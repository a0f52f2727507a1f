import { expect, test } from 'vitest';
import { COINBASE } from '../../../src/venues/market-data/coinbase/coinbase.ts';
import { VenueRun } from '../../support/venue-run.ts';

const TIME = '2026-08-09T21:05:48.505350477Z';
const message = (channel: string, sequence_num: number, ...events: object[]) => ({
  ...{ channel, timestamp: TIME, sequence_num, events },
});
const level = (side: string, price_level: string, new_quantity: string) => ({
  ...{ side, event_time: '2026-08-09T21:05:48.210883Z', price_level, new_quantity },
});
const levels = (type: string, product_id: string, ...updates: object[]) => ({ type, product_id, updates });
const WHOLE = levels('snapshot', 'BTC-USD', level('bid', '100.5', '1'), level('offer', '101', '2'));
const trade = (id: number, side: string) => ({
  ...{ product_id: 'BTC-USD', trade_id: String(id), price: '65083.67', size: '0.01034361' },
  ...{ time: '2026-08-09T21:05:48.167634Z', side },
});
const run = () => new VenueRun(COINBASE).open();

test('a book is the snapshot and the changes after it, of which a quantity of 0 takes a level away', () => {
  const one = run().recv(
    message('l2_data', 0, WHOLE),
    message(
      'l2_data',
      1,
      levels('update', 'BTC-USD', level('bid', '100.4', '3'), level('offer', '101', '0')),
    ),
    message('l2_data', 2, levels('update', 'BTC-USD', level('offer', '102', '0.5'))),
  );
  expect(one.book('BTC-USD')).toEqual({ bids: ['100.5 1', '100.4 3'], asks: ['102 0.5'] });
  expect(one.of('book')[1]).toMatchObject({ type: 'delta', sequence: '1', exchangeTime: 1786309548505350 });
  expect(one.check('', 'connectionLinks')).toEqual({ checked: 2, passed: 2 });
});

test('members may come in any order, with blanks', () => {
  const frame = `{ "events": [ { "updates": [ {"new_quantity":"2","price_level":"99","side":"bid"} ],
    "product_id":"BTC-USD", "type":"update" } ], "sequence_num": 1, "timestamp":"${TIME}", "channel":"l2_data" } `;
  const one = run().recv(message('l2_data', 0, WHOLE), frame);
  expect(one.book('BTC-USD')).toEqual({ bids: ['100.5 1', '99 2'], asks: ['101 2'] });
});

test('a number that is missing takes every book of the connection, and the connection', () => {
  const one = run().recv(
    message('l2_data', 0, WHOLE),
    message('market_trades', 1, { type: 'update', trades: [trade(7, 'SELL')] }),
    message('heartbeats', 3),
    message('heartbeats', 9),
  );
  expect(one.book('BTC-USD')).toBe('invalid');
  expect(one.gaps).toEqual([
    ...[' null SEQUENCE closed', 'BTC-USD book SEQUENCE open', 'BTC-USD trades SEQUENCE open'],
  ]);
  expect(one.reconnects).toEqual([0]);
  one
    .close()
    .open(1)
    .recvOn(
      1,
      message('l2_data', 0, WHOLE),
      message('market_trades', 1, { type: 'snapshot', trades: [trade(8, 'BUY'), trade(7, 'SELL')] }),
    );
  expect(one.book('BTC-USD')).toEqual({ bids: ['100.5 1'], asks: ['101 2'] });
  expect(one.gaps.slice(3)).toEqual(['BTC-USD book SEQUENCE closed', 'BTC-USD trades SEQUENCE closed']);
  expect(one.of('trade').map(({ id, isHistory }) => [id, isHistory])).toEqual([
    ['7', false],
    ['8', false],
  ]);
});

test('the side that is named rested: the other one took; the first list is history', () => {
  const one = run().recv(
    message('market_trades', 0, { type: 'snapshot', trades: [trade(2, 'SELL'), trade(1, 'BUY')] }),
    message('market_trades', 1, { type: 'update', trades: [trade(3, 'SELL'), trade(3, 'SELL')] }),
  );
  expect(one.of('trade').map(({ id, isHistory, side }) => [id, side, isHistory])).toEqual([
    ['1', 'sell', true],
    ['2', 'buy', true],
    ['3', 'buy', false],
  ]);
  expect(one.of('trade')[2]).toMatchObject({ sizeText: '0.01034361', exchangeTime: 1786309548167634 });
  expect(one.counter('BTC-USD', 'duplicateTrades')).toBe(1);
});

test('klines of five minutes, tickers and heartbeats', () => {
  const candle = {
    ...{ start: '1786309500', high: '1919.6', low: '1919.27', open: '1919.58', close: '1919.41' },
    ...{ volume: '36.36630914', product_id: 'ETH-USD' },
  };
  const ticker = {
    ...{
      type: 'ticker',
      product_id: 'ETH-USD',
      price: '1919.41',
      volume_24_h: '5',
      low_24_h: '1',
      high_24_h: '9',
    },
    ...{ best_bid: '1919', best_bid_quantity: '2', best_ask: '1920', best_ask_quantity: '' },
  };
  const one = run().recv(
    message('candles', 0, { type: 'snapshot', candles: [candle] }),
    message('candles', 1, { type: 'update', candles: [candle] }),
    message('ticker', 2, { type: 'update', tickers: [ticker] }),
    message('heartbeats', 3, { current_time: '2026-08-09 21:05:48', heartbeat_counter: 41691 }),
    message('subscriptions', 4, { subscriptions: {} }),
  );
  expect(one.of('kline').map(({ isHistory, openTime, texts }) => [openTime, texts[3], isHistory])).toEqual([
    [1786309500000000, '1919.41', true],
    [1786309500000000, '1919.41', false],
  ]);
  expect(one.of('ticker')).toMatchObject([
    { bid: '1919', ask: '1920', askSize: null, last: '1919.41', high: '9' },
  ]);
  expect([...one.pipeline.tally.other]).toEqual([
    ['heartbeats', 1],
    ['subscriptions', 1],
  ]);
});

test('a message that is cut takes the books of its connection; one that cannot be used the book that it was of', () => {
  const frame = JSON.stringify(message('l2_data', 1, levels('update', 'BTC-USD', level('bid', '99', '2'))));
  for (let length = 1; length < frame.length; length += 7) {
    const cut = run().recv(message('l2_data', 0, WHOLE), frame.slice(0, length));
    expect(cut.book('BTC-USD')).toBe('invalid');
    expect(cut.gaps).toEqual([' null UNREADABLE closed', 'BTC-USD book UNREADABLE open']);
  }
  const one = run().recv(message('l2_data', 0, WHOLE));
  one.recv(message('l2_data', 1, levels('update', 'BTC-USD', level('middle', '99', '2'))));
  expect(one.book('BTC-USD')).toBe('invalid');
  expect(one.sent.map(text => JSON.parse(text))).toEqual([
    { type: 'unsubscribe', product_ids: ['BTC-USD'], channel: 'level2' },
    { type: 'subscribe', product_ids: ['BTC-USD'], channel: 'level2' },
  ]);
  one.recv('{"type":"error","message":"no"}', '{"channel":"surprise"}', '{"channel":"l2_data"}', '7');
  expect(one.notices).toEqual(['REQUEST_REFUSED', 'FRAME_UNKNOWN']);
});

test('each channel is asked for once for all products of a connection', () => {
  const subscriptions = ['btcusd', 'ETH/USD'].flatMap(name =>
    (['book', 'trades'] as const).map(channel => ({ instrument: COINBASE.guess(name), channel })),
  );
  const [{ requests }] = COINBASE.plan(subscriptions, COINBASE.addresses);
  expect(requests.map(text => JSON.parse(text))).toEqual([
    { type: 'subscribe', channel: 'heartbeats' },
    { type: 'subscribe', product_ids: ['BTC-USD', 'ETH-USD'], channel: 'market_trades' },
    { type: 'subscribe', product_ids: ['BTC-USD', 'ETH-USD'], channel: 'level2' },
  ]);
  const klines = { instrument: COINBASE.guess('BTC-USD'), channel: 'klines' as const, interval: '1m' };
  expect(() => COINBASE.plan([klines], COINBASE.addresses)).toThrow(/5m/);
  expect(COINBASE.guess('BTC-PERP-INTX').symbol).toBe('BTC-USDC-PERP');
});

test('a connection whose first message is not the first there is has lost one', () => {
  const asked = run();
  asked.pipeline.feed(1, decoder => decoder.sent(0, '{"type":"subscribe"}'));
  asked.recv(message('l2_data', 1, WHOLE));
  expect(asked.book('BTC-USD')).toBe('invalid');
  expect(asked.reconnects).toEqual([0]);
  expect(
    run()
      .recv(message('l2_data', 5, WHOLE))
      .book('BTC-USD'),
  ).not.toBe('invalid');
});
