import type { BookSide, Level } from '../../model/records.ts';
import { type ExactDecimal, exactDecimal, exactText, withDecimals } from '../wire/decimal.ts';

/** One order that rests in a book, between its neighbours at the same price. */
export interface QueuedOrder {
  readonly id: string;
  readonly queue: OrderQueue;
  sizeText: string;
  size: ExactDecimal;
  before: QueuedOrder | undefined;
  after: QueuedOrder | undefined;
}

/** What is served before an order at its price. */
export interface QueuePosition {
  readonly ordersAhead: number;
  /** Exact. */
  readonly sizeAhead: string;
}

/** The orders at one price, in the order in which they will be served. */
export class OrderQueue {
  readonly side: BookSide;
  readonly price: number;
  readonly priceText: string;
  length = 0;
  #first: QueuedOrder | undefined;
  #last: QueuedOrder | undefined;
  /** Of all sizes; its decimals are the most that any of them had. */
  #mantissa = 0n;
  #decimals = 0;

  constructor(side: BookSide, price: number, priceText: string) {
    this.side = side;
    this.price = price;
    this.priceText = priceText;
  }

  /** Exact sum of the sizes. */
  get sizeText(): string {
    return exactText({ mantissa: this.#mantissa, decimals: this.#decimals });
  }

  get level(): Level {
    const text = this.sizeText;
    return [this.priceText, text, this.price, Number(text)];
  }

  /** Puts an order behind all others. */
  push(id: string, sizeText: string): QueuedOrder {
    const before = this.#last;
    const order: QueuedOrder = {
      id,
      queue: this,
      sizeText,
      size: exactDecimal(sizeText),
      before,
      after: undefined,
    };
    if (before === undefined) this.#first = order;
    else before.after = order;
    this.#last = order;
    this.length++;
    this.#widen(order.size.decimals);
    this.#mantissa += this.#scaled(order.size);
    return order;
  }

  remove(order: QueuedOrder): void {
    const { after, before } = order;
    if (before === undefined) this.#first = after;
    else before.after = after;
    if (after === undefined) this.#last = before;
    else after.before = before;
    this.length--;
    this.#mantissa -= this.#scaled(order.size);
  }

  /** Changes a size in place. */
  resize(order: QueuedOrder, sizeText: string, size: ExactDecimal): void {
    this.#widen(size.decimals);
    this.#mantissa += this.#scaled(size) - this.#scaled(order.size);
    order.sizeText = sizeText;
    order.size = size;
  }

  /** Looks from both ends at once: new orders are near the last, old ones near the first. */
  position(order: QueuedOrder): QueuePosition {
    let ahead = 0;
    let behind = 0;
    let sizeAhead = 0n;
    let sizeBehind = 0n;
    let front = order.before;
    let back = order.after;
    while (front !== undefined && back !== undefined) {
      ahead++;
      behind++;
      sizeAhead += this.#scaled(front.size);
      sizeBehind += this.#scaled(back.size);
      front = front.before;
      back = back.after;
    }
    if (front !== undefined) {
      ahead = this.length - behind - 1;
      sizeAhead = this.#mantissa - sizeBehind - this.#scaled(order.size);
    }
    return { ordersAhead: ahead, sizeAhead: exactText({ mantissa: sizeAhead, decimals: this.#decimals }) };
  }

  *orders(): Generator<QueuedOrder> {
    for (let order = this.#first; order !== undefined; order = order.after) yield order;
  }

  #scaled(size: ExactDecimal): bigint {
    return withDecimals(size, this.#decimals);
  }

  #widen(decimals: number): void {
    if (decimals <= this.#decimals) return;
    this.#mantissa = withDecimals({ mantissa: this.#mantissa, decimals: this.#decimals }, decimals);
    this.#decimals = decimals;
  }
}
