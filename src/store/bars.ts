import type Database from 'better-sqlite3';
import { type Bars, OHLCV, sliceBars } from '../model/bars.ts';
import { DataError } from '../model/errors.ts';
import { type Interval, intervalMs, isFixed } from '../model/interval.ts';
import { BarsFrom, blockChecksum, PackedBars, packBars } from './bar-block.ts';
import { mergeBars, type PutCounts } from './bar-merge.ts';
import {
  type Coverage,
  missingOf,
  rangeName,
  type SeriesKey,
  type Stretch,
  Stretches,
  seriesKey,
  seriesName,
  type TimeRange,
} from './bar-series.ts';
import { checkStructure, type DataStoreOptions, openDataStore } from './data-store.ts';
import { storeFailure } from './database.ts';

export type { PutCounts } from './bar-merge.ts';
export type { Coverage, SeriesKey, Stretch, TimeRange } from './bar-series.ts';
export type { DataStoreOptions } from './data-store.ts';

/** A block holds the bars of this many intervals, counted from the epoch. */
const BLOCK_BARS = 1024;

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

interface Series {
  readonly id: number;
  readonly name: string;
  readonly interval: Interval;
  /** Time that a block spans, ms. */
  readonly span: number;
  readonly columns: readonly string[];
}

interface BlockRow {
  readonly number: number;
  readonly first: number;
  readonly last: number;
  readonly bars: number;
  readonly checksum: number;
  readonly data: Uint8Array;
}

interface SpanRow {
  readonly number: number;
  readonly first: number;
  readonly last: number;
  readonly bars: number;
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
  readonly #nextBlock: Database.Statement;
  readonly #block: Database.Statement;

