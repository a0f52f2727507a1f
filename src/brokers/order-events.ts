import type { Order, OrderReason, OrderStatus } from '../model/order.ts';

/** One change of an order, as it is told to the strategy. */
export interface OrderEvent {
  order: Order;
  status: OrderStatus;
  size: number;
  filled: number;
  price: number;
  fees: number;
  reason: OrderReason | undefined;
}

/**
 * Changes of orders that the strategy has not heard of yet, oldest first. The event objects are used again after each
 * drain, so an order costs no garbage here; whoever reads one takes what it needs at once.
 */
export class OrderEvents {
  readonly #events: OrderEvent[] = [];
  length = 0;

  push(
    order: Order,
    status: OrderStatus,
    size: number,
    filled: number,
    price: number,
    fees: number,
    reason: OrderReason | undefined,
  ): void {
    if (this.length === this.#events.length) {
      this.#events.push({ order, status, size, filled, price, fees, reason });
    } else {
      const event = this.#events[this.length];
      event.order = order;
      event.status = status;
      event.size = size;
      event.filled = filled;
      event.price = price;
      event.fees = fees;
      event.reason = reason;
    }
    this.length++;
  }

  at(index: number): OrderEvent {
    return this.#events[index];
  }

  /** Forgets the oldest `count` events; those that came meanwhile stay. */
  drop(count: number): void {
    const left = this.length - count;
    for (let i = 0; i < left; i++) {
      const dropped = this.#events[i];
      this.#events[i] = this.#events[count + i];
      this.#events[count + i] = dropped;
    }
    this.length = left;
  }
}
