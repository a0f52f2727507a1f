import type { Journal, JournalEntry } from '../store/journal.ts';

/** Time that the journal took for its commits, ms; NaN before the first. */
export interface CommitTimes {
  readonly count: number;
  readonly meanMs: number;
  readonly maxMs: number;
}

/** Numbers the entries of a session that runs, and measures what keeping them takes. */
export class JournalWriter {
  readonly #journal: Journal;
  readonly #id: number;
  #seq: number;
  #count = 0;
  #sumMs = 0;
  #maxMs = 0;

  constructor(journal: Journal, id: number) {
    this.#journal = journal;
    this.#id = id;
    this.#seq = journal.nextSeq(id);
  }

  /** Keeps entries, all of them or none; when it returns, they are kept. Throws `STORE_*`. */
  append(entries: readonly JournalEntry[]): void {
    const before = performance.now();
    this.#journal.append(this.#id, this.#seq, entries);
    this.#seq += entries.length;
    const took = performance.now() - before;
    this.#count++;
    this.#sumMs += took;
    this.#maxMs = Math.max(this.#maxMs, took);
  }

  times(): CommitTimes {
    const count = this.#count;
    return { count, meanMs: this.#sumMs / count, maxMs: count === 0 ? Number.NaN : this.#maxMs };
  }
}
