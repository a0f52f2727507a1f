import { Rows } from '../../../model/rows.ts';

const TIME = 0;
const ORPHANED = 1;

/** What the broker remembers of orders that have ended, by id. */
export class Outcomes {
  readonly #rows = new Rows(2);

  /** Makes room for orders up to this id. */
  extend(id: number): void {
    while (this.#rows.length < id) this.#rows.set(this.#rows.add(), TIME, Number.NaN);
  }

  setTime(id: number, time: number): void {
    this.#rows.set(id - 1, TIME, time);
  }

  /** When it last ended without its fills, epoch ms UTC; NaN for one that did not. */
  time(id: number): number {
    return this.#rows.get(id - 1, TIME);
  }

  /** No child is taken any more that names this order as its parent. */
  orphan(id: number): void {
    this.#rows.set(id - 1, ORPHANED, 1);
  }

  /** False for an order that may still have children. */
  isOrphaned(id: number): boolean {
    return this.#rows.get(id - 1, ORPHANED) === 1;
  }
}
