import type { Level } from '../../../../model/records.ts';
import type { BookCopy } from '../../../../streaming/client/stream-copy.ts';
import { element, find, setText } from '../dom.ts';

/** Levels of a side that are shown. */
const LEVELS = 15;

/** The best levels of a book. Rows are made once and filled in again and again. */
export class BookTable {
  readonly #note = find('.book .note');
  readonly #asks = rows(find('.book .asks'));
  readonly #bids = rows(find('.book .bids'));
  readonly #mid = find('.book .mid');
  readonly #spread = find('.book .spread');
  readonly #table = find('.book table');

  show(name: string, book: BookCopy | undefined): void {
    const state = book === undefined ? 'waiting' : book.isValid ? 'valid' : 'invalid';
    this.#table.dataset.state = state;
    const notes = {
      waiting: `${name}: no book yet`,
      valid: `${name}  #${book?.seq ?? 0}`,
      invalid: `${name}: something is missing, do not use it`,
    };
    setText(this.#note, notes[state]);
    const bids = book?.bids.slice(0, LEVELS) ?? [];
    const asks = book?.asks.slice(0, LEVELS) ?? [];
    const most = Math.max(...[...bids, ...asks].map(([, , , size]) => size));
    // The best ask stands next to the best bid.
    this.#asks.forEach((row, at) => {
      fill(row, asks[LEVELS - 1 - at], most);
    });
    this.#bids.forEach((row, at) => {
      fill(row, bids[at], most);
    });
    const [bid, ask] = [bids[0], asks[0]];
    setText(this.#mid, bid && ask ? String(Number(((bid[2] + ask[2]) / 2).toPrecision(12))) : '');
    setText(this.#spread, bid && ask ? `spread ${Number((ask[2] - bid[2]).toPrecision(8))}` : '');
  }
}

interface Row {
  readonly row: HTMLElement;
  readonly size: HTMLElement;
  readonly price: HTMLElement;
}

function rows(body: HTMLElement): Row[] {
  return Array.from({ length: LEVELS }, () => {
    const [size, price] = [element('td', 'size'), element('td', 'price')];
    const row = element('tr', '', size, price);
    body.append(row);
    return { row, size, price };
  });
}

function fill({ price, row, size }: Row, level: Level | undefined, most: number): void {
  setText(price, level?.[0] ?? '');
  setText(size, level?.[1] ?? '');
  row.style.setProperty('--share', level === undefined ? '0' : String(level[3] / most));
}
