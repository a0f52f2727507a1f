import type { OrderType } from '../../model/order.ts';

/** An order in force, as the broker works with it; it is dropped when the order ends. */
export interface WorkingOrder {
  readonly id: number;
  readonly instrument: number;
  readonly sell: boolean;
  readonly type: OrderType;
  /** True while it waits for its trigger. */
  armed: boolean;
  /** The trigger; NaN without one. */
  stop: number;
  /** NaN for an order that fills at the market. */
  limit: number;
  /** Base units; NaN for a purchase in quote that is sized by the price it gets. */
  size: number;
  /** How far the trigger follows behind the price; NaN unless it trails. */
  readonly trailAmount: number;
  readonly trailPercent: number;
  /** From the trigger of a trailing order to its limit; NaN without one. */
  limitGap: number;
  /** What it needs for itself: quote of a purchase, base of a sale; 0 for nothing. */
  reserved: number;
  /** True once it has met its first price and was not filled by it. */
  resting: boolean;
  /** When it was cancelled, epoch ms UTC; Infinity if it was not. */
  cancelled: number;
  /** Epoch ms UTC. */
  readonly validUntil: number;
  /** Number of the match whose range it is spared: what that shows may be older than the order. */
  spared: number;
  /** Number of the match within whose range it came into force; what the range shows may be older, too. */
  since: number;
}

/** The orders in force but for plain market orders, in the order in which they came into force. */
export class WorkingOrders {
  readonly #orders = new Map<number, WorkingOrder>();
  /** Kept beside the map: reading its size at every bar costs more. */
  count = 0;

  get(id: number): WorkingOrder | undefined {
    return this.#orders.get(id);
  }

  has(id: number): boolean {
    return this.#orders.has(id);
  }

  add(order: WorkingOrder): void {
    this.count++;
    this.#orders.set(order.id, order);
  }

  remove(order: WorkingOrder): void {
    this.count--;
    this.#orders.delete(order.id);
  }

  values(): IterableIterator<WorkingOrder> {
    return this.#orders.values();
  }
}
