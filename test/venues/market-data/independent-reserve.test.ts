import { expect, test } from 'vitest';
import { INDEPENDENT_RESERVE as VENUE } from '../../../src/venues/market-data/independent-reserve/independent-reserve.ts';
import { VenueRun } from '../../support/venue-run.ts';

const SECOND = 1_000_000;
const URL = 'https://api.independentreserve.com/Public/GetAllOrders?primaryCurrencyCode=eth';
const orders = (created: string, quote = 'aud') =>
  [
    `${URL}&secondaryCurrencyCode=${quote}`,
    `{"BuyOrders":[{"Guid":"b1","Price":2500.0,"Volume":1.50000000},{"Guid":"b2","Price":2500,"Volume":0.5}],
      "SellOrders":[{"Guid":"a1","Price":2510,"Volume":2}],
      "PrimaryCurrencyCode":"Eth","SecondaryCurrencyCode":"Aud","CreatedTimestampUtc":"${created}"}`,
  ] as const;
const T0 = 1_689_718_320;
const at = (seconds: number) => new Date((T0 + seconds) * 1000).toISOString();
const event = (kind: string, nonce: number, data: object, seconds = 0) => ({
  ...{ Channel: 'orderbook-eth', Nonce: nonce, Data: data, Time: (T0 + seconds) * 1000, Event: kind },
});
const placed = (nonce: number, id: string, price: number, volume: number, seconds?: number) =>
  event(
    'NewOrder',
    nonce,
    { OrderType: 'LimitBid', OrderGuid: id, Price: { aud: price, usd: price / 2 }, Volume: volume },
    seconds,
  );
const subscriptions = (seconds = 0) => ({
  ...{ Event: 'Subscriptions', Data: ['orderbook-eth', 'ticker-eth'], Time: (T0 + seconds) * 1000 },
});
const heartbeat = (seconds: number) => ({ Event: 'Heartbeat', Time: (T0 + seconds) * 1000 });
const run = () => new VenueRun(VENUE).open().recv(subscriptions());
const whole = () =>
  run()
    .answer(...orders(at(1)))
    .recv(heartbeat(2));

test('a book is whole once the stream has come to the moment of the snapshot', () => {
  const one = run()
    .recv(placed(28, 'b3', 2499, 3))
    .answer(...orders(at(1)));
  expect(one.book('eth-aud')).toBe('invalid');
  one.recv(heartbeat(2));
  expect(one.book('eth-aud')).toEqual({ bids: ['2500.0 2', '2499 3'], asks: ['2510 2'] });
  expect(one.pipeline.decoder.orderBooks?.get('eth-aud')?.book.position('b2')).toEqual({
    ...{ ordersAhead: 1, sizeAhead: '1.5' },
  });
  expect(one.gaps).toEqual([]);
  expect(one.asked).toEqual([]);
});

test('changes that came before the snapshot are applied to it once more, whether it has them or not', () => {
  const one = run()
    .recv(
      placed(28, 'b2', 2500, 0.7),
      event('OrderChanged', 29, { OrderType: 'LimitBid', OrderGuid: 'b2', Volume: 0.5 }),
    )
    .recv(placed(30, 'x', 2501, 1), event('OrderCanceled', 31, { OrderType: 'LimitBid', OrderGuid: 'x' }))
    .answer(...orders(at(1)))
    .recv(heartbeat(1));
  expect(one.book('eth-aud')).toEqual({ bids: ['2500.0 2'], asks: ['2510 2'] });
  expect(one.counter('orderbook-eth', 'ordersOpenFromStream')).toBe(1);
  expect(one.counter('orderbook-eth', 'cancelsOfOrdersSeen')).toBe(1);
});

test('a snapshot that is older than the subscription is asked for again', () => {
  const one = run().answer(...orders(at(-1)));
  expect(one.asked).toEqual([`${URL}&secondaryCurrencyCode=aud`]);
  expect(one.book('eth-aud')).toBe('invalid');
});

