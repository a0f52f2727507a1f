import type { ExchangeOrder } from './exchange-order.ts';

/** How many orders that have ended are remembered, to know again what is told of them late. */
const REMEMBERED = 10_000;

/** All orders of a session at the exchange, by the ids they were placed with; of those that have ended the latest. */
export class SentOrders<Owner> implements Iterable<ExchangeOrder> {
  readonly #orders = new Map<string, { readonly order: ExchangeOrder; readonly owner: Owner }>();
  readonly #ended: string[] = [];
  /** Orders that ended long ago and are not remembered any more. */
  forgotten = 0;

  add(order: ExchangeOrder, owner: Owner): void {
    this.#orders.set(order.clientOrderId, { order, owner });
  }

  find(clientOrderId: string): { readonly order: ExchangeOrder; readonly owner: Owner } | undefined {
    return this.#orders.get(clientOrderId);
  }

  /** An order has ended: it will be forgotten one day. */
  retire(clientOrderId: string): void {
    this.#ended.push(clientOrderId);
    if (this.#ended.length <= REMEMBERED) return;
    const oldest = this.#ended.shift()!;
    // It may have come back to life.
    if (this.#orders.get(oldest)?.order.ended !== true) return;
    this.#orders.delete(oldest);
    this.forgotten++;
  }

  *[Symbol.iterator](): Generator<ExchangeOrder> {
    for (const { order } of this.#orders.values()) yield order;
  }
}