  constructor(file: string, options: DataStoreOptions = {}) {
    this.file = file;
    this.#database = openDataStore(file, options);
    const columns = 'number, first, last, bars, checksum, data';
    this.#block = this.#database.prepare(`SELECT ${columns} FROM blocks WHERE series = ? AND number = ?`);
    this.#nextBlock = this.#database.prepare(
      `SELECT ${columns} FROM blocks WHERE series = ? AND number BETWEEN ? AND ? ORDER BY number LIMIT 1`,
    );
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
    checkColumns(bars, seriesName(known));
    const counts = { added: 0, same: 0, different: 0 };
    const span = BLOCK_BARS * intervalMs(known.interval);
    for (let from = 0; from < bars.length; ) {
      const bound = (Math.floor(bars.time[from] / span) + BLOCKS_AT_ONCE) * span;
      const to = rowAt(bars.time, bound, from);
      this.#write(() => {
        const series = this.#seriesFor(known, Object.keys(bars.extra));
        this.#putBlocks(series, sliceBars(bars, from, to), options.replace === true, counts);
      });
      from = to;
    }
    return counts;
  }

  #putBlocks(
    series: Series,
    bars: Bars,
    replace: boolean,
    counts: { added: number; same: number; different: number },
  ): void {
    for (let from = 0; from < bars.length; ) {
      const number = Math.floor(bars.time[from] / series.span);
      const to = rowAt(bars.time, (number + 1) * series.span, from);
      const given = sliceBars(bars, from, to);
      const row = this.#block.get(series.id, number) as BlockRow | undefined;
      const merged =
        row === undefined
          ? { bars: given, added: given.length, same: 0, different: 0 }
          : mergeBars(this.#wholeBlock(series, row), given, replace);
      counts.added += merged.added;
      counts.same += merged.same;
      counts.different += merged.different;
      if (merged.bars !== undefined) this.#writeBlock(series, number, merged.bars);
      from = to;
    }
  }

  /** That the venue has nothing in this range. */
  noteEmpty(key: SeriesKey, range: TimeRange): void {
    const known = seriesKey(key);
    if (!(range.from < range.to)) return;
    this.#write(() => {
      const { id } = this.#seriesFor(known, []);
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
    });
  }

  /** What is there of a series, and of what the venue has nothing; bars are in a range when they open in it. */
  coverage(key: SeriesKey, range: Partial<TimeRange> = {}): Coverage {
    const known = seriesKey(key);
    const { from, to } = bounds(range);
    return this.#read(() => {
      const series = this.#series(known);
      if (series === undefined) return { stretches: [], empty: [] };
      const stretches = new Stretches(series.interval);
      for (const span of this.#spans(series, from, to)) {
        const { first, last, bars } = span;
        const even = isFixed(series.interval) && (last - first) / intervalMs(series.interval) === bars - 1;
        if (even && first >= from && last < to) stretches.add(first, last, bars);
        else {
          const block = this.#packed(series, this.#block.get(series.id, span.number) as BlockRow);
          const time = block.times();
          stretches.addAll(time.subarray(rowAt(time, from), rowAt(time, to)));
        }
      }
      return { stretches: stretches.list, empty: this.#empty(series, from, to, stretches.list) };
    });
  }

  /** One set of columns with all bars that open in the range. */
  read(key: SeriesKey, range: Partial<TimeRange> = {}): Bars {
    const known = seriesKey(key);
    const { from, to } = bounds(range);
    return this.#read(() => {
      const series = this.#series(known);
      if (series === undefined) return new BarsFrom(0, []).bars;
      const capacity = this.#spans(series, from, to).reduce((sum, { bars }) => sum + bars, 0);
      const out = new BarsFrom(capacity, series.columns);
      for (const [block, time] of this.#blocks(series, from, to)) {
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
    const series = this.#read(() => this.#series(known));
    if (series === undefined) return;
    const blocks = this.#blocks(series, from, to);
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
    const series = this.#read(() => this.#series(known));
    if (series === undefined) return;
    const everything = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY] as const;
    for (const { number } of this.#read(() => this.#spans(series, ...everything))) {
      const row = this.#read(() => this.#block.get(series.id, number)) as BlockRow | undefined;
      if (row === undefined) continue;
      try {
        yield this.#wholeBlock(series, row);
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
      const series = this.#series(known);
      if (series === undefined || count <= 0) return new BarsFrom(0, series?.columns ?? []).bars;
      let from = Number.POSITIVE_INFINITY;
      let missing = count;
      for (const span of this.#spans(series, Number.NEGATIVE_INFINITY, before).reverse()) {
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
      const series = this.#series(known);
      if (series === undefined) return;
      for (const { number, first, last, bars } of this.#spans(series, from, to)) {
        if (first >= from && last < to) {
          this.#database.prepare('DELETE FROM blocks WHERE series = ? AND number = ?').run(series.id, number);
          removed += bars;
        } else removed += this.#cut(series, number, from, to);
      }
      this.#forgetEmpty(series, from, to);
      if (whole) this.#database.prepare('DELETE FROM series WHERE id = ?').run(series.id);
    });
    if (removed > 0) this.#giveBackRoom();
    return removed;
  }

  /** Removes rows of one block of which some stay. */
  #cut(series: Series, number: number, from: number, to: number): number {
    const bars = this.#wholeBlock(series, this.#block.get(series.id, number) as BlockRow);
    const [first, end] = [rowAt(bars.time, from), rowAt(bars.time, to)];
    if (first === end) return 0;
    const rest = mergeBars(sliceBars(bars, 0, first), sliceBars(bars, end, bars.length), false);
    this.#writeBlock(series, number, rest.bars ?? sliceBars(bars, 0, first));
    return end - first;
  }

  #forgetEmpty(series: Series, from: number, to: number): void {
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

  #series(key: SeriesKey): Series | undefined {
    const { venue, market, symbol, interval } = key;
    const row = this.#database
      .prepare(
        'SELECT id, columns FROM series WHERE venue = ? AND market = ? AND symbol = ? AND interval = ?',
      )
      .get(venue, market, symbol, interval) as { id: number; columns: string } | undefined;
    if (row === undefined) return undefined;
    return {
      id: row.id,
      name: seriesName(key),
      interval: interval as Interval,
      span: BLOCK_BARS * intervalMs(interval as Interval),
      columns: JSON.parse(row.columns) as string[],
    };
  }

  /** The series with at least these columns, made if there is none. */
  #seriesFor(key: SeriesKey, columns: readonly string[]): Series {
    const { venue, market, symbol, interval } = key;
    const found = this.#series(key);
    if (found === undefined) {
      this.#database
        .prepare('INSERT INTO series (venue, market, symbol, interval, columns) VALUES (?, ?, ?, ?, ?)')
        .run(venue, market, symbol, interval, JSON.stringify(columns));
      return this.#series(key)!;
    }
    const all = [...new Set([...found.columns, ...columns])];
    if (all.length === found.columns.length) return found;
    this.#database.prepare('UPDATE series SET columns = ? WHERE id = ?').run(JSON.stringify(all), found.id);
    return { ...found, columns: all };
  }

  /** The blocks that may have bars of the range, without their bars. */
  #spans(series: Series, from: number, to: number): SpanRow[] {
    return this.#database
      .prepare(
        `SELECT number, first, last, bars FROM blocks
        WHERE series = ? AND number BETWEEN ? AND ? AND last >= ? AND first < ? ORDER BY number`,
      )
      .all(series.id, ...numbers(series, from, to), from, to) as SpanRow[];
  }

  *#blocks(series: Series, from: number, to: number): Generator<[PackedBars, Float64Array], undefined> {
    let [number, end] = numbers(series, from, to);
    for (;;) {
      const row = this.#nextBlock.get(series.id, number, end) as BlockRow | undefined;
      if (row === undefined) return undefined;
      const block = this.#packed(series, row);
      yield [block, block.times()];
      number = row.number + 1;
    }
  }

  #wholeBlock(series: Series, row: BlockRow): Bars {
    const block = this.#packed(series, row);
    const out = new BarsFrom(block.length, series.columns);
    out.add(block, block.times(), 0, block.length);
    return out.bars;
  }

  /** Throws `STORE_CORRUPT`. */
  #packed({ name, span }: Series, row: BlockRow): PackedBars {
    const { number, bars, checksum, data } = row;
    if (blockChecksum(data, name) === checksum) {
      const block = new PackedBars(data);
      const time = block.times();
      const fits = block.length === bars && Math.floor(time[0] / span) === number;
      if (fits && time[0] === row.first && time[bars - 1] === row.last) return block;
    }
    throw new DataError(
      'STORE_CORRUPT',
      `the bars of ${name} from ${rangeName(number * span, (number + 1) * span)} are damaged`,
      {
        file: this.file,
        value: checksum,
        fix: 'delete them with "qt data delete", with this range as --from and --to, and get them once more',
      },
    );
  }

  #writeBlock(series: Series, number: number, bars: Bars): void {
    const data = packBars(bars);
    this.#database
      .prepare(
        `INSERT INTO blocks (series, number, first, last, bars, bytes, checksum, data) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (series, number) DO UPDATE SET first = excluded.first, last = excluded.last, bars = excluded.bars,
          bytes = excluded.bytes, checksum = excluded.checksum, data = excluded.data`,
      )
      .run(
        ...[series.id, number, bars.time[0], bars.time[bars.length - 1], bars.length, data.length],
        ...[blockChecksum(data, series.name), data],
      );
  }

  #empty(series: Series, from: number, to: number, stretches: readonly Stretch[]): readonly TimeRange[] {
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

