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
  readonly #listeners: ((entry: LogEntry) => void)[] = [];

  constructor(listener?: (entry: LogEntry) => void) {
    if (listener !== undefined) this.listen(listener);
  }

  /** Calls `listener` for every entry from now on, also for those that are not kept. */
  listen(listener: (entry: LogEntry) => void): void {
    this.#listeners.push(listener);
  }

  write(time: number, message: string): void {
    const entry = { time, message };
    if (this.entries.length < LOG_LIMIT) this.entries.push(entry);
    else this.dropped++;
    for (const listener of this.#listeners) listener(entry);
  }
}

export const LOG_LIMIT = 10_000;
