import type { WorkingOrder } from './working-order.ts';

/**
 * Parents and their children. Members that wait are handed to the broker, all of them, when one comes that transmits; those
 * that it has already then come a second time. Only families with a child, or with members that wait, are kept here.
 */
export class Families {
  /** By the parent's id, the parent first until it has been filled. */
  readonly #members = new Map<number, WorkingOrder[]>();

  /** Adds an order to the family of `parent`, which is undefined for one that has been filled, or is itself the order. */
  add(parentId: number, parent: WorkingOrder | undefined, order: WorkingOrder): readonly WorkingOrder[] {
    let members = this.#members.get(parentId);
    if (members === undefined) {
      members = parent === undefined || parent === order ? [] : [parent];
      this.#members.set(parentId, members);
    }
    members.push(order);
    return members;
  }

  /** Takes the first of a family out, the parent when it has been filled, and returns the others. */
  release(parentId: number): readonly WorkingOrder[] {
    const members = this.#members.get(parentId);
    if (members === undefined) return [];
    members.shift();
    return members;
  }

  /** Ends a family, and returns those who were left of it. */
  end(parentId: number): readonly WorkingOrder[] {
    const members = this.#members.get(parentId) ?? [];
    this.#members.delete(parentId);
    return members;
  }
}
