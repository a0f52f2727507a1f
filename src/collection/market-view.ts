import type { BookState, Decoder, OrderBookState } from '../venues/market-data/contract.ts';

/**
 * The books of one venue as they stand after the frame whose records are told. They go on changing: look, and do not keep
 * them. `native` is the venue's own symbol, as records have it.
 */
export interface MarketView {
  /** Undefined where no book is kept. Not to be used while its `isValid` is false. */
  book(native: string): BookState | undefined;
  /** Likewise the book of single orders. */
  orderBook(native: string): OrderBookState | undefined;
}

export function marketView(decoder: Decoder): MarketView {
  return {
    book: native => decoder.books.get(native),
    orderBook: native => decoder.orderBooks?.get(native),
  };
}
