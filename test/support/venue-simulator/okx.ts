import { crc32 } from 'node:zlib';
import { type BookSnapshot, bare, priceText, sizeText, type Ticks } from './market.ts';
import type { Frame, VenueProtocol } from './protocol.ts';

const SYMBOLS = ['BTC-USDT', 'ETH-USDT'];

const levels = (side: readonly Ticks[]) =>
  side.map(([price, size]) => [bare(priceText(price)), bare(sizeText(size)), '0', size === 0 ? '0' : '1']);

/** Bid and ask by turns, 25 a side; what the longer side has more, one after the other. */
function checksum({ asks, bids }: BookSnapshot): number {
  const parts: string[] = [];
  for (let at = 0; at < 25; at++) {
    for (const side of [bids, asks]) {
      if (at < side.length) parts.push(`${bare(priceText(side[at][0]))}:${bare(sizeText(side[at][1]))}`);
    }
  }
  return crc32(parts.join(':')) | 0;
}

/** Books in band whose messages name the one before; trades are numbered. */
export const okx: VenueProtocol = {
  venue: 'okx',
  symbols: SYMBOLS,
  vouchedDepth: 25,
  sequenceOf: ({ last }) => String(last),
  numbersTrades: true,
  checksummed: /"asks":.*"ts"/,
  native: symbol => symbol,
  opened: () => [],
  heard(session, text, market) {
    if (text === 'ping') return [{ text: 'pong' }];
    const { args, op } = JSON.parse(text);
    const frames: Frame[] = [];
    for (const arg of args) {
      const { channel, instId } = arg;
      frames.push({ text: JSON.stringify({ event: op, arg, connId: 'a4d3ae55' }) });
      if (op === 'unsubscribe') session.streams.delete(`${channel} ${instId}`);
      else session.streams.set(`${channel} ${instId}`, '');
      if (op === 'unsubscribe' || channel !== 'books') continue;
      const { now } = market.of(instId);
      const data = {
        ...{ asks: levels(now.asks), bids: levels(now.bids), ts: String(now.time) },
        ...{ checksum: checksum(now), seqId: now.last, prevSeqId: -1 },
      };
      frames.push({
        text: JSON.stringify({ arg, action: 'snapshot', data: [data] }),
        about: { kind: 'book', symbol: instId, version: now.version },
      });
    }
    return frames;
  },
  book(session, { asks, bids, last, previous, symbol, time, version }, after) {
    if (!session.streams.has(`books ${symbol}`)) return [];
    const data = {
      ...{ asks: levels(asks), bids: levels(bids), ts: String(time) },
      ...{ checksum: checksum(after), seqId: last, prevSeqId: previous },
    };
    const text = JSON.stringify({
      arg: { channel: 'books', instId: symbol },
      action: 'update',
      data: [data],
    });
    return [{ text, about: { kind: 'book', symbol, version } }];
  },
  trade(session, { id, isBuy, price, size, symbol, time }) {
    if (!session.streams.has(`trades ${symbol}`)) return [];
    const data = {
      ...{ instId: symbol, tradeId: String(id), px: bare(priceText(price)), sz: bare(sizeText(size)) },
      ...{ side: isBuy ? 'buy' : 'sell', ts: String(time), count: '1' },
    };
    const text = JSON.stringify({ arg: { channel: 'trades', instId: symbol }, data: [data] });
    return [{ text, about: { kind: 'trade', symbol, ids: [id] } }];
  },
  rest(url, market) {
    const query = url.searchParams;
    if (url.pathname.endsWith('/public/instruments')) {
      const isSpot = query.get('instType') === 'SPOT';
      const data = [...market.symbols.keys()].map(instId => {
        const [baseCcy, quoteCcy] = instId.split('-');
        return {
          ...{ instId, instType: 'SPOT', baseCcy, quoteCcy, state: 'live' },
          tickSz: '0.01',
          lotSz: '0.001',
        };
      });
      return JSON.stringify({ code: '0', msg: '', data: isSpot ? data : [] });
    }
    const instId = query.get('instId') ?? '';
    if (!url.pathname.endsWith('/history-trades') || !market.symbols.has(instId)) return undefined;
    const after = Number(query.get('after') ?? Number.POSITIVE_INFINITY);
    const limit = Number(query.get('limit') ?? 100);
    const rows = market.of(instId).trades.filter(({ id }) => id < after);
    const data = rows
      .slice(-limit)
      .reverse()
      .map(({ id, isBuy, price, size, time }) => ({
        ...{ instId, tradeId: String(id), px: bare(priceText(price)), sz: bare(sizeText(size)) },
        ...{ side: isBuy ? 'buy' : 'sell', ts: String(time) },
      }));
    return JSON.stringify({ code: '0', msg: '', data });
  },
};
