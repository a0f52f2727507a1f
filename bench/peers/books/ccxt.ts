import { createRequire } from 'node:module';
import type { OpenPeerBook } from './contract.ts';

const VENUES: Readonly<Record<string, { id: string; symbol: string; url: string; type: string }>> = {
  'binance-spot': {
    id: 'binance',
    symbol: 'BTC/USDT',
    url: 'wss://stream.binance.com:9443/ws/1',
    type: 'spot',
  },
  'binance-usdm': {
    id: 'binanceusdm',
    symbol: 'BTC/USDT:USDT',
    url: 'wss://fstream.binance.com/ws/1',
    type: 'swap',
  },
};

interface Book {
  readonly bids: readonly (readonly number[])[];
  readonly asks: readonly (readonly number[])[];
  nonce: number;
}

interface Exchange {
  orderbooks: Record<string, Book>;
  setMarkets(markets: readonly unknown[]): void;
  parseOrderBook(answer: unknown, symbol: string): object;
  orderBook(snapshot: object): Book;
  handleOrderBook(client: unknown, message: unknown): void;
}

interface Ccxt {
  readonly pro: Readonly<Record<string, new () => Exchange>>;
}

/** Its handler is given what `JSON.parse` made of each frame, as its own client does; nobody waits for its updates. */
export const openCcxt: OpenPeerBook = ({ frames, snapshot, venue }) => {
  const { id, symbol, type, url } = VENUES[venue];
  const ccxt = createRequire(import.meta.url)('ccxt') as Ccxt;
  const exchange = new ccxt.pro[id]();
  const contract = type === 'swap';
  exchange.setMarkets([
    {
      ...{
        id: 'BTCUSDT',
        symbol,
        base: 'BTC',
        quote: 'USDT',
        type,
        spot: !contract,
        swap: contract,
        contract,
      },
      ...(contract ? { settle: 'USDT', linear: true, inverse: false } : {}),
    },
  ]);
  const client = {
    url,
    subscriptions: {},
    resolve: () => {},
    reject: (error: unknown) => {
      throw error;
    },
  };
  const answer = JSON.parse(snapshot.text) as { lastUpdateId: number };
  const book = exchange.orderBook(exchange.parseOrderBook(answer, symbol));
  book.nonce = answer.lastUpdateId;
  exchange.orderbooks[symbol] = book;
  const see = (frame: string) => {
    const { data } = JSON.parse(frame) as { data: unknown };
    exchange.handleOrderBook(client, data);
  };
  for (const frame of frames.slice(0, snapshot.after)) see(frame);
  return {
    see,
    get best() {
      return [book.bids[0][0], book.asks[0][0]] as const;
    },
  };
};
