import type { ExchangeOrderStatus, ExchangeOrderType, ExchangeSide } from '../port.ts';

/** The words of Binance's API that the port takes over. Source: spot API, "ENUM definitions". */
export const SIDES: readonly ExchangeSide[] = ['BUY', 'SELL'];

export const ORDER_TYPES: readonly ExchangeOrderType[] = [
  'LIMIT',
  'LIMIT_MAKER',
  'MARKET',
  'STOP_LOSS',
  'STOP_LOSS_LIMIT',
  'TAKE_PROFIT',
  'TAKE_PROFIT_LIMIT',
];

export const ORDER_STATUSES: readonly ExchangeOrderStatus[] = [
  'NEW',
  'PENDING_NEW',
  'PARTIALLY_FILLED',
  'FILLED',
  'CANCELED',
  'REJECTED',
  'EXPIRED',
  'EXPIRED_IN_MATCH',
];
