import { priceText, sizeText, type Ticks } from './market.ts';
import type { Session, VenueProtocol } from './protocol.ts';
import type { SimulatedMarket } from './simulated-market.ts';

type Market = 'binance-spot' | 'binance-us' | 'binance-usdm' | 'binance-coinm';

const SYMBOLS = ['BTC-USDT', 'ETH-USDT'];
const COINS = ['BTC-USD-PERP', 'ETH-USD-261225'];
const levels = (side: readonly Ticks[]) => side.map(([price, size]) => [priceText(price), sizeText(size)]);

/** Diff books that join a snapshot from elsewhere; trades are numbered. */
export function binance(venue: Market): VenueProtocol {
  const isSpot = venue === 'binance-spot' || venue === 'binance-us';
  const isCoins = venue === 'binance-coinm';
  const suffix = isSpot ? '' : '-PERP';
  const native = (symbol: string) =>
    isCoins ? symbol.replace('-', '').replace('-', '_') : symbol.replace(suffix, '').replace('-', '');
  const wrap = (session: Session, stream: string, data: object) =>
    session.streams.has(stream) ? JSON.stringify({ stream, data }) : undefined;
  return {
    venue,
    symbols: isCoins ? COINS : SYMBOLS.map(symbol => `${symbol}${suffix}`),
    vouchedDepth: Number.POSITIVE_INFINITY,
    sequenceOf: ({ last }) => String(last),
    numbersTrades: true,
    native,
    opened(session) {
      for (const name of session.url.searchParams.get('streams')?.split('/') ?? [])
        session.streams.set(name, '');
      return [];
    },
    heard: () => [],
    book(session, { asks, bids, first, last, previous, symbol, time, version }) {
      const text = wrap(session, `${native(symbol).toLowerCase()}@depth@100ms`, {
        ...{
          e: 'depthUpdate',
          E: time,
          ...(isSpot ? {} : { T: time }),
          s: native(symbol),
          U: first,
          u: last,
        },
        ...(isSpot ? {} : { pu: previous }),
        ...{ b: levels(bids), a: levels(asks) },
      });
      return text === undefined ? [] : [{ text, about: { kind: 'book', symbol, version } }];
    },
    trade(session, { id, isBuy, price, size, symbol, time }) {
      const text = wrap(session, `${native(symbol).toLowerCase()}@trade`, {
        ...{ e: 'trade', E: time, s: native(symbol), t: id, p: priceText(price), q: sizeText(size), T: time },
        ...{ ...(isSpot ? {} : { X: 'MARKET' }), m: !isBuy, M: true },
      });
      return text === undefined ? [] : [{ text, about: { kind: 'trade', symbol, ids: [id] } }];
    },
    rest(url, market, age) {
      if (url.pathname.endsWith('/exchangeInfo')) return exchangeInfo(market, native, isSpot);
      const symbol = [...market.symbols.keys()].find(one => native(one) === url.searchParams.get('symbol'));
      if (symbol === undefined) return undefined;
      const { history, trades } = market.of(symbol);
      if (url.pathname.endsWith('/depth')) {
        const { asks, bids, last } = history[Math.max(0, history.length - 1 - age)];
        return JSON.stringify({ lastUpdateId: last, bids: levels(bids), asks: levels(asks) });
      }
      if (!/\/(historicalTrades|trades)$/.test(url.pathname)) return undefined;
      const from = Number(url.searchParams.get('fromId') ?? trades.length + 5000 - 500);
      const limit = Number(url.searchParams.get('limit') ?? 500);
      const rows = trades.filter(({ id }) => id >= from).slice(0, limit);
      return JSON.stringify(
        rows.map(({ id, isBuy, price, size, time }) => ({
          ...{ id, price: priceText(price), qty: sizeText(size), time, isBuyerMaker: !isBuy },
        })),
      );
    },
  };
}

function exchangeInfo(market: SimulatedMarket, native: (symbol: string) => string, isSpot: boolean): string {
  const symbols = [...market.symbols.keys()].map(symbol => {
    const [baseAsset, quoteAsset] = symbol.split('-');
    return {
      symbol: native(symbol),
      baseAsset,
      quoteAsset,
      ...(isSpot ? {} : { contractType: 'PERPETUAL' }),
    };
  });
  return JSON.stringify({ symbols });
}
