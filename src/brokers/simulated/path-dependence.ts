import type { TradeBook } from '../trades.ts';

/** Counts the trades of which a bar left open what became of them: another path inside it might have led elsewhere. */
export class PathDependence {
  /** How many trades have been marked. */
  count = 0;
  readonly #trades: TradeBook;
  /** 1 for a marked trade, by its id. */
  #marks = new Uint8Array(64);
  /** Of the bar under way: the trades that were open before it, and how many had closed. */
  readonly #before: number[] = [];
  #closed = 0;
  readonly #now: number[] = [];

  constructor(trades: TradeBook) {
    this.#trades = trades;
  }

  /** A bar of an instrument begins. */
  begin(instrument: number): void {
    this.#trades.openIds(instrument, this.#before);
    this.#closed = this.#trades.length;
  }

  /** What happened to the instrument's trades since then depended on the path. */
  mark(instrument: number): void {
    const trades = this.#trades;
    for (const id of this.#before) this.#set(id);
    for (let row = this.#closed; row < trades.length; row++) this.#set(trades.at(row).id);
    trades.openIds(instrument, this.#now);
    for (const id of this.#now) this.#set(id);
  }

  #set(id: number): void {
    while (id >= this.#marks.length) {
      const larger = new Uint8Array(this.#marks.length * 2);
      larger.set(this.#marks);
      this.#marks = larger;
    }
    if (this.#marks[id] === 1) return;
    this.#marks[id] = 1;
    this.count++;
  }
}
