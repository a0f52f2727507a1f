import { type BookSnapshot, bare, type MarketTrade, priceText, sizeText, type Ticks } from './market.ts';
import type { Frame, Session, VenueProtocol } from './protocol.ts';

const SYMBOLS = ['BTC-USD', 'ETH-USD'];
/** Trades that a subscription begins with. */
const ROWS = 50;

const iso = (ms: number) => new Date(ms).toISOString();

function updates(bids: readonly Ticks[], asks: readonly Ticks[], time: number) {
  const row =
    (side: string) =>
    ([price, size]: Ticks) => ({
      side,
      event_time: iso(time),
      price_level: bare(priceText(price)),
      new_quantity: bare(sizeText(size)),
    });
  return [...bids.map(row('bid')), ...asks.map(row('offer'))];
}

/** The side of the order that rested. */
const tradeRow = ({ id, isBuy, price, size, symbol, time }: MarketTrade) => ({
  trade_id: String(id),
  product_id: symbol,
  price: bare(priceText(price)),
  size: bare(sizeText(size)),
  time: iso(time),
  side: isBuy ? 'SELL' : 'BUY',
});

/** All messages of a connection are numbered through, whatever they tell. */
const numbered = (session: Session, channel: string, time: number, event: object) =>
  JSON.stringify({
    ...{ channel, client_id: '', timestamp: iso(time), sequence_num: session.sequence++ },
    events: [event],
  });

const levels = (
  session: Session,
  type: string,
  symbol: string,
  book: Pick<BookSnapshot, 'asks' | 'bids' | 'time'>,
) =>
  numbered(session, 'l2_data', book.time, {
    type,
    product_id: symbol,
    updates: updates(book.bids, book.asks, book.time),
  });

/** Messages of a connection are numbered from 0. */
export const coinbase: VenueProtocol = {
  venue: 'coinbase',
  symbols: SYMBOLS,
  vouchedDepth: Number.POSITIVE_INFINITY,
  numbersTrades: true,
  sequenceIsTheConnections: true,
  native: symbol => symbol,
  opened: () => [],
  heard(session, text, market) {
    const {
      channel,
      product_ids = [],
      type,
    } = JSON.parse(text) as {
      channel: string;
      product_ids?: string[];
      type: string;
    };
    const frames: Frame[] = [];
    const { time } = market.of(SYMBOLS[0]).now;
    for (const symbol of product_ids) {
      if (type === 'unsubscribe') session.streams.delete(`${channel} ${symbol}`);
      else session.streams.set(`${channel} ${symbol}`, '');
      if (type === 'unsubscribe') continue;
      const { now, trades } = market.of(symbol);
      if (channel === 'level2') {
        const about = { kind: 'book', symbol, version: now.version } as const;
        frames.push({ text: levels(session, 'snapshot', symbol, now), about });
      } else if (channel === 'market_trades') {
        const last = trades.slice(-ROWS).reverse();
        frames.push({
          text: numbered(session, channel, now.time, { type: 'snapshot', trades: last.map(tradeRow) }),
          about: { kind: 'trade', symbol, ids: last.map(({ id }) => id) },
        });
      }
    }
    if (channel === 'heartbeats') session.streams.set('heartbeats', '');
    frames.push({ text: numbered(session, 'subscriptions', time, { subscriptions: {} }) });
    return frames;
  },
  book(session, change) {
    const { symbol, version } = change;
    if (!session.streams.has(`level2 ${symbol}`)) return [];
    return [{ text: levels(session, 'update', symbol, change), about: { kind: 'book', symbol, version } }];
  },
  trade(session, trade) {
    const { id, symbol, time } = trade;
    if (!session.streams.has(`market_trades ${symbol}`)) return [];
    const text = numbered(session, 'market_trades', time, { type: 'update', trades: [tradeRow(trade)] });
    return [{ text, about: { kind: 'trade', symbol, ids: [id] } }];
  },
  idle(session, market) {
    if (!session.streams.has('heartbeats')) return [];
    const { time } = market.of(SYMBOLS[0]).now;
    const event = { current_time: iso(time), heartbeat_counter: ++session.seconds };
    return [{ text: numbered(session, 'heartbeats', time, event) }];
  },
  rest(url, market) {
    if (!url.pathname.endsWith('/market/products')) return undefined;
    const products = [...market.symbols.keys()].map(product_id => {
      const [base_currency_id, quote_currency_id] = product_id.split('-');
      return { product_id, base_currency_id, quote_currency_id, product_type: 'SPOT' };
    });
    return JSON.stringify({ products });
  },
};
