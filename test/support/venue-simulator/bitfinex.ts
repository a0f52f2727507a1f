import { crc32 } from 'node:zlib';
import {
  type BookSnapshot,
  bare,
  type MarketOrder,
  type MarketTrade,
  priceText,
  sizeText,
  type Ticks,
} from './market.ts';
import type { Frame, Session, VenueProtocol } from './protocol.ts';

const SYMBOLS = ['BTC-USD', 'ETH-USD'];
/** Levels, or orders, a side that a checksum covers. */
const CHECKED = 25;
const native = (symbol: string) => `t${symbol.replace('-', '')}`;
const canonical = (name: string) => SYMBOLS.find(one => native(one) === name)!;

/** Price, number of orders, amount: asks are negative; without orders, the sign says which side. */
function row([price, size]: Ticks, isBid: boolean): string {
  if (size === 0) return `[${bare(priceText(price))},0,${isBid ? 1 : -1}]`;
  return `[${bare(priceText(price))},1,${isBid ? '' : '-'}${bare(sizeText(size))}]`;
}

const rows = (bids: readonly Ticks[], asks: readonly Ticks[]) =>
  `[${[...bids.map(one => row(one, true)), ...asks.map(one => row(one, false))].join(',')}]`;

/** Id, price, amount; a price of 0 for an order that is gone. */
const orderRow = ({ id, isBid, price, size }: MarketOrder, isGone = false) =>
  `[${id},${isGone ? 0 : bare(priceText(price))},${isBid ? '' : '-'}${isGone ? 1 : bare(sizeText(size))}]`;

function interleaved(bids: readonly string[], asks: readonly string[]): number {
  const parts: string[] = [];
  for (let at = 0; at < CHECKED; at++) {
    if (at < bids.length) parts.push(bids[at]);
    if (at < asks.length) parts.push(asks[at]);
  }
  return crc32(parts.join(':')) | 0;
}

function levelsChecksum({ asks, bids }: BookSnapshot): number {
  const side = (levels: readonly Ticks[], sign: string) =>
    levels.map(([price, size]) => `${bare(priceText(price))}:${sign}${bare(sizeText(size))}`);
  return interleaved(side(bids, ''), side(asks, '-'));
}

/** At one price the lower id first. */
function ordersChecksum({ askOrders, bidOrders }: BookSnapshot): number {
  const side = (orders: readonly MarketOrder[], sign: number) =>
    [...orders]
      .sort((one, other) => sign * (one.price - other.price) || one.id - other.id)
      .map(({ id, size }) => `${id}:${sign > 0 ? '-' : ''}${bare(sizeText(size))}`);
  return interleaved(side(bidOrders, -1), side(askOrders, 1));
}

const tradeRow = ({ id, isBuy, price, size, time }: MarketTrade) =>
  `[${id},${time},${isBuy ? '' : '-'}${bare(sizeText(size))},${bare(priceText(price))}]`;

/** A message of a channel, with the number that all messages of the connection share. */
const numbered = (session: Session, id: string, content: string, time: number) =>
  `[${id},${content},${++session.sequence},${time}]`;

