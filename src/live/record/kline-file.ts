import {
  closeSync,
  existsSync,
  fdatasync,
  fdatasyncSync,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  realpathSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { checkInterval } from '../../feeds/interval.ts';
import { DataError, InputError, OutputError } from '../../model/errors.ts';
import type { Interval } from '../../model/interval.ts';
import { type Lock, takeLock } from '../../store/lock.ts';
import { COLUMN_SETS, type Column, headerLine, parseColumns, RowKey, withSymbol } from './columns.ts';
import type { RowFormat } from './row-format.ts';
import { endOfLines, firstLine, linesBackwards, textBetween } from './tail.ts';

export interface KlineFileOptions {
  /** As messages call it. Missing folders are made. */
  readonly path: string;
  readonly format: RowFormat;
  /** What goes into it. */
  readonly symbols: readonly string[];
  readonly interval: Interval;
  /** Undefined: those that the file has, or the default set for a new one. */
  readonly columns: readonly Column[] | undefined;
  /** Whether a new file begins with a header, where its format has one. */
  readonly header: boolean;
  /** Wait for the disk after every write, instead of once a second. */
  readonly sync: boolean;
  /** The disk reported a failure while nobody was writing. */
  readonly onFailure: (error: OutputError) => void;
}

/** A file reaches the disk at the latest so long after a row was appended, ms. */
const SYNC_MS = 1000;
/** So many rows are looked at to see that the file has the interval that is to be recorded. */
const SAMPLE = 64;

/**
 * A file of klines, one a line, that only ever grows by whole rows. Opening it locks it, cuts off a row that was torn, and finds
 * out where each symbol ended. Rows are handed to the system at once, in one piece; a write that fails half-way is
 * undone.
 */
export class KlineFile {
  readonly columns: readonly Column[];
  /** Open time of each symbol's last row when the file was opened, epoch ms UTC; those without rows are not there. */
  readonly last: ReadonlyMap<string, number>;
  /** Bytes of a torn row that were cut off. */
  readonly torn: number;
  readonly #path: string;
  readonly #file: number;
  readonly #lock: Lock;
  readonly #sync: boolean;
  readonly #onFailure: (error: OutputError) => void;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;
  /** A new file without a row is not worth leaving behind. */
  #hasRows: boolean;

  /** Throws an OutputError when it cannot be written or is locked, an InputError or DataError when it does not fit. */
  constructor(options: KlineFileOptions) {
    const { path } = options;
    this.#path = path;
    this.#sync = options.sync;
    this.#onFailure = options.onFailure;
    const isNew = !existsSync(path);
    this.#file = openFile(path);
    let lock: Lock | undefined;
    try {
      lock = lockOf(path);
      this.#lock = lock;
      const found = lookInto(this.#file, options);
      this.columns = found.columns;
      this.last = found.last;
      this.torn = found.torn;
      if (found.torn > 0) ftruncateSync(this.#file, found.end);
      const header = options.header && found.end === 0 ? options.format.header(found.columns) : '';
      if (header !== '') this.append(header);
      this.#hasRows = !isNew;
    } catch (error) {
      clearTimeout(this.#timer);
      closeSync(this.#file);
      if (lock !== undefined && isNew) unlinkSync(path);
      lock?.release();
      throw error;
    }
  }

  /** Adds whole lines: all of them or none. Throws an OutputError. */
  append(lines: string): void {
    const bytes = Buffer.from(lines);
    let written = 0;
    try {
      while (written < bytes.length) written += writeSync(this.#file, bytes, written);
      if (this.#sync) fdatasyncSync(this.#file);
    } catch (error) {
      this.#takeBack(written);
      throw notWritable(this.#path, error);
    }
    this.#hasRows = true;
    if (this.#sync) return;
    this.#timer ??= setTimeout(() => this.#flush(), SYNC_MS).unref();
  }

  /** Waits for the disk; removes a new file that got no row. Throws an OutputError; the file is closed all the same. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#timer);
    try {
      fdatasyncSync(this.#file);
    } catch (error) {
      throw notWritable(this.#path, error);
    } finally {
      closeSync(this.#file);
      if (!this.#hasRows) unlinkSync(this.#path);
      this.#lock.release();
    }
  }

  #flush(): void {
    this.#timer = undefined;
    fdatasync(this.#file, error => {
      // Once closed, close() has waited for the disk itself.
      if (error !== null && !this.#closed) this.#onFailure(notWritable(this.#path, error));
    });
  }

  #takeBack(bytes: number): void {
    try {
      if (bytes > 0) ftruncateSync(this.#file, fstatSync(this.#file).size - bytes);
    } catch {
      // What is left is a torn row, which the next start cuts off.
    }
  }
}

interface Found {
  readonly columns: readonly Column[];
  readonly last: ReadonlyMap<string, number>;
  /** Bytes up to the end of the last whole line. */
  readonly end: number;
  readonly torn: number;
}

function lookInto(file: number, options: KlineFileOptions): Found {
  const { size } = fstatSync(file);
  const end = endOfLines(file);
  if (end === 0) {
    const columns = checked(wanted(options), options);
    if (size > 0) checkTornStart(textBetween(file, 0, size), columns, options);
    return { columns, last: new Map(), end, torn: size };
  }
  const first = firstLine(file) ?? { text: '', end: 0 };
  const told = options.format.columnsOf(first.text);
  const columns = checked(told === undefined ? wanted(options) : agreed(told.columns, options), options);
  const key = new RowKey(columns);
  const read = (line: string) => {
    const fields = options.format.fields(line, columns);
    return fields && key.read(fields, options.interval);
  };
  if (told?.isHeader !== true && read(first.text) === undefined) throw foreign(options, first.text);
  const start = told?.isHeader === true ? first.end : 0;
  const last = lastRows(linesBackwards(file, start, end), read, options);
  return { columns, last, end, torn: size - end };
}

/** The columns of a new file. */
function wanted({ columns, symbols }: KlineFileOptions): readonly Column[] {
  const chosen = columns ?? parseColumns(COLUMN_SETS.default);
  return symbols.length > 1 ? withSymbol(chosen) : chosen;
}

/** The columns of a file that has a header, unless others were asked for. */
function agreed(own: readonly Column[], options: KlineFileOptions): readonly Column[] {
  const { columns, path } = options;
  const text = headerLine(own);
  if (columns === undefined || text === headerLine(columns) || text === headerLine(withSymbol(columns)))
    return own;
  throw new InputError(
    'RECORD_COLUMNS',
    `${path} has the columns ${text.trim()}, asked for were ${headerLine(columns).trim()}`,
    {
      value: columns.map(({ name }) => name),
      limit: own.map(({ name }) => name),
      fix: 'leave out --columns to go on as the file began, or give another --out',
    },
  );
}

function checked(columns: readonly Column[], { path, symbols }: KlineFileOptions): readonly Column[] {
  const key = new RowKey(columns);
  if (!key.hasTime) {
    throw new InputError('RECORD_NO_TIME', `the columns ${headerLine(columns).trim()} say no time`, {
      value: columns.map(({ name }) => name),
      fix: 'add datetime, open_time or close_time: without it nobody could tell where the file ends',
    });
  }
  if (!key.hasSymbol && symbols.length > 1) {
    throw new InputError('RECORD_NO_SYMBOL', `${path} has no column "symbol" for ${symbols.length} symbols`, {
      value: symbols,
      limit: columns.map(({ name }) => name),
      fix: 'give another --out, such as {symbol}.csv for a file a symbol',
    });
  }
  return columns;
}

/** A file without a single whole line is ours only if what it has is the beginning of what we would write. */
function checkTornStart(text: string, columns: readonly Column[], options: KlineFileOptions): void {
  const isNothing = /^\0+$/.test(text);
  const isStart = options.format.isTornStart(text, columns, options.header);
  if (!isNothing && !isStart) throw foreign(options, text);
}

function foreign({ path }: KlineFileOptions, line: string): InputError {
  const shown = JSON.stringify(line.slice(0, 80));
  return new InputError('RECORD_FOREIGN', `${path} holds something else: its first line is ${shown}`, {
    value: line.slice(0, 80),
    fix: 'give another --out; only files that were recorded are gone on with',
  });
}

/** The last row of each symbol, and a look at whether the rows before it make sense. */
function lastRows(
  lines: Iterable<string | undefined>,
  read: (line: string) => ReturnType<RowKey['read']>,
  { path, symbols, interval }: KlineFileOptions,
): Map<string, number> {
  const last = new Map<string, number>();
  const sample: number[] = [];
  let sampled: string | undefined;
  let rows = 0;
  for (const line of lines) {
    const row = line === undefined ? undefined : read(line);
    if (row === undefined) {
      throw new DataError(
        'RECORD_ROW',
        `row ${rows + 1} from its end is none of this file's: ${shownRow(line)}`,
        {
          file: path,
          value: line?.slice(0, 200),
          fix: 'mend or delete the line, or give another --out',
        },
      );
    }
    rows++;
    const symbol = row.symbol ?? symbols[0];
    sampled ??= symbol;
    const isOther = row.interval !== undefined && row.interval !== interval;
    if (!isOther && symbols.includes(symbol) && !last.has(symbol)) last.set(symbol, row.time);
    if (!isOther && symbol === sampled && sample.length < SAMPLE) sample.push(row.time);
    if (last.size === symbols.length && (sample.length === SAMPLE || rows >= SAMPLE * symbols.length)) break;
  }
  const back = sample.findIndex((time, i) => i > 0 && time >= sample[i - 1]);
  if (back !== -1) {
    throw new DataError('RECORD_ORDER', `the rows of ${sampled} go back in time near its end`, {
      file: path,
      value: new Date(sample[back]).toISOString(),
      fix: 'sort the file and drop duplicates, or give another --out',
    });
  }
  checkInterval(interval, sample.reverse());
  return last;
}

function shownRow(line: string | undefined): string {
  return line === undefined ? 'it is longer than 64 KiB' : JSON.stringify(line.slice(0, 80));
}

function openFile(path: string): number {
  try {
    makeFolder(dirname(path));
    const file = openSync(path, 'a+');
    if (fstatSync(file).isFile()) return file;
    closeSync(file);
  } catch (error) {
    throw notWritable(path, error);
  }
  throw new OutputError('RECORD_NOT_WRITABLE', `${path} is no file that can be gone on with`, {
    value: path,
    fix: 'give a file, or - for stdout',
  });
}

/** Node's own way to make a folder with those above it never ends where one cannot be made, as in /proc. */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  if (dirname(folder) !== folder) makeFolder(dirname(folder));
  mkdirSync(folder);
}

function lockOf(path: string): Lock {
  let lock: Lock | undefined;
  try {
    lock = takeLock(`${realpathSync(path)}.lock`);
  } catch (error) {
    throw notWritable(`${path}.lock`, error);
  }
  if (lock !== undefined) return lock;
  throw new OutputError('RECORD_LOCKED', `another recorder is writing to ${path}`, {
    value: path,
    fix: 'stop it, or give another --out',
  });
}

function notWritable(path: string, error: unknown): OutputError {
  const { code, message } = error as NodeJS.ErrnoException;
  const reason = code === 'ENOSPC' ? 'the disk is full' : message;
  return new OutputError('RECORD_NOT_WRITABLE', `${path} cannot be written: ${reason}`, {
    value: path,
    fix: 'check the permissions and the free space, and start it again: it goes on where it stopped',
    cause: error,
  });
}
