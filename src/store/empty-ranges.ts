import type Database from 'better-sqlite3';
import { missingOf, type Stretch, type TimeRange } from './bar-series.ts';
import type { Series } from './bar-tables.ts';

/** The table of ranges of which a venue says that it has no bars there. Whoever calls it opens the transactions. */
export class EmptyRanges {
  readonly #database: Database.Database;

  constructor(database: Database.Database) {
    this.#database = database;
  }

  add({ id }: Series, range: TimeRange): void {
    const touching = this.#database.prepare(
      'SELECT min(first) AS first, max(until) AS until FROM empty_ranges WHERE series = ? AND first <= ? AND until >= ?',
    );
    const met = touching.get(id, range.to, range.from) as { first: number | null; until: number | null };
    this.#database
      .prepare('DELETE FROM empty_ranges WHERE series = ? AND first <= ? AND until >= ?')
      .run(id, range.to, range.from);
    this.#database
      .prepare('INSERT INTO empty_ranges (series, first, until) VALUES (?, ?, ?)')
      .run(id, Math.min(range.from, met.first ?? range.from), Math.max(range.to, met.until ?? range.to));
  }

  /** Those between two times, without what the stretches of bars cover. */
  between(series: Series, from: number, to: number, stretches: readonly Stretch[]): readonly TimeRange[] {
    const rows = this.#database
      .prepare(
        'SELECT first, until FROM empty_ranges WHERE series = ? AND first < ? AND until > ? ORDER BY first',
      )
      .all(series.id, to, from) as { first: number; until: number }[];
    // Where there are bars after all, they are what counts.
    return rows.flatMap(({ first, until }) =>
      missingOf({ stretches, empty: [] }, { from: Math.max(first, from), to: Math.min(until, to) }),
    );
  }

  /** Takes the range out of them. */
  forget(series: Series, from: number, to: number): void {
    const met = this.#database
      .prepare('SELECT first, until FROM empty_ranges WHERE series = ? AND first < ? AND until > ?')
      .all(series.id, to, from) as { first: number; until: number }[];
    const remove = this.#database.prepare('DELETE FROM empty_ranges WHERE series = ? AND first = ?');
    const insert = this.#database.prepare('INSERT INTO empty_ranges (series, first, until) VALUES (?, ?, ?)');
    for (const { first, until } of met) {
      remove.run(series.id, first);
      if (first < from) insert.run(series.id, first, from);
      if (until > to) insert.run(series.id, to, until);
    }
  }
}
