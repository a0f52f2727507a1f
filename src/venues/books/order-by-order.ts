import type { BookSide, Level } from '../../model/records.ts';
import { exactDecimal, plainDecimal, withDecimals } from '../wire/decimal.ts';
import { FrameError } from '../wire/json-cursor.ts';
import type { BookLevels, BookView } from './book.ts';
import { OrderQueue, type QueuedOrder, type QueuePosition } from './order-queue.ts';

/** More orders than any venue's book has. */
const MOST_ORDERS = 1 << 20;
/** Digits that a double tells apart, whatever they are. */
const MOST_DIGITS = 15;

/** An order that rests in a book. */
export interface RestingOrder {
  readonly id: string;
  readonly side: BookSide;
  readonly price: number;
  readonly priceText: string;
  readonly sizeText: string;
}

/**
 * A book of single orders: each with its place in the queue at its price, the levels their exact sums. An order keeps its
 * place when its size shrinks; it goes behind all others when its size grows or its price changes.
 */
export class OrderByOrderBook implements BookView {
  readonly bids = new QueuedSide('bid');
  readonly asks = new QueuedSide('ask');
  readonly #orders = new Map<string, QueuedOrder>();
  readonly #mostOrders: number;

  constructor(mostOrders = MOST_ORDERS) {
    this.#mostOrders = mostOrders;
  }

  /** Orders that are there. */
  get size(): number {
    return this.#orders.size;
  }

  has(id: string): boolean {
    return this.#orders.has(id);
  }

  get(id: string): RestingOrder | undefined {
    const order = this.#orders.get(id);
    if (order === undefined) return undefined;
    const { price, priceText, side } = order.queue;
    return { id, side, price, priceText, sizeText: order.sizeText };
  }

  /**
   * Puts an order into the book, or changes the one of this id. A size of 0 takes it away. Throws FrameError, changing
   * nothing, for a price that a double does not tell from its neighbours, and when the book is full.
   */
  set(id: string, side: BookSide, priceText: string, sizeText: string): void {
    const size = exactDecimal(sizeText);
    if (size.mantissa < 0n) throw new FrameError(`a negative size: ${sizeText}`);
    if (size.mantissa === 0n) {
      this.delete(id);
      return;
    }
    const price = priceOf(priceText);
    const known = this.#orders.get(id);
    if (known !== undefined) {
      const isThere = known.queue.price === price && known.queue.side === side;
      const decimals = Math.max(size.decimals, known.size.decimals);
      if (isThere && withDecimals(size, decimals) <= withDecimals(known.size, decimals)) {
        known.queue.resize(known, sizeText, size);
        return;
      }
      this.delete(id);
    } else if (this.#orders.size >= this.#mostOrders) {
      throw new FrameError(`more than ${this.#mostOrders} orders in one book`);
    }
    const levels = side === 'bid' ? this.bids : this.asks;
    this.#orders.set(id, levels.queueAt(price, priceText).push(id, sizeText));
  }

  /** Takes an order away; false where there is none of this id. */
  delete(id: string): boolean {
    const order = this.#orders.get(id);
    if (order === undefined) return false;
    this.#orders.delete(id);
    const { queue } = order;
    queue.remove(order);
    if (queue.length === 0) (queue.side === 'bid' ? this.bids : this.asks).drop(queue);
    return true;
  }

  /** What is ahead of an order at its price; undefined where there is none of this id. */
  position(id: string): QueuePosition | undefined {
    const order = this.#orders.get(id);
    return order?.queue.position(order);
  }

  /** Takes away what is beyond the best `depth` prices of each side. */
  truncate(depth: number): void {
    for (const side of [this.bids, this.asks]) {
      for (const queue of side.beyond(depth)) {
        for (const order of queue.orders()) this.#orders.delete(order.id);
      }
    }
  }

  clear(): void {
    this.#orders.clear();
    this.bids.clear();
    this.asks.clear();
  }
}

/** One side: queues sorted by price, the best last, so that what moves most moves least. */
class QueuedSide implements BookLevels {
  readonly #side: BookSide;
  readonly #sign: number;
  readonly #queues: OrderQueue[] = [];

  constructor(side: BookSide) {
    this.#side = side;
    this.#sign = side === 'bid' ? 1 : -1;
  }

  /** Prices. */
  get length(): number {
    return this.#queues.length;
  }

  priceAt(position: number): number {
    return this.#queues[this.length - 1 - position]?.price ?? Number.NaN;
  }

  sizeAt(position: number): number {
    return this.#queues[this.length - 1 - position]?.level[3] ?? Number.NaN;
  }

  /** How many orders there are at a price. */
  ordersAt(position: number): number {
    return this.#queues[this.length - 1 - position]?.length ?? 0;
  }

  *levels(count = this.length): Generator<Level> {
    for (const queue of this.queues(count)) yield queue.level;
  }

  /** Queues of the best prices, or of all. */
  *queues(count = this.length): Generator<OrderQueue> {
    const queues = this.#queues;
    for (let at = queues.length - 1; at >= Math.max(0, queues.length - count); at--) yield queues[at];
  }

  /** The queue at a price, which is made where there is none. */
  queueAt(price: number, priceText: string): OrderQueue {
    const at = this.#find(price);
    if (this.#queues[at]?.price === price) return this.#queues[at];
    const queue = new OrderQueue(this.#side, price, priceText);
    this.#queues.splice(at, 0, queue);
    return queue;
  }

  drop(queue: OrderQueue): void {
    this.#queues.splice(this.#find(queue.price), 1);
  }

  /** Takes away the queues beyond the best `depth`. */
  beyond(depth: number): OrderQueue[] {
    return this.#queues.splice(0, Math.max(0, this.#queues.length - depth));
  }

  clear(): void {
    this.#queues.length = 0;
  }

  /** The first place whose price is not worse. */
  #find(price: number): number {
    const queues = this.#queues;
    const wanted = price * this.#sign;
    let low = 0;
    let high = queues.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (queues[middle].price * this.#sign < wanted) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function priceOf(text: string): number {
  const digits = plainDecimal(text)
    .replace(/^-?0*\.?0*/, '')
    .replace('.', '')
    .replace(/0+$/, '');
  if (digits.length > MOST_DIGITS) throw new FrameError(`a price of more than 15 digits: ${text}`);
  return Number(text);
}
