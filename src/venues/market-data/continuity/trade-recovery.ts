import type { MissingTrades, TradeLinks } from './trade-links.ts';

/** Requests for one stretch of missing trades. */
const MOST_PAGES = 20;
/** Those in a row that bring nothing further: the venue's REST may be behind its own stream. */
const MOST_IDLE = 4;

/** A trade of an answer. One that sums up several has the id of the last of them. */
export interface PastTrade {
  readonly id: number;
  /** Id of the first of those that it sums up; its own unless given. */
  readonly first?: number;
  /** µs. */
  readonly time: number;
}

export interface TradeRecoveryOptions<Row extends PastTrade> {
  readonly links: TradeLinks;
  /** How the venue turns pages: from the first missing trade on, or from the last one back. */
  readonly direction: 'forward' | 'backward';
  /** Asks for the next page, which begins beside `edge`; for the first one, unless given. `next` is the first id that is missing still. */
  ask(stretch: MissingTrades, edge: Row | undefined, next: number): void;
  emit(row: Row): void;
}

/**
 * Brings back the trades that are missing between numbered ones, one stretch after the other: page after page, then all of
 * them in their order. Those that cannot be had stay in the end of the gap.
 */
export class TradeRecovery<Row extends PastTrade> {
  readonly #options: TradeRecoveryOptions<Row>;
  #stretch: MissingTrades | undefined;
  #rows: Row[] = [];
  #pages = 0;
  #idle = 0;

  constructor(options: TradeRecoveryOptions<Row>) {
    this.#options = options;
  }

  /** To be called whenever trades may be missing. */
  start(): void {
    const [stretch] = this.#options.links.missing;
    if (this.#stretch !== undefined || stretch === undefined) return;
    this.#stretch = { ...stretch };
    this.#pages = 1;
    this.#idle = 0;
    this.#options.ask(this.#stretch, undefined, stretch.first);
  }

  /** The rows of an answer, in any order. */
  bring(rows: readonly Row[]): void {
    const stretch = this.#stretch;
    if (stretch === undefined) return;
    const { direction } = this.#options;
    const isForward = direction === 'forward';
    const known = this.#covered(stretch);
    this.#rows = [...this.#rows, ...rows].sort((one, other) => one.id - other.id);
    const { count, next } = this.#covered(stretch);
    this.#idle = count === known.count ? this.#idle + 1 : 0;
    const edge = isForward ? this.#rows.at(-1) : this.#rows[0];
    // Where a page going back brings nothing, there is nothing more to be had.
    const isOver = this.#idle >= (isForward ? MOST_IDLE : 1) || this.#pages >= MOST_PAGES;
    if (next > stretch.last || isOver) this.#end(stretch);
    else {
      this.#pages++;
      this.#options.ask(stretch, edge, next);
    }
  }

  /** How many of the missing ones have come, and the first that has not. */
  #covered({ first, last }: MissingTrades): { readonly count: number; readonly next: number } {
    let [count, next, end] = [0, first, first - 1];
    for (const row of this.#rows) {
      const from = Math.max(row.first ?? row.id, end + 1, first);
      const to = Math.min(row.id, last);
      if (to < from) continue;
      count += to - from + 1;
      end = to;
      if (from === next) next = to + 1;
    }
    return { count, next };
  }

  /** Asks again, by other words. */
  again(): void {
    const stretch = this.#stretch;
    if (stretch !== undefined) this.#options.ask(stretch, this.#rows.at(-1), this.#covered(stretch).next);
  }

  /** What was asked for will not come. */
  failed(): void {
    if (this.#stretch !== undefined) this.#end(this.#stretch);
  }

  #end({ first, last }: MissingTrades): void {
    const { emit, links } = this.#options;
    const rows = this.#rows;
    this.#stretch = undefined;
    this.#rows = [];
    for (const row of rows) if (links.fills(row.id, row.first)) emit(row);
    links.forget(first, last);
    links.settle();
    this.start();
  }
}
