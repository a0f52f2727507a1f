import type { BookView } from '../../books/book.ts';
import { type Precision, precisionShown } from '../../books/checksums.ts';
import type { Instruments } from '../instruments.ts';

/** Decimals that Kraken writes numbers with, which its checksums are of. */
export class KrakenPrecisions {
  readonly #instruments: Instruments;
  /** Those that were seen where no list has told them. */
  readonly #shown = new Map<string, Precision>();

  constructor(instruments: Instruments) {
    this.#instruments = instruments;
  }

  /** From the lists, or else as the frames show it: the most decimals that were ever in the book. */
  of(native: string, book: BookView): Precision {
    const { priceDecimals, sizeDecimals } = this.#instruments.of(native);
    if (priceDecimals !== undefined && sizeDecimals !== undefined) {
      return { price: priceDecimals, size: sizeDecimals };
    }
    const shown = precisionShown(book);
    const known = this.#shown.get(native);
    const price = Math.max(known?.price ?? 0, shown.price);
    const size = Math.max(known?.size ?? 0, shown.size);
    const precision = { price: priceDecimals ?? price, size: sizeDecimals ?? size };
    this.#shown.set(native, precision);
    return precision;
  }
}
