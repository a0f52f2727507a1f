import { type BookChange, bare, priceText, sizeText, type Ticks } from './market.ts';
import type { Frame, Session, VenueProtocol } from './protocol.ts';
import type { SimulatedMarket } from './simulated-market.ts';

const idOf = (id: number) => `62fade002e1${String(id).padStart(13, '0')}`;
const nanoseconds = (ms: number) => `${ms}000000`;
const ACK = { response: true, privateChannel: false };

interface Words {
  readonly venue: string;
  readonly symbols: readonly string[];
  native(symbol: string): string;
  readonly topics: { readonly book: string; readonly trades: string };
  /** What a change of the book says; `changes` counts those of single levels so far. */
  data(change: BookChange): { readonly subject: string; readonly data: object };
  trade: string;
  readonly snapshot: string;
  readonly most: number;
  list(market: SimulatedMarket): unknown;
}

const level = ([price, size]: Ticks) => [bare(priceText(price)), bare(sizeText(size))];

const SPOT: Words = {
  venue: 'kucoin',
  symbols: ['BTC-USDT', 'ETH-USDT'],
  native: symbol => symbol,
  topics: { book: '/market/level2', trades: '/market/match' },
  trade: 'trade.l3match',
  snapshot: '/orderbook/level2_100',
  most: 100,
  data({ asks, bids, first, last, symbol, time }) {
    let sequence = first;
    const numbered = (side: readonly Ticks[]) =>
      side.map(one => [...level(one), String(Math.min(sequence++, last))]);
    const changes = { asks: numbered(asks), bids: numbered(bids) };
    // What changes no price only moves the sequence on.
    if (sequence <= last) changes.bids.push(['0', '0', String(last)]);
    const data = { changes, sequenceEnd: last, sequenceStart: first, symbol, time };
    return { subject: 'trade.l2update', data };
  },
  list: market =>
    [...market.symbols.keys()].map(symbol => {
      const [baseCurrency, quoteCurrency] = symbol.split('-');
      return { symbol, name: symbol, baseCurrency, quoteCurrency, enableTrading: true };
    }),
};

const FUTURES: Words = {
  venue: 'kucoin-futures',
  symbols: ['BTC-USDT-PERP', 'ETH-USDT-PERP'],
  native: symbol => `${symbol.replace('-PERP', '').replace('BTC', 'XBT').replace('-', '')}M`,
  topics: { book: '/contractMarket/level2', trades: '/contractMarket/execution' },
  trade: 'match',
  snapshot: '/level2/snapshot',
  most: Number.POSITIVE_INFINITY,
  data({ asks, bids, time, version }) {
    const [[price, size]] = [...bids, ...asks].map(level);
    const change = `${price},${bids.length > 0 ? 'buy' : 'sell'},${size}`;
    return { subject: 'level2', data: { sequence: version, change, timestamp: time } };
  },
  list: market =>
    [...market.symbols.keys()].map(symbol => {
      const [base, quoteCurrency] = symbol.split('-');
      const baseCurrency = base.replace('BTC', 'XBT');
      return {
        symbol: FUTURES.native(symbol),
        baseCurrency,
        quoteCurrency,
        multiplier: 0.001,
        expireDate: null,
      };
    }),
};

/** Books join a snapshot from elsewhere; trades have names, not numbers; the address comes with a token. */
export function kucoin(words: Words): VenueProtocol {
  const { native, symbols, topics } = words;
  const isSpot = words === SPOT;
  const canonical = (name: string) => symbols.find(one => native(one) === name)!;
  const message = (session: Session, topic: string, subject: string, data: object) =>
    session.streams.has(topic) ? JSON.stringify({ type: 'message', topic, subject, data }) : undefined;
  return {
    venue: words.venue,
    symbols,
    native,
    market: isSpot ? { reach: 150 } : { isSingle: true },
    // Where the snapshot has a hundred levels, the book reaches as far as it goes.
    vouchedDepth: isSpot ? 20 : Number.POSITIVE_INFINITY,
    sequenceOf: ({ last, version }) => String(isSpot ? last : version),
    numbersTrades: false,
    tradeId: idOf,
    opened: ({ url }) => [
      { text: JSON.stringify({ id: url.searchParams.get('connectId'), type: 'welcome' }) },
    ],
    heard(session, text) {
      const { id, topic, type } = JSON.parse(text) as { id: string; topic: string; type: string };
      if (type === 'ping') return [{ text: JSON.stringify({ id, type: 'pong', timestamp: 1 }) }];
      const [name, natives] = topic.split(':');
      for (const one of natives.split(',')) {
        if (type === 'subscribe') session.streams.set(`${name}:${one}`, '');
        else session.streams.delete(`${name}:${one}`);
      }
      return [{ text: JSON.stringify({ id, type: 'ack', ...ACK }) }];
    },
    book(session, change): readonly Frame[] {
      const { data, subject } = words.data(change);
      const { symbol, version } = change;
      const text = message(session, `${topics.book}:${native(symbol)}`, subject, data);
      return text === undefined ? [] : [{ text, about: { kind: 'book', symbol, version } }];
    },
    trade(session, { id, isBuy, price, size, symbol, time }) {
      const data = {
        ...{
          symbol: native(symbol),
          side: isBuy ? 'buy' : 'sell',
          type: 'match',
          sequence: String(1_636_276_000_000 + id),
        },
        ...{
          price: bare(priceText(price)),
          size: bare(sizeText(size)),
          tradeId: idOf(id),
          makerOrderId: 'a',
        },
        ...{ takerOrderId: 'b', ...(isSpot ? { time: nanoseconds(time) } : { ts: `@${nanoseconds(time)}` }) },
      };
      const text = message(session, `${topics.trades}:${native(symbol)}`, words.trade, data);
      // Nanoseconds do not fit into a double.
      const own = text?.replace(/"@(\d+)"/, '$1');
      return own === undefined ? [] : [{ text: own, about: { kind: 'trade', symbol, ids: [id] } }];
    },
    rest(url, market, age) {
      const answer = (data: unknown) => JSON.stringify({ code: '200000', data });
      if (url.pathname.endsWith('/bullet-public')) {
        const server = {
          endpoint: 'wss://push.kucoin.test/endpoint',
          pingInterval: 18_000,
          pingTimeout: 10_000,
        };
        return answer({ token: 'a=b/c', instanceServers: [server] });
      }
      if (/\/(symbols|contracts\/active)$/.test(url.pathname)) return answer(words.list(market));
      const symbol = canonical(url.searchParams.get('symbol') ?? '');
      if (symbol === undefined || !url.pathname.endsWith(words.snapshot)) return undefined;
      const { history } = market.of(symbol);
      const { asks, bids, last, time, version } = history[Math.max(0, history.length - 1 - age)];
      const sides = {
        bids: bids.slice(0, words.most).map(level),
        asks: asks.slice(0, words.most).map(level),
      };
      if (isSpot) return answer({ time, sequence: String(last), ...sides });
      return answer({ symbol: native(symbol), sequence: version, ...sides, ts: time });
    },
  };
}

export const KUCOIN: readonly VenueProtocol[] = [kucoin(SPOT), kucoin(FUTURES)];
