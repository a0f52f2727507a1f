import {
  type BookRules,
  beginsAfterLast,
  namesPrevious,
  reachesAfterSnapshot,
  type Sequences,
} from '../../books/book-rules.ts';
import type { VenueAddresses, VenueLimits } from '../contract.ts';
import { type Instrument, splitPair } from '../instruments.ts';

const SECOND = 1000;

/** How the markets of Binance differ. */
export interface BinanceMarket {
  readonly id: string;
  readonly name: string;
  readonly addresses: VenueAddresses;
  /** The path of REST requests: `/api/v3`. */
  readonly api: string;
  readonly rules: BookRules;
  readonly depth: string;
  /** REST weight that we use a minute, half of what the venue allows, and what requests of a thousand rows cost of it. */
  readonly requests: NonNullable<VenueLimits['requests']>;
  readonly weights: Readonly<
    Record<'depth' | 'trades' | 'historicalTrades' | 'aggTrades' | 'klines', number>
  >;
  /** Single trades can be asked for by their ids without a key. */
  readonly hasTradesById: boolean;
  /** Streams by the path that serves them; undefined where one path serves all. */
  readonly paths?: (stream: string) => string;
  guess(native: string): Instrument;
}

const describeJoin = (snapshot: number, { first, last }: Sequences) => `L=${snapshot} U=${first} u=${last}`;

const SPOT_RULES = (venue: string): BookRules => ({
  venue,
  link: beginsAfterLast('U == previous u + 1', (last, { first }) => `U=${first} previous u=${last}`),
  join: reachesAfterSnapshot('snapshot join: U<=L+1<=u', describeJoin),
});

const FUTURES_RULES = (venue: string): BookRules => ({
  venue,
  link: namesPrevious('pu == previous u', (last, { previous }) => `pu=${previous} previous u=${last}`),
  join: {
    rule: 'snapshot join: U<=L<=u',
    isStale: (snapshot, delta) => delta.last < snapshot,
    joins: (snapshot, delta) => delta.first <= snapshot && snapshot <= delta.last,
    describe: describeJoin,
  },
});

function spotInstrument(native: string): Instrument {
  const upper = native.toUpperCase();
  const pair = splitPair(upper);
  return { native: upper, symbol: pair === undefined ? upper : `${pair.base}-${pair.quote}` };
}

/** `BTCUSDT` → BTC-USDT-PERP, `BTCUSDT_261225` → BTC-USDT-261225, `BTCUSD_PERP` → BTC-USD-PERP. */
function futuresInstrument(native: string): Instrument {
  const upper = native.toUpperCase();
  const [name, expiry = 'PERP'] = upper.split('_');
  const pair = splitPair(name);
  return { native: upper, symbol: pair === undefined ? upper : `${pair.base}-${pair.quote}-${expiry}` };
}

const SPOT_WEIGHTS = { depth: 50, trades: 25, historicalTrades: 25, aggTrades: 4, klines: 2 } as const;
const FUTURES_WEIGHTS = { depth: 20, trades: 5, historicalTrades: 20, aggTrades: 20, klines: 5 } as const;

export const BINANCE_MARKETS: readonly BinanceMarket[] = [
  {
    id: 'binance-spot',
    name: 'Binance spot',
    addresses: { stream: 'wss://stream.binance.com:9443', rest: 'https://api.binance.com' },
    api: '/api/v3',
    rules: SPOT_RULES('binance-spot'),
    requests: { weight: 3000, withinMs: 60 * SECOND },
    weights: SPOT_WEIGHTS,
    hasTradesById: true,
    depth: 'depth@100ms',
    guess: spotInstrument,
  },
  {
    id: 'binance-us',
    name: 'Binance.US',
    addresses: { stream: 'wss://stream.binance.us:9443', rest: 'https://api.binance.us' },
    api: '/api/v3',
    rules: SPOT_RULES('binance-us'),
    requests: { weight: 600, withinMs: 60 * SECOND },
    weights: { ...SPOT_WEIGHTS, depth: 10 },
    hasTradesById: false,
    depth: 'depth@100ms',
    guess: spotInstrument,
  },
  {
    id: 'binance-usdm',
    name: 'Binance USDⓈ-M futures',
    addresses: { stream: 'wss://fstream.binance.com', rest: 'https://fapi.binance.com' },
    api: '/fapi/v1',
    rules: FUTURES_RULES('binance-usdm'),
    requests: { weight: 1200, withinMs: 60 * SECOND },
    weights: FUTURES_WEIGHTS,
    hasTradesById: false,
    depth: 'depth@100ms',
    // Since April 2026 a socket serves either kind of stream.
    paths: stream => (/@(depth|bookTicker|trade|rpiDepth)/.test(stream) ? '/public' : '/market'),
    guess: futuresInstrument,
  },
  {
    id: 'binance-coinm',
    name: 'Binance COIN-M futures',
    addresses: { stream: 'wss://dstream.binance.com', rest: 'https://dapi.binance.com' },
    api: '/dapi/v1',
    rules: FUTURES_RULES('binance-coinm'),
    requests: { weight: 1200, withinMs: 60 * SECOND },
    weights: FUTURES_WEIGHTS,
    hasTradesById: false,
    depth: 'depth@100ms',
    guess: futuresInstrument,
  },
];
