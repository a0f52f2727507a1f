import type { ConnectionPlan, Subscription, Venue, VenueAddresses } from '../contract.ts';
import type { Instrument } from '../instruments.ts';
import { splitPair } from '../instruments.ts';
import { checkedInterval } from '../planning/checked-interval.ts';
import { chunksOf } from '../planning/chunks.ts';
import { CoinbaseDecoder } from './decoder.ts';
import { COINBASE_REQUESTS } from './requests.ts';

const SECOND = 1000;
/** A whole book has some ten megabytes, and they come one after the other. */
const MOST_PRODUCTS = 20;

const CHANNELS = { trades: 'market_trades', book: 'level2', klines: 'candles', tickers: 'ticker' } as const;

/** `BTC-USD`, `btcusd`, `BTC/USD` → BTC-USD; `BTC-PERP-INTX` → BTC-USDC-PERP. */
function guess(native: string): Instrument {
  const upper = native.toUpperCase().replaceAll(/[/_]/g, '-');
  const perpetual = /^(.+)-PERP-INTX$/.exec(upper) ?? /^(.+)-USDC-PERP$/.exec(upper);
  if (perpetual !== null) {
    return { native: `${perpetual[1]}-PERP-INTX`, symbol: `${perpetual[1]}-USDC-PERP` };
  }
  const pair = upper.includes('-') ? undefined : splitPair(upper);
  const name = pair === undefined ? upper : `${pair.base}-${pair.quote}`;
  return { native: name, symbol: name };
}

function plan(subscriptions: readonly Subscription[], addresses: VenueAddresses): ConnectionPlan[] {
  const natives = [...new Set(subscriptions.map(({ instrument }) => instrument.native))];
  const plans: ConnectionPlan[] = [];
  for (const products of chunksOf(natives, MOST_PRODUCTS)) {
    const part = new Set(products);
    const some = subscriptions.filter(({ instrument }) => part.has(instrument.native));
    const requests = [JSON.stringify({ type: 'subscribe', channel: 'heartbeats' })];
    for (const [kind, channel] of Object.entries(CHANNELS)) {
      const wanted = some.filter(one => one.channel === kind);
      if (wanted.length === 0) continue;
      if (kind === 'klines')
        for (const one of wanted) checkedInterval('Coinbase', FIVE_MINUTES, one.interval);
      const product_ids = [...new Set(wanted.map(({ instrument }) => instrument.native))];
      requests.push(JSON.stringify({ type: 'subscribe', product_ids, channel }));
    }
    plans.push({
      url: addresses.stream,
      requests,
      // Eight messages a second for one address, and the first within five seconds.
      paceMs: 150,
      // Heartbeats come each second.
      silenceMs: 15 * SECOND,
      subscriptions: some,
    });
  }
  return plans;
}

/** There are no klines of another interval. */
const FIVE_MINUTES = new Map([['5m', '5m']]);

/** Coinbase Advanced Trade. */
export const COINBASE: Venue = {
  id: 'coinbase',
  name: 'Coinbase',
  channels: ['trades', 'book', 'klines', 'tickers'],
  withheld: { l3: 'its feed of orders asks for a key' },
  addresses: { stream: 'wss://advanced-trade-ws.coinbase.com', rest: 'https://api.coinbase.com' },
  limits: { connects: { count: 8, withinMs: SECOND } },
  instrumentRequests: ({ rest }) => [{ method: 'GET', url: `${rest}/api/v3/brokerage/market/products` }],
  guess,
  plan,
  requests: COINBASE_REQUESTS,
  decoder: host => new CoinbaseDecoder(host),
};
