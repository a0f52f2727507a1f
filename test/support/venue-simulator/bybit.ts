import { priceText, sizeText, type Ticks } from './market.ts';
import type { Frame, VenueProtocol } from './protocol.ts';

const PAIRS = ['BTC-USDT', 'ETH-USDT'];
const native = (symbol: string) => symbol.replace('-PERP', '').replace('-', '');
const levels = (side: readonly Ticks[]) => side.map(([price, size]) => [priceText(price), sizeText(size)]);

/** Update ids of a book go up by one; they never begin with 1, which means that the venue has started again. */
const BEGIN = 15_000_000;

const idOf = (id: number) => `a9188a0a-82bc-50de-be60-${String(id).padStart(12, '0')}`;

/** Books in band whose updates count up by one; trades have names, not numbers. */
export function bybit(venue: 'bybit-spot' | 'bybit'): VenueProtocol {
  const isSpot = venue === 'bybit-spot';
  const symbols = isSpot ? PAIRS : PAIRS.map(pair => `${pair}-PERP`);
  const canonical = (name: string) => symbols.find(one => native(one) === name)!;
  return {
    venue,
    symbols,
    vouchedDepth: 200,
    sequenceOf: ({ version }) => String(BEGIN + version),
    numbersTrades: false,
    native,
    tradeId: idOf,
    opened: () => [],
    heard(session, text, market) {
      const { args, op, req_id } = JSON.parse(text);
      if (op === 'ping')
        return [{ text: JSON.stringify({ success: true, ret_msg: 'pong', conn_id: 'c', op }) }];
      const frames: Frame[] = [
        { text: JSON.stringify({ success: true, ret_msg: op, conn_id: 'c', req_id, op }) },
      ];
      for (const topic of args as string[]) {
        if (op === 'unsubscribe') session.streams.delete(topic);
        else session.streams.set(topic, '');
        if (op === 'unsubscribe' || !topic.startsWith('orderbook')) continue;
        const symbol = canonical(topic.split('.')[2]);
        const { asks, bids, time, version } = market.of(symbol).now;
        const data = { s: native(symbol), b: levels(bids), a: levels(asks), u: BEGIN + version, seq: 1 };
        frames.push({
          text: JSON.stringify({ topic, ts: time, type: 'snapshot', data, cts: time - 1 }),
          about: { kind: 'book', symbol, version },
        });
      }
      return frames;
    },
    book(session, { asks, bids, symbol, time, version }) {
      const topic = `orderbook.200.${native(symbol)}`;
      if (!session.streams.has(topic)) return [];
      const data = { s: native(symbol), b: levels(bids), a: levels(asks), u: BEGIN + version, seq: version };
      const text = JSON.stringify({ topic, ts: time, type: 'delta', data, cts: time - 1 });
      return [{ text, about: { kind: 'book', symbol, version } }];
    },
    trade(session, { id, isBuy, price, size, symbol, time }) {
      const topic = `publicTrade.${native(symbol)}`;
      if (!session.streams.has(topic)) return [];
      const row = {
        ...{ i: idOf(id), T: time, p: priceText(price), v: sizeText(size), S: isBuy ? 'Buy' : 'Sell' },
        ...{ seq: id, s: native(symbol), BT: false, RPI: false },
      };
      const text = JSON.stringify({ topic, ts: time, type: 'snapshot', data: [row] });
      return [{ text, about: { kind: 'trade', symbol, ids: [id] } }];
    },
    rest(url, market) {
      const category = url.searchParams.get('category');
      if (!url.pathname.endsWith('/instruments-info')) return undefined;
      const isOwn = category === (isSpot ? 'spot' : 'linear');
      const list = [...market.symbols.keys()].map(symbol => {
        const [baseCoin, quoteCoin] = symbol.split('-');
        return { symbol: native(symbol), baseCoin, quoteCoin, status: 'Trading' };
      });
      return JSON.stringify({ retCode: 0, retMsg: 'OK', result: { category, list: isOwn ? list : [] } });
    },
  };
}
