import type { ConnectionPlan, Subscription, Venue, VenueAddresses } from '../contract.ts';
import { checkedInterval } from '../planning/checked-interval.ts';
import { chunksOf } from '../planning/chunks.ts';
import { BitfinexDecoder } from './decoder.ts';
import { BITFINEX_REQUESTS } from './requests.ts';
import { bitfinexInstrument, INTERVALS } from './symbols.ts';

const SECOND = 1000;
const MOST_CHANNELS = 25;
/** Time of the exchange on each message, numbers of all messages, checksums, several entries in one message. */
const FLAGS = 32768 + 65536 + 131072 + 536870912;

function plan(subscriptions: readonly Subscription[], addresses: VenueAddresses): ConnectionPlan[] {
  const plans: ConnectionPlan[] = [];
  for (const some of chunksOf(subscriptions, MOST_CHANNELS)) {
    plans.push({
      url: `${addresses.stream}/ws/2`,
      requests: [JSON.stringify({ event: 'conf', flags: FLAGS }), ...some.map(requestOf)],
      paceMs: 50,
      isWelcome: text => text.includes('"info"'),
      // Each quiet channel has a heartbeat every 15 s.
      silenceMs: 35 * SECOND,
      subscriptions: some,
    });
  }
  return plans;
}

function requestOf({ channel, instrument, interval }: Subscription): string {
  const symbol = instrument.native;
  const request = (rest: Readonly<Record<string, string>>) => JSON.stringify({ event: 'subscribe', ...rest });
  if (channel === 'trades') return request({ channel: 'trades', symbol });
  if (channel === 'tickers') return request({ channel: 'ticker', symbol });
  if (channel === 'klines') {
    return request({
      channel: 'candles',
      key: `trade:${checkedInterval('Bitfinex', INTERVALS, interval)}:${symbol}`,
    });
  }
  const prec = channel === 'l3' ? 'R0' : 'P0';
  return request({ channel: 'book', symbol, prec, freq: 'F0', len: '250' });
}

export const BITFINEX: Venue = {
  id: 'bitfinex',
  name: 'Bitfinex',
  channels: ['trades', 'book', 'l3', 'klines', 'tickers'],
  addresses: { stream: 'wss://api-pub.bitfinex.com', rest: 'https://api-pub.bitfinex.com' },
  limits: {
    connects: { count: 20, withinMs: 60 * SECOND },
    // Of trades of the past the venue gives fifteen lists a minute.
    requests: { weight: 12, withinMs: 60 * SECOND },
  },
  instrumentRequests: ({ rest }) =>
    // The names of assets first, because the symbols of pairs are made of them.
    ['pub:map:currency:sym', 'pub:list:pair:exchange', 'pub:list:pair:futures'].map(list => ({
      method: 'GET',
      url: `${rest}/v2/conf/${list}`,
    })),
  guess: native => bitfinexInstrument(native),
  plan,
  requests: BITFINEX_REQUESTS,
  decoder: host => new BitfinexDecoder(host),
};
