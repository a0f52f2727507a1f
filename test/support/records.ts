import type {
  BookRecord,
  GapRecord,
  KlineRecord,
  Level,
  OrderRecord,
  RecordHead,
  TickerRecord,
  TradeRecord,
} from '../../src/model/records.ts';

/** Records of any market, for what does not care which. */

const head = (venue: string, symbol: string): RecordHead => ({
  ...{ venue, symbol, native: symbol.toLowerCase().replace('-', ''), sequence: null },
  ...{
    exchangeTime: 1_700_000_000_000_000,
    receiveTime: 1_700_000_000_001_000,
    publishTime: 1_700_000_000_001_100,
  },
});

export const level = (price: number, size: number): Level => [String(price), String(size), price, size];

export function trade(
  id: number,
  { venue = 'okx', symbol = 'BTC-USDT', price = 100, size = 1 } = {},
): TradeRecord {
  return {
    ...head(venue, symbol),
    ...{
      kind: 'trade',
      id: String(id),
      side: 'buy',
      price,
      priceText: String(price),
      size,
      sizeText: String(size),
    },
    ...{ isHistory: false, isLate: false, fills: null },
  };
}

export function book(
  type: 'snapshot' | 'delta',
  bids: readonly (readonly [price: number, size: number])[],
  asks: readonly (readonly [price: number, size: number])[],
  { venue = 'okx', symbol = 'BTC-USDT' } = {},
): BookRecord {
  const levels = (side: typeof bids) => side.map(([price, size]) => level(price, size));
  return { ...head(venue, symbol), kind: 'book', type, bids: levels(bids), asks: levels(asks) };
}

export function order(
  action: OrderRecord['action'],
  side: OrderRecord['side'],
  orderId = '',
  price: number | null = null,
  size: number | null = null,
  { venue = 'okx', symbol = 'BTC-USDT' } = {},
): OrderRecord {
  const text = (value: number | null) => (value === null ? null : String(value));
  return {
    ...head(venue, symbol),
    ...{ kind: 'order', action, side, orderId, price, priceText: text(price), size, sizeText: text(size) },
  };
}

export function ticker(bid: number, { venue = 'okx', symbol = 'BTC-USDT' } = {}): TickerRecord {
  return {
    ...head(venue, symbol),
    ...{ kind: 'ticker', bid: String(bid), bidSize: '1', ask: String(bid + 1), askSize: '1', last: null },
    ...{ volume: null, high: null, low: null },
  };
}

export function kline(
  openTime: number,
  close: number,
  { venue = 'okx', symbol = 'BTC-USDT', interval = '1m' } = {},
): KlineRecord {
  return {
    ...head(venue, symbol),
    ...{ kind: 'kline', interval, openTime, open: close, high: close, low: close, close, volume: 1 },
    texts: [String(close), String(close), String(close), String(close), '1'],
    ...{ quoteVolume: null, trades: null, isClosed: true, isHistory: false, isLate: false },
  };
}

export function gap(
  number: number,
  state: GapRecord['state'],
  { venue = 'okx', symbol = 'BTC-USDT', channel = 'book' as GapRecord['channel'], cause = 'SEQUENCE' } = {},
): GapRecord {
  return {
    ...head(venue, symbol),
    ...{
      kind: 'gap',
      channel,
      gap: number,
      state,
      cause,
      rule: 'u + 1',
      detail: '',
      from: 1_700_000_000_000_000,
    },
    ...{
      to: state === 'open' ? null : 1_700_000_000_002_000,
      after: null,
      before: null,
      isFilled: state === 'open' ? null : true,
    },
  };
}
