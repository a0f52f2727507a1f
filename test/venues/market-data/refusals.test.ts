import { expect, test } from 'vitest';
import type { Channel } from '../../../src/model/records.ts';
import { venueNamed } from '../../../src/venues/market-data/index.ts';
import { VenueRun } from '../../support/venue-run.ts';

/** A collector's requests for instruments, sent on connection 0. */
function asking(venueId: string, natives: readonly string[], channels: readonly Channel[]) {
  const venue = venueNamed(venueId)!;
  const subscriptions = natives.flatMap(native =>
    channels.map(channel => ({ instrument: venue.guess(native), channel, interval: '1m' })),
  );
  const [plan = { url: 'wss://venue.test', requests: [] }] = venue.plan(subscriptions, {
    stream: 'wss://venue.test',
    rest: 'https://venue.test',
  });
  const url = typeof plan.url === 'string' ? plan.url : 'wss://venue.test';
  const run = new VenueRun(venue).open(0, url).send(...plan.requests);
  const idOf = (part: string) => {
    const text = plan.requests.find(one => one.includes(part))!;
    const { id, req_id } = JSON.parse(text);
    return id ?? req_id;
  };
  return { run, idOf, requests: plan.requests };
}

type Asking = ReturnType<typeof asking>;

interface Case {
  readonly natives: readonly string[];
  readonly channels: readonly Channel[];
  refusal(asked: Asking): object;
  /** Channel and native name. */
  readonly refused: readonly string[];
  readonly symbol?: string;
  /** What ends the gap. */
  readonly data: object;
}