/** Numbers of the first and the last block of a range. */
function numbers({ span }: Series, from: number, to: number): [first: number, last: number] {
  return [Math.floor(from / span), Math.ceil(to / span) - 1];
}

/** The first row, not before `start`, that opens at `time` or later. */
function rowAt(times: Float64Array, time: number, start = 0): number {
  let low = start;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle] < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

function checkColumns(bars: Bars, name: string): void {
  for (const column of Object.keys(bars.extra)) {
    if (column !== 'time' && !(OHLCV as readonly string[]).includes(column)) continue;
    throw new DataError('COLUMN_RESERVED', `${name} has a further column of this name`, {
      ...{ column, value: column },
      fix: 'give it another name',
    });
  }
  let before = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < bars.length; i++) {
    const time = bars.time[i];
    if (!Number.isSafeInteger(time) || time <= before) {
      throw new DataError(
        'TIME_NOT_ASCENDING',
        `row ${i} of ${name} is stamped ${time}, the row before it ${before}`,
        {
          ...{ column: 'time', value: time, limit: before },
          fix: 'give open times in whole epoch milliseconds, sorted, each once',
        },
      );
    }
    before = time;
  }
  for (const column of OHLCV) {
    const values = bars[column];
    for (let i = 0; i < bars.length; i++) {
      if (Number.isFinite(values[i])) continue;
      throw new DataError('VALUE_NOT_FINITE', `row ${i} of ${name} is ${values[i]}`, {
        ...{ column, value: values[i] },
        fix: 'give finite numbers; leave out bars that do not exist',
      });
    }
  }
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
