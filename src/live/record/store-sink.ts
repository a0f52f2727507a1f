import { closeSync, fdatasync, fdatasyncSync, openSync } from 'node:fs';
import type { Series } from '../../feeds/live/contract.ts';
import { OutputError } from '../../model/errors.ts';
import type { Interval } from '../../model/interval.ts';
import { BarStore, type SeriesKey } from '../../store/bars.ts';
import type { BarSink, OpenSinks } from './sinks.ts';

export interface StoreSinkOptions {
  readonly file: string;
  /** What the series are kept under. */
  readonly venue: string;
  readonly market: string;
  readonly symbols: readonly string[];
  readonly interval: Interval;
  /** Wait for the disk after every write, instead of once a second. */
  readonly sync: boolean;
  /** The disk reported a failure while nobody was writing. */
  readonly onFailure: (error: OutputError) => void;
}

/** What was written reaches the disk at the latest so long after, ms. */
const SYNC_MS = 1000;

/**
 * Opens a store of bars for a recording: each chunk of bars is one transaction, and what the exchange has no bars of is
 * noted. A bar that is there with other values stays as it is, and is counted. Throws `STORE_*`.
 */
export function openStoreSinks(options: StoreSinkOptions): OpenSinks {
  const { file, venue, market, symbols, interval } = options;
  const store = new BarStore(file);
  const disk = new LogOnDisk(options);
  let different = 0;
  const keyOf = ({ symbol }: Pick<Series, 'symbol'>): SeriesKey => ({ venue, market, symbol, interval });
  const sinkOf = (symbol: string): BarSink => {
    const bars = store.last(keyOf({ symbol }), 1);
    const last = bars.length === 0 ? undefined : bars.time[0];
    return {
      last: () => last,
      write(series, given) {
        different += store.put(keyOf(series), given).different;
        disk.written();
      },
      gap: (series, { from, to }) => store.noteEmpty(keyOf(series), { from, to }),
    };
  };
  try {
    return {
      of: new Map(symbols.map(symbol => [symbol, sinkOf(symbol)])),
      files: [{ path: file, torn: 0 }],
      get different() {
        return different;
      },
      close() {
        disk.end();
        store.close();
      },
    };
  } catch (error) {
    store.close();
    throw error;
  }
}

/**
 * SQLite hands what is committed to the system, and waits for the disk only when its log is merged into the file. In between
 * the log itself is what has to get there.
 */
class LogOnDisk {
  readonly #options: StoreSinkOptions;
  #timer: NodeJS.Timeout | undefined;
  #ended = false;

  constructor(options: StoreSinkOptions) {
    this.#options = options;
  }

  written(): void {
    if (!this.#options.sync) {
      this.#timer ??= setTimeout(() => this.#flush(), SYNC_MS).unref();
      return;
    }
    const log = this.#open();
    if (log === undefined) return;
    try {
      fdatasyncSync(log);
    } catch (error) {
      throw this.#notWritten(error);
    } finally {
      closeSync(log);
    }
  }

  end(): void {
    this.#ended = true;
    clearTimeout(this.#timer);
  }

  #flush(): void {
    this.#timer = undefined;
    const log = this.#open();
    if (log === undefined) return;
    fdatasync(log, error => {
      closeSync(log);
      if (error !== null && !this.#ended) this.#options.onFailure(this.#notWritten(error));
    });
  }

  /** Undefined where all of it has been merged. */
  #open(): number | undefined {
    try {
      return openSync(`${this.#options.file}-wal`, 'r+');
    } catch {
      return undefined;
    }
  }

  #notWritten(error: unknown): OutputError {
    return new OutputError('RECORD_NOT_WRITABLE', `${this.#options.file} cannot be written: ${error}`, {
      value: this.#options.file,
      fix: 'make room on the disk, check the permissions, then run the same command again; what was kept is intact',
      cause: error,
    });
  }
}