const SPOT = ['BTC-USDT', 'ETH-USDT'];
const CASES: Readonly<Record<string, Case>> = {
  okx: {
    natives: SPOT,
    channels: ['trades'],
    refusal: () => ({
      ...{ event: 'error', code: '60018', connId: 'a' },
      msg: "Wrong URL or channel:trades,instId:ETH-USDT doesn't exist. Please use the correct URL, channel and parameters referring to API document.",
    }),
    refused: ['trades ETH-USDT for good'],
    data: {
      arg: { channel: 'trades', instId: 'ETH-USDT' },
      data: [
        { instId: 'ETH-USDT', tradeId: '7', px: '42219.9', sz: '0.1', side: 'buy', ts: '1630048897897' },
      ],
    },
  },
  'bybit-spot': {
    natives: ['BTCUSDT', 'ETHUSDT'],
    channels: ['trades'],
    refusal: ({ idOf }) => ({
      ...{ success: false, conn_id: 'a', op: 'subscribe', req_id: idOf('publicTrade') },
      ret_msg: 'error:handler not found,topic:publicTrade.ETHUSDT',
    }),
    // The other topic of the request is not granted either.
    refused: ['trades BTCUSDT', 'trades ETHUSDT for good'],
    data: {
      ...{ topic: 'publicTrade.ETHUSDT', type: 'snapshot', ts: 1786310819681 },
      data: [{ T: 1786310819680, s: 'ETHUSDT', S: 'Sell', v: '0.004', p: '65114.20', i: 'a', seq: 7 }],
    },
  },
  htx: {
    natives: ['btcusdt', 'ethusdt'],
    channels: ['trades'],
    refusal: ({ idOf }) => ({
      ...{ status: 'error', 'err-code': 'bad-request', id: idOf('ethusdt'), ts: 1786563034186 },
      'err-msg': 'invalid topic market.ethusdt.trade.detail',
    }),
    refused: ['trades ethusdt for good'],
    data: {
      ch: 'market.ethusdt.trade.detail',
      ts: 1786563034186,
      tick: {
        id: 1,
        ts: 1786563034185,
        data: [{ id: 19, ts: 1786563034185, tradeId: 1, amount: 0.1, price: 63349.89, direction: 'sell' }],
      },
    },
  },
  kucoin: {
    natives: SPOT,
    channels: ['trades'],
    refusal: ({ idOf }) => ({
      id: idOf('match'),
      type: 'error',
      code: 509,
      data: 'exceed max subscription count limitation of 100 per 10 second',
    }),
    refused: ['trades BTC-USDT', 'trades ETH-USDT'],
    data: {
      ...{ type: 'message', topic: '/market/match:ETH-USDT', subject: 'trade.l3match' },
      data: {
        ...{ symbol: 'ETH-USDT', side: 'sell', type: 'match', makerOrderId: 'a', takerOrderId: 'b' },
        ...{ sequence: '7', size: '0.1', price: '24093.9', time: '1660608000026914990', tradeId: 'c' },
      },
    },
  },
  phemex: {
    natives: ['sBTCUSDT', 'sETHUSDT'],
    channels: ['klines'],
    refusal: ({ idOf }) => ({
      error: { code: 6001, message: 'invalid argument' },
      id: idOf('"sETHUSDT"'),
      result: null,
    }),
    refused: ['klines sETHUSDT for good'],
    data: {
      kline: [[1590019200, 60, 95165000, 95160000, 95160000, 95160000, 95160000, 164, 1723413]],
      ...{ sequence: 1118993873, symbol: 'sETHUSDT', type: 'incremental' },
    },
  },
  kraken: {
    natives: ['BTC/USD', 'ETH/USD'],
    channels: ['trades', 'tickers'],
    refusal: ({ idOf }) => ({
      ...{ error: 'Currency pair not supported ETH/USD', method: 'subscribe', success: false },
      ...{ req_id: idOf('"trade"'), symbol: 'ETH/USD', time_in: '', time_out: '' },
    }),
    refused: ['trades ETH/USD for good'],
    data: {
      channel: 'trade',
      type: 'update',
      data: [
        {
          ...{ symbol: 'ETH/USD', side: 'buy', price: 105944.2, qty: 0.00027625, ord_type: 'limit' },
          ...{ trade_id: 10218208, timestamp: '2023-10-06T17:35:55.440295Z' },
        },
      ],
    },
  },
  'kraken-v1': {
    natives: ['XBT/USD', 'ETH/USD'],
    channels: ['trades'],
    refusal: () => ({
      ...{ errorMessage: 'Currency pair not supported ETH/USD', event: 'subscriptionStatus' },
      ...{ pair: 'ETH/USD', status: 'error', subscription: { name: 'trade' } },
    }),
    refused: ['trades ETH/USD for good'],
    data: [3, [['5541.20000', '0.15850568', '1534614057.321597', 's', 'l', '']], 'trade', 'ETH/USD'],
  },
  bitfinex: {
    natives: ['tBTCUSD', 'tETHUSD'],
    channels: ['tickers'],
    refusal: () => ({
      ...{ event: 'error', channel: 'ticker', symbol: 'tETHUSD', pair: 'ETHUSD' },
      ...{ msg: 'Reached limit of open channels', code: 10305 },
    }),
    refused: ['tickers tETHUSD'],
    data: [5, [60400, 76.1, 60406, 86.2, -1292, -0.0209, 60410, 10.05, 62408, 60057]],
  },
  coinbase: {
    natives: ['BTC-USD', 'ETH-USD'],
    channels: ['trades'],
    refusal: () => ({
      type: 'error',
      message: 'failure to subscribe',
      reason: 'ETH-USD is not a valid product',
    }),
    refused: ['trades BTC-USD', 'trades ETH-USD for good'],
    data: {
      ...{ channel: 'market_trades', timestamp: '2026-08-09T21:05:48.251397169Z', sequence_num: 0 },
      events: [
        {
          type: 'update',
          trades: [
            {
              ...{ product_id: 'ETH-USD', trade_id: '7', price: '65083.67', size: '0.01034361' },
              ...{ time: '2026-08-09T21:05:48.167634Z', side: 'SELL' },
            },
          ],
        },
      ],
    },
  },
  'independent-reserve': {
    natives: ['xbt-aud', 'eth-aud'],
    channels: ['trades'],
    refusal: () => ({ Event: 'Error', Data: 'ticker-eth is not a valid channel', Time: 1_700_000_000_000 }),
    refused: ['trades ticker-eth for good'],
    data: {},
  },
  'binance-spot': {
    natives: ['BTCUSDT', 'ETHUSDT'],
    channels: ['trades'],
    refusal: () => ({ error: { code: 2, msg: 'Invalid request: unknown stream ethusdt@trade' } }),
    refused: ['trades ETHUSDT for good'],
    data: {
      stream: 'ethusdt@trade',
      data: {
        ...{ e: 'trade', E: 1723161256322, s: 'ETHUSDT', t: 12345, p: '61800.30', q: '0.006' },
        ...{ T: 1723161256322, m: false, M: true },
      },
    },
  },
};

