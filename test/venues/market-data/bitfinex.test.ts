import { expect, test } from 'vitest';
import { OrderByOrderBook } from '../../../src/venues/books/order-by-order.ts';
import { BITFINEX } from '../../../src/venues/market-data/bitfinex/bitfinex.ts';
import { levelsChecksum, ordersChecksum } from '../../../src/venues/market-data/bitfinex/checksum.ts';
import { VenueRun } from '../../support/venue-run.ts';

/** CRC-32 bit by bit, as the standard has it. */
function crc32(text: string): number {
  let crc = 0xffffffff;
  for (const letter of text) {
    crc ^= letter.charCodeAt(0);
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc | 0;
}

const subscribed = (channel: string, chanId: number, more: object = {}) => ({
  ...{ event: 'subscribed', channel, chanId, symbol: 'tBTCUSD', pair: 'BTCUSD' },
  ...more,
});
const P0 = { prec: 'P0', freq: 'F0', len: '25' };
const R0 = { prec: 'R0', freq: 'F0', len: '25' };
const run = () => new VenueRun(BITFINEX).open().recv({ event: 'info', version: 2, platform: { status: 1 } });
const levels = () =>
  run().recv(
    subscribed('book', 7, P0),
    '[7,[[6000,1,1],[5900,1,2],[6100,2,-3],[6200,1,-4]],1,1564617600541]',
  );

test('a count of 0 takes a level away, the sign of the amount is the side', () => {
  const one = levels().recv('[7,[5900,0,1],2,1564617600542]', ' [ 7 , [6100 , 3 , -1.5e-1] , 3 ] ');
  expect(one.book('tBTCUSD')).toEqual({ bids: ['6000 1'], asks: ['6100 0.15', '6200 4'] });
  const [snapshot, gone, changed] = one.of('book');
  expect(snapshot).toMatchObject({ type: 'snapshot', symbol: 'BTC-USD', sequence: '1' });
  expect(gone).toMatchObject({ bids: [['5900', '0', 5900, 0]], exchangeTime: 1564617600542000 });
  expect(changed).toMatchObject({ asks: [['6100', '1.5e-1', 6100, 0.15]], exchangeTime: null });
  expect(one.gaps).toEqual([]);
});

test('the checksum of 25 levels a side is that of the documented text, and one that differs asks for the book anew', () => {
  const sum = crc32('6000:1:6100:-3:5900:2:6200:-4');
  const one = levels().recv(`[7,"cs",${sum},2,1564617600541]`);
  expect(one.check('tBTCUSD', 'checksums')).toEqual({ checked: 1, passed: 1 });
  one.recv(`[7,"cs",${sum + 1},3]`);
  expect(one.book('tBTCUSD')).toBe('invalid');
  expect(one.gaps).toEqual(['BTC-USD book CHECKSUM open']);
  expect(one.sent).toEqual(['{"event":"unsubscribe","chanId":7}']);
  // What is still on its way belongs to the channel that was left.
  one.recv('[7,[5900,0,1],4]', { event: 'unsubscribed', status: 'OK', chanId: 7 });
  expect(JSON.parse(one.sent[1])).toEqual({ event: 'subscribe', channel: 'book', symbol: 'tBTCUSD', ...P0 });
  one.recv(subscribed('book', 9, P0), '[9,[[5999,1,1],[6101,1,-1]],5]');
  expect(one.book('tBTCUSD')).toEqual({ bids: ['5999 1'], asks: ['6101 1'] });
  expect(one.gaps).toEqual(['BTC-USD book CHECKSUM open', 'BTC-USD book CHECKSUM closed']);
  expect(one.notices).toEqual([]);
});

test('numbers in a checksum have no exponents', () => {
  const book = { bids: { levels: () => [['1.7e-8', '1e-7', 1.7e-8, 1e-7]] }, asks: { levels: () => [] } };
  expect(levelsChecksum(book as never)).toBe(crc32('0.000000017:0.0000001'));
});

test('orders are in a checksum by price, then by id as a number', () => {
  const book = new OrderByOrderBook();
  book.set('101', 'bid', '6000', '2');
  book.set('100', 'bid', '6000', '1');
  book.set('102', 'ask', '6100', '3');
  book.set('103', 'ask', '6100', '4');
  expect(ordersChecksum(book)).toBe(crc32('100:1:102:-3:101:2:103:-4'));
  book.set('99', 'bid', '6000', '5');
  expect(ordersChecksum(book)).toBe(crc32('99:5:102:-3:100:1:103:-4:101:2'));
});

test('a book of single orders has the place of each in its queue; a price of 0 takes an order away', () => {
  const sum = crc32('11:0.5:21:-2:12:1.5');
  const one = run().recv(
    subscribed('book', 8, R0),
    '[8,[[11,100,0.5],[12,100,1.5],[13,99,4],[21,101,-2]],1]',
    '[8,[13,0,1],2]',
    `[8,"cs",${sum},3]`,
    '[8,[14,100,0.25],4]',
    '[8,[11,100,0.4],5]',
  );
  expect(one.book('tBTCUSD', 'orderBooks')).toEqual({ bids: ['100 2.15'], asks: ['101 2'] });
  expect(one.check('tBTCUSD', 'l3Checksums')).toEqual({ checked: 1, passed: 1 });
  const book = one.pipeline.decoder.orderBooks?.get('tBTCUSD')?.book;
  expect(book?.position('14')).toEqual({ ordersAhead: 2, sizeAhead: '1.9' });
  expect(one.of('order').map(({ action, orderId, sizeText }) => [action, orderId, sizeText])).toEqual([
    ...[
      ['clear', '', null],
      ['clear', '', null],
    ],
    ...[
      ['open', '11', '0.5'],
      ['open', '12', '1.5'],
      ['open', '13', '4'],
      ['open', '21', '2'],
    ],
    ...[
      ['delete', '13', '4'],
      ['add', '14', '0.25'],
      ['modify', '11', '0.4'],
    ],
  ]);
});

test('a list after the whole book is a list of changes where these were asked for together', () => {
  const one = run().recv({ event: 'conf', status: 'OK', flags: 537100288 }, subscribed('book', 7, P0));
  one.recv('[7,[[10,1,1],[11,1,-1]],1,1564617600541]', '[7,[[10,0,1],[9,1,2]],2,1564617600541]');
  expect(one.book('tBTCUSD')).toEqual({ bids: ['9 2'], asks: ['11 1'] });
});

test('a number that is missing on a connection takes all of its books, once, and the connection', () => {
  const one = levels().recv('[7,"hb",2]', '[7,[5900,0,1],4,1564617600542]', '[7,"hb",6]');
  expect(one.book('tBTCUSD')).toBe('invalid');
  expect(one.gaps).toEqual([' null SEQUENCE closed', 'BTC-USD book SEQUENCE open']);
  expect(one.of('gap')[0]).toMatchObject({ after: '2', before: '4', detail: 'seq=4 previous=2' });
  expect(one.reconnects).toEqual([0]);
  expect(one.check('', 'connectionLinks')).toEqual({ checked: 3, passed: 1 });
  one
    .close()
    .open(1)
    .recvOn(1, subscribed('book', 3, P0), '[3,[[10,1,1],[11,1,-1]],1]');
  expect(one.book('tBTCUSD')).toEqual({ bids: ['10 1'], asks: ['11 1'] });
  expect(one.gaps.at(-1)).toBe('BTC-USD book SEQUENCE closed');
});

test('what comes of a book that is not used any more is counted as received', () => {
  const lost = levels().recv(
    '[7,"hb",3]',
    '[7,[5900,0,1],4]',
    { ...subscribed('book', 9, P0), symbol: 'tETHUSD', pair: 'ETHUSD' },
    '[9,[[10,1,1],[11,1,-1]],5]',
    '[9,[10,0,1],6]',
  );
  expect(lost.book('tETHUSD')).toBe('invalid');
  const counts = (one: VenueRun, native: string) => [
    one.counter(native, 'bookSnapshots'),
    one.counter(native, 'bookDeltas'),
    one.counter(native, 'duplicateMessages'),
  ];
  expect(counts(lost, 'tBTCUSD')).toEqual([1, 1, 0]);
  expect(counts(lost, 'tETHUSD')).toEqual([1, 1, 0]);
  const cut = levels().recv('[7,[5900,0', '[7,[5900,0,1],2]', '[7,[5900,1,1],3]');
  expect(cut.book('tBTCUSD')).toBe('invalid');
  expect(counts(cut, 'tBTCUSD')).toEqual([1, 2, 0]);
});

test('a trade counts once, when it is executed; its sign is the side that took; history is not live', () => {
  const one = run().recv(
    subscribed('trades', 5),
    '[5,[[12,1564617600009,-1.5,101],[11,1564617600000,0.5,100]],1]',
    '[5,"te",[13,1564617600709,0.00705845,10087.98969503],2,1564617600784]',
    '[5,"tu",[13,1564617600709,0.00705845,10087.98969503],3,1564617600785]',
    '[5,"te",[13,1564617600709,0.00705845,10087.98969503],4,1564617600784]',
  );
  expect(one.of('trade').map(({ id, isHistory, side, sizeText }) => [id, side, sizeText, isHistory])).toEqual(
    [
      ['11', 'buy', '0.5', true],
      ['12', 'sell', '1.5', true],
      ['13', 'buy', '0.00705845', false],
    ],
  );
  expect(one.of('trade')[2]).toMatchObject({ exchangeTime: 1564617600709000, priceText: '10087.98969503' });
  expect(one.counter('tBTCUSD', 'duplicateTrades')).toBe(1);
  expect(one.pipeline.tally.other.get('tu')).toBe(1);
});

test('trades that were missed while the connection was away come with the next list, once, as live ones', () => {
  const one = run().recv(subscribed('trades', 5), '[5,"te",[13,1564617600709,1,100],1]').close();
  expect(one.gaps).toEqual(['BTC-USD trades DISCONNECTED open']);
  one.open(1).recvOn(1, subscribed('trades', 2), '[2,[[15,3,-1,100],[14,2,1,100],[13,1,1,100]],1]');
  expect(one.of('trade').map(({ id, isHistory }) => [id, isHistory])).toEqual([
    ['13', false],
    ['14', false],
    ['15', false],
  ]);
  expect(one.gaps.at(-1)).toBe('BTC-USD trades DISCONNECTED closed');
  expect(one.notices).toEqual([]);
});

test('tickers and klines are read by position, whatever follows', () => {
  const one = run().recv(
    subscribed('ticker', 1),
    '[1,[60400,76.16686512,60406,86.2067634199999,-1292,-0.0209,60410,10.05320242,62408,60057,null],1]',
    { event: 'subscribed', channel: 'candles', chanId: 2, key: 'trade:1D:tDOGE:USD' },
    '[2,[[1786563000000,3,4,5,2,10],[1786476600000,1,2,3,1,9]],2]',
    '[2,[1786563000000,3,4.5,5,2,11],3]',
  );
  expect(one.of('ticker')).toMatchObject([
    { bid: '60400', ask: '60406', askSize: '86.2067634199999', last: '60410', high: '62408', low: '60057' },
  ]);
  const klines = one.of('kline');
  expect(klines.map(({ isHistory, texts }) => [texts, isHistory])).toEqual([
    [['1', '3', '1', '2', '9'], true],
    [['3', '5', '2', '4', '10'], true],
    [['3', '5', '2', '4.5', '11'], false],
  ]);
  expect(klines[2]).toMatchObject({ symbol: 'DOGE-USD', interval: '1d', openTime: 1786563000000000 });
});

test('a frame that is cut is told, and the books of its connection are invalid, since it may have been theirs', () => {
  const frame = '[7,[6000,0,1],2,1564617600542]';
  for (let length = 1; length < frame.length; length++) {
    const one = levels().recv(frame.slice(0, length));
    expect(one.book('tBTCUSD')).toBe('invalid');
    expect(one.gaps).toContain('BTC-USD book UNREADABLE open');
    expect(one.counter('', 'undecodable')).toBe(1);
  }
});

test('a frame of an unknown kind changes nothing, and is told', () => {
  const one = levels();
  const book = one.book('tBTCUSD');
  one.recv('[99,[1,2,3],2]', '{"event":"surprise"}', '[7,"zz",[1,2],3]');
  expect(one.book('tBTCUSD')).toEqual(book);
  expect(one.pipeline.tally.other.get('unknown')).toBe(3);
  one.recv('[7,[[1,2],3],4]', '5', 'null');
  expect(one.counter('', 'undecodable')).toBe(3);
});

test('a restart and the end of a maintenance ask for the connection anew; its beginning makes the books invalid', () => {
  const one = levels().recv({ event: 'info', code: 20060, msg: 'pause' });
  expect(one.book('tBTCUSD')).toBe('invalid');
  expect(one.gaps).toEqual(['BTC-USD book MAINTENANCE open']);
  expect(one.reconnects).toEqual([]);
  one.recv({ event: 'info', code: 20061, msg: 'go on' });
  expect(one.reconnects).toEqual([0]);
  expect(levels().recv({ event: 'info', code: 20051 }).reconnects).toEqual([0]);
});

test.each([
  ...[
    ['tBTCUSD', 'tBTCUSD', 'BTC-USD'],
    ['btcusd', 'tBTCUSD', 'BTC-USD'],
    ['BTC-USD', 'tBTCUSD', 'BTC-USD'],
    ['ltcbtc', 'tLTCBTC', 'LTC-BTC'],
  ],
  ...[
    ['tDOGE:USD', 'tDOGE:USD', 'DOGE-USD'],
    ['doge/usd', 'tDOGE:USD', 'DOGE-USD'],
    ['tBTCUST', 'tBTCUST', 'BTC-USDT'],
    ['BTC-USDT', 'tBTCUST', 'BTC-USDT'],
  ],
  ...[
    ['tBTCF0:USTF0', 'tBTCF0:USTF0', 'BTC-USDT-PERP'],
    ['BTC-USDT-PERP', 'tBTCF0:USTF0', 'BTC-USDT-PERP'],
    ['trxusd', 'tTRXUSD', 'TRX-USD'],
  ],
])('%s is %s, which is %s', (spelling, native, symbol) => {
  expect(BITFINEX.guess(spelling)).toEqual({ native, symbol });
});

test('the lists of the venue say what its assets are called', () => {
  const one = run()
    .answer('https://api-pub.bitfinex.com/v2/conf/pub:map:currency:sym', [[['QQQ', 'QqqCoin']]])
    .answer('https://api-pub.bitfinex.com/v2/conf/pub:list:pair:exchange', [['QQQUSD', 'DOGE:UST']]);
  expect([...one.pipeline.instruments.all()].map(({ native, symbol }) => `${native} ${symbol}`)).toEqual([
    'tQQQUSD QQQCOIN-USD',
    'tDOGE:UST DOGE-USDT',
  ]);
});

test('a connection has 25 channels, and asks for times, numbers and checksums first', () => {
  const instrument = BITFINEX.guess('BTC-USD');
  const subscriptions = Array.from({ length: 26 }, () => ({ instrument, channel: 'l3' as const }));
  const plans = BITFINEX.plan(subscriptions, BITFINEX.addresses);
  expect(plans.map(({ requests }) => requests.length)).toEqual([26, 2]);
  expect(JSON.parse(plans[0].requests[0])).toEqual({ event: 'conf', flags: 537100288 });
  expect(JSON.parse(plans[0].requests[1])).toMatchObject({ channel: 'book', symbol: 'tBTCUSD', prec: 'R0' });
  const klines = { instrument, channel: 'klines' as const, interval: '1d' };
  expect(BITFINEX.plan([klines], BITFINEX.addresses)[0].requests[1]).toContain('trade:1D:tBTCUSD');
  expect(() => BITFINEX.plan([{ ...klines, interval: '2m' }], BITFINEX.addresses)).toThrow(/2m/);
});
