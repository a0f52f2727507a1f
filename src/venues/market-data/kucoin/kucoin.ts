import { FrameError } from '../../wire/json-cursor.ts';
import { textOf, textOrNull } from '../../wire/json-texts.ts';
import type { ConnectionPlan, PastRequests, Subscription, Venue, VenueAddresses } from '../contract.ts';
import type { Instrument } from '../instruments.ts';
import { splitPair } from '../instruments.ts';
import { chunksOf } from '../planning/chunks.ts';
import { requestNumber } from '../planning/request-words.ts';
import { KucoinDecoder } from './decoder.ts';
import { KUCOIN_REQUESTS } from './requests.ts';
import { type KucoinMarket, kucoinInterval, minutesOf } from './words.ts';

const SECOND = 1000;
const HOUR = 3_600_000;
/** The venue's cap of one connection, and of one message. */
const MOST_TOPICS = 300;
const MOST_NAMES = 100;

const SPOT: KucoinMarket = {
  id: 'kucoin',
  name: 'KuCoin spot',
  rest: 'https://api.kucoin.com',
  isFutures: false,
  listPath: '/api/v1/symbols',
  snapshotPath: '/api/v1/market/orderbook/level2_100',
  topics: {
    trades: '/market/match',
    book: '/market/level2',
    l3: '/market/level2',
    klines: '/market/candles',
    tickers: '/market/ticker',
  },
  guess: native => ({ native, symbol: native }),
  listed: row => ({
    native: textOf(row, 'symbol'),
    symbol: `${textOf(row, 'baseCurrency')}-${textOf(row, 'quoteCurrency')}`,
  }),
  tradesPath: '/api/v1/market/histories',
  klinesPath: (native, interval, from, to) => {
    const range = `startAt=${Math.floor(from / 1e6)}&endAt=${Math.ceil(to / 1e6)}`;
    return `/api/v1/market/candles?symbol=${native}&type=${kucoinInterval(interval)}&${range}`;
  },
  klineRow: row => row,
  klineRows: 1500,
};

/** `XBTUSDTM` → BTC-USDT-PERP; dated ones end in a letter of the month and the year: `XBTMZ26`. */
function futuresInstrument(native: string): Instrument {
  const pair = /M$/.test(native) ? splitPair(native.slice(0, -1)) : undefined;
  if (pair === undefined) return { native, symbol: native };
  return { native, symbol: `${plainAsset(pair.base)}-${plainAsset(pair.quote)}-PERP` };
}

const plainAsset = (asset: string) => (asset === 'XBT' ? 'BTC' : asset);

const FUTURES: KucoinMarket = {
  id: 'kucoin-futures',
  name: 'KuCoin futures',
  rest: 'https://api-futures.kucoin.com',
  isFutures: true,
  listPath: '/api/v1/contracts/active',
  snapshotPath: '/api/v1/level2/snapshot',
  topics: {
    trades: '/contractMarket/execution',
    book: '/contractMarket/level2',
    l3: '/contractMarket/level2',
    klines: '/contractMarket/limitCandle',
    tickers: '/contractMarket/tickerV2',
  },
  guess: futuresInstrument,
  listed: row => {
    const native = textOf(row, 'symbol');
    const pair = `${plainAsset(textOf(row, 'baseCurrency'))}-${textOf(row, 'quoteCurrency')}`;
    const expiry = textOrNull(row, 'expireDate');
    const day =
      expiry === null ? 'PERP' : new Date(Number(expiry)).toISOString().slice(2, 10).replaceAll('-', '');
    const multiplier = Math.abs(Number(textOrNull(row, 'multiplier') ?? 'NaN'));
    const contract = multiplier > 0 ? { contractSize: multiplier } : {};
    return { native, symbol: `${pair}-${day}`, ...contract };
  },
  tradesPath: '/api/v1/trade/history',
  klinesPath: (native, interval, from, to) => {
    const range = `from=${Math.floor(from / 1000)}&to=${Math.ceil(to / 1000)}`;
    return `/api/v1/kline/query?symbol=${native}&granularity=${minutesOf(interval)}&${range}`;
  },
  // Milliseconds, open, high, low, close, volume.
  klineRow: ([start, open, high, low, close, volume, turnover = 'NaN']) => [
    ...[start, open, close, high, low, volume, turnover],
  ],
  klineRows: 500,
};

