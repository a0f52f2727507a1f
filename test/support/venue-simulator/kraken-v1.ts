import { assetPairs, levelsChecksum, oldName } from './kraken-text.ts';
import { type BookSnapshot, fixed, type MarketTrade, priceText, sizeText, type Ticks } from './market.ts';
import type { Frame, VenueProtocol } from './protocol.ts';

const SYMBOLS = ['BTC-USD', 'ETH-USD', 'DOGE-USD'];
const canonical = (name: string) => SYMBOLS.find(one => oldName(one) === name)!;
const NUMBERS: Readonly<Record<string, number>> = { book: 300, trade: 400 };

const levels = (side: readonly Ticks[], ms: number) =>
  side.map(([price, size]) => [priceText(price), sizeText(size), fixed(ms * 1000, 6)]);

/** Each trade has a microsecond of its own, by which it is known. */
const timeOf = ({ id, time }: MarketTrade) => time * 1000 + (id % 1000);

const message = (channel: string, symbol: string, ...content: readonly unknown[]) => {
  const number = NUMBERS[channel.split('-')[0]] + SYMBOLS.indexOf(symbol);
  return JSON.stringify([number, ...content, channel, oldName(symbol)]);
};

function whole(channel: string, symbol: string, { asks, bids, time, version }: BookSnapshot): Frame {
  const content = { as: levels(asks, time), bs: levels(bids, time) };
  return { text: message(channel, symbol, content), about: { kind: 'book', symbol, version } };
}

/** Books in band that nothing but a checksum of ten levels proves; trades have neither names nor numbers. */
export const krakenV1: VenueProtocol = {
  venue: 'kraken-v1',
  symbols: SYMBOLS,
  vouchedDepth: 10,
  numbersTrades: false,
  keepsNoTrades: true,
  checksummed: /\{"[ab]":.*"c"/,
  native: oldName,
  tradeId: () => null,
  tradeTime: timeOf,
  opened: () => [{ text: '{"connectionID":10,"event":"systemStatus","status":"online","version":"1.8.3"}' }],
  heard(session, text, market) {
    const {
      event,
      pair = [],
      subscription,
    } = JSON.parse(text) as {
      event: string;
      pair?: string[];
      subscription: { name: string; depth?: number };
    };
    if (event === 'ping') return [{ text: '{"event":"pong"}' }];
    const frames: Frame[] = [];
    const { depth, name } = subscription;
    const channelName = depth === undefined ? name : `${name}-${depth}`;
    for (const one of pair) {
      const symbol = canonical(one);
      const key = `${name} ${symbol}`;
      const status = event === 'subscribe' ? 'subscribed' : 'unsubscribed';
      const channelID = NUMBERS[name] + SYMBOLS.indexOf(symbol);
      frames.push({
        text: JSON.stringify({
          channelID,
          channelName,
          event: 'subscriptionStatus',
          pair: one,
          status,
          subscription,
        }),
      });
      if (event === 'unsubscribe') session.streams.delete(key);
      else session.streams.set(key, channelName);
      if (event === 'subscribe' && name === 'book')
        frames.push(whole(channelName, symbol, market.of(symbol).now));
    }
    return frames;
  },
  book(session, { asks, bids, symbol, time, version }, after) {
    const channel = session.streams.get(`book ${symbol}`);
    if (channel === undefined) return [];
    const c = String(levelsChecksum(after));
    // Two objects where both sides have changed; the checksum is in the last one.
    const content: object[] = [];
    if (asks.length > 0) content.push({ a: levels(asks, time), ...(bids.length === 0 ? { c } : {}) });
    if (bids.length > 0) content.push({ b: levels(bids, time), c });
    return [{ text: message(channel, symbol, ...content), about: { kind: 'book', symbol, version } }];
  },
  trade(session, trade) {
    const { id, isBuy, price, size, symbol } = trade;
    if (!session.streams.has(`trade ${symbol}`)) return [];
    const row = [priceText(price), sizeText(size), fixed(timeOf(trade), 6), isBuy ? 'b' : 's', 'l', ''];
    return [{ text: message('trade', symbol, [row]), about: { kind: 'trade', symbol, ids: [id] } }];
  },
  idle: ({ streams }) => (streams.size > 0 ? [{ text: '{"event":"heartbeat"}' }] : []),
  rest: (url, market) => (url.pathname.endsWith('/AssetPairs') ? assetPairs(market) : undefined),
};
