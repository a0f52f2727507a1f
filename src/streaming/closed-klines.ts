import type { KlineRecord } from '../model/records.ts';

/** A kline that may still grow, and where its first look came from. */
interface Growing {
  record: KlineRecord;
  readonly place: number;
}

/**
 * Finds the klines that have closed among all looks at them: those that the venue marks so, and of venues that mark none those
 * that a later one follows. Each comes out once, in the order of time; of what comes late, nothing.
 */
export class ClosedKlines {
  readonly #growing = new Map<string, Growing>();
  /** Open time of the last one of each series, µs UTC. */
  readonly #last = new Map<string, number>();

  /** Those that are known to have closed by this record; `place` is its number in its source. */
  push(record: KlineRecord, place = 0): KlineRecord[] {
    const key = seriesOf(record);
    const last = this.#last.get(key);
    if (last !== undefined && record.openTime <= last) return [];
    const closed: KlineRecord[] = [];
    const growing = this.#growing.get(key);
    if (growing !== undefined) {
      if (record.openTime < growing.record.openTime) return [];
      if (record.openTime > growing.record.openTime) {
        // A venue that marks its last looks has not said it of this one: then it is not known to be whole.
        if (growing.record.isClosed === null) closed.push(growing.record);
        this.#growing.delete(key);
      }
    }
    if (record.isClosed === true) {
      this.#growing.delete(key);
      closed.push(record);
    } else {
      const known = this.#growing.get(key);
      if (known === undefined) this.#growing.set(key, { record, place });
      else known.record = record;
    }
    for (const one of closed) this.#last.set(key, one.openTime);
    return closed;
  }

  /** The least number of a look at one that may still grow; undefined without such. */
  get firstGrowing(): number | undefined {
    let first: number | undefined;
    for (const { place, record } of this.#growing.values()) {
      if (record.isClosed === null && (first === undefined || place < first)) first = place;
    }
    return first;
  }
}

export function seriesOf({ interval, native, venue }: KlineRecord): string {
  return `${venue} ${native} ${interval}`;
}
