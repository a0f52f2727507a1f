import { AccurateSum } from '../../indicators/averages/accurate-sum.ts';
import type { BookView } from '../books/book.ts';

interface Best {
  readonly bid: number;
  readonly bidSize: number;
  readonly ask: number;
  readonly askSize: number;
}

/**
 * Order-flow imbalance, in the unit of sizes: what came to the best bid and left the best ask, less the reverse. The sum of
 *
 *   e = [b ≥ b′] q − [b ≤ b′] q′ − [a ≤ a′] r + [a ≥ a′] r′
 *
 * over the states of the book, b, q being price and size of the best bid, a, r of the best ask, and the primed ones those of
 * the state before. Cont, Kukanov & Stoikov, The Price Impact of Order Book Events, 2014.
 */
export class OrderFlow {
  #last: Best | undefined;
  readonly #sum = new AccurateSum();
  #states = 0;

  see({ asks, bids }: BookView): void {
    const now: Best = {
      ...{ bid: bids.priceAt(0), bidSize: bids.sizeAt(0) },
      ...{ ask: asks.priceAt(0), askSize: asks.sizeAt(0) },
    };
    if (Number.isNaN(now.bid) || Number.isNaN(now.ask)) {
      this.#last = undefined;
      return;
    }
    const last = this.#last;
    this.#last = now;
    if (last === undefined) return;
    this.#states++;
    if (now.bid >= last.bid) this.#sum.add(now.bidSize);
    if (now.bid <= last.bid) this.#sum.add(-last.bidSize);
    if (now.ask <= last.ask) this.#sum.add(-now.askSize);
    if (now.ask >= last.ask) this.#sum.add(last.askSize);
  }

  /** The next state is not compared with the last one: between them nobody knows what happened. */
  restart(): void {
    this.#last = undefined;
  }

  /** The sum of the window, of which the next one begins; NaN where no state followed another. */
  take(): number {
    const sum = this.#states === 0 ? Number.NaN : this.#sum.total;
    this.#sum.clear();
    this.#states = 0;
    return sum;
  }
}