test('what is left of an order is told; nothing left takes it away; it keeps its place meanwhile', () => {
  const change = (nonce: number, id: string, volume: number) =>
    event('OrderChanged', nonce, { OrderType: 'LimitBid', OrderGuid: id, Volume: volume }, 3);
  const one = whole().recv(change(1, 'b1', 0.25));
  expect(one.pipeline.decoder.orderBooks?.get('eth-aud')?.book.position('b2')?.sizeAhead).toBe('0.25');
  one.recv(change(2, 'b1', 0));
  expect(one.book('eth-aud')).toEqual({ bids: ['2500.0 0.5'], asks: ['2510 2'] });
  expect(one.of('order').at(-1)).toMatchObject({
    ...{ action: 'delete', orderId: 'b1', side: 'bid', priceText: '2500.0', sizeText: '0.25', sequence: '2' },
    ...{ symbol: 'ETH-AUD', exchangeTime: (T0 + 3) * SECOND },
  });
});

test('a nonce that is missing makes the books of that asset invalid until the next snapshot', () => {
  const one = whole().recv(placed(1, 'b3', 2499, 1, 3), placed(3, 'b4', 2499, 1, 4));
  expect(one.book('eth-aud')).toBe('invalid');
  expect(one.of('gap')).toMatchObject([
    { symbol: 'ETH-AUD', native: 'orderbook-eth', channel: 'l3', cause: 'SEQUENCE', after: '1', before: '3' },
  ]);
  expect(one.asked).toContain(`${URL}&secondaryCurrencyCode=aud`);
  one.answer(...orders(at(5))).recv(heartbeat(6));
  expect(one.book('eth-aud')).toEqual({ bids: ['2500.0 2', '2499 1'], asks: ['2510 2'] });
  expect(one.gaps).toEqual(['ETH-AUD l3 SEQUENCE open', 'ETH-AUD l3 SEQUENCE closed']);
});

test('a message that comes twice is used once; a channel that starts anew has lost what was', () => {
  const one = whole().recv(placed(5001, 'b3', 2499, 1, 3), placed(5001, 'b3', 2499, 1, 3));
  expect(one.counter('orderbook-eth', 'duplicateMessages')).toBe(1);
  expect(one.gaps).toEqual([]);
  expect(one.recv(placed(1, 'b5', 2498, 1, 4)).gaps).toEqual(['ETH-AUD l3 SEQUENCE open']);
});

test('a book in another currency is made of the same stream, with its own prices', () => {
  const one = run()
    .answer(...orders(at(1), 'aud'))
    .recv(placed(1, 'b3', 2499, 1, 2))
    .answer(...orders(at(1), 'usd'))
    .recv(heartbeat(3));
  expect(one.book('eth-usd')).toEqual({ bids: ['2500.0 2', '1249.5 1'], asks: ['2510 2'] });
  expect(one.counter('orderbook-eth', 'bookDeltas')).toBe(1);
});

test('without a connection nothing is asked for; the next subscription is what asks', () => {
  const one = whole().close();
  expect(one.book('eth-aud')).toBe('invalid');
  expect(one.gaps).toEqual(['ETH-AUD l3 DISCONNECTED open', 'ETH trades DISCONNECTED open']);
  expect(one.answer(...orders(at(3))).asked).toEqual([]);
  one
    .open(1)
    .recvOn(1, subscriptions(10))
    .answer(...orders(at(11)))
    .recvOn(1, heartbeat(12));
  expect(one.book('eth-aud')).toEqual({ bids: ['2500.0 2'], asks: ['2510 2'] });
  expect(one.gaps.slice(2)).toEqual(['ETH trades DISCONNECTED closed', 'ETH-AUD l3 DISCONNECTED closed']);
});

