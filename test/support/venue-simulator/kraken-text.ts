import { crc32 } from 'node:zlib';
import {
  type BookSnapshot,
  type MarketOrder,
  PRICE_DECIMALS,
  priceText,
  SIZE_DECIMALS,
  sizeText,
} from './market.ts';
import type { SimulatedMarket } from './simulated-market.ts';

const LEVELS = 10;

/** Without its point and its leading zeros. */
const digits = (text: string) => text.replace('.', '').replace(/^0+/, '');
const row = (price: number, size: number) => digits(priceText(price)) + digits(sizeText(size));

/** Ten asks, then ten bids. */
export function levelsChecksum({ asks, bids }: BookSnapshot): number {
  const side = (levels: BookSnapshot['bids']) =>
    levels.slice(0, LEVELS).map(([price, size]) => row(price, size));
  return crc32([...side(asks), ...side(bids)].join(''));
}

/** Each order of the ten best asks, then of the ten best bids, in the order of its queue. */
export function ordersChecksum({ askOrders, bidOrders }: BookSnapshot): number {
  const side = (orders: readonly MarketOrder[]) => {
    const prices = [...new Set(orders.map(({ price }) => price))].slice(0, LEVELS);
    return orders.filter(({ price }) => prices.includes(price)).map(({ price, size }) => row(price, size));
  };
  return crc32([...side(askOrders), ...side(bidOrders)].join(''));
}

/** `BTC-USD` as the first version of the protocol, and lists, name it. */
export function oldName(symbol: string): string {
  return symbol.replace('BTC', 'XBT').replace('DOGE', 'XDG').replace('-', '/');
}

/** `BTC-USD` in requests. */
export const restName = (symbol: string) => oldName(symbol).replace('/', '');

export function assetPairs(market: SimulatedMarket): string {
  const pairs = [...market.symbols.keys()].map(symbol => [
    restName(symbol),
    { wsname: oldName(symbol), pair_decimals: PRICE_DECIMALS, lot_decimals: SIZE_DECIMALS },
  ]);
  return JSON.stringify({ error: [], result: Object.fromEntries(pairs) });
}
