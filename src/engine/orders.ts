import type { WorkingOrder } from '../brokers/broker.ts';
import { NumberColumn } from '../model/columns.ts';
import type { Order, OrderReason, OrderStatus, OrderType } from '../model/order.ts';

/** Orders that have ended, in columns: an object is made only when one is read. */
export class OrderTable implements Iterable<Order> {
  readonly #id = new NumberColumn();
  readonly #instrument = new NumberColumn();
  /** NaN when an order given in quote was never filled. */
  readonly #size = new NumberColumn();
  readonly #sell = new NumberColumn();
  readonly #quote = new NumberColumn();
  readonly #createdAt = new NumberColumn();
  readonly #filled = new NumberColumn();
  readonly #price = new NumberColumn();
  readonly #fees = new NumberColumn();
  readonly #types: OrderType[] = [];
  readonly #statuses: OrderStatus[] = [];
  readonly #tags: string[] = [];
  readonly #reasons = new Map<number, OrderReason>();
  readonly #symbols: readonly string[];

  constructor(symbols: readonly string[]) {
    this.#symbols = symbols;
  }

  get length(): number {
    return this.#id.length;
  }

  push(order: WorkingOrder): void {
    if (order.reason !== undefined) this.#reasons.set(this.length, order.reason);
    this.#id.push(order.id);
    this.#instrument.push(order.instrument);
    this.#size.push(order.size);
    this.#sell.push(order.side === 'sell' ? 1 : 0);
    this.#quote.push(order.quote);
    this.#createdAt.push(order.createdAt);
    this.#filled.push(order.filled);
    this.#price.push(order.price);
    this.#fees.push(order.fees);
    this.#types.push(order.type);
    this.#statuses.push(order.status);
    this.#tags.push(order.tag);
  }

  at(index: number): Order {
    return {
      id: this.#id.at(index),
      instrument: this.#instrument.at(index),
      symbol: this.#symbols[this.#instrument.at(index)],
      side: this.#sell.at(index) === 1 ? 'sell' : 'buy',
      type: this.#types[index],
      size: this.#size.at(index),
      quote: this.#quote.at(index),
      tag: this.#tags[index],
      createdAt: this.#createdAt.at(index),
      status: this.#statuses[index],
      filled: this.#filled.at(index),
      price: this.#price.at(index),
      fees: this.#fees.at(index),
      reason: this.#reasons.get(index),
    };
  }

  *[Symbol.iterator](): Generator<Order> {
    for (let i = 0; i < this.length; i++) yield this.at(i);
  }
}
