import type { OrderBook } from '../../books/book.ts';
import type { Check } from '../tally.ts';

/** Tickers that may wait for their change of the book; a busy book has some hundred between two of its changes. */
const MOST_TICKERS = 4096;
/** States of the book that are kept for a ticker that comes after its change. */
const MOST_STATES = 64;
/** Update, bid, bid size, ask, ask size. */
const WIDTH = 5;

/**
 * Compares the best levels of a book with a ticker that names the update of the book that it belongs to, whichever of the
 * two comes first.
 */
export class TickerCheck {
  readonly #prices: Check;
  readonly #sizes: Check;
  readonly #tickers = new Map<number, Float64Array>();
  readonly #states = new Float64Array(MOST_STATES * WIDTH).fill(Number.NaN);
  #next = 0;

  constructor(prices: Check, sizes: Check) {
    this.#prices = prices;
    this.#sizes = sizes;
  }

  /** A ticker of update `update`; false when the book had other best prices then. */
  ticker(update: number, bid: number, bidSize: number, ask: number, askSize: number): boolean {
    const best = Float64Array.of(update, bid, bidSize, ask, askSize);
    for (let at = 0; at < this.#states.length; at += WIDTH) {
      if (this.#states[at] === update) return this.#compare(at, best);
    }
    this.#tickers.set(update, best);
    if (this.#tickers.size > MOST_TICKERS) this.#tickers.delete(this.#tickers.keys().next().value!);
    return true;
  }

  /** The book after update `update`; false when the ticker of that update had other prices. */
  book(update: number, { asks, bids }: OrderBook): boolean {
    const at = this.#next;
    this.#next = (at + WIDTH) % this.#states.length;
    this.#states[at] = update;
    this.#states[at + 1] = bids.priceAt(0);
    this.#states[at + 2] = bids.sizeAt(0);
    this.#states[at + 3] = asks.priceAt(0);
    this.#states[at + 4] = asks.sizeAt(0);
    if (this.#tickers.size === 0) return true;
    const ticker = this.#tickers.get(update);
    if (ticker === undefined) return true;
    this.#tickers.delete(update);
    return this.#compare(at, ticker);
  }

  clear(): void {
    this.#tickers.clear();
    this.#states.fill(Number.NaN);
  }

  #compare(at: number, ticker: Float64Array): boolean {
    const states = this.#states;
    const isSame = states[at + 1] === ticker[1] && states[at + 3] === ticker[3];
    this.#prices.checked++;
    this.#sizes.checked++;
    if (!isSame) return false;
    this.#prices.passed++;
    if (states[at + 2] === ticker[2] && states[at + 4] === ticker[4]) this.#sizes.passed++;
    return true;
  }
}
