import type { OrderReason } from '../model/order.ts';
import { type OrderTable, Status } from './orders.ts';

/** One change of an order. Slots are used again after each drain, so that an order leaves no garbage here. */
interface OrderEvent {
  id: number;
  /** A number of {@link Status}. */
  status: number;
  reason: OrderReason | undefined;
}

/** Numbers of a fill event: base units filled so far, average price, fees in quote. */
const WIDTH = 3;

/** Changes of orders that the strategy has not heard of yet, oldest first. */
export class OrderEvents {
  readonly #events: OrderEvent[] = [];
  #numbers = new Float64Array(16 * WIDTH);
  length = 0;
  /** False when nobody listens: a status that the next event of the same moment overwrites is then left out. */
  listened = true;

  /** A change of status alone. */
  push(id: number, status: number, reason?: OrderReason): void {
    if (status === Status.submitted && !this.listened) return;
    const index = this.length++;
    if (index === this.#events.length) this.#grow();
    const event = this.#events[index];
    event.id = id;
    event.status = status;
    event.reason = reason;
    this.#numbers[index * WIDTH] = Number.NaN;
  }

  /** A fill: `filled` base units so far at the average `price`, with `fees` in quote. */
  pushFill(id: number, status: number, filled: number, price: number, fees: number): void {
    if (this.#overtakes(id)) this.#events[this.length - 1].status = status;
    else this.push(id, status);
    const at = (this.length - 1) * WIDTH;
    this.#numbers[at] = filled;
    this.#numbers[at + 1] = price;
    this.#numbers[at + 2] = fees;
  }

  /** True when nobody listens and the last event is of the same order, a status alone: both are told at the same moment. */
  #overtakes(id: number): boolean {
    const last = this.length - 1;
    return (
      !this.listened && last >= 0 && this.#events[last].id === id && Number.isNaN(this.#numbers[last * WIDTH])
    );
  }

  /** Writes event `index` to the table and returns the order's id. */
  apply(index: number, orders: OrderTable): number {
    const { id, status, reason } = this.#events[index];
    const numbers = this.#numbers;
    const at = index * WIDTH;
    if (!Number.isNaN(numbers[at])) orders.setFilled(id, numbers[at], numbers[at + 1], numbers[at + 2]);
    orders.setStatus(id, status, reason);
    return id;
  }

  /** Forgets the oldest `count` events; those that came meanwhile stay. */
  drop(count: number): void {
    const left = this.length - count;
    if (left > 0) {
      for (let i = 0; i < left; i++) {
        const free = this.#events[i];
        this.#events[i] = this.#events[count + i];
        this.#events[count + i] = free;
      }
      this.#numbers.copyWithin(0, count * WIDTH, this.length * WIDTH);
    }
    this.length = left;
  }

  #grow(): void {
    this.#events.push({ id: 0, status: Status.created, reason: undefined });
    if (this.#events.length * WIDTH > this.#numbers.length) {
      const larger = new Float64Array(this.#numbers.length * 2);
      larger.set(this.#numbers);
      this.#numbers = larger;
    }
  }
}
