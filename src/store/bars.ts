import type Database from 'better-sqlite3';
import { type Bars, sliceBars } from '../model/bars.ts';
import { DataError } from '../model/errors.ts';
import { type Interval, intervalMs, isFixed } from '../model/interval.ts';
import { BarsFrom, type PackedBars } from './bar-block.ts';
import type { PutCounts } from './bar-merge.ts';
import {
  type Coverage,
  type SeriesKey,
  Stretches,
  seriesKey,
  seriesName,
  type TimeRange,
} from './bar-series.ts';
import { checkStorable } from './bar-storable.ts';
import { BarTables, blockSpan, rowAt } from './bar-tables.ts';
import { checkStructure, type DataStoreOptions, openDataStore } from './data-store.ts';
import { storeFailure } from './database.ts';
import { EmptyRanges } from './empty-ranges.ts';

export type { PutCounts } from './bar-merge.ts';
export type { Coverage, SeriesKey, Stretch, TimeRange } from './bar-series.ts';
export type { DataStoreOptions } from './data-store.ts';

/** Blocks that are written at once: others who want to write must not wait for long. */
const BLOCKS_AT_ONCE = 64;

/** A series that a store holds. */
export interface StoredSeries extends SeriesKey {
  /** Open times of its first and its last bar, epoch ms UTC. */
  readonly first: number;
  readonly last: number;
  readonly bars: number;
  /** What the bars take in the file. */
  readonly bytes: number;
  /** Names of the columns beyond OHLCV. */
  readonly columns: readonly string[];
}

/**
 * Bars of any number of series in one SQLite file, each known by the time at which it opens. Any number of processes may
 * read while one writes; a second writer waits for it. Bars are the same doubles when they come back. Methods throw `STORE_*`
 * when the file fails them: `STORE_BUSY`, `STORE_WRITE_FAILED`, `STORE_DAMAGED`, and `STORE_CORRUPT` for bars whose
 * checksum is wrong.
 */
export class BarStore {
  readonly file: string;
  readonly #database: Database.Database;
  readonly #tables: BarTables;
  readonly #empty: EmptyRanges;

  constructor(file: string, options: DataStoreOptions = {}) {
    this.file = file;
    this.#database = openDataStore(file, options);
    this.#tables = new BarTables(file, this.#database);
    this.#empty = new EmptyRanges(this.#database);
  }

  close(): void {
    this.#database.close();
  }

