import { NumberColumn } from '../model/columns.ts';
import type { Fill } from '../model/order.ts';

/** All executions of a run in columns; an object is made only when one is read. */
export class FillTable implements Iterable<Fill> {
  readonly #orderId = new NumberColumn();
  readonly #instrument = new NumberColumn();
  /** Negative for sells. */
  readonly #size = new NumberColumn();
  readonly #price = new NumberColumn();
  readonly #fee = new NumberColumn();
  readonly #time = new NumberColumn();

  get length(): number {
    return this.#orderId.length;
  }

  push(fill: Fill): void {
    this.#orderId.push(fill.orderId);
    this.#instrument.push(fill.instrument);
    this.#size.push(fill.side === 'buy' ? fill.size : -fill.size);
    this.#price.push(fill.price);
    this.#fee.push(fill.fee);
    this.#time.push(fill.time);
  }

  at(index: number): Fill {
    const size = this.#size.at(index);
    return {
      orderId: this.#orderId.at(index),
      instrument: this.#instrument.at(index),
      side: size < 0 ? 'sell' : 'buy',
      size: Math.abs(size),
      price: this.#price.at(index),
      fee: this.#fee.at(index),
      time: this.#time.at(index),
    };
  }

  *[Symbol.iterator](): Generator<Fill> {
    for (let i = 0; i < this.length; i++) yield this.at(i);
  }
}
