import type { WorkingOrder } from '../simulated/working-orders.ts';
import { Decimal } from './decimal.ts';
import type { WantedOrder } from './legalise.ts';
import type { NewOrder, TradingSymbol } from './port.ts';

/** What of an order decides how it looks at the exchange. */
export interface LookInput
  extends Pick<WorkingOrder, 'sell' | 'type' | 'armed' | 'stop' | 'limit' | 'trailPercent'> {
  readonly postOnly: boolean;
  readonly timeInForce: 'GTC' | 'IOC' | 'FOK';
  readonly beginsAt: number;
}

/** An order as it is to be placed, before its amounts are put on the exchange's steps. */
export interface Look extends Omit<WantedOrder, 'quantity' | 'quoteQuantity'> {
  readonly timeInForce?: NewOrder['timeInForce'];
}

/**
 * What an order of a strategy is at the exchange. `listed`: it is one of a pair of which one cancels the other, where a
 * limit order may only rest. `collar`: how far beyond its trigger a stop may fill where the exchange has no stops at the
 * market, as a fraction.
 */
export function lookOf(order: LookInput, terms: TradingSymbol, listed: boolean, collar: number): Look {
  const { sell, armed, stop, limit, postOnly, timeInForce } = order;
  const side = sell ? 'SELL' : 'BUY';
  if (!armed) {
    if (Number.isNaN(limit)) return { side, type: 'MARKET' };
    if (listed || postOnly) return { side, type: 'LIMIT_MAKER', price: limit };
    return { side, type: 'LIMIT', price: limit, timeInForce };
  }
  const delta = trailingDelta(order, terms);
  if (delta !== undefined) return { side, type: 'STOP_LOSS', trailingDelta: delta };
  if (!Number.isNaN(limit)) {
    return { side, type: 'STOP_LOSS_LIMIT', stopPrice: stop, price: limit, timeInForce: 'GTC' };
  }
  if (terms.orderTypes.includes('STOP_LOSS')) return { side, type: 'STOP_LOSS', stopPrice: stop };
  const price = stop * (sell ? 1 - collar : 1 + collar);
  return { side, type: 'STOP_LOSS_LIMIT', stopPrice: stop, price, timeInForce: 'GTC' };
}

/** Basis points by which the exchange itself can let an order trail as it is meant to; else undefined. */
export function trailingDelta(order: LookInput, terms: TradingSymbol): number | undefined {
  const { sell, type, trailPercent, beginsAt } = order;
  if (type !== 'stopTrail' || Number.isNaN(trailPercent) || !Number.isNaN(beginsAt)) return undefined;
  if (!terms.trailingStopAllowed || !terms.orderTypes.includes('STOP_LOSS')) return undefined;
  const points = Decimal.of(trailPercent).times(Decimal.of(10_000));
  if (points.down(Decimal.unit(0)).compare(points) !== 0) return undefined;
  const delta = points.toNumber();
  const rules = terms.filters.trailingDelta;
  if (rules === undefined) return delta;
  const [least, most] = sell ? [rules.minBelow, rules.maxBelow] : [rules.minAbove, rules.maxAbove];
  return delta >= least && delta <= most ? delta : undefined;
}

/** True for a trailing order that has to be moved from here, since the exchange cannot let it trail so. */
export function isMoved(order: LookInput, terms: TradingSymbol): boolean {
  return order.type.startsWith('stopTrail') && order.armed && trailingDelta(order, terms) === undefined;
}
