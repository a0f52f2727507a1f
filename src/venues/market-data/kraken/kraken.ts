import type { Channel } from '../../../model/records.ts';
import type { ConnectionPlan, Subscription, Venue, VenueAddresses } from '../contract.ts';
import { checkedInterval } from '../planning/checked-interval.ts';
import { chunksOf } from '../planning/chunks.ts';
import { KrakenDecoder } from './decoder.ts';
import { KRAKEN_REQUESTS } from './requests.ts';
import { KRAKEN_ADDRESSES, KRAKEN_INTERVALS, krakenInstrument, modernPair, pairsRequest } from './rest.ts';
import { ID, MOST_SYMBOLS, requestText } from './words.ts';

const SECOND = 1000;
/** Levels a side that are subscribed to. */
const DEPTH = 1000;
const MOST_SUBSCRIPTIONS = 200;

/** Kraken spot, second version of its websocket. */
export const KRAKEN: Venue = {
  id: ID,
  name: 'Kraken',
  channels: ['trades', 'book', 'klines', 'tickers'],
  withheld: { l3: 'level3 asks for the token of an account; captures of it can be replayed' },
  addresses: KRAKEN_ADDRESSES,
  limits: { connects: { count: 150, withinMs: 600 * SECOND } },
  instrumentRequests: addresses => [pairsRequest(addresses.rest)],
  guess: native => krakenInstrument(modernPair(native.toUpperCase())),
  plan,
  requests: KRAKEN_REQUESTS,
  decoder: host => new KrakenDecoder(host),
};

const CHANNEL_NAMES: Readonly<Record<Channel, string>> = {
  trades: 'trade',
  book: 'book',
  l3: 'level3',
  klines: 'ohlc',
  tickers: 'ticker',
};

function plan(subscriptions: readonly Subscription[], addresses: VenueAddresses): ConnectionPlan[] {
  const plans: ConnectionPlan[] = [];
  for (const part of chunksOf(subscriptions, MOST_SUBSCRIPTIONS)) {
    plans.push({
      url: `${addresses.stream}/v2`,
      requests: requestsOf(part),
      paceMs: SECOND / 4,
      keepAlive: { text: () => '{"method":"ping"}', everyMs: 30 * SECOND },
      silenceMs: 30 * SECOND,
      subscriptions: part,
    });
  }
  return plans;
}

function requestsOf(subscriptions: readonly Subscription[]): string[] {
  const groups = new Map<string, { params: Record<string, unknown>; symbols: string[] }>();
  for (const { channel, instrument, interval } of subscriptions) {
    const params: Record<string, unknown> = { channel: CHANNEL_NAMES[channel] };
    if (channel === 'book') params.depth = DEPTH;
    if (channel === 'klines') params.interval = checkedInterval('Kraken', KRAKEN_INTERVALS, interval);
    const name = JSON.stringify(params);
    const group = groups.get(name) ?? { params, symbols: [] };
    groups.set(name, group);
    group.symbols.push(modernPair(instrument.native));
  }
  return [...groups.values()].flatMap(({ params: { channel, ...more }, symbols }) => {
    const texts: string[] = [];
    for (const symbol of chunksOf(symbols, MOST_SYMBOLS)) {
      texts.push(requestText('subscribe', { channel, symbol, ...more, snapshot: true }));
    }
    return texts;
  });
}