export const KUCOIN: readonly Venue[] = [SPOT, FUTURES].map(market => ({
  id: market.id,
  name: market.name,
  channels: ['trades', 'book', 'klines', 'tickers'],
  // The address of the stream comes with its token.
  addresses: { stream: '', rest: market.rest },
  limits: { connects: { count: 30, withinMs: 60 * SECOND } },
  instrumentRequests: ({ rest }) => [{ method: 'GET', url: `${rest}${market.listPath}` }],
  guess: market.guess,
  plan: (subscriptions, addresses) => plan(market, subscriptions, addresses),
  requests: KUCOIN_REQUESTS,
  decoder: host => new KucoinDecoder(market, host, pastOf(market)),
}));

function pastOf(market: KucoinMarket): PastRequests {
  return {
    trades: (rest, { native }) => ({
      method: 'GET',
      url: `${rest}${market.tradesPath}?symbol=${encodeURIComponent(native)}`,
    }),
    klines: (rest, { native }, interval, from, to) => ({
      method: 'GET',
      url: `${rest}${market.klinesPath(encodeURIComponent(native), interval, from, to)}`,
    }),
    klineRows: market.klineRows,
  };
}

function plan(
  market: KucoinMarket,
  subscriptions: readonly Subscription[],
  addresses: VenueAddresses,
): ConnectionPlan[] {
  const plans: ConnectionPlan[] = [];
  for (const part of chunksOf(subscriptions, MOST_TOPICS)) {
    const names = new Map<string, string[]>();
    for (const { channel, instrument, interval = '1m' } of part) {
      const topic = market.topics[channel];
      const name =
        channel === 'klines' ? `${instrument.native}_${kucoinInterval(interval)}` : instrument.native;
      names.set(topic, [...(names.get(topic) ?? []), name]);
    }
    const topics = [...names].flatMap(([topic, all]) =>
      Array.from({ length: Math.ceil(all.length / MOST_NAMES) }, (_, at) => {
        return `${topic}:${all.slice(at * MOST_NAMES, (at + 1) * MOST_NAMES).join(',')}`;
      }),
    );
    const connectId = `qt${plans.length + 1}`;
    plans.push({
      url: {
        request: { method: 'POST', url: `${addresses.rest}/api/v1/bullet-public` },
        address: answer => addressOf(answer, connectId, addresses.stream),
      },
      requests: topics.map(topic =>
        JSON.stringify({
          id: String(requestNumber(topic)),
          type: 'subscribe',
          topic,
          privateChannel: false,
          response: true,
        }),
      ),
      paceMs: 120,
      isWelcome: text => /"type"\s*:\s*"welcome"/.test(text),
      keepAlive: { text: () => '{"id":"ping","type":"ping"}', everyMs: 18 * SECOND },
      silenceMs: 40 * SECOND,
      // The token is good for 24 hours.
      oldestMs: 23 * HOUR,
      subscriptions: part,
    });
  }
  return plans;
}

/** Where the answer to a request for a token says that the stream is. Throws FrameError. */
function addressOf(answer: string, connectId: string, stream: string): string {
  let found: { data?: { token?: unknown; instanceServers?: readonly { endpoint?: unknown }[] } } | null;
  try {
    found = JSON.parse(answer) as typeof found;
  } catch {
    throw new FrameError('the answer with the token is not JSON');
  }
  const token = found?.data?.token;
  const endpoint = stream === '' ? found?.data?.instanceServers?.[0]?.endpoint : stream;
  if (typeof token !== 'string' || typeof endpoint !== 'string')
    throw new FrameError('an answer without a token');
  return `${endpoint}?token=${encodeURIComponent(token)}&connectId=${connectId}`;
}
