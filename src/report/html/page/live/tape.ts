import type { TradeRecord } from '../../../../model/records.ts';
import { element, find } from '../dom.ts';

/** Trades that are shown. */
const MOST = 60;

/** The last trades, newest first. */
export class Tape {
  readonly #body = find('.tape tbody');
  #waiting: TradeRecord[] = [];

  add(trade: TradeRecord): void {
    this.#waiting.push(trade);
    // A hidden page draws nothing: it keeps what it could show.
    if (this.#waiting.length > 2 * MOST) this.#waiting = this.#waiting.slice(-MOST);
  }

  clear(): void {
    this.#waiting = [];
    this.#body.replaceChildren();
  }

  draw(): void {
    if (this.#waiting.length === 0) return;
    const rows = this.#waiting.slice(-MOST).reverse().map(rowOf);
    this.#waiting = [];
    this.#body.prepend(...rows);
    while (this.#body.childElementCount > MOST) this.#body.lastElementChild!.remove();
  }
}

function rowOf({ exchangeTime, priceText, receiveTime, side, sizeText }: TradeRecord): HTMLElement {
  const time = new Date((exchangeTime ?? receiveTime) / 1000).toISOString().slice(11, 23);
  const row = element(
    'tr',
    side ?? '',
    element('td', 'time', time),
    element('td', 'price', priceText),
    element('td', 'size', sizeText),
  );
  return row;
}
