import type { Listing } from '../market.ts';
import type { Moment, Tape } from '../tape.ts';
import { type Amount, amountOf } from './amount.ts';

/** A way that the price takes, through all prices between. */
export interface Leg {
  readonly to: Amount;
  /** A bar has opened there: nothing was traded on the way, so what is to be sold at the market is sold at its end. */
  readonly gap: boolean;
  /** The bar that opens with it, or to which it belongs. */
  readonly bar: number;
}

/**
 * The price of a symbol as its finest bars have it: from each update of the open bar to the next, at the close to the
 * extremes that no update has shown, and from a close to the next open. What is ordered between two bars is ordered at
 * the open of the next.
 */
export class PricePath {
  readonly #tape: Tape;
  readonly #listing: Listing;
  /** The bar that is open, or opens next. */
  #bar: number;
  #isOpen = false;
  #low = 0;
  #high = 0;
  #last: Amount | undefined;

  constructor(tape: Tape, listing: Listing, from: number) {
    this.#tape = tape;
    this.#listing = listing;
    const moment: Moment = { time: from, opened: false };
    this.#bar = tape.closed(listing.finest, moment);
    const price = tape.price(listing, moment);
    if (!Number.isNaN(price)) this.#last = amountOf(price);
    const forming = tape.forming(listing.finest, moment);
    if (forming === undefined) return;
    const { low, high } = tape.update(listing.finest, forming.row, forming.step);
    this.#isOpen = true;
    this.#low = low;
    this.#high = high;
  }

  /** The last price; undefined before the first. */
  get last(): Amount | undefined {
    return this.#last;
  }

  /** What an order that comes now meets; undefined when there will be no price any more. */
  get price(): Amount | undefined {
    if (this.#isOpen) return this.#last;
    const { finest } = this.#listing;
    return this.#bar < finest.length ? amountOf(finest.open[this.#bar]) : undefined;
  }

  /** The bar by whose open, or later, an order that comes now is judged. */
  get bar(): number {
    return this.#bar;
  }

  /** The legs to an update of the open bar. */
  updated(row: number, step: number): readonly Leg[] {
    const { finest } = this.#listing;
    const legs = this.#open(row);
    const { close, low, high } = this.#tape.update(finest, row, step);
    if (step > 0) legs.push(this.#leg(close));
    this.#low = Math.min(this.#low, low);
    this.#high = Math.max(this.#high, high);
    return this.#taken(legs);
  }

  /** The legs to the close of a bar, over what its updates have not shown. */
  closed(row: number): readonly Leg[] {
    const { open, high, low, close } = this.#listing.finest;
    const legs = this.#open(row);
    const isHighFirst = high[row] - open[row] <= open[row] - low[row];
    const unseenHigh = high[row] > this.#high ? [high[row]] : [];
    const unseenLow = low[row] < this.#low ? [low[row]] : [];
    const extremes = isHighFirst ? [...unseenHigh, ...unseenLow] : [...unseenLow, ...unseenHigh];
    for (const price of [...extremes, close[row]]) legs.push(this.#leg(price));
    this.#taken(legs);
    this.#isOpen = false;
    this.#bar = row + 1;
    return legs;
  }

  #open(row: number): Leg[] {
    if (this.#isOpen && this.#bar === row) return [];
    const open = this.#listing.finest.open[row];
    this.#bar = row;
    this.#isOpen = true;
    this.#low = open;
    this.#high = open;
    return [{ to: amountOf(open), gap: true, bar: row }];
  }

  #leg(price: number): Leg {
    return { to: amountOf(price), gap: false, bar: this.#bar };
  }

  #taken(legs: Leg[]): Leg[] {
    this.#last = legs.at(-1)?.to ?? this.#last;
    return legs;
  }
}
