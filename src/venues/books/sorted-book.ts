import type { OrderBook } from './book.ts';
import type { LevelChanges } from './level-changes.ts';
import { PriceLadder } from './price-ladder.ts';

/** A book whose levels are found without a search. Exact; allocates nothing while prices stay where they have been. */
export class SortedBook implements OrderBook {
  readonly bids = new PriceLadder(1);
  readonly asks = new PriceLadder(-1);

  apply(changes: LevelChanges): void {
    if (changes.bids.count > 0) this.bids.apply(changes.bids);
    if (changes.asks.count > 0) this.asks.apply(changes.asks);
  }

  truncate(depth: number): void {
    this.bids.truncate(depth);
    this.asks.truncate(depth);
  }

  clear(): void {
    this.bids.clear();
    this.asks.clear();
  }
}
