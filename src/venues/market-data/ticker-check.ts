import type { BookFeed } from '../books/book-feed.ts';
import type { Check } from './tally.ts';

/** Updates of one kind that may wait for the other; a busy book has some hundred tickers between two of its changes. */
const MOST_WAITING = 4096;

interface Best {
  readonly bid: number;
  readonly bidSize: number;
  readonly ask: number;
  readonly askSize: number;
}

/**
 * Compares the best levels of a book with a ticker that names the update of the book that it belongs to, whichever of the
 * two comes first.
 */
export class TickerCheck {
  readonly #prices: Check;
  readonly #sizes: Check;
  readonly #tickers = new Map<number, Best>();
  readonly #books = new Map<number, Best>();

  constructor(prices: Check, sizes: Check) {
    this.#prices = prices;
    this.#sizes = sizes;
  }

  /** A ticker of update `update`; false when the book had other best prices then. */
  ticker(update: number, best: Best): boolean {
    const book = this.#books.get(update);
    if (book !== undefined) return this.#compare(book, best);
    keep(this.#tickers, update, best);
    return true;
  }

  /** The book after update `update`; false when the ticker of that update had other prices. */
  book(update: number, feed: BookFeed): boolean {
    const { asks, bids } = feed.book;
    const best = {
      bid: bids.priceAt(0),
      bidSize: bids.sizeAt(0),
      ask: asks.priceAt(0),
      askSize: asks.sizeAt(0),
    };
    const ticker = this.#tickers.get(update);
    keep(this.#books, update, best);
    if (ticker === undefined) return true;
    this.#tickers.delete(update);
    return this.#compare(best, ticker);
  }

  clear(): void {
    this.#tickers.clear();
    this.#books.clear();
  }

  #compare(book: Best, ticker: Best): boolean {
    const isSame = book.bid === ticker.bid && book.ask === ticker.ask;
    this.#prices.checked++;
    this.#sizes.checked++;
    if (!isSame) return false;
    this.#prices.passed++;
    if (book.bidSize === ticker.bidSize && book.askSize === ticker.askSize) this.#sizes.passed++;
    return true;
  }
}

function keep(map: Map<number, Best>, update: number, best: Best): void {
  map.set(update, best);
  if (map.size > MOST_WAITING) map.delete(map.keys().next().value!);
}
