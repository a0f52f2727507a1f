import type { Writable } from 'node:stream';
import { OutputError } from '../../model/errors.ts';
import type { Interval } from '../../model/interval.ts';
import { COLUMN_SETS, type Column, headerLine, parseColumns, withSymbol } from './columns.ts';
import { KlineFile } from './kline-file.ts';

/** Where the rows of a symbol go. */
export interface RowSink {
  readonly columns: readonly Column[];
  /** Open time of the symbol's last row, epoch ms UTC; undefined when there is none, or nobody can know. */
  last(symbol: string): number | undefined;
  write(lines: string): void | Promise<void>;
}

export interface SinkOptions {
  /** A file for all symbols; with `{symbol}` in it, one for each. `{interval}` stands for the interval. */
  readonly out: string;
  readonly symbols: readonly string[];
  readonly interval: Interval;
  readonly columns: readonly Column[] | undefined;
  readonly header: boolean;
  readonly sync: boolean;
  readonly onFailure: (error: OutputError) => void;
}

/** The files of a recording, open and locked. */
export interface FileSinks {
  readonly of: ReadonlyMap<string, RowSink>;
  readonly files: readonly { readonly path: string; readonly torn: number }[];
  /** Waits for the disk and closes all. */
  close(): void;
}

/** Opens every file, or none: throws what {@link KlineFile} throws. */
export function openFiles(options: SinkOptions): FileSinks {
  const { symbols } = options;
  const paths = new Map(symbols.map(symbol => [symbol, filePath(options.out, symbol, options.interval)]));
  const files = new Map<string, KlineFile>();
  const close = () => {
    let failure: { readonly error: unknown } | undefined;
    for (const file of files.values()) {
      try {
        file.close();
      } catch (error) {
        failure ??= { error };
      }
    }
    if (failure !== undefined) throw failure.error;
  };
  try {
    for (const path of new Set(paths.values())) {
      const own = symbols.filter(symbol => paths.get(symbol) === path);
      files.set(path, new KlineFile({ ...options, path, symbols: own }));
    }
  } catch (error) {
    close();
    throw error;
  }
  const sink = (file: KlineFile): RowSink => ({
    columns: file.columns,
    last: symbol => file.last.get(symbol),
    write: lines => file.append(lines),
  });
  return {
    of: new Map(symbols.map(symbol => [symbol, sink(files.get(paths.get(symbol)!)!)])),
    files: [...files].map(([path, { torn }]) => ({ path, torn })),
    close,
  };
}

/** Rows for the reader of a stream, who sets the pace. */
export function streamSink(
  stream: Writable,
  { symbols, columns, header }: Pick<SinkOptions, 'symbols' | 'columns' | 'header'>,
): RowSink {
  const chosen = columns ?? parseColumns(COLUMN_SETS.default);
  const own = symbols.length > 1 ? withSymbol(chosen) : chosen;
  if (header) stream.write(headerLine(own));
  return {
    columns: own,
    last: () => undefined,
    write: lines =>
      new Promise((done, failed) =>
        stream.write(lines, error => (error ? failed(notWritten(error)) : done())),
      ),
  };
}

function notWritten(error: NodeJS.ErrnoException): Error {
  // A reader that has gone away is no failure.
  if (error.code === 'EPIPE') return error;
  return new OutputError('RECORD_NOT_WRITABLE', `the rows cannot be written: ${error.message}`, {
    fix: 'check where stdout goes',
    cause: error,
  });
}

/** `{symbol}` and `{SYMBOL}` become the symbol in small and capital letters, `{interval}` the interval. */
export function filePath(out: string, symbol: string, interval: Interval): string {
  return out
    .replaceAll('{symbol}', symbol.toLowerCase())
    .replaceAll('{SYMBOL}', symbol)
    .replaceAll('{interval}', fileInterval(interval));
}

/** A month as Binance's archive calls it: where case does not tell files apart, `1M` would be `1m`. */
function fileInterval(interval: Interval): string {
  return interval.replace(/M$/, 'mo');
}
