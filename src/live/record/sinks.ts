import type { Writable } from 'node:stream';
import type { Series } from '../../feeds/live/contract.ts';
import type { Bars } from '../../model/bars.ts';
import { OutputError } from '../../model/errors.ts';
import type { Interval } from '../../model/interval.ts';
import { COLUMN_SETS, type Column, parseColumns, withSymbol } from './columns.ts';
import { KlineFile } from './kline-file.ts';
import type { RowFormat } from './row-format.ts';

/** Where the bars of a symbol go. */
export interface BarSink {
  /** Open time of the symbol's last bar, epoch ms UTC; undefined when there is none, or nobody can know. */
  last(symbol: string): number | undefined;
  /** Takes whole bars, all of them or none. */
  write(series: Series, bars: Bars): void | Promise<void>;
  /** The exchange has no bars of this stretch. */
  gap?(series: Series, gap: { readonly from: number; readonly to: number }): void;
}

export interface SinkOptions {
  /** A file for all symbols; with `{symbol}` in it, one for each. `{interval}` stands for the interval. */
  readonly out: string;
  readonly format: RowFormat;
  readonly symbols: readonly string[];
  readonly interval: Interval;
  readonly columns: readonly Column[] | undefined;
  readonly header: boolean;
  readonly sync: boolean;
  readonly onFailure: (error: OutputError) => void;
}

/** Where a recording goes, open. */
export interface OpenSinks {
  readonly of: ReadonlyMap<string, BarSink>;
  readonly files: readonly { readonly path: string; readonly torn: number }[];
  /** Bars that were there already with other values, which stand. */
  readonly different: number;
  /** Nothing more comes; what is still on its way may wait for nobody for long. */
  ending?(): void;
  /** Waits for the disk and closes all. */
  close(): void | Promise<void>;
}

/** Opens every file, or none: throws what {@link KlineFile} throws. */
export function openFiles(options: SinkOptions): OpenSinks {
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
  const sink = (file: KlineFile): BarSink => ({
    last: symbol => file.last.get(symbol),
    write: (series, bars) => file.append(linesOf(options.format, file.columns, series, bars)),
  });
  return {
    of: new Map(symbols.map(symbol => [symbol, sink(files.get(paths.get(symbol)!)!)])),
    files: [...files].map(([path, { torn }]) => ({ path, torn })),
    different: 0,
    close,
  };
}

/** Rows for the reader of a stream, who sets the pace. */
export function streamSink(
  stream: Writable,
  { format, symbols, columns, header }: Pick<SinkOptions, 'format' | 'symbols' | 'columns' | 'header'>,
): BarSink {
  const chosen = columns ?? parseColumns(COLUMN_SETS.default);
  const own = symbols.length > 1 ? withSymbol(chosen) : chosen;
  if (header) stream.write(format.header(own));
  return {
    last: () => undefined,
    write: (series, bars) =>
      new Promise((done, failed) =>
        stream.write(linesOf(format, own, series, bars), error =>
          error ? failed(notWritten(error)) : done(),
        ),
      ),
  };
}

function linesOf(format: RowFormat, columns: readonly Column[], series: Series, bars: Bars): string {
  let lines = '';
  for (let row = 0; row < bars.length; row++) lines += format.line(columns, series, bars, row);
  return lines;
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
