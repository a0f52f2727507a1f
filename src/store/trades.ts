import type Database from 'better-sqlite3';
import { InputError } from '../model/errors.ts';
import type { PutCounts } from './bar-merge.ts';
import type { SeriesKey, TimeRange } from './bar-series.ts';
import { type DataStoreOptions, openDataStore } from './data-store.ts';
import { storeFailure } from './database.ts';

/** Whose trades they are. */
export type TradeKey = Pick<SeriesKey, 'venue' | 'market' | 'symbol'>;

/** A trade of the market. */
export interface StoredTrade {
  /** The venue's own name for it, unique in its symbol. */
  readonly id: string;
  /** Epoch µs UTC. */
  readonly time: number;
  /** As the venue wrote it: exact. */
  readonly price: string;
  /** As the venue wrote it, in the instrument's own unit. */
  readonly size: string;
  /** The side that took; null where the venue does not say. */
  readonly taker: 'buy' | 'sell' | null;
}

/** Trades that are written at once: others who want to write must not wait for long. */
const AT_ONCE = 10_000;

/** Trades that are read at once. */
const PAGE = 10_000;

/** Trades of the market, in the data store: each once, by its venue's id. Methods throw `STORE_*` when the file fails them. */
export class TradeStore {
  readonly file: string;
  readonly #database: Database.Database;

  constructor(file: string, options: DataStoreOptions = {}) {
    this.file = file;
    this.#database = openDataStore(file, options);
  }

  close(): void {
    this.#database.close();
  }

  /**
   * Adds trades in any order. What is there already stays; trades of the same id with other values are counted, and with
   * `replace` taken in the old ones' place. Throws `TRADE_INVALID`, before anything is written.
   */
  put(
    key: TradeKey,
    trades: readonly StoredTrade[],
    options: { readonly replace?: boolean } = {},
  ): PutCounts {
    for (const trade of trades) check(trade);
    const counts = { added: 0, same: 0, different: 0 };
    for (let from = 0; from < trades.length; from += AT_ONCE) {
      const part = trades.slice(from, from + AT_ONCE);
      this.#guard(() =>
        this.#database
          .transaction(() => this.#putAll(key, part, options.replace === true, counts))
          .immediate(),
      );
    }
    return counts;
  }

  #putAll(
    key: TradeKey,
    trades: readonly StoredTrade[],
    replace: boolean,
    counts: { added: number; same: number; different: number },
  ): void {
    const series = this.#series(key) ?? this.#makeSeries(key);
    const find = this.#database.prepare(
      'SELECT time, price, size, taker FROM trades WHERE series = ? AND id = ?',
    );
    const insert = this.#database.prepare(
      'INSERT INTO trades (series, id, time, price, size, taker) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (series, id) DO NOTHING',
    );
    const update = this.#database.prepare(
      'UPDATE trades SET time = ?, price = ?, size = ?, taker = ? WHERE series = ? AND id = ?',
    );
    for (const { id, time, price, size, taker } of trades) {
      if (insert.run(series, id, time, price, size, taker).changes > 0) {
        counts.added++;
        continue;
      }
      const old = find.get(series, id) as Omit<StoredTrade, 'id'>;
      if (old.time === time && old.price === price && old.size === size && old.taker === taker) counts.same++;
      else {
        counts.different++;
        if (replace) update.run(time, price, size, taker, series, id);
      }
    }
  }

  /** Trades of the range (epoch µs UTC, `from` inclusive, `to` exclusive), oldest first, a page at a time. */
  *read(key: TradeKey, range: Partial<TimeRange> = {}): Generator<StoredTrade> {
    const { from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY } = range;
    const series = this.#guard(() => this.#series(key));
    if (series === undefined) return;
    // By the place where the last page ended: what others write meanwhile moves nothing. Ids of numbers are in their order.
    const page = this.#database.prepare(
      `SELECT id, time, price, size, taker FROM trades
      WHERE series = ? AND time >= ? AND time < ? AND (time, length(id), id) > (?, ?, ?)
      ORDER BY time, length(id), id LIMIT ${PAGE}`,
    );
    let last: StoredTrade = { id: '', time: from, price: '', size: '', taker: null };
    for (;;) {
      const { id, time } = last;
      const trades = this.#guard(() => page.all(series, time, to, time, id.length, id)) as StoredTrade[];
      yield* trades;
      if (trades.length < PAGE) return;
      last = trades[trades.length - 1];
    }
  }

  /** What there is, by name; `first` and `last` in epoch µs UTC. */
  list(): readonly (TradeKey & { readonly first: number; readonly last: number; readonly trades: number })[] {
    return this.#guard(
      () =>
        this.#database
          .prepare(
            `SELECT venue, market, symbol, min(time) AS first, max(time) AS last, count(*) AS trades
            FROM trades JOIN trade_series ON trade_series.id = trades.series
            GROUP BY trade_series.id ORDER BY venue, market, symbol`,
          )
          .all() as (TradeKey & { first: number; last: number; trades: number })[],
    );
  }

  /** Removes the trades of the range (epoch µs UTC); returns how many it were. */
  delete(key: TradeKey, range: Partial<TimeRange> = {}): number {
    const { from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY } = range;
    return this.#guard(() => {
      const series = this.#series(key);
      if (series === undefined) return 0;
      return this.#database
        .prepare('DELETE FROM trades WHERE series = ? AND time >= ? AND time < ?')
        .run(series, from, to).changes;
    });
  }

  #series({ venue, market, symbol }: TradeKey): number | undefined {
    return this.#database
      .prepare('SELECT id FROM trade_series WHERE venue = ? AND market = ? AND symbol = ?')
      .pluck()
      .get(venue, market, symbol) as number | undefined;
  }

  #makeSeries({ venue, market, symbol }: TradeKey): number {
    return Number(
      this.#database
        .prepare('INSERT INTO trade_series (venue, market, symbol) VALUES (?, ?, ?)')
        .run(venue, market, symbol).lastInsertRowid,
    );
  }

  #guard<R>(act: () => R): R {
    try {
      return act();
    } catch (error) {
      throw storeFailure(error, this.file, '--data-store');
    }
  }
}

const DECIMAL = /^\d+(\.\d+)?$/;

function check({ id, time, price, size }: StoredTrade): void {
  const wrong =
    id === ''
      ? ['id', id]
      : !Number.isSafeInteger(time)
        ? ['time', time]
        : !DECIMAL.test(price)
          ? ['price', price]
          : !DECIMAL.test(size)
            ? ['size', size]
            : undefined;
  if (wrong === undefined) return;
  throw new InputError('TRADE_INVALID', `the ${wrong[0]} of trade "${id}" was ${JSON.stringify(wrong[1])}`, {
    value: wrong[1],
    fix: 'give the id as a text, whole microseconds, and price and size as decimal texts',
  });
}