  /**
   * Adds bars, whose stamps are open times, ascending. What is there already stays; bars with other values are counted, and
   * with `replace` taken in the old ones' place. Doing it twice changes nothing, and what was interrupted is completed by doing
   * it again: bars are written oldest first, some ten thousand at once. Throws `TIME_NOT_ASCENDING`, `VALUE_NOT_FINITE`.
   */
  put(key: SeriesKey, bars: Bars, options: { readonly replace?: boolean } = {}): PutCounts {
    const known = seriesKey(key);
    checkStorable(bars, seriesName(known));
    const counts = { added: 0, same: 0, different: 0 };
    const span = blockSpan(known.interval);
    for (let from = 0; from < bars.length; ) {
      const bound = (Math.floor(bars.time[from] / span) + BLOCKS_AT_ONCE) * span;
      const to = rowAt(bars.time, bound, from);
      this.#write(() => {
        const series = this.#tables.findOrMake(known, Object.keys(bars.extra));
        this.#tables.put(series, sliceBars(bars, from, to), options.replace === true, counts);
      });
      from = to;
    }
    return counts;
  }

  /** That the venue has nothing in this range. */
  noteEmpty(key: SeriesKey, range: TimeRange): void {
    const known = seriesKey(key);
    if (!(range.from < range.to)) return;
    this.#write(() => this.#empty.add(this.#tables.findOrMake(known, []), range));
  }

  /** What is there of a series, and of what the venue has nothing; bars are in a range when they open in it. */
  coverage(key: SeriesKey, range: Partial<TimeRange> = {}): Coverage {
    const known = seriesKey(key);
    const { from, to } = bounds(range);
    return this.#read(() => {
      const series = this.#tables.find(known);
      if (series === undefined) return { stretches: [], empty: [] };
      const stretches = new Stretches(series.interval);
      for (const span of this.#tables.spans(series, from, to)) {
        const { first, last, bars } = span;
        const even = isFixed(series.interval) && (last - first) / intervalMs(series.interval) === bars - 1;
        if (even && first >= from && last < to) stretches.add(first, last, bars);
        else {
          const block = this.#tables.unpack(series, this.#tables.row(series, span.number)!);
          const time = block.times();
          stretches.addAll(time.subarray(rowAt(time, from), rowAt(time, to)));
        }
      }
      return { stretches: stretches.list, empty: this.#empty.between(series, from, to, stretches.list) };
    });
  }

  /** One set of columns with all bars that open in the range. */
  read(key: SeriesKey, range: Partial<TimeRange> = {}): Bars {
    const known = seriesKey(key);
    const { from, to } = bounds(range);
    return this.#read(() => {
      const series = this.#tables.find(known);
      if (series === undefined) return new BarsFrom(0, []).bars;
      const capacity = this.#tables.spans(series, from, to).reduce((sum, { bars }) => sum + bars, 0);
      const out = new BarsFrom(capacity, series.columns);
      for (const [block, time] of this.#tables.blocks(series, from, to)) {
        out.add(block, time, rowAt(time, from), rowAt(time, to));
      }
      return sliceBars(out.bars, 0, out.length);
    });
  }

  /**
   * The same bars in order, `least` at a time or a few more, each read when it is asked for. All have the same columns. What
   * others write meanwhile may be among them.
   */
  *chunks(key: SeriesKey, range: Partial<TimeRange> = {}, least = 1): Generator<Bars> {
    const known = seriesKey(key);
    const { from, to } = bounds(range);
    const series = this.#read(() => this.#tables.find(known));
    if (series === undefined) return;
    const blocks = this.#tables.blocks(series, from, to);
    for (;;) {
      const parts: (readonly [block: PackedBars, time: Float64Array, first: number, end: number])[] = [];
      let length = 0;
      this.#read(() => {
        while (length < least) {
          const next = blocks.next();
          if (next.done === true) return;
          const [block, time] = next.value;
          const [first, end] = [rowAt(time, from), rowAt(time, to)];
          parts.push([block, time, first, end]);
          length += end - first;
        }
      });
      if (length === 0) return;
      const out = new BarsFrom(length, series.columns);
      for (const part of parts) out.add(...part);
      yield out.bars;
    }
  }

  /**
   * For checks: every block in order, the bars of those that are intact, and the `STORE_CORRUPT` of those that are not, with
   * the range that they span.
   */
  *inspect(key: SeriesKey): Generator<Bars | { readonly damage: DataError; readonly range: TimeRange }> {
    const known = seriesKey(key);
    const series = this.#read(() => this.#tables.find(known));
    if (series === undefined) return;
    const everything = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY] as const;
    for (const { number } of this.#read(() => this.#tables.spans(series, ...everything))) {
      const row = this.#read(() => this.#tables.row(series, number));
      if (row === undefined) continue;
      try {
        yield this.#tables.whole(series, row);
      } catch (error) {
        if (!(error instanceof DataError)) throw error;
        yield { damage: error, range: { from: number * series.span, to: (number + 1) * series.span } };
      }
    }
  }

  /** Throws `STORE_DAMAGED` if the file's tables do not hang together, whatever its size. */
  checkStructure(): void {
    this.#read(() => checkStructure(this.#database, this.file));
  }

  /** The newest `count` bars, or those that there are, that open before `before` (epoch ms UTC; default: all). */
  last(key: SeriesKey, count: number, before = Number.POSITIVE_INFINITY): Bars {
    const known = seriesKey(key);
    return this.#read(() => {
      const series = this.#tables.find(known);
      if (series === undefined || count <= 0) return new BarsFrom(0, series?.columns ?? []).bars;
      let from = Number.POSITIVE_INFINITY;
      let missing = count;
      for (const span of this.#tables.spans(series, Number.NEGATIVE_INFINITY, before).reverse()) {
        if (missing <= 0) break;
        from = span.first;
        // A block that ends at or after `before` may have some bars too few.
        if (span.last < before) missing -= span.bars;
      }
      const bars = this.read(known, { from, to: before });
      return sliceBars(bars, Math.max(0, bars.length - count), bars.length);
    });
  }

  /** How many bars open in the range. */
  count(key: SeriesKey, range: Partial<TimeRange> = {}): number {
    return this.coverage(key, range).stretches.reduce((sum, { bars }) => sum + bars, 0);
  }

  /** What there is of one series; undefined without bars. */
  series(key: SeriesKey): StoredSeries | undefined {
    const { venue, market, symbol, interval } = seriesKey(key);
    return this.list().find(
      one =>
        one.venue === venue && one.market === market && one.symbol === symbol && one.interval === interval,
    );
  }

  /** All series that have bars, by name. */
  list(): readonly StoredSeries[] {
    return this.#read(() => {
      const rows = this.#database
        .prepare(
          `SELECT venue, market, symbol, interval, columns,
            min(first) AS first, max(last) AS last, sum(bars) AS bars, sum(bytes) AS bytes
          FROM blocks JOIN series ON series.id = blocks.series GROUP BY series.id`,
        )
        .all() as (Omit<StoredSeries, 'columns'> & { columns: string })[];
      return rows
        .map(row => ({ ...row, columns: JSON.parse(row.columns) as string[] }))
        .sort(
          (a, b) =>
            compareText(`${a.venue} ${a.market} ${a.symbol}`, `${b.venue} ${b.market} ${b.symbol}`) ||
            intervalMs(a.interval as Interval) - intervalMs(b.interval as Interval),
        );
    });
  }

  /** Removes the bars that open in the range, and what is known to be empty there; returns how many bars it were. */
  delete(key: SeriesKey, range: Partial<TimeRange> = {}): number {
    const known = seriesKey(key);
    const { from, to } = bounds(range);
    const whole = from === Number.NEGATIVE_INFINITY && to === Number.POSITIVE_INFINITY;
    let removed = 0;
    this.#write(() => {
      const series = this.#tables.find(known);
      if (series === undefined) return;
      for (const { number, first, last, bars } of this.#tables.spans(series, from, to)) {
        if (first >= from && last < to) {
          this.#tables.remove(series, number);
          removed += bars;
        } else removed += this.#tables.cut(series, number, from, to);
      }
      this.#empty.forget(series, from, to);
      if (whole) this.#database.prepare('DELETE FROM series WHERE id = ?').run(series.id);
    });
    if (removed > 0) this.#giveBackRoom();
    return removed;
  }

  /** Makes the file smaller, a bit at a time, if nobody else is busy with it. */
  #giveBackRoom(): void {
    try {
      while (Number(this.#database.pragma('freelist_count', { simple: true })) > 0) {
        this.#database.pragma('incremental_vacuum(1024)');
      }
    } catch {
      // The room stays the file's own, for what comes next.
    }
  }

  /** All of `act` or nothing of it, after whoever else is writing. */
  #write(act: () => void): void {
    try {
      this.#database.transaction(act).immediate();
    } catch (error) {
      throw storeFailure(error, this.file, '--data-store');
    }
  }

  /** What `act` reads is of one moment. */
  #read<R>(act: () => R): R {
    try {
      return this.#database.transaction(act)();
    } catch (error) {
      throw storeFailure(error, this.file, '--data-store');
    }
  }
}

function bounds({
  from = Number.NEGATIVE_INFINITY,
  to = Number.POSITIVE_INFINITY,
}: Partial<TimeRange>): TimeRange {
  return { from, to };
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
