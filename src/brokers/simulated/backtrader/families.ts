/**
 * Parents and their children. A family is taken by the broker when a member comes that transmits it. Only families with
 * a child, or with members that wait, are kept here.
 */
export class Families {
  /** Ids by the parent's, the parent first until it has been filled. */
  readonly #members = new Map<number, number[]>();

  /** Members that wait for one that transmits. */
  add(parent: number, id: number): void {
    const members = this.#members.get(parent);
    if (members !== undefined) members.push(id);
    else this.#members.set(parent, id === parent ? [id] : [parent, id]);
  }

  has(parent: number): boolean {
    return this.#members.has(parent);
  }

  members(parent: number): readonly number[] {
    return this.#members.get(parent) ?? [];
  }

  /** The children of a parent that has been filled: they stay a family without it. */
  release(parent: number): readonly number[] {
    const members = this.#members.get(parent);
    if (members === undefined) return [];
    members.shift();
    return members;
  }

  /** Ends a family, and returns those who were left of it. */
  end(parent: number): readonly number[] {
    const members = this.#members.get(parent) ?? [];
    this.#members.delete(parent);
    return members;
  }
}
