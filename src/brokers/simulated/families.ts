import type { WorkingOrder } from './working-orders.ts';

/** Orders of which one ends the others, as soon as it is filled or ends. */
export interface Group {
  /** Ids. */
  readonly members: number[];
  /** Those that keep quote or base for themselves. */
  readonly needs: WorkingOrder[];
  /** What the group keeps, once for all of them. */
  readonly kept: { readonly sell: boolean; readonly instrument: number; amount: number }[];
}

/**
 * Which orders belong together: groups of which one cancels the others, children that wait for their parent's fill, and
 * orders that wait for the rest of their family to be placed. An order without any of it is never in here.
 */
export class Families {
  /** By the id of each member. */
  readonly #groups = new Map<number, Group>();
  /** Ids of the children that wait, by their parent's. */
  readonly #children = new Map<number, number[]>();
  /** Ids of parents, by those of their waiting children. */
  readonly #waiting = new Map<number, number>();
  /** Ids of the orders that are held back, by that of the first of their family. */
  readonly #held = new Map<number, number[]>();
  /** The first of the family, by the id of each that is held back. */
  readonly #roots = new Map<number, number>();

  get isEmpty(): boolean {
    return this.#groups.size === 0 && this.#children.size === 0;
  }

  /** True for a child that waits for its parent, and for an order that is held back. */
  has(id: number): boolean {
    return this.#waiting.has(id) || this.#roots.has(id);
  }

  groupOf(id: number): Group | undefined {
    return this.#groups.get(id);
  }

  /** Puts an order, with those of its group, into another one's group, and returns that. */
  join(id: number, other: number): Group {
    const group = this.#groups.get(other) ?? { members: [other], needs: [], kept: [] };
    this.#groups.set(other, group);
    const own = this.#groups.get(id);
    if (own === group) return group;
    group.needs.push(...(own?.needs ?? []));
    group.kept.push(...(own?.kept ?? []));
    for (const member of own?.members ?? [id]) {
      group.members.push(member);
      this.#groups.set(member, group);
    }
    return group;
  }

  /** Takes an order out of its group and returns those that are left. */
  leave(id: number): readonly number[] {
    const group = this.#groups.get(id);
    if (group === undefined) return [];
    this.#groups.delete(id);
    group.members.splice(group.members.indexOf(id), 1);
    return [...group.members];
  }

  /** Lets a child wait for its parent, together with the parent's other children, of which one cancels the others. */
  addChild(parent: number, id: number): void {
    const children = this.#children.get(parent);
    if (children === undefined) this.#children.set(parent, [id]);
    else {
      this.join(id, children[0]);
      children.push(id);
    }
    this.#waiting.set(id, parent);
  }

  /** The children that wait for an order. */
  childrenOf(parent: number): readonly number[] {
    return this.#children.get(parent) ?? [];
  }

  /** True while a child waits for its parent. */
  isWaiting(id: number): boolean {
    return this.#waiting.has(id);
  }

  /** A child waits no longer. */
  endWait(id: number): void {
    const parent = this.#waiting.get(id);
    if (parent === undefined) return;
    this.#waiting.delete(id);
    const children = this.#children.get(parent)!.filter(child => child !== id);
    if (children.length === 0) this.#children.delete(parent);
    else this.#children.set(parent, children);
  }

  /** The first of the family that is held back and that an order with this parent and partner belongs to; 0 for none. */
  rootOf(parent: number, partner: number): number {
    return this.#roots.get(parent) ?? this.#roots.get(partner) ?? 0;
  }

  isHeld(id: number): boolean {
    return this.#roots.has(id);
  }

  /** Holds an order back until the rest of its family is placed. */
  hold(id: number, root: number): void {
    const held = this.#held.get(root);
    if (held === undefined) this.#held.set(root, [id]);
    else held.push(id);
    this.#roots.set(id, root);
  }

  /** The orders of a family that were held back, in the order in which they were placed; they are no longer. */
  letGo(root: number): readonly number[] {
    const held = this.#held.get(root) ?? [];
    this.#held.delete(root);
    for (const id of held) this.#roots.delete(id);
    return held;
  }

  /** The family that an order is held back with. */
  heldWith(id: number): number {
    return this.#roots.get(id) ?? 0;
  }
}
