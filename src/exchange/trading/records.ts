import type { Execution } from './execution.ts';
import { isLive, type Order, type OrderList } from './order.ts';

/** Closed orders, executions and lists of an account that are kept; older ones are forgotten, as on Binance. */
const KEPT = 100_000;

/** What an account has ordered, and what came of it; oldest first. */
export class Records {
  /** Orders that are alive. */
  readonly open = new Set<Order>();
  readonly orders = new Kept<Order>(isLive);
  readonly lists = new Kept<OrderList>(({ isDone }) => !isDone);
  readonly executions = new Kept<Execution>(() => false);
}

/** Things in their order, of which those that are over are forgotten when there are too many. */
class Kept<T> implements Iterable<T> {
  #items: T[] = [];
  readonly #isAlive: (item: T) => boolean;
  /** How many were forgotten. */
  forgotten = 0;

  constructor(isAlive: (item: T) => boolean) {
    this.#isAlive = isAlive;
  }

  get length(): number {
    return this.#items.length;
  }

  add(item: T): void {
    this.#items.push(item);
    if (this.#items.length < 2 * KEPT) return;
    const old = this.#items.length - KEPT;
    const kept = this.#items.filter((one, i) => i >= old || this.#isAlive(one));
    this.forgotten += this.#items.length - kept.length;
    this.#items = kept;
  }

  findLast(found: (item: T) => boolean): T | undefined {
    return this.#items.findLast(found);
  }

  /** The last `count` of them. */
  last(count: number): readonly T[] {
    return this.#items.slice(-count);
  }

  [Symbol.iterator](): Iterator<T> {
    return this.#items[Symbol.iterator]();
  }
}
