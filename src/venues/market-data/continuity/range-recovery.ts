/** Requests for one range. */
const MOST_PAGES = 10;

/** A row of the past. Its key orders it: the id of a trade, or the time at which a kline opens. */
export interface PastRow {
  readonly key: number;
  /** Exchange time, µs. */
  readonly time: number;
}

export interface RangeRecoveryOptions {
  /** Keys of what was told before and after what is missing, and their exchange times, µs. */
  readonly after: number;
  readonly since: number;
  readonly before: number;
  readonly until: number;
  /** 0 where the row of the key `after` is missing too, else 1. */
  readonly first: 0 | 1;
  /** Asks for what was between two exchange times, µs; the address that was asked. */
  ask(since: number, until: number): string;
}

/** Brings back rows that are ordered, but not numbered one after the other, by asking for a range of time page by page. */
export class RangeRecovery {
  readonly #options: RangeRecoveryOptions;
  readonly #rows = new Map<number, PastRow>();
  #url: string;
  #pages = 1;
  #reachesDown = false;
  #reachesUp = false;
  /** Nothing between what was told before and after is left out. */
  isWhole = false;

  constructor(options: RangeRecoveryOptions) {
    this.#options = options;
    this.#url = options.ask(options.since, options.until);
  }

  get after(): number {
    return this.#options.after;
  }

  get since(): number {
    return this.#options.since;
  }

  /** What has come of it, oldest first. */
  get rows(): readonly PastRow[] {
    return [...this.#rows.values()].sort((one, other) => one.key - other.key);
  }

  isAsked(url: string): boolean {
    return url === this.#url;
  }

  /** Takes a page; true once no other one is asked for. */
  bring(url: string, rows: readonly PastRow[]): boolean {
    if (!this.isAsked(url)) return false;
    const { after, before, first, since, until } = this.#options;
    const known = this.#rows.size;
    for (const row of rows) if (row.key >= after + first && row.key < before) this.#rows.set(row.key, row);
    const keys = rows.map(({ key }) => key);
    const times = rows.map(({ time }) => time);
    this.#reachesDown ||= Math.min(...keys) <= after;
    this.#reachesUp ||= Math.max(...keys) >= before;
    const isProgress = this.#rows.size > known;
    // Some venues give the oldest of a range that is too long, others the youngest.
    if (isProgress && this.#pages < MOST_PAGES) {
      if (!this.#reachesDown) {
        this.#ask(since, Math.min(...times));
        return false;
      }
      if (!this.#reachesUp) {
        this.#ask(Math.max(...times), until);
        return false;
      }
    }
    this.isWhole = this.#reachesDown && (this.#reachesUp || !isProgress);
    return true;
  }

  #ask(since: number, until: number): void {
    this.#pages++;
    this.#url = this.#options.ask(since, until);
  }
}
