import type { WorkingOrder } from './working-order.ts';

/** Orders in the order in which they are matched. A pass takes each of them once; those that stay go to the end. */
export class OrderQueue {
  readonly #orders: WorkingOrder[] = [];
  /** The next one of a pass, and where the pass ends; what stands before the first of them has been taken. */
  #next = 0;
  #end = 0;

  get length(): number {
    return this.#orders.length - this.#next;
  }

  push(order: WorkingOrder): void {
    this.#orders.push(order);
  }

  beginPass(): void {
    this.#next = 0;
    this.#end = this.#orders.length;
  }

  /** Takes the next order of the pass; undefined at its end. */
  take(): WorkingOrder | undefined {
    if (this.#next < this.#end) return this.#orders[this.#next++];
    const orders = this.#orders;
    const left = orders.length - this.#end;
    orders.copyWithin(0, this.#end);
    while (orders.length > left) orders.pop();
    this.#next = 0;
    this.#end = 0;
    return undefined;
  }

  /** Removes an order, from the first of the places where it stands; undefined when it is not here. */
  remove(id: number): WorkingOrder | undefined {
    const orders = this.#orders;
    for (let i = this.#next; i < orders.length; i++) {
      const order = orders[i];
      if (order.id !== id) continue;
      this.#removeAt(i);
      return order;
    }
    return undefined;
  }

  /** Removes the orders with these ids, the last in the queue first. */
  removeLast(ids: readonly number[]): WorkingOrder[] {
    const removed: WorkingOrder[] = [];
    for (let i = this.#orders.length - 1; i >= this.#next; i--) {
      const order = this.#orders[i];
      if (!ids.includes(order.id)) continue;
      this.#removeAt(i);
      removed.push(order);
    }
    return removed;
  }

  #removeAt(index: number): void {
    this.#orders.splice(index, 1);
    if (index < this.#end) this.#end--;
  }
}
