import type { OrderTable } from '../../orders.ts';
import type { WorkingOrder } from './working-order.ts';

/**
 * One-cancels-other groups. The order that the others name, directly or by way of another, leads the group. The first
 * fill of one of them, a partial one too, or the end of one, dissolves the group.
 */
export class Groups {
  readonly #orders: OrderTable;
  readonly #working: ReadonlyMap<number, WorkingOrder>;
  /** Members by the leader's id; a group of the leader alone is not kept. */
  readonly #members = new Map<number, number[]>();

  constructor(orders: OrderTable, working: ReadonlyMap<number, WorkingOrder>) {
    this.#orders = orders;
    this.#working = working;
  }

  /** Puts an order that names another into its group. */
  join(id: number): void {
    const leader = this.#leader(id);
    const members = this.#members.get(leader);
    if (members !== undefined) members.push(id);
    else this.#members.set(leader, this.#working.get(leader)?.leads === true ? [leader, id] : [id]);
  }

  /** Dissolves the group of an order, and returns the ids that were in it: its own, if it is alone. */
  dissolve(order: WorkingOrder): readonly number[] | undefined {
    const alone = order.leads ? [order.id] : undefined;
    if (this.#members.size === 0 && this.#orders.ocoId(order.id) === 0) {
      order.leads = false;
      return alone;
    }
    const leader = this.#leader(order.id);
    const members = this.#members.get(leader) ?? (leader === order.id ? alone : undefined);
    this.#members.delete(leader);
    const leading = leader === order.id ? order : this.#working.get(leader);
    if (leading !== undefined) leading.leads = false;
    return members;
  }

  #leader(id: number): number {
    let leader = id;
    for (let named = this.#orders.ocoId(leader); named !== 0; named = this.#orders.ocoId(leader))
      leader = named;
    return leader;
  }
}
