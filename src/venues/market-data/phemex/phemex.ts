import type { ConnectionPlan, Subscription, Venue, VenueAddresses } from '../contract.ts';
import type { Instrument } from '../instruments.ts';
import { chunksOf } from '../planning/chunks.ts';
import { secondsOfInterval } from '../planning/intervals.ts';
import { requestNumber } from '../planning/request-words.ts';
import { PhemexDecoder } from './decoder.ts';
import { PHEMEX_REQUESTS } from './requests.ts';
import { guess, isReal } from './words.ts';

const SECOND = 1000;
/** The venue's cap of one connection, and of connections for one client. */
const MOST_SUBSCRIPTIONS = 20;

export const PHEMEX: Venue = {
  id: 'phemex',
  name: 'Phemex',
  channels: ['trades', 'book', 'klines', 'tickers'],
  addresses: { stream: 'wss://ws.phemex.com', rest: 'https://api.phemex.com' },
  limits: { connects: { count: 5, withinMs: 60 * SECOND } },
  instrumentRequests: ({ rest }) => [{ method: 'GET', url: `${rest}/public/products` }],
  guess,
  plan,
  requests: PHEMEX_REQUESTS,
  decoder: host => new PhemexDecoder(host),
};

function plan(subscriptions: readonly Subscription[], { stream }: VenueAddresses): ConnectionPlan[] {
  const requests = new Map<string, Subscription[]>();
  for (const one of subscriptions) {
    const { instrument, channel } = one;
    let text: string;
    if (channel === 'tickers')
      text = isReal(instrument) ? TICKERS_REAL : isSpot(instrument) ? TICKERS_SPOT : TICKERS;
    else {
      const interval = channel === 'klines' ? `,${secondsOfInterval(one.interval ?? '1m')}` : '';
      const topic = `${TOPICS[channel]}${isReal(instrument) ? '_p' : ''}.subscribe`;
      text = `"method":"${topic}","params":[${JSON.stringify(instrument.native)}${interval}]`;
    }
    requests.set(text, [...(requests.get(text) ?? []), one]);
  }
  const all = [...requests];
  const plans: ConnectionPlan[] = [];
  for (const part of chunksOf(all, MOST_SUBSCRIPTIONS)) {
    plans.push({
      url: stream,
      requests: part.map(([text]) => `{"id":${requestNumber(text)},${text}}`),
      paceMs: 100,
      keepAlive: { text: () => '{"id":0,"method":"server.ping","params":[]}', everyMs: 5 * SECOND },
      silenceMs: 20 * SECOND,
      subscriptions: part.flatMap(([, ones]) => ones),
    });
  }
  return plans;
}

const TOPICS = { trades: 'trade', book: 'orderbook', l3: 'orderbook', klines: 'kline' } as const;
/** These tell of all symbols at once. */
const TICKERS = '"method":"market24h.subscribe","params":[]';
const TICKERS_SPOT = '"method":"spot_market24h.subscribe","params":[]';
const TICKERS_REAL = '"method":"perp_market24h_pack_p.subscribe","params":[]';

function isSpot({ native }: Instrument): boolean {
  return /^s[A-Z0-9]/.test(native);
}
