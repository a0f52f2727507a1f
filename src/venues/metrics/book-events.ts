import type { BookRecord, Level, OrderRecord } from '../../model/records.ts';
import type { BookLevels, BookView } from '../books/book.ts';

/** How often something was put into a book, changed and taken away, and the share of each, 0…1; NaN where nothing was. */
export interface EventFigures {
  readonly inserts: number;
  readonly updates: number;
  readonly deletes: number;
  readonly insertShare: number;
  readonly updateShare: number;
  readonly deleteShare: number;
}

/**
 * Counts changes of levels, or of orders where a venue shows them. A level that was not there is an insertion, one of size
 * 0 a deletion (of nothing: no event), any other an update. Whole books are no events.
 */
export class BookEvents {
  readonly #bids = new Set<number>();
  readonly #asks = new Set<number>();
  #inserts = 0;
  #updates = 0;
  #deletes = 0;

  order({ action }: OrderRecord): void {
    if (action === 'add') this.#inserts++;
    else if (action === 'modify') this.#updates++;
    else if (action === 'delete') this.#deletes++;
  }

  /** `view` is the book after the frame of the record. */
  book({ asks, bids, type }: BookRecord, view: BookView): void {
    if (type === 'snapshot') {
      whole(this.#bids, bids);
      whole(this.#asks, asks);
      return;
    }
    this.#side(this.#bids, bids);
    this.#side(this.#asks, asks);
    // Of books of so many levels, those behind have fallen out without a word.
    if (this.#bids.size > view.bids.length) keep(this.#bids, view.bids);
    if (this.#asks.size > view.asks.length) keep(this.#asks, view.asks);
  }

  /** The figures of the window, of which the next one begins. */
  take(): EventFigures {
    const [inserts, updates, deletes] = [this.#inserts, this.#updates, this.#deletes];
    const sum = inserts + updates + deletes;
    this.#inserts = 0;
    this.#updates = 0;
    this.#deletes = 0;
    return {
      ...{ inserts, updates, deletes },
      ...{ insertShare: inserts / sum, updateShare: updates / sum, deleteShare: deletes / sum },
    };
  }

  #side(known: Set<number>, levels: readonly Level[]): void {
    for (const [, , price, size] of levels) {
      if (size === 0) {
        if (known.delete(price)) this.#deletes++;
      } else if (known.has(price)) this.#updates++;
      else {
        known.add(price);
        this.#inserts++;
      }
    }
  }
}

function whole(known: Set<number>, levels: readonly Level[]): void {
  known.clear();
  for (const [, , price, size] of levels) if (size !== 0) known.add(price);
}

function keep(known: Set<number>, levels: BookLevels): void {
  known.clear();
  for (const [, , price] of levels.levels()) known.add(price);
}
