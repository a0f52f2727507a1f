import type { Counter, InstrumentTally } from '../tally.ts';

/** Orders that are remembered. */
const MOST_ORDERS = 1 << 17;

/** Which orders of a stream have come and gone again, counted. */
export class OrdersSeen {
  readonly #ids = new Set<string>();
  /** Orders that came in the stream and are still there. */
  readonly #open: Counter;
  /** Cancellations of orders that had come in the stream. */
  readonly #cancels: Counter;
  /** Orders that are not remembered any more, because there were too many. */
  readonly #forgotten: Counter;

  constructor(tally: InstrumentTally) {
    this.#open = tally.counter('ordersOpenFromStream');
    this.#cancels = tally.counter('cancelsOfOrdersSeen');
    this.#forgotten = tally.counter('ordersForgotten');
  }

  added(id: string): void {
    this.#ids.add(id);
    if (this.#ids.size > MOST_ORDERS) {
      this.#ids.delete(this.#ids.values().next().value!);
      this.#forgotten.value++;
    }
    this.#open.value = this.#ids.size;
  }

  cancelled(id: string): void {
    if (!this.#ids.delete(id)) return;
    this.#cancels.value++;
    this.#open.value = this.#ids.size;
  }

  filled(id: string): void {
    if (this.#ids.delete(id)) this.#open.value = this.#ids.size;
  }
}