/** Messages of a connection are numbered through; books have checksums. */
export const bitfinex: VenueProtocol = {
  venue: 'bitfinex',
  symbols: SYMBOLS,
  // What a wrong digit does to a deeper level no checksum tells.
  vouchedDepth: CHECKED,
  numberedDepth: 250,
  numbersTrades: true,
  sequenceIsTheConnections: true,
  checksummed: /\[\[.*\]\]/,
  native,
  opened: () => [{ text: '{"event":"info","version":2,"serverId":"a","platform":{"status":1}}' }],
  heard(session, text, market) {
    const { event, ...message } = JSON.parse(text);
    if (event === 'conf') return [{ text: `{"event":"conf","status":"OK","flags":${message.flags}}` }];
    if (event === 'unsubscribe') {
      for (const [key, id] of session.streams) if (id === String(message.chanId)) session.streams.delete(key);
      return [{ text: `{"event":"unsubscribed","status":"OK","chanId":${message.chanId}}` }];
    }
    if (event !== 'subscribe') return [];
    const id = String(++session.channels);
    const own: string = message.symbol ?? message.key.split(':').slice(2).join(':');
    const symbol = canonical(own);
    session.streams.set(`${message.channel} ${symbol}`, id);
    const pair = own.slice(1);
    const frames: Frame[] = [
      { text: JSON.stringify({ event: 'subscribed', ...message, chanId: Number(id), pair }) },
    ];
    const { now, trades } = market.of(symbol);
    if (message.channel === 'book') {
      const { asks, bids, time, version } = now;
      frames.push({
        text: numbered(session, id, rows(bids, asks), time),
        about: { kind: 'book', symbol, version },
        isSure: true,
      });
    } else if (message.channel === 'trades') {
      const last = trades.slice(-30).reverse();
      frames.push({
        text: numbered(session, id, `[${last.map(tradeRow).join(',')}]`, now.time),
        about: { kind: 'trade', symbol, ids: last.map(one => one.id) },
        isSure: true,
      });
    }
    return frames;
  },
  book(session, { asks, bids, symbol, time, version }, after) {
    const id = session.streams.get(`book ${symbol}`);
    if (id === undefined) return [];
    const about = { kind: 'book', symbol, version } as const;
    return [
      { text: numbered(session, id, rows(bids, asks), time), about, isUnproven: true },
      { text: numbered(session, id, `"cs",${levelsChecksum(after)}`, time), about },
    ];
  },
  trade(session, trade) {
    const { id, symbol, time } = trade;
    const channel = session.streams.get(`trades ${symbol}`);
    if (channel === undefined) return [];
    const about = { kind: 'trade', symbol, ids: [id] } as const;
    return ['te', 'tu'].map(kind => ({
      text: numbered(session, channel, `"${kind}",${tradeRow(trade)}`, time),
      about,
    }));
  },
  rest(url, market) {
    const list = decodeURIComponent(url.pathname).split('/').at(-1);
    if (list === 'pub:map:currency:sym') return '[[]]';
    const pairs = [...market.symbols.keys()].map(symbol => native(symbol).slice(1));
    if (list === 'pub:list:pair:exchange') return JSON.stringify([pairs]);
    return list === 'pub:list:pair:futures' ? '[[]]' : undefined;
  },
};

/** Books of single orders (R0). */
export const bitfinexOrders: VenueProtocol = {
  ...bitfinex,
  kind: 'R0',
  channels: ['trades', 'l3'],
  market: { isOfOrders: true },
  vouchedDepth: Number.POSITIVE_INFINITY,
  vouchedOrders: CHECKED,
  // Prices are not in it.
  checksummed: /(?<=\[\[\d+,[\d.]+,)-?[\d.]+/,
  heard(session, text, market, age) {
    const frames = bitfinex.heard(session, text, market, age);
    return frames.map(frame => {
      if (frame.about?.kind !== 'book') return frame;
      const { symbol } = frame.about;
      const { askOrders, bidOrders } = market.of(symbol).now;
      const all = [...bidOrders, ...askOrders].map(one => orderRow(one)).join(',');
      return { ...frame, text: frame.text.replace(/\[\[.*\]\]/, `[${all}]`) };
    });
  },
  book(session, { orders, symbol, time, version }, after) {
    const id = session.streams.get(`book ${symbol}`);
    if (id === undefined) return [];
    const about = { kind: 'book', symbol, version } as const;
    const all = orders.map(({ kind, order }) => orderRow(order, kind === 'delete')).join(',');
    return [
      { text: numbered(session, id, `[${all}]`, time), about, isUnproven: true },
      { text: numbered(session, id, `"cs",${ordersChecksum(after)}`, time), about },
    ];
  },
};
