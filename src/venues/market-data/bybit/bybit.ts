import type { ConnectionPlan, PastRequests, Subscription, Venue, VenueAddresses } from '../contract.ts';
import type { Instrument } from '../instruments.ts';
import { chunksOf } from '../planning/chunks.ts';
import { requestNumber } from '../planning/request-words.ts';
import { BybitDecoder } from './decoder.ts';
import { BYBIT_REQUESTS } from './requests.ts';
import { bybitInterval, type Category, contractInstrument, spotInstrument } from './words.ts';

const SECOND = 1000;
/** The venue's cap of one message for spot; contracts have none. */
const MOST_ARGS = 10;
/** The venue's cap of a connection is 21,000 characters of topics. */
const MOST_CHARACTERS = 20_000;
const MOST_TOPICS = 500;
const KLINE_ROWS = 1000;

interface BybitMarket {
  readonly id: string;
  readonly name: string;
  readonly categories: readonly Category[];
  guess: Venue['guess'];
}

const MARKETS: readonly BybitMarket[] = [
  {
    id: 'bybit',
    name: 'Bybit contracts',
    categories: ['linear', 'inverse', 'option'],
    guess: contractInstrument,
  },
  { id: 'bybit-spot', name: 'Bybit spot', categories: ['spot'], guess: spotInstrument },
];

/** Which socket serves an instrument. */
function categoryOf({ id }: BybitMarket, native: string): Category {
  if (id === 'bybit-spot') return 'spot';
  if (/-[CP](-[A-Z]+)?$/.test(native)) return 'option';
  return /^[A-Z0-9]+USD([FGHJKMNQUVXZ]\d{2})?$/.test(native) ? 'inverse' : 'linear';
}

export const BYBIT: readonly Venue[] = MARKETS.map(market => ({
  id: market.id,
  name: market.name,
  channels: ['trades', 'book', 'klines', 'tickers'],
  addresses: { stream: 'wss://stream.bybit.com', rest: 'https://api.bybit.com' },
  limits: { connects: { count: 500, withinMs: 300 * SECOND } },
  instrumentRequests: ({ rest }) =>
    market.categories.map(category => ({
      method: 'GET',
      url: `${rest}/v5/market/instruments-info?category=${category}&limit=1000`,
    })),
  guess: market.guess,
  plan: (subscriptions, addresses) => plan(market, subscriptions, addresses),
  requests: BYBIT_REQUESTS,
  decoder: host => new BybitDecoder(market.id, host, pastOf(market)),
}));

function pastOf(market: BybitMarket): PastRequests {
  const query = ({ native }: Instrument) =>
    `category=${categoryOf(market, native)}&symbol=${encodeURIComponent(native)}`;
  return {
    trades: (rest, instrument) => {
      // Spot gives no more than 60.
      const limit = market.id === 'bybit-spot' ? 60 : 1000;
      return { method: 'GET', url: `${rest}/v5/market/recent-trade?${query(instrument)}&limit=${limit}` };
    },
    klines: (rest, instrument, interval, from, to) => {
      const range = `start=${Math.floor(from / 1000)}&end=${Math.ceil(to / 1000)}&limit=${KLINE_ROWS}`;
      const url = `${rest}/v5/market/kline?${query(instrument)}&interval=${bybitInterval(interval)}&${range}`;
      return { method: 'GET', url };
    },
    klineRows: KLINE_ROWS,
  };
}

function plan(
  market: BybitMarket,
  subscriptions: readonly Subscription[],
  addresses: VenueAddresses,
): ConnectionPlan[] {
  const plans: ConnectionPlan[] = [];
  for (const category of market.categories) {
    const all = subscriptions.filter(({ instrument }) => categoryOf(market, instrument.native) === category);
    for (const part of parts(category, all)) {
      const topics = part.map(one => topicOf(category, one));
      const requests: string[] = [];
      for (const args of chunksOf(topics, MOST_ARGS)) {
        const req_id = String(requestNumber(args.join()));
        requests.push(JSON.stringify({ op: 'subscribe', args, req_id }));
      }
      plans.push({
        url: `${addresses.stream}/v5/public/${category}`,
        requests,
        paceMs: 50,
        keepAlive: { text: () => '{"op":"ping"}', everyMs: 20 * SECOND },
        silenceMs: 60 * SECOND,
        subscriptions: part,
      });
    }
  }
  return plans;
}

/** As many subscriptions as one connection takes. */
function parts(category: Category, all: readonly Subscription[]): Subscription[][] {
  const found: Subscription[][] = [];
  let characters = Number.POSITIVE_INFINITY;
  for (const one of all) {
    const length = topicOf(category, one).length + 3;
    if (characters + length > MOST_CHARACTERS || found.at(-1)?.length === MOST_TOPICS) {
      found.push([]);
      characters = 0;
    }
    found.at(-1)?.push(one);
    characters += length;
  }
  return found;
}

function topicOf(category: Category, { channel, instrument, interval = '1m' }: Subscription): string {
  const { native } = instrument;
  if (channel === 'trades') {
    // Trades of options are told by base coin.
    return category === 'option' ? `publicTrade.${native.split('-')[0]}` : `publicTrade.${native}`;
  }
  if (channel === 'klines') return `kline.${bybitInterval(interval)}.${native}`;
  if (channel === 'tickers') return `tickers.${native}`;
  return `orderbook.${category === 'option' ? 100 : 200}.${native}`;
}
