import { type BookSnapshot, bare, type MarketTrade, priceText, sizeText, type Ticks } from './market.ts';
import type { Frame, Session, VenueProtocol } from './protocol.ts';
import type { SimulatedMarket } from './simulated-market.ts';

/** A spot pair with scaled integers, and a contract with real decimals. */
const NATIVES: Readonly<Record<string, string>> = { 'BTC-USDT': 'sBTCUSDT', 'ETH-USDT-PERP': 'ETHUSDT' };
const SYMBOLS = Object.keys(NATIVES);
const canonical = (name: string) => SYMBOLS.find(one => NATIVES[one] === name)!;
const isReal = (symbol: string) => symbol.endsWith('-PERP');

const SCALE = 8;
const ROWS = 200;
/** Between two whole books, s. */
const WHOLE_EVERY = 60;

const scaled = (text: string) => {
  const [whole, fraction = ''] = text.split('.');
  return String(BigInt(whole + fraction.padEnd(SCALE, '0')));
};
const number = (symbol: string, text: string) => (isReal(symbol) ? `"${bare(text)}"` : scaled(text));
const levels = (symbol: string, side: readonly Ticks[]) =>
  `[${side.map(([price, size]) => `[${number(symbol, priceText(price))},${number(symbol, sizeText(size))}]`).join(',')}]`;

/** Each trade has a microsecond of its own, by which it is known. */
const timeOf = ({ id, time }: MarketTrade) => time * 1000 + (id % 1000);
const row = (symbol: string, trade: MarketTrade) =>
  `[${timeOf(trade)}000,"${trade.isBuy ? 'Buy' : 'Sell'}",${number(symbol, priceText(trade.price))},` +
  `${number(symbol, sizeText(trade.size))}]`;

function bookText(
  symbol: string,
  type: string,
  { asks, bids, last, time }: Pick<BookSnapshot, 'asks' | 'bids' | 'last' | 'time'>,
): string {
  const name = isReal(symbol) ? 'orderbook_p' : 'book';
  const sides = `{"asks":${levels(symbol, asks)},"bids":${levels(symbol, bids)}}`;
  const about = `"sequence":${last},"symbol":"${NATIVES[symbol]}","timestamp":${time}000000,"type":"${type}"`;
  return `{"${name}":${sides},"depth":30,${about}}`;
}

function tradesText(symbol: string, type: string, trades: readonly MarketTrade[]): string {
  const rows = trades.map(one => row(symbol, one)).join(',');
  const sequence = 40_000_000_000 + (trades[0]?.id ?? 0);
  const name = isReal(symbol) ? 'trades_p' : 'trades';
  return `{"sequence":${sequence},"symbol":"${NATIVES[symbol]}","${name}":[${rows}],"type":"${type}"}`;
}

function whole(symbol: string, market: SimulatedMarket): Frame {
  const { now } = market.of(symbol);
  const about = { kind: 'book', symbol, version: now.version } as const;
  return { text: bookText(symbol, 'snapshot', now), about, isWhole: true };
}

/** Books that only whole ones prove, one a minute; trades have neither names nor numbers. */
export const phemex: VenueProtocol = {
  venue: 'phemex',
  symbols: SYMBOLS,
  vouchedDepth: 30,
  sequenceOf: ({ last }) => String(last),
  provesByWholeBooks: true,
  numbersTrades: false,
  native: symbol => NATIVES[symbol],
  tradeId: () => null,
  tradeTime: timeOf,
  opened: () => [],
  heard(session, text, market) {
    const { id, method, params } = JSON.parse(text) as { id: number; method: string; params: string[] };
    if (method === 'server.ping') return [{ text: JSON.stringify({ error: null, id, result: 'pong' }) }];
    const [topic, action] = method.split('.');
    const frames: Frame[] = [{ text: JSON.stringify({ error: null, id, result: { status: 'success' } }) }];
    if (action === 'unsubscribe') {
      for (const stream of [...session.streams.keys()])
        if (stream.startsWith(topic)) session.streams.delete(stream);
      return frames;
    }
    const symbol = canonical(params[0]);
    session.streams.set(`${topic.replace(/_p$/, '')} ${symbol}`, '');
    if (topic.startsWith('orderbook')) frames.push(whole(symbol, market));
    else if (topic.startsWith('trade')) {
      const last = market.of(symbol).trades.slice(-ROWS).reverse();
      const ids = last.map(one => one.id);
      frames.push({
        text: tradesText(symbol, 'snapshot', last),
        about: { kind: 'trade', symbol, ids },
        isSure: true,
      });
    }
    return frames;
  },
  book(session, change) {
    const { symbol, version } = change;
    if (!session.streams.has(`orderbook ${symbol}`)) return [];
    return [{ text: bookText(symbol, 'incremental', change), about: { kind: 'book', symbol, version } }];
  },
  trade(session, trade) {
    const { id, symbol } = trade;
    if (!session.streams.has(`trade ${symbol}`)) return [];
    return [
      { text: tradesText(symbol, 'incremental', [trade]), about: { kind: 'trade', symbol, ids: [id] } },
    ];
  },
  idle(session: Session, market: SimulatedMarket) {
    if (++session.seconds % WHOLE_EVERY !== 0) return [];
    return SYMBOLS.filter(symbol => session.streams.has(`orderbook ${symbol}`)).map(symbol =>
      whole(symbol, market),
    );
  },
  rest(url) {
    if (!url.pathname.endsWith('/public/products')) return undefined;
    const products = [
      {
        symbol: 'sBTCUSDT',
        type: 'Spot',
        displaySymbol: 'BTC / USDT',
        priceScale: SCALE,
        baseCurrency: 'BTC',
      },
    ];
    const perpProductsV2 = [
      { symbol: 'ETHUSDT', type: 'PerpetualV2', displaySymbol: 'ETH / USDT', priceScale: 0 },
    ];
    const currencies = [{ currency: 'BTC', valueScale: SCALE }];
    return JSON.stringify({ code: 0, msg: '', data: { currencies, products, perpProductsV2 } });
  },
};
