import type { MarketRecord } from '../../model/records.ts';

/** Ids that are remembered of each series, and series. */
const MOST_IDS = 50_000;
const MOST_SERIES = 2000;

/**
 * Finds records that were made twice, as by a collector that was killed between the delivery and its note of it: trades by
 * their id, closed klines by their time. What it remembers is bounded, the newest of each instrument.
 */
export class Duplicates {
  readonly #seen = new Map<string, Set<string | number>>();

  /** True for a record that was seen before. */
  has(record: MarketRecord): boolean {
    const { kind, native, venue } = record;
    if (kind === 'trade') return record.id !== null && this.#has(`${venue} ${native}`, record.id);
    if (kind !== 'kline' || record.isClosed !== true) return false;
    return this.#has(`${venue} ${native} ${record.interval}`, record.openTime);
  }

  #has(key: string, id: string | number): boolean {
    let ids = this.#seen.get(key);
    if (ids === undefined) {
      ids = new Set();
      this.#seen.set(key, ids);
      if (this.#seen.size > MOST_SERIES) this.#seen.delete(this.#seen.keys().next().value!);
    }
    if (ids.has(id)) return true;
    ids.add(id);
    if (ids.size > MOST_IDS) ids.delete(ids.values().next().value!);
    return false;
  }
}