test('trades have the price of each pair that is followed, and the side that took', () => {
  const data = (price: unknown) => ({
    ...{ TradeGuid: 'c5bd', TradeDate: '2023-07-18T22:12:00.9321664+00:00', Volume: 50, Price: price },
    ...{ BidGuid: 'b1', OfferGuid: 'a1', Side: 'Sell' },
  });
  const trade = (Channel: string, Nonce: number, price: unknown) => ({
    ...{ Event: 'Trade', Channel, Nonce, Time: T0 * 1000, Data: data(price) },
  });
  const one = run()
    .answer(URL.replace('AllOrders', 'MarketSummary').concat('&secondaryCurrencyCode=aud'), {
      LastPrice: 3313.6,
    })
    .recv(trade('ticker-eth', 1, { Aud: 3313.59, Sgd: 4798.92 }), trade('ticker-eth-nzd', 1, 3600.5));
  expect(one.of('ticker')).toMatchObject([{ symbol: 'ETH-AUD', last: '3313.6', bid: null }]);
  expect(one.of('trade')).toMatchObject([
    { symbol: 'ETH-AUD', priceText: '3313.59', sizeText: '50', side: 'sell', id: 'c5bd' },
    { symbol: 'ETH-NZD', priceText: '3600.5', exchangeTime: 1689718320932166 },
  ]);
  expect(one.recv(trade('ticker-eth', 3, { Aud: 1 })).gaps).toEqual(['ETH trades SEQUENCE closed']);
});

test('keys in any order, blanks and exponents are the same message; a cut one takes the books of its connection', () => {
  const frame = ` { "Event" : "NewOrder", "Time": ${(T0 + 3) * 1000}, "Data": {"Volume": 1.5E-7,
    "Price": {"usd": 1, "aud": 2.499e3}, "OrderGuid": "b3", "OrderType": "LimitBid"}, "Nonce": 1,
    "Channel": "orderbook-eth" } `;
  for (const length of [1, 40, 120, frame.length - 4]) {
    const cut = whole().recv(frame.slice(0, length));
    expect(cut.book('eth-aud')).toBe('invalid');
    expect(cut.gaps).toEqual([' null UNREADABLE closed', 'ETH-AUD l3 UNREADABLE open']);
  }
  const one = whole().recv(frame);
  expect(one.book('eth-aud')).toEqual({ bids: ['2500.0 2', '2.499e3 0.00000015'], asks: ['2510 2'] });
  one.recv(
    '{"Event":"Surprise"}',
    '[]',
    '{"Event":"NewOrder","Channel":"orderbook-eth","Nonce":2,"Data":{}}',
  );
  expect(one.pipeline.tally.other.get('unknown')).toBe(1);
  // The nonce of the last one is used up: what it brought is missing from the book.
  expect(one.gaps).toEqual([
    ...[' null UNREADABLE closed', 'ETH-AUD l3 UNREADABLE open', ' null UNREADABLE closed'],
  ]);
  expect(one.book('eth-aud')).toBe('invalid');
});

test('pairs of one asset share a stream, and each asks for its book', () => {
  const plan = VENUE.plan(
    ['xbt-aud', 'xbt-nzd', 'eth-aud'].map(native => ({ instrument: VENUE.guess(native), channel: 'l3' })),
    VENUE.addresses,
  );
  expect(plan).toHaveLength(1);
  expect(plan[0].requests).toEqual(['{"Event":"Subscribe","Data":["orderbook-xbt","orderbook-eth"]}']);
  expect(plan[0].asks?.map(({ url }) => url.split('?')[1])).toEqual([
    'primaryCurrencyCode=xbt&secondaryCurrencyCode=aud',
    'primaryCurrencyCode=xbt&secondaryCurrencyCode=nzd',
    'primaryCurrencyCode=eth&secondaryCurrencyCode=aud',
  ]);
  expect(VENUE.guess('BTC-AUD')).toEqual({ native: 'xbt-aud', symbol: 'BTC-AUD' });
  expect(VENUE.guess('btcsgd')).toEqual({ native: 'xbt-sgd', symbol: 'BTC-SGD' });
});
