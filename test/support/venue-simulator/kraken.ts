import { assetPairs, levelsChecksum, restName } from './kraken-text.ts';
import { type BookSnapshot, bare, type MarketTrade, priceText, sizeText, type Ticks } from './market.ts';
import type { Frame, Session, VenueProtocol } from './protocol.ts';

const SYMBOLS = ['BTC-USD', 'ETH-USD', 'DOGE-USD'];
const native = (symbol: string) => symbol.replace('-', '/');
const canonical = (name: string) => name.replace('/', '-');
const time = (ms: number) => new Date(ms).toISOString().replace('Z', '000Z');

/** Numbers bare, as Kraken prints them. */
const levels = (side: readonly Ticks[]) =>
  `[${side.map(([price, size]) => `{"price":${bare(priceText(price))},"qty":${bare(sizeText(size))}}`).join(',')}]`;

function bookText(
  type: string,
  symbol: string,
  bids: readonly Ticks[],
  asks: readonly Ticks[],
  of: BookSnapshot,
) {
  const text = `"bids":${levels(bids)},"asks":${levels(asks)},"checksum":${levelsChecksum(of)}`;
  const data = `{"symbol":"${native(symbol)}",${text},"timestamp":"${time(of.time)}"}`;
  return `{"channel":"book","type":"${type}","data":[${data}]}`;
}

function tradesText(type: string, trades: readonly MarketTrade[]): string {
  const rows = trades.map(
    one =>
      `{"symbol":"${native(one.symbol)}","side":"${one.isBuy ? 'buy' : 'sell'}","price":${bare(priceText(one.price))},` +
      `"qty":${bare(sizeText(one.size))},"ord_type":"limit","trade_id":${one.id},"timestamp":"${time(one.time)}"}`,
  );
  return `{"channel":"trade","type":"${type}","data":[${rows.join(',')}]}`;
}

/** Books in band that nothing but a checksum of ten levels proves; trades are numbered. */
export const kraken: VenueProtocol = {
  venue: 'kraken',
  symbols: SYMBOLS,
  vouchedDepth: 10,
  numbersTrades: true,
  checksummed: /"bids":.*"timestamp"/,
  native,
  opened: () => [
    {
      text: '{"channel":"status","type":"update","data":[{"version":"2.0.8","system":"online","api_version":"v2","connection_id":1}]}',
    },
  ],
  heard(session, text, market) {
    const { method, params } = JSON.parse(text);
    if (method === 'ping') return [{ text: '{"method":"pong","time_in":"","time_out":""}' }];
    const frames: Frame[] = [];
    for (const name of params.symbol) {
      const symbol = canonical(name);
      const key = `${params.channel} ${symbol}`;
      const result = {
        channel: params.channel,
        symbol: name,
        depth: params.depth,
        snapshot: params.snapshot,
      };
      frames.push({ text: JSON.stringify({ method, result, success: true, time_in: '', time_out: '' }) });
      if (method === 'unsubscribe') session.streams.delete(key);
      else {
        session.streams.set(key, '');
        const { now, trades } = market.of(symbol);
        const { asks, bids, version } = now;
        if (params.channel === 'book') {
          frames.push({
            text: bookText('snapshot', symbol, bids, asks, now),
            about: { kind: 'book', symbol, version },
          });
        } else if (params.channel === 'trade' && params.snapshot && trades.length > 0) {
          const last = trades.slice(-50);
          frames.push({
            text: tradesText('snapshot', last),
            about: { kind: 'trade', symbol, ids: last.map(({ id }) => id) },
          });
        }
      }
    }
    return frames;
  },
  book(session, { asks, bids, symbol, version }, after) {
    if (!session.streams.has(`book ${symbol}`)) return [];
    return [
      { text: bookText('update', symbol, bids, asks, after), about: { kind: 'book', symbol, version } },
    ];
  },
  trade(session, trade) {
    const { id, symbol } = trade;
    if (!session.streams.has(`trade ${symbol}`)) return [];
    return [{ text: tradesText('update', [trade]), about: { kind: 'trade', symbol, ids: [id] } }];
  },
  idle: (session: Session) => (session.streams.size > 0 ? [{ text: '{"channel":"heartbeat"}' }] : []),
  rest(url, market) {
    if (url.pathname.endsWith('/AssetPairs')) {
      return assetPairs(market);
    }
    const pair = url.searchParams.get('pair');
    const symbol = [...market.symbols.keys()].find(one => restName(one) === pair);
    if (symbol === undefined || !url.pathname.endsWith('/Trades')) return undefined;
    const since = Number(BigInt(url.searchParams.get('since') ?? '0') / 1000n) / 1000;
    const rows = market
      .of(symbol)
      .trades.filter(one => one.time > since)
      .slice(0, 1000)
      .map(one => [
        priceText(one.price),
        sizeText(one.size),
        one.time / 1000,
        one.isBuy ? 'b' : 's',
        'l',
        '',
        one.id,
      ]);
    return JSON.stringify({ error: [], result: { [pair!]: rows, last: '0' } });
  },
};
