import type { Instrument } from '../instruments.ts';
import type { Gaps } from './gaps.ts';

/** Holes that are remembered; more become one. */
const MOST_HOLES = 16;
/** Times that one hole is asked for, where answers end before it does. */
const MOST_ASKS = 5;

/** Exchange times between which trades may be missing, µs; `to` NaN while no trade has come again. */
interface Hole {
  readonly from: number;
  to: number;
  asks: number;
  isAsked: boolean;
}

/** Why trades may be missing, and since when, receive time in µs. */
export interface Interruption {
  readonly cause: string;
  readonly rule: string;
  readonly detail: string;
  readonly from: number;
}

/**
 * Trades of one instrument that no numbers link: what may have come while nobody listened is asked for, as a list of the
 * past, and is a gap until that has come.
 */
export class TradeHoles {
  readonly #gaps: Gaps;
  readonly #instrument: Instrument;
  readonly #ask: ((from: number, to: number) => void) | undefined;
  #holes: Hole[] = [];
  /** Something of the gap that is open will not come. */
  #isUnknown = false;

  /** Without `ask` nothing can be had of the past. */
  constructor(gaps: Gaps, instrument: Instrument, ask?: (from: number, to: number) => void) {
    this.#gaps = gaps;
    this.#instrument = instrument;
    this.#ask = ask;
  }

  get isOpen(): boolean {
    return this.#holes.length > 0;
  }

  /** Trades after the exchange time `from` may be missing; until `to`, where one has come already. */
  begin(from: number, found: Interruption, to = Number.NaN): void {
    this.#gaps.open({ channel: 'trades', instrument: this.#instrument, ...found });
    const last = this.#holes.at(-1);
    if (last !== undefined && Number.isNaN(last.to)) {
      if (!Number.isNaN(to)) this.#resume(last, to);
      return;
    }
    const hole = { from, to: Number.NaN, asks: 0, isAsked: false };
    this.#holes.push(hole);
    if (this.#holes.length > MOST_HOLES) {
      const [first, second, ...rest] = this.#holes;
      this.#holes = [
        { from: Math.min(first.from, second.from), to: second.to, asks: 0, isAsked: false },
        ...rest,
      ];
    }
    if (!Number.isNaN(to)) this.#resume(hole, to);
  }

  /** A live trade has come. */
  flow(exchangeTime: number): void {
    const last = this.#holes.at(-1);
    if (last === undefined) return;
    if (Number.isNaN(last.to)) this.#resume(last, exchangeTime);
    else this.#askAgain();
  }

  /** A list has come with which a subscription begins; all of it has been told, as far back as `oldest`, exchange time in µs. */
  listed(oldest: number): void {
    const last = this.#holes.at(-1);
    if (last === undefined || !Number.isNaN(last.to)) return;
    if (oldest > last.from) this.#resume(last, oldest);
    else {
      this.#holes.pop();
      this.#settle();
    }
  }

  /** Whether a trade of a list of the past may have been missed. */
  has(exchangeTime: number): boolean {
    return this.#holes.some(({ from, to }) => exchangeTime >= from && !(exchangeTime > to));
  }

  /**
   * Trades of the past, in any order, without holes of its own. Those that may have been missed are handed to `emit`, oldest
   * first; whether they have come before is for `emit` to know.
   */
  bring<Row extends { readonly time: number }>(rows: readonly Row[], emit: (row: Row) => void): void {
    const sorted = [...rows].sort((one, other) => one.time - other.time);
    const oldest = sorted[0]?.time ?? Number.POSITIVE_INFINITY;
    const youngest = sorted.at(-1)?.time ?? Number.NEGATIVE_INFINITY;
    for (const row of sorted) if (this.has(row.time)) emit(row);
    const waiting: Hole[] = [];
    for (const hole of this.#holes) {
      hole.isAsked = false;
      // The list was made before the hole ended.
      const isEarly = !(youngest >= hole.to);
      if (Number.isNaN(hole.to) || (isEarly && hole.asks < MOST_ASKS)) waiting.push(hole);
      else if (isEarly || oldest > hole.from) this.#isUnknown = true;
    }
    this.#holes = waiting;
    this.#settle();
  }

  /** What was asked for will not come. */
  failed(): void {
    const open = this.#holes.filter(({ to }) => Number.isNaN(to));
    if (open.length < this.#holes.length) this.#isUnknown = true;
    this.#holes = open;
    this.#settle();
  }

  #resume(hole: Hole, to: number): void {
    hole.to = Math.max(to, hole.from);
    this.#askAgain();
  }

  #askAgain(): void {
    const due = this.#holes.filter(hole => !hole.isAsked && !Number.isNaN(hole.to));
    if (due.length === 0) return;
    for (const hole of due) {
      hole.isAsked = true;
      hole.asks++;
    }
    if (this.#ask === undefined) this.failed();
    else this.#ask(Math.min(...due.map(({ from }) => from)), Math.max(...due.map(({ to }) => to)));
  }

  #settle(): void {
    if (this.#holes.length > 0) return;
    if (this.#isUnknown) this.#gaps.close('trades', this.#instrument);
    else this.#gaps.fill('trades', this.#instrument);
    this.#isUnknown = false;
  }
}
