import type { ConnectionPlan, Subscription, Venue, VenueAddresses } from '../contract.ts';
import type { Instrument } from '../instruments.ts';
import { chunksOf } from '../planning/chunks.ts';
import { IndependentReserveDecoder, urlOf } from './decoder.ts';
import { INDEPENDENT_RESERVE_REQUESTS } from './requests.ts';

const SECOND = 1000;
/** No limit is documented; more books than this on one socket come late. */
const MOST_CHANNELS = 50;

/** What the venue calls otherwise than others. */
const NAMES: Readonly<Record<string, string>> = { XBT: 'BTC' };

const upper = (code: string) => NAMES[code.toUpperCase()] ?? code.toUpperCase();
const codeOf = (name: string) => (name === 'BTC' ? 'xbt' : name.toLowerCase());

/** `eth-aud`, `ETHAUD`, `XBT/AUD` → ETH-AUD; `orderbook-eth`, a stream that serves all currencies, → ETH. */
function guess(native: string): Instrument {
  const lower = native.toLowerCase();
  const stream = /^(?:orderbook|ticker)-(.+)$/.exec(lower);
  const [base, quote] = (stream?.[1] ?? lower).split(/[-/_]/);
  if (quote !== undefined) {
    const pair = `${codeOf(base.toUpperCase())}-${quote}`;
    return { native: stream === null ? pair : lower, symbol: `${upper(base)}-${upper(quote)}` };
  }
  const joined = /^(.+)(aud|usd|nzd|sgd)$/.exec(base);
  if (stream !== null || joined === null) return { native: lower, symbol: upper(base) };
  return {
    native: `${codeOf(joined[1].toUpperCase())}-${joined[2]}`,
    symbol: `${upper(joined[1])}-${upper(joined[2])}`,
  };
}

/** Orders and trades of all currencies come in one stream a crypto asset; which pairs are wanted the first answers say. */
function plan(subscriptions: readonly Subscription[], addresses: VenueAddresses): ConnectionPlan[] {
  const byChannel = new Map<string, Subscription[]>();
  for (const one of subscriptions) {
    const [base] = one.instrument.native.split('-');
    const name = `${one.channel === 'trades' ? 'ticker' : 'orderbook'}-${base}`;
    byChannel.set(name, [...(byChannel.get(name) ?? []), one]);
  }
  const names = [...byChannel.keys()];
  const plans: ConnectionPlan[] = [];
  for (const some of chunksOf(names, MOST_CHANNELS)) {
    const carried = some.flatMap(name => byChannel.get(name) ?? []);
    plans.push({
      url: `${addresses.stream}/`,
      requests: [JSON.stringify({ Event: 'Subscribe', Data: some })],
      paceMs: SECOND,
      // A heartbeat comes every 60 s.
      silenceMs: 130 * SECOND,
      asks: carried.map(({ channel, instrument }) => ({
        method: 'GET',
        url: urlOf(addresses, channel === 'trades' ? 'GetMarketSummary' : 'GetAllOrders', instrument.native),
      })),
      subscriptions: carried,
    });
  }
  return plans;
}

export const INDEPENDENT_RESERVE: Venue = {
  id: 'independent-reserve',
  name: 'Independent Reserve',
  channels: ['trades', 'l3'],
  addresses: {
    stream: 'wss://websockets.independentreserve.com',
    rest: 'https://api.independentreserve.com',
  },
  limits: { connects: { count: 10, withinMs: 60 * SECOND } },
  instrumentRequests: ({ rest }) => [
    { method: 'GET', url: `${rest}/Public/GetValidPrimaryCurrencyCodes` },
    { method: 'GET', url: `${rest}/Public/GetValidSecondaryCurrencyCodes` },
  ],
  guess,
  plan,
  requests: INDEPENDENT_RESERVE_REQUESTS,
  decoder: host => new IndependentReserveDecoder(host),
};
