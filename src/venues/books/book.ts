import type { Level } from '../../model/records.ts';
import type { LevelChanges } from './level-changes.ts';

/** One side of a book. Position 0 is the best price. */
export interface BookLevels {
  readonly length: number;
  /** Nearest doubles; NaN beyond the last level. */
  priceAt(position: number): number;
  sizeAt(position: number): number;
  /** Texts and numbers of a level; undefined beyond the last one. Exponents of the wire are written out. */
  levelAt(position: number): Level | undefined;
}

/** Resting sizes by price, of which all implementations hold the same after the same changes, exactly. */
export interface OrderBook {
  readonly bids: BookLevels;
  readonly asks: BookLevels;
  /** Sets sizes, in the order given; 0 takes a level away, and does nothing where there is none. */
  apply(changes: LevelChanges): void;
  /** Takes away what is beyond the best `depth` levels of each side. */
  truncate(depth: number): void;
  clear(): void;
}

/** True when the best bid is not below the best ask, which no book of one venue can be. */
export function isCrossed(book: OrderBook): boolean {
  return book.bids.priceAt(0) >= book.asks.priceAt(0);
}

/** The best `count` levels of a side, or all. */
export function levelsOf(side: BookLevels, count = side.length): Level[] {
  const levels: Level[] = [];
  for (let position = 0; position < Math.min(count, side.length); position++)
    levels.push(side.levelAt(position)!);
  return levels;
}
