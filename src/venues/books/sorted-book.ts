import type { Level } from '../../model/records.ts';
import { POWERS_OF_TEN, scaledNumber, scaledText } from '../wire/decimal.ts';
import { FrameError } from '../wire/json-cursor.ts';
import type { BookLevels, OrderBook } from './book.ts';
import type { LevelChanges, SideChanges } from './level-changes.ts';

/**
 * Sorted columns of scaled integers, the best level last: most changes are near the best price, where an insertion moves
 * little. Exact; allocates nothing while it does not grow.
 */
export class SortedBook implements OrderBook {
  readonly bids = new SortedSide(1);
  readonly asks = new SortedSide(-1);

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

class SortedSide implements BookLevels {
  length = 0;
  /** 1 where the highest price is the best, -1 where the lowest is; keys are prices times it, so that they ascend. */
  readonly #sign: number;
  /** Prices have so many decimals in the keys. */
  #scale = 0;
  #keys = new Float64Array(256);
  #sizes = new Float64Array(256);
  #sizeDecimals = new Uint8Array(256);
  #priceDecimals = new Uint8Array(256);
  /** Texts of sizes that have more digits than a double, by key. */
  readonly #longSizes = new Map<number, string>();

  constructor(sign: 1 | -1) {
    this.#sign = sign;
  }

  clear(): void {
    this.length = 0;
    this.#scale = 0;
    this.#longSizes.clear();
  }

  truncate(depth: number): void {
    const away = this.length - depth;
    if (away <= 0) return;
    if (this.#longSizes.size > 0) {
      for (let at = 0; at < away; at++) this.#longSizes.delete(this.#keys[at]);
    }
    this.#move(away, 0);
    this.length = depth;
  }

  apply(changes: SideChanges): void {
    const { count, priceDecimals, prices, sizeDecimals, sizes } = changes;
    const sign = this.#sign;
    for (let at = 0; at < count; at++) {
      const decimals = priceDecimals[at];
      let key = prices[at] * sign;
      if (decimals !== this.#scale) {
        if (decimals > this.#scale) this.#rescale(decimals);
        else key = this.#scaled(key, this.#scale - decimals);
      }
      this.#set(key, sizes[at], decimals, sizeDecimals[at]);
      if (changes.longSizes.size > 0 && changes.longSizes.has(at)) {
        this.#longSizes.set(key, changes.longSizes.get(at)!);
      }
    }
  }

  priceAt(position: number): number {
    if (position < 0 || position >= this.length) return Number.NaN;
    const key = this.#keys[this.length - 1 - position];
    return scaledNumber(key * this.#sign, this.#scale);
  }

  sizeAt(position: number): number {
    if (position < 0 || position >= this.length) return Number.NaN;
    const at = this.length - 1 - position;
    const long = this.#longSizes.size > 0 ? this.#longSizes.get(this.#keys[at]) : undefined;
    return long === undefined ? scaledNumber(this.#sizes[at], this.#sizeDecimals[at]) : Number(long);
  }

  levelAt(position: number): Level | undefined {
    if (position < 0 || position >= this.length) return undefined;
    const at = this.length - 1 - position;
    const decimals = this.#priceDecimals[at];
    const key = this.#keys[at];
    const mantissa = (key * this.#sign) / POWERS_OF_TEN[this.#scale - decimals];
    return [
      scaledText(mantissa, decimals),
      this.#longSizes.get(key) ?? scaledText(this.#sizes[at], this.#sizeDecimals[at]),
      this.priceAt(position),
      this.sizeAt(position),
    ];
  }

  #set(key: number, size: number, priceDecimals: number, sizeDecimals: number): void {
    const keys = this.#keys;
    let high = this.length;
    // From the best price on, in growing steps, then by halves: `high` becomes the first position of a key not below.
    let step = 1;
    let low = high - 1;
    while (low >= 0 && keys[low] >= key) {
      high = low;
      low -= step;
      step *= 2;
    }
    if (low < -1) low = -1;
    while (high - low > 1) {
      const middle = (high + low) >> 1;
      if (keys[middle] < key) low = middle;
      else high = middle;
    }
    const isKnown = high < this.length && keys[high] === key;
    if (this.#longSizes.size > 0) this.#longSizes.delete(key);
    if (size === 0) {
      if (!isKnown) return;
      this.#move(high + 1, high);
      this.length--;
      return;
    }
    if (!isKnown) {
      if (this.length === keys.length) this.#grow();
      this.#move(high, high + 1);
      this.length++;
      this.#keys[high] = key;
    }
    this.#sizes[high] = size;
    this.#sizeDecimals[high] = sizeDecimals;
    this.#priceDecimals[high] = priceDecimals;
  }

  /** Moves all from position `from` on to position `to`. */
  #move(from: number, to: number): void {
    const end = this.length;
    if (from >= end) return;
    // A few elements are moved faster one by one than by a call for each column.
    if (end - from <= 16) this.#moveFew(from, to, end);
    else {
      this.#keys.copyWithin(to, from, end);
      this.#sizes.copyWithin(to, from, end);
      this.#sizeDecimals.copyWithin(to, from, end);
      this.#priceDecimals.copyWithin(to, from, end);
    }
  }

  #moveFew(from: number, to: number, end: number): void {
    const keys = this.#keys;
    const sizes = this.#sizes;
    const sizeDecimals = this.#sizeDecimals;
    const priceDecimals = this.#priceDecimals;
    const by = to - from;
    const start = by < 0 ? from : end - 1;
    const stop = by < 0 ? end : from - 1;
    for (let at = start; at !== stop; at += by < 0 ? 1 : -1) {
      keys[at + by] = keys[at];
      sizes[at + by] = sizes[at];
      sizeDecimals[at + by] = sizeDecimals[at];
      priceDecimals[at + by] = priceDecimals[at];
    }
  }

  #rescale(decimals: number): void {
    const by = decimals - this.#scale;
    this.#scale = decimals;
    for (let at = 0; at < this.length; at++) {
      const old = this.#keys[at];
      this.#keys[at] = this.#scaled(old, by);
    }
    if (this.#longSizes.size === 0) return;
    const texts = [...this.#longSizes];
    this.#longSizes.clear();
    for (const [key, text] of texts) this.#longSizes.set(this.#scaled(key, by), text);
  }

  #scaled(key: number, by: number): number {
    const scaled = key * (POWERS_OF_TEN[by] ?? Number.POSITIVE_INFINITY);
    if (!Number.isSafeInteger(scaled)) {
      throw new FrameError(`prices too far apart for one book: ${key} at ${by} more decimals`);
    }
    return scaled;
  }

  #grow(): void {
    const length = this.#keys.length * 2;
    const grown = <Column extends Float64Array | Uint8Array>(old: Column, column: Column): Column => {
      column.set(old);
      return column;
    };
    this.#keys = grown(this.#keys, new Float64Array(length));
    this.#sizes = grown(this.#sizes, new Float64Array(length));
    this.#sizeDecimals = grown(this.#sizeDecimals, new Uint8Array(length));
    this.#priceDecimals = grown(this.#priceDecimals, new Uint8Array(length));
  }
}
