import type { ExchangeOrderType, ExchangeSide } from './port.ts';

/** To which side a price is rounded to its tick. */
export type PriceDirection = 'up' | 'down';

/** True for an order that is executed at whatever price there is, at once or once it is triggered. */
export function isMarketLike(type: ExchangeOrderType): boolean {
  return type === 'MARKET' || type === 'STOP_LOSS' || type === 'TAKE_PROFIT';
}

/** Where the price has to go to trigger a conditional order; a trigger rounded to that side is not easier to reach. */
export function triggerDirection(side: ExchangeSide, type: ExchangeOrderType): PriceDirection {
  const profit = type === 'TAKE_PROFIT' || type === 'TAKE_PROFIT_LIMIT';
  return (side === 'BUY') === profit ? 'down' : 'up';
}
