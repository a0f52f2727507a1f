import type { GapRecord, MarketRecord, MetricsRecord } from '../model/records.ts';
import type { BookState, Decoder } from '../venues/market-data/contract.ts';
import { InstrumentMetrics } from '../venues/metrics/instrument-metrics.ts';

/** More instruments than any venue has; what is beyond them is not measured. */
const MOST_INSTRUMENTS = 10_000;

interface Measured {
  readonly metrics: InstrumentMetrics;
  readonly symbol: string;
  /** Of its book; empty while no book has come. */
  book: string;
}

/**
 * Measures all instruments of a venue once in a while. Its clock are the receive times of what comes, so that a replay
 * measures the same: a window ends with the first thing that comes after it, and one in which nothing at all came has no
 * records. Windows begin at multiples of their length, the first one when it is made.
 */
export class MetricsClock {
  readonly #every: number;
  readonly #decoder: Decoder;
  readonly #bySymbol = new Map<string, Measured>();
  /** Gaps that are open. */
  readonly #gaps = new Map<string, string>();
  /** Symbols of which something was missing in the window; empty for all. */
  readonly #touched = new Set<string>();
  #from = Number.NaN;
  #to = Number.NaN;

  /** `every` in µs. */
  constructor(decoder: Decoder, every: number) {
    this.#decoder = decoder;
    this.#every = every;
  }

  /** Something came at `time`, µs, of which no record has been seen yet. Hands out the records of a window that is over. */
  advance(time: number, out: (record: MetricsRecord) => void): void {
    const isOver = time >= this.#to || time < this.#from - this.#every;
    if (!isOver && !Number.isNaN(this.#to)) return;
    const start = Math.floor(time / this.#every) * this.#every;
    if (Number.isNaN(this.#to)) this.#from = time;
    else {
      for (const one of this.#bySymbol.values()) out(this.#take(one));
      this.#touched.clear();
      this.#from = start;
    }
    this.#to = start + this.#every;
  }

  /** A record as it is published. */
  see(record: MarketRecord): void {
    if (record.kind === 'metrics') return;
    if (record.kind === 'gap') {
      this.#gap(record);
      return;
    }
    const one = this.#of(record);
    if (one === undefined) return;
    const isBook = record.kind === 'book' || (record.kind === 'order' && this.#isOnlyBook(record.native));
    if (isBook) one.book = record.native;
    one.metrics.see(record, isBook ? this.#state(one) : undefined);
  }

  /** Where a venue sends levels as well as orders, the levels are measured. */
  #isOnlyBook(native: string): boolean {
    const levels = this.#decoder.books.get(native);
    return levels === undefined || levels === this.#decoder.orderBooks?.get(native);
  }

  #take(one: Measured): MetricsRecord {
    const isOpen = [...this.#gaps.values()].some(symbol => symbol === '' || symbol === one.symbol);
    const isWhole = !isOpen && !this.#touched.has('') && !this.#touched.has(one.symbol);
    return one.metrics.take({ from: this.#from, to: this.#to, isWhole }, this.#state(one));
  }

  #gap({ channel, gap, native, state, symbol }: GapRecord): void {
    const name = `${gap} ${channel} ${native}`;
    const isOver = state === 'closed' && this.#gaps.delete(name);
    if (state === 'open') this.#gaps.set(name, symbol);
    this.#touched.add(symbol);
    // The book that ends a gap comes before the record that says so.
    if (isOver) return;
    if (channel === 'trades' || channel === 'klines' || channel === 'tickers') return;
    for (const one of this.#bySymbol.values()) {
      if (symbol === '' || one.symbol === symbol) one.metrics.interrupt();
    }
  }

  #state({ book }: Measured): BookState | undefined {
    return this.#decoder.books.get(book) ?? this.#decoder.orderBooks?.get(book);
  }

  #of(record: MarketRecord): Measured | undefined {
    let one = this.#bySymbol.get(record.symbol);
    if (one !== undefined) return one;
    if (record.symbol === '' || this.#bySymbol.size >= MOST_INSTRUMENTS) return undefined;
    one = { metrics: new InstrumentMetrics(record), symbol: record.symbol, book: '' };
    this.#bySymbol.set(record.symbol, one);
    return one;
  }
}
