import { bare, priceText, sizeText, type Ticks } from './market.ts';
import type { Frame, Session, VenueProtocol } from './protocol.ts';

const levels = (side: readonly Ticks[]) =>
  `[${side.map(([price, size]) => `[${bare(priceText(price))},${bare(sizeText(size))}]`).join(',')}]`;

/** More digits than a double holds. */
const idOf = (id: number) => `19258225964716646079${String(id).padStart(9, '0')}`;

/** Between the venue's pings, s, and those that may go unanswered. */
const PING_EVERY = 5;
const MOST_UNANSWERED = 2;

interface Words {
  readonly venue: string;
  readonly symbols: readonly string[];
  native(symbol: string): string;
  readonly book: string;
}

const SPOT: Words = {
  venue: 'htx',
  symbols: ['BTC-USDT', 'ETH-USDT'],
  native: symbol => symbol.replace('-', '').toLowerCase(),
  book: 'mbp.400',
};

const SWAPS: Words = {
  venue: 'htx-swap',
  symbols: ['BTC-USDT-PERP', 'ETH-USDT-PERP'],
  native: symbol => symbol.replace('-PERP', ''),
  book: 'depth.size_150.high_freq',
};

/** Packed frames; books of spot join a snapshot that is asked for on the same socket; trades have names, not numbers. */
export function htx(words: Words): VenueProtocol {
  const { native, symbols } = words;
  const isSpot = words === SPOT;
  const canonical = (name: string) => symbols.find(one => native(one) === name)!;
  const bookTopic = (symbol: string) => `market.${native(symbol)}.${words.book}`;
  const tick = (session: Session, topic: string, time: number, content: string) =>
    session.streams.has(topic) ? `{"ch":"${topic}","ts":${time},"tick":${content}}` : undefined;
  const high = (
    event: string,
    {
      asks,
      bids,
      time,
      version,
    }: { asks: readonly Ticks[]; bids: readonly Ticks[]; time: number; version: number },
  ) =>
    `{"mrid":${version},"id":${version},"bids":${levels(bids)},"asks":${levels(asks)},"ts":${time},"version":${1000 + version},"event":"${event}"}`;
  return {
    venue: words.venue,
    symbols,
    native,
    isPacked: true,
    vouchedDepth: Number.POSITIVE_INFINITY,
    sequenceOf: ({ last, version }) => String(isSpot ? last : 1000 + version),
    numbersTrades: false,
    tradeId: idOf,
    opened: () => [],
    heard(session, text, market, age) {
      const { id, pong, req, sub, unsub } = JSON.parse(text) as Record<string, string>;
      if (pong !== undefined) {
        session.unanswered = 0;
        return [];
      }
      const topic = req ?? sub ?? unsub;
      const symbol = canonical(topic.split('.')[1]);
      const { history, now } = market.of(symbol);
      if (req !== undefined) {
        const { asks, bids, last, time, version } = history[Math.max(0, history.length - 1 - age)];
        const data = `{"seqNum":${last},"bids":${levels(bids)},"asks":${levels(asks)}}`;
        const answer = `{"id":"${id}","rep":"${topic}","status":"ok","ts":${time},"data":${data}}`;
        return [{ text: answer, about: { kind: 'book', symbol, version } }];
      }
      if (unsub !== undefined) {
        session.streams.delete(topic);
        return [{ text: JSON.stringify({ id, status: 'ok', unsubbed: topic, ts: now.time }) }];
      }
      session.streams.set(topic, '');
      const frames: Frame[] = [{ text: JSON.stringify({ id, status: 'ok', subbed: topic, ts: now.time }) }];
      if (!isSpot && topic === bookTopic(symbol)) {
        const { version } = now;
        frames.push({
          text: tick(session, topic, now.time, high('snapshot', now))!,
          about: { kind: 'book', symbol, version },
        });
      }
      return frames;
    },
    book(session, change) {
      const { asks, bids, last, previous, symbol, time, version } = change;
      const content = isSpot
        ? `{"seqNum":${last},"prevSeqNum":${previous},"bids":${levels(bids)},"asks":${levels(asks)}}`
        : high('update', change);
      const text = tick(session, bookTopic(symbol), time, content);
      return text === undefined ? [] : [{ text, about: { kind: 'book', symbol, version } }];
    },
    trade(session, { id, isBuy, price, size, symbol, time }) {
      const amount = `"amount":${bare(sizeText(size))},"price":${bare(priceText(price))}`;
      const row = `{"id":${idOf(id)},"ts":${time},"tradeId":${id},${amount},"direction":"${isBuy ? 'buy' : 'sell'}"}`;
      const topic = `market.${native(symbol)}.trade.detail`;
      const text = tick(session, topic, time, `{"id":${id},"ts":${time},"data":[${row}]}`);
      return text === undefined ? [] : [{ text, about: { kind: 'trade', symbol, ids: [id] } }];
    },
    idle(session, market) {
      session.seconds++;
      if (session.seconds % PING_EVERY !== 0) return [];
      if (++session.unanswered > MOST_UNANSWERED) return undefined;
      const { time } = market.of(symbols[0]).now;
      return [{ text: `{"ping":${time}}` }];
    },
    rest(url, market) {
      const answer = (data: unknown) => JSON.stringify({ status: 'ok', data });
      const all = [...market.symbols.keys()];
      if (url.pathname.endsWith('/common/symbols')) {
        return answer(
          all.map(symbol => {
            const [base, quote] = symbol.toLowerCase().split('-');
            return {
              'base-currency': base,
              'quote-currency': quote,
              symbol: native(symbol),
              state: 'online',
            };
          }),
        );
      }
      if (url.pathname === '/linear-swap-api/v1/swap_contract_info') {
        return answer(
          all.map(symbol => ({
            symbol: symbol.split('-')[0],
            contract_code: native(symbol),
            contract_size: 0.001,
          })),
        );
      }
      return /contract_info$/.test(url.pathname) ? answer([]) : undefined;
    },
  };
}

export const HTX: readonly VenueProtocol[] = [htx(SPOT), htx(SWAPS)];
