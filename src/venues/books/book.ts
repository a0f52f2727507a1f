import type { Level } from '../../model/records.ts';
import type { LevelChanges } from './level-changes.ts';

/** One side of a book. Position 0 is the best price. */
export interface BookLevels {
  readonly length: number;
  /** Nearest doubles; NaN beyond the last level. */
  priceAt(position: number): number;
  sizeAt(position: number): number;
  /** Texts and numbers of the best levels, or of all. Exponents of the wire are written out. */
  levels(count?: number): Iterable<Level>;
}

/** Resting sizes by price, to look at. */
export interface BookView {
  readonly bids: BookLevels;
  readonly asks: BookLevels;
}

/** Resting sizes by price, of which all implementations hold the same after the same changes, exactly. */
export interface OrderBook extends BookView {
  /** Sets sizes, in the order given; 0 takes a level away, and does nothing where there is none. */
  apply(changes: LevelChanges): void;
  /** Takes away what is beyond the best `depth` levels of each side. */
  truncate(depth: number): void;
  clear(): void;
}

export const CROSSED_RULE = 'best bid < best ask';

/** Where the best bid is not below the best ask, which no book of one venue can be, both of them; undefined elsewhere. */
export function crossing({ asks, bids }: BookView): string | undefined {
  const bid = bids.priceAt(0);
  const ask = asks.priceAt(0);
  return bid >= ask ? `bid ${bid}, ask ${ask}` : undefined;
}
