import type { ConnectionPlan, PastRequests, Subscription, Venue, VenueAddresses } from '../contract.ts';
import { chunksOf } from '../planning/chunks.ts';
import { HtxDecoder } from './decoder.ts';
import { HTX_REQUESTS } from './requests.ts';
import { contractInstrument, type HtxMarket, htxInterval, spotInstrument } from './words.ts';

const SECOND = 1000;
/** The venue states no cap for public topics; so many leave room in its rates. */
const MOST_TOPICS = 100;

/** Where the topics of an instrument are served, and how they are asked for. */
interface HtxPlan extends HtxMarket {
  readonly name: string;
  readonly addresses: VenueAddresses;
  readonly lists: readonly string[];
  guess: Venue['guess'];
  path(subscription: Subscription): string;
  book: string;
  /** Of REST requests for an instrument. */
  history(native: string): { readonly path: string; readonly key: string };
}

const SPOT: HtxPlan = {
  id: 'htx',
  name: 'HTX spot',
  addresses: { stream: 'wss://api.huobi.pro', rest: 'https://api.huobi.pro' },
  lists: ['/v1/common/symbols'],
  guess: spotInstrument,
  quoteVolume: row => Number(row.vol ?? Number.NaN),
  // Changes by price are served apart.
  path: ({ channel }) => (channel === 'book' || channel === 'l3' ? '/feed' : '/ws'),
  book: 'mbp.400',
  history: () => ({ path: '/market/history', key: 'symbol' }),
};

const SWAPS: HtxPlan = {
  id: 'htx-swap',
  name: 'HTX swaps and futures',
  addresses: { stream: 'wss://api.hbdm.com', rest: 'https://api.hbdm.com' },
  lists: [
    '/linear-swap-api/v1/swap_contract_info?business_type=all',
    '/swap-api/v1/swap_contract_info',
    '/api/v1/contract_contract_info',
  ],
  guess: contractInstrument,
  quoteVolume: row => {
    const turnover = row.trade_turnover;
    return typeof turnover === 'string' ? Number(turnover) : null;
  },
  path: ({ instrument }) => marketOf(instrument.native).stream,
  book: 'depth.size_150.high_freq',
  history: native => ({
    path: `${marketOf(native).rest}/market/history`,
    key: marketOf(native).rest === '' ? 'symbol' : 'contract_code',
  }),
};

/** Contracts of USDT, swaps of coins and futures of coins are served apart. */
function marketOf(native: string): { readonly stream: string; readonly rest: string } {
  if (/-USDT/i.test(native)) return { stream: '/linear-swap-ws', rest: '/linear-swap-ex' };
  return native.includes('-') ? { stream: '/swap-ws', rest: '/swap-ex' } : { stream: '/ws', rest: '' };
}

export const HTX: readonly Venue[] = [SPOT, SWAPS].map(market => ({
  id: market.id,
  name: market.name,
  channels: ['trades', 'book', 'klines', 'tickers'],
  addresses: market.addresses,
  limits: { connects: { count: 50, withinMs: 60 * SECOND } },
  instrumentRequests: ({ rest }) => market.lists.map(path => ({ method: 'GET', url: `${rest}${path}` })),
  guess: market.guess,
  plan: (subscriptions, addresses) => plan(market, subscriptions, addresses),
  requests: HTX_REQUESTS,
  decoder: host => new HtxDecoder(market, host, pastOf(market)),
}));

function pastOf(market: HtxPlan): PastRequests {
  const address = (rest: string, native: string, kind: string) => {
    const { key, path } = market.history(native);
    return `${rest}${path}/${kind}?${key}=${encodeURIComponent(native)}`;
  };
  return {
    trades: (rest, { native }) => ({ method: 'GET', url: `${address(rest, native, 'trade')}&size=2000` }),
    klines: (rest, { native }, interval, from, to) => {
      // Spot has no range, and gives the last ones.
      const range = `from=${Math.floor(from / 1e6)}&to=${Math.ceil(to / 1e6)}`;
      const url = `${address(rest, native, 'kline')}&period=${htxInterval(interval)}`;
      return { method: 'GET', url: `${url}&${market === SPOT ? 'size=2000' : range}` };
    },
  };
}

function plan(
  market: HtxPlan,
  subscriptions: readonly Subscription[],
  addresses: VenueAddresses,
): ConnectionPlan[] {
  const byPath = new Map<string, Subscription[]>();
  for (const one of subscriptions) {
    const path = market.path(one);
    byPath.set(path, [...(byPath.get(path) ?? []), one]);
  }
  return [...byPath].flatMap(([path, all]) => {
    const plans: ConnectionPlan[] = [];
    for (const part of chunksOf(all, MOST_TOPICS)) {
      plans.push({
        url: `${addresses.stream}${path}`,
        requests: part.map(one => request(market, one)),
        paceMs: 50,
        // The venue pings every 5 seconds.
        silenceMs: 20 * SECOND,
        subscriptions: part,
      });
    }
    return plans;
  });
}

function request(market: HtxPlan, { channel, instrument, interval = '1m' }: Subscription): string {
  const topics = {
    trades: 'trade.detail',
    book: market.book,
    l3: market.book,
    klines: channel === 'klines' ? `kline.${htxInterval(interval)}` : '',
    tickers: 'bbo',
  } as const;
  const sub = `market.${instrument.native}.${topics[channel]}`;
  const isChanges = sub.endsWith('.high_freq');
  return JSON.stringify({ sub, ...(isChanges ? { data_type: 'incremental' } : {}), id: sub });
}
