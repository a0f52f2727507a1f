import type { Channel } from '../../../model/records.ts';
import type { ConnectionPlan, Subscription, Venue, VenueAddresses } from '../contract.ts';
import { chunksOf } from '../planning/chunks.ts';
import { BinanceDecoder } from './decoder.ts';
import { BINANCE_MARKETS, type BinanceMarket } from './markets.ts';
import { BINANCE_REQUESTS } from './requests.ts';

const SECOND = 1000;
const HOUR = 3_600_000;
/** The venue takes 1,024. */
const MOST_STREAMS = 200;

export const BINANCE: readonly Venue[] = BINANCE_MARKETS.map(market => ({
  id: market.id,
  name: market.name,
  channels: ['trades', 'book', 'klines', 'tickers'],
  addresses: market.addresses,
  limits: { connects: { count: 300, withinMs: 300 * SECOND }, requests: market.requests },
  instrumentRequests: addresses => [{ method: 'GET', url: `${addresses.rest}${market.api}/exchangeInfo` }],
  guess: market.guess,
  plan: (subscriptions, addresses) => plan(market, subscriptions, addresses),
  requests: BINANCE_REQUESTS,
  decoder: host => new BinanceDecoder(market, host),
}));

function plan(
  market: BinanceMarket,
  subscriptions: readonly Subscription[],
  addresses: VenueAddresses,
): ConnectionPlan[] {
  const byPath = new Map<string, { stream: string; subscription: Subscription }[]>();
  for (const subscription of subscriptions) {
    const stream = streamOf(market, subscription);
    const path = market.paths?.(stream) ?? '';
    byPath.set(path, [...(byPath.get(path) ?? []), { stream, subscription }]);
  }
  return [...byPath].flatMap(([path, all]) => {
    const plans: ConnectionPlan[] = [];
    for (const part of chunksOf(all, MOST_STREAMS)) {
      plans.push({
        url: `${addresses.stream}${path}/stream?streams=${part.map(one => one.stream).join('/')}`,
        requests: [],
        paceMs: SECOND / 4,
        silenceMs: 60 * SECOND,
        oldestMs: 23 * HOUR,
        subscriptions: part.map(one => one.subscription),
      });
    }
    return plans;
  });
}

function streamOf(market: BinanceMarket, { channel, instrument, interval }: Subscription): string {
  const names: Readonly<Record<Channel, string>> = {
    trades: 'trade',
    book: market.depth,
    l3: market.depth,
    klines: `kline_${interval ?? '1m'}`,
    tickers: 'bookTicker',
  };
  return `${instrument.native.toLowerCase()}@${names[channel]}`;
}
