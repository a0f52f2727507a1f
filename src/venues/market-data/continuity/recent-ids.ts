/** More than one connection is behind another when both carry the same trades. */
const MOST_IDS = 1024;
const MOST_HELD = 65_536;

/** Ids that have come lately, of venues whose trades are not numbered one after the other. */
export class RecentIds {
  readonly #ids = new Set<string>();
  /** Ids are to be compared with those of a list that is on its way, so that more of them are kept. */
  isHeld = false;

  /** Whether `id` has not come yet; notes it. */
  isNew(id: string): boolean {
    if (this.#ids.has(id)) return false;
    this.#ids.add(id);
    const most = this.isHeld ? MOST_HELD : MOST_IDS;
    for (let more = this.#ids.size - most; more > 0; more--)
      this.#ids.delete(this.#ids.values().next().value!);
    return true;
  }
}

/**
 * Trades without names: one is known by all that is told of it, and by which of those that are told alike in one message it
 * is. The same row in another message is the same trade.
 */
export class RecentRows {
  readonly #ids = new RecentIds();
  readonly #inMessage = new Map<string, number>();

  /** A message begins; more rows are kept while they are to be compared with those of a list that is on its way. */
  begin(isHeld: boolean): void {
    this.#ids.isHeld = isHeld;
    this.#inMessage.clear();
  }

  /** Whether this row of the message has not come yet. */
  isNew(row: string): boolean {
    const count = this.#inMessage.get(row) ?? 0;
    this.#inMessage.set(row, count + 1);
    return this.#ids.isNew(`${row} ${count}`);
  }
}