test.each(Object.entries(CASES))(
  '%s: what is refused is a gap with the words of the venue until the stream brings something',
  (venueId, { channels, data, natives, refusal, refused }) => {
    const asked = asking(venueId, natives, channels);
    const { run } = asked;
    const frame = refusal(asked);
    if (venueId === 'bitfinex') {
      const subscribed = { event: 'subscribed', channel: 'ticker', chanId: 5, symbol: 'tETHUSD' };
      run.recv({ event: 'info', version: 2 }, subscribed);
    }
    run.recv(frame);
    expect(run.refusals).toEqual(refused);
    const opened = run.of('gap');
    const [channel] = channels;
    expect(opened.map(gap => `${gap.channel} ${gap.native} ${gap.cause} ${gap.state}`)).toEqual(
      refused.map(text => `${text.replace(' for good', '')} REFUSED open`),
    );
    for (const gap of opened) expect(JSON.stringify(frame)).toContain(gap.detail.split(' ').at(-1));
    expect(run.notices).toEqual(['SUBSCRIPTION_REFUSED']);
    // The same once more is the same gap, and is told once.
    run.send(...asked.requests).recv(frame);
    expect(run.of('gap')).toHaveLength(refused.length);
    expect(run.notices).toHaveLength(1);
    if (venueId === 'independent-reserve') return;
    run.refusals.length = 0;
    run.recv(data);
    const last = refused.at(-1)!.replace(' for good', '');
    expect(run.refusals).toEqual([`granted ${last}`]);
    expect(run.of('gap').at(-1)).toMatchObject({
      state: 'closed',
      channel,
      isFilled: false,
      cause: 'REFUSED',
    });
  },
);

test('a refusal that names nothing is one of all that has brought nothing yet', () => {
  const { run } = asking('okx', SPOT, ['trades', 'tickers']);
  const trade = { instId: 'BTC-USDT', tradeId: '7', px: '1', sz: '1', side: 'buy', ts: '1630048897897' };
  run.recv({ arg: { channel: 'trades', instId: 'BTC-USDT' }, data: [trade] });
  run.recv({ event: 'error', code: '60014', msg: 'Requests too frequent' });
  expect(run.refusals).toEqual(['tickers BTC-USDT', 'trades ETH-USDT', 'tickers ETH-USDT']);
});

test('a stream that stands already is not refused', () => {
  const { idOf, run } = asking('bybit-spot', ['BTCUSDT'], ['trades']);
  run.recv({
    success: false,
    ret_msg: 'error:already subscribed,topic:publicTrade.BTCUSDT',
    req_id: idOf('p'),
  });
  expect(run.refusals).toEqual([]);
  expect(run.notices).toEqual(['REQUEST_REFUSED']);
});

test('what an older connection still brings does not end the gap of a newer one that was refused', () => {
  const { run } = asking('okx', ['BTC-USDT'], ['trades']);
  const trade = (tradeId: string) => ({
    arg: { channel: 'trades', instId: 'BTC-USDT' },
    data: [{ instId: 'BTC-USDT', tradeId, px: '1', sz: '1', side: 'buy', ts: '1630048897897' }],
  });
  run.recv(trade('7'));
  run.open(1).sendOn(1, { op: 'subscribe', args: [{ channel: 'trades', instId: 'BTC-USDT' }] });
  run.recvOn(1, { event: 'error', code: '60014', msg: 'Requests too frequent' });
  run.recv(trade('8'));
  expect(run.gaps).toEqual(['BTC-USDT trades REFUSED open']);
  run.recvOn(1, trade('9'));
  expect(run.gaps.at(-1)).toBe('BTC-USDT trades REFUSED closed');
});

test('a gap of klines lasts until all intervals that were refused are there', () => {
  const { run } = asking('okx', [], []);
  const args = ['candle1m', 'candle1H'].map(channel => ({ channel, instId: 'BTC-USDT' }));
  run.send({ op: 'subscribe', args }).recv({ event: 'error', code: '60014', msg: 'Requests too frequent' });
  const kline = (channel: string) => ({
    arg: { channel, instId: 'BTC-USDT' },
    data: [['1597026360000', '1', '1', '1', '1', '1', '1', '1', '0']],
  });
  run.recv(kline('candle1m'));
  expect(run.gaps).toEqual(['BTC-USDT klines REFUSED open']);
  run.recv(kline('candle1H'));
  expect(run.gaps).toEqual(['BTC-USDT klines REFUSED open', 'BTC-USDT klines REFUSED closed']);
});
