import type { BookSide, Level } from '../../model/records.ts';
import { plainDecimal, scaledText } from '../wire/decimal.ts';
import type { BookLevels, OrderBook } from './book.ts';
import type { LevelChanges, SideChanges } from './level-changes.ts';

/**
 * Levels in a map by the text of their price, sorted when they are looked at: slow, and too simple to be wrong. What the
 * faster books are tested against.
 */
export class MapBook implements OrderBook {
  readonly bids = new MapSide('bid');
  readonly asks = new MapSide('ask');

  apply(changes: LevelChanges): void {
    this.bids.apply(changes.bids);
    this.asks.apply(changes.asks);
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

class MapSide implements BookLevels {
  readonly #side: BookSide;
  readonly #levels = new Map<string, Level>();
  #sorted: readonly Level[] | undefined;

  constructor(side: BookSide) {
    this.#side = side;
  }

  get length(): number {
    return this.#levels.size;
  }

  apply(changes: SideChanges): void {
    this.#sorted = undefined;
    for (let at = 0; at < changes.count; at++) {
      const price = scaledText(changes.prices[at], changes.priceDecimals[at]);
      const size = changes.longSizes.get(at) ?? scaledText(changes.sizes[at], changes.sizeDecimals[at]);
      if (changes.sizes[at] === 0) this.#levels.delete(plainDecimal(price));
      else this.#levels.set(plainDecimal(price), [price, size, Number(price), Number(size)]);
    }
  }

  truncate(depth: number): void {
    const kept = this.#sort().slice(0, depth);
    this.clear();
    for (const level of kept) this.#levels.set(plainDecimal(level[0]), level);
  }

  clear(): void {
    this.#levels.clear();
    this.#sorted = undefined;
  }

  priceAt(position: number): number {
    return this.#sort()[position]?.[2] ?? Number.NaN;
  }

  sizeAt(position: number): number {
    return this.#sort()[position]?.[3] ?? Number.NaN;
  }

  levels(count?: number): readonly Level[] {
    return this.#sort().slice(0, count);
  }

  #sort(): readonly Level[] {
    const sign = this.#side === 'bid' ? -1 : 1;
    this.#sorted ??= [...this.#levels.values()].sort((one, other) => sign * (one[2] - other[2]));
    return this.#sorted;
  }
}
