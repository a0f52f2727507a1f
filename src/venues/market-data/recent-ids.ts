/** More than one connection is behind another when both carry the same trades. */
const MOST_IDS = 1024;

/** Ids that have come lately, of venues whose trades are not numbered one after the other. */
export class RecentIds {
  readonly #ids = new Set<string>();

  /** Whether `id` has not come yet; notes it. */
  isNew(id: string): boolean {
    if (this.#ids.has(id)) return false;
    this.#ids.add(id);
    if (this.#ids.size > MOST_IDS) this.#ids.delete(this.#ids.values().next().value!);
    return true;
  }
}
