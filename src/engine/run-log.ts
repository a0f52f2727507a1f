export interface LogEntry {
  /** The step's time, epoch ms UTC; NaN before the first. */
  readonly time: number;
  readonly message: string;
}

/** What a strategy logged. The first {@link LOG_LIMIT} entries are kept, later ones only counted. */
export class RunLog {
  readonly entries: LogEntry[] = [];
  /** Entries that were not kept. */
  dropped = 0;
  readonly #listener: ((entry: LogEntry) => void) | undefined;

  constructor(listener?: (entry: LogEntry) => void) {
    this.#listener = listener;
  }

  write(time: number, message: string): void {
    const entry = { time, message };
    if (this.entries.length < LOG_LIMIT) this.entries.push(entry);
    else this.dropped++;
    this.#listener?.(entry);
  }
}

export const LOG_LIMIT = 10_000;
