import type { WorkingOrder } from './working-orders.ts';

/** True for an order whose trigger follows the price. */
export function trails(order: WorkingOrder): boolean {
  return order.type === 'stopTrail' || order.type === 'stopTrailLimit';
}

/** The trigger at its distance behind `price`, before it is put on the tick. */
export function trailedStop({ sell, trailAmount, trailPercent }: WorkingOrder, price: number): number {
  const distance = Number.isNaN(trailAmount) ? price * trailPercent : trailAmount;
  return sell ? price - distance : price + distance;
}

/** True when `price` has reached what the order waits for: its trigger, or its limit. */
export function reaches(order: WorkingOrder, price: number): boolean {
  if (order.armed) return order.sell ? price <= order.stop : price >= order.stop;
  return order.sell ? price >= order.limit : price <= order.limit;
}

/**
 * True for an order that a falling market reaches: a limit to buy, a stop to sell. What it waits for lies below the price,
 * that of all others above it.
 */
export function waitsBelow(order: WorkingOrder): boolean {
  return order.armed === order.sell;
}

/** The price that an order in force waits for; NaN for one that waits for none. */
export function awaited(order: WorkingOrder): number {
  return order.armed ? order.stop : order.limit;
}
