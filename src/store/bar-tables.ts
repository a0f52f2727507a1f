import type Database from 'better-sqlite3';
import { type Bars, sliceBars } from '../model/bars.ts';
import { DataError } from '../model/errors.ts';
import { type Interval, intervalMs } from '../model/interval.ts';
import { BarsFrom, blockChecksum, PackedBars, packBars } from './bar-block.ts';
import { mergeBars } from './bar-merge.ts';
import { rangeName, type SeriesKey, seriesName } from './bar-series.ts';

/** A series as the tables have it. */
export interface Series {
  readonly id: number;
  readonly name: string;
  readonly interval: Interval;
  /** Time that a block spans, ms. */
  readonly span: number;
  readonly columns: readonly string[];
}

/** A block as the table has it. */
export interface BlockRow {
  readonly number: number;
  readonly first: number;
  readonly last: number;
  readonly bars: number;
  readonly checksum: number;
  readonly data: Uint8Array;
}

/** A block without its bars. */
export interface SpanRow {
  readonly number: number;
  readonly first: number;
  readonly last: number;
  readonly bars: number;
}

/** A block holds the bars of this many intervals, counted from the epoch. */
const BLOCK_BARS = 1024;

/** The tables of series and of their bars, in blocks. Whoever calls it opens the transactions. */
export class BarTables {
  readonly #file: string;
  readonly #database: Database.Database;
  readonly #nextBlock: Database.Statement;
  readonly #block: Database.Statement;

  constructor(file: string, database: Database.Database) {
    this.#file = file;
    this.#database = database;
    const columns = 'number, first, last, bars, checksum, data';
    this.#block = database.prepare(`SELECT ${columns} FROM blocks WHERE series = ? AND number = ?`);
    this.#nextBlock = database.prepare(
      `SELECT ${columns} FROM blocks WHERE series = ? AND number BETWEEN ? AND ? ORDER BY number LIMIT 1`,
    );
  }

  find(key: SeriesKey): Series | undefined {
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
      span: blockSpan(interval as Interval),
      columns: JSON.parse(row.columns) as string[],
    };
  }

  /** The series with at least these columns, made if there is none. */
  findOrMake(key: SeriesKey, columns: readonly string[]): Series {
    const { venue, market, symbol, interval } = key;
    const found = this.find(key);
    if (found === undefined) {
      this.#database
        .prepare('INSERT INTO series (venue, market, symbol, interval, columns) VALUES (?, ?, ?, ?, ?)')
        .run(venue, market, symbol, interval, JSON.stringify(columns));
      return this.find(key)!;
    }
    const all = [...new Set([...found.columns, ...columns])];
    if (all.length === found.columns.length) return found;
    this.#database.prepare('UPDATE series SET columns = ? WHERE id = ?').run(JSON.stringify(all), found.id);
    return { ...found, columns: all };
  }

  /** The blocks that may have bars of the range, without their bars. */
  spans(series: Series, from: number, to: number): SpanRow[] {
    return this.#database
      .prepare(
        `SELECT number, first, last, bars FROM blocks
        WHERE series = ? AND number BETWEEN ? AND ? AND last >= ? AND first < ? ORDER BY number`,
      )
      .all(series.id, ...numbers(series, from, to), from, to) as SpanRow[];
  }

  *blocks(series: Series, from: number, to: number): Generator<[PackedBars, Float64Array], undefined> {
    let [number, end] = numbers(series, from, to);
    for (;;) {
      const row = this.#nextBlock.get(series.id, number, end) as BlockRow | undefined;
      if (row === undefined) return undefined;
      const block = this.unpack(series, row);
      yield [block, block.times()];
      number = row.number + 1;
    }
  }

  whole(series: Series, row: BlockRow): Bars {
    const block = this.unpack(series, row);
    const out = new BarsFrom(block.length, series.columns);
    out.add(block, block.times(), 0, block.length);
    return out.bars;
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

  put(
    series: Series,
    bars: Bars,
    replace: boolean,
    counts: { added: number; same: number; different: number },
  ): void {
    for (let from = 0; from < bars.length; ) {
      const number = Math.floor(bars.time[from] / series.span);
      const to = rowAt(bars.time, (number + 1) * series.span, from);
      const given = sliceBars(bars, from, to);
      const row = this.row(series, number);
      const merged =
        row === undefined
          ? { bars: given, added: given.length, same: 0, different: 0 }
          : mergeBars(this.whole(series, row), given, replace);
      counts.added += merged.added;
      counts.same += merged.same;
      counts.different += merged.different;
      if (merged.bars !== undefined) this.#writeBlock(series, number, merged.bars);
      from = to;
    }
  }

  /** Removes rows of one block of which some stay. */
  cut(series: Series, number: number, from: number, to: number): number {
    const bars = this.whole(series, this.row(series, number)!);
    const [first, end] = [rowAt(bars.time, from), rowAt(bars.time, to)];
    if (first === end) return 0;
    const rest = mergeBars(sliceBars(bars, 0, first), sliceBars(bars, end, bars.length), false);
    this.#writeBlock(series, number, rest.bars ?? sliceBars(bars, 0, first));
    return end - first;
  }

  /** Throws `STORE_CORRUPT`. */
  unpack({ name, span }: Series, row: BlockRow): PackedBars {
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
        file: this.#file,
        value: checksum,
        fix: 'delete them with "qt data delete", with this range as --from and --to, and get them once more',
      },
    );
  }

  row({ id }: Series, number: number): BlockRow | undefined {
    return this.#block.get(id, number) as BlockRow | undefined;
  }

  remove({ id }: Series, number: number): void {
    this.#database.prepare('DELETE FROM blocks WHERE series = ? AND number = ?').run(id, number);
  }
}

/** Time that a block of bars of this interval spans, ms. */
export function blockSpan(interval: Interval): number {
  return BLOCK_BARS * intervalMs(interval);
}

/** Numbers of the first and the last block of a range. */
function numbers({ span }: Series, from: number, to: number): [first: number, last: number] {
  return [Math.floor(from / span), Math.ceil(to / span) - 1];
}

/** The first row, not before `start`, that opens at `time` or later. */
export function rowAt(times: Float64Array, time: number, start = 0): number {
  let low = start;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle] < time) low = middle + 1;
    else high = middle;
  }
  return low;
}
