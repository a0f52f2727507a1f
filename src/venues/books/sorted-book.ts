import type { Level } from '../../model/records.ts';
import { POWERS_OF_TEN, scaledNumber, scaledText } from '../wire/decimal.ts';
import { FrameError } from '../wire/json-cursor.ts';
import type { BookLevels, OrderBook } from './book.ts';
import type { LevelChanges, SideChanges } from './level-changes.ts';

/** How far to look for a free place before all that follows is moved. */
const NEAR = 48;

/**
 * Sorted columns of scaled integers, the best level last. A level that is taken away leaves its place behind, with size 0:
 * most come back, and others are put between their neighbours, so that little is moved. Exact; allocates nothing while it
 * does not grow.
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
  /** Levels that are there. */
  length = 0;
  /** Places in use, free ones among them; the last one is never free. */
  #places = 0;
  /** 1 where the highest price is the best, -1 where the lowest is; keys are prices times it, so that they ascend. */
  readonly #sign: number;
  /** Prices have so many decimals in the keys. */
  #scale = 0;
  #keys = new Float64Array(256);
  #sizes = new Float64Array(256);
  #sizeDecimals = new Uint8Array(256);
  #priceDecimals = new Uint8Array(256);
  /** Texts of sizes that have more digits than a double surely holds, by key. */
  readonly #longSizes = new Map<number, string>();

  constructor(sign: 1 | -1) {
    this.#sign = sign;
  }

  clear(): void {
    this.length = 0;
    this.#places = 0;
    this.#scale = 0;
    this.#longSizes.clear();
  }

  truncate(depth: number): void {
    if (this.length <= depth) return;
    for (let place = 0; this.length > depth; place++) {
      if (this.#sizes[place] === 0) continue;
      this.#sizes[place] = 0;
      this.length--;
      if (this.#longSizes.size > 0) this.#longSizes.delete(this.#keys[place]);
    }
    this.#trim();
  }

  apply(changes: SideChanges): void {
    const { count, priceDecimals, prices, sizeDecimals, sizes } = changes;
    const sign = this.#sign;
    // Changes of one message are often in order: the next one is looked for from the last one on.
    let place = this.#places - 1;
    for (let at = 0; at < count; at++) {
      if (this.#places === this.#keys.length) {
        this.#makeRoom();
        place = this.#places - 1;
      }
      const decimals = priceDecimals[at];
      let key = prices[at] * sign;
      if (decimals > this.#scale) key = this.#raised(key, decimals);
      else if (decimals < this.#scale) key = this.#filled(key, decimals);
      place = this.#find(key, place);
      if (this.#longSizes.size > 0) this.#longSizes.delete(key);
      if (sizes[at] === 0) this.#remove(key, place);
      else place = this.#set(key, place, sizes[at], decimals, sizeDecimals[at]);
      if (changes.longSizes.size > 0 && changes.longSizes.has(at)) {
        this.#longSizes.set(key, changes.longSizes.get(at)!);
      }
    }
  }

  priceAt(position: number): number {
    const place = this.#placeOf(position);
    return place === -1 ? Number.NaN : scaledNumber(this.#keys[place] * this.#sign, this.#scale);
  }

  sizeAt(position: number): number {
    const place = this.#placeOf(position);
    return place === -1 ? Number.NaN : this.#size(place);
  }

  *levels(count = this.length): Generator<Level> {
    let left = Math.min(count, this.length);
    for (let place = this.#places - 1; left > 0; place--) {
      if (this.#sizes[place] === 0) continue;
      left--;
      const key = this.#keys[place];
      const decimals = this.#priceDecimals[place];
      yield [
        this.#priceText(key * this.#sign, decimals),
        this.#longSizes.get(key) ?? scaledText(this.#sizes[place], this.#sizeDecimals[place]),
        scaledNumber(key * this.#sign, this.#scale),
        this.#size(place),
      ];
    }
  }

  #size(place: number): number {
    const long = this.#longSizes.size > 0 ? this.#longSizes.get(this.#keys[place]) : undefined;
    return long === undefined ? scaledNumber(this.#sizes[place], this.#sizeDecimals[place]) : Number(long);
  }

  #priceText(key: number, decimals: number): string {
    const scale = this.#scale;
    if (decimals <= scale) return scaledText(key / POWERS_OF_TEN[scale - decimals], decimals);
    const text = scaledText(key, scale);
    return (scale === 0 ? `${text}.` : text) + '0'.repeat(decimals - scale);
  }

  #placeOf(position: number): number {
    if (position < 0 || position >= this.length) return -1;
    let place = this.#places - 1;
    for (let left = position; ; place--) {
      if (this.#sizes[place] === 0) continue;
      if (left-- === 0) return place;
    }
  }

  /** The first place whose key is not below `key`, looked for from `near` on in growing steps, then by halves. */
  #find(key: number, near: number): number {
    const keys = this.#keys;
    const places = this.#places;
    let low: number;
    let high: number;
    let step = 1;
    if (near < 0) near = 0;
    if (near < places && keys[near] < key) {
      low = near;
      high = near + 1;
      while (high < places && keys[high] < key) {
        low = high;
        high += step;
        step *= 2;
      }
      if (high > places) high = places;
    } else {
      high = near < places ? near : places;
      low = high - 1;
      while (low >= 0 && keys[low] >= key) {
        high = low;
        low -= step;
        step *= 2;
      }
      if (low < -1) low = -1;
    }
    while (high - low > 1) {
      const middle = (high + low) >> 1;
      if (keys[middle] < key) low = middle;
      else high = middle;
    }
    return high;
  }

  #remove(key: number, place: number): void {
    if (place === this.#places || this.#keys[place] !== key || this.#sizes[place] === 0) return;
    this.#sizes[place] = 0;
    this.length--;
    if (place === this.#places - 1) this.#trim();
  }

  /** Sets a size; `place` is where the key is, or before which it belongs. Returns its place. */
  #set(key: number, place: number, size: number, priceDecimals: number, sizeDecimals: number): number {
    const sizes = this.#sizes;
    let at = place;
    if (place < this.#places && this.#keys[place] === key) {
      if (sizes[place] === 0) this.length++;
    } else {
      this.length++;
      at = this.#free(place);
      this.#keys[at] = key;
    }
    this.#sizes[at] = size;
    this.#sizeDecimals[at] = sizeDecimals;
    this.#priceDecimals[at] = priceDecimals;
    return at;
  }

  /** Makes a place free between those below `place` and the rest, and says where it is. */
  #free(place: number): number {
    const sizes = this.#sizes;
    const places = this.#places;
    if (place === places) {
      this.#places++;
      return place;
    }
    if (sizes[place] === 0) return place;
    if (place > 0 && sizes[place - 1] === 0) return place - 1;
    for (let away = 1; away < NEAR; away++) {
      if (place + away < places && sizes[place + away] === 0) {
        this.#moveUp(place, place + away);
        return place;
      }
      if (place - 1 - away >= 0 && sizes[place - 1 - away] === 0) {
        this.#moveDown(place - 1 - away, place - 1);
        return place - 1;
      }
    }
    if (places - place < NEAR) this.#moveUp(place, places);
    else {
      this.#keys.copyWithin(place + 1, place, places);
      this.#sizes.copyWithin(place + 1, place, places);
      this.#sizeDecimals.copyWithin(place + 1, place, places);
      this.#priceDecimals.copyWithin(place + 1, place, places);
    }
    this.#places++;
    return place;
  }

  /** Moves the places from `from` up to before `free` one up. A few are moved faster one by one than by calls. */
  #moveUp(from: number, free: number): void {
    const keys = this.#keys;
    const sizes = this.#sizes;
    const sizeDecimals = this.#sizeDecimals;
    const priceDecimals = this.#priceDecimals;
    for (let at = free; at > from; at--) {
      keys[at] = keys[at - 1];
      sizes[at] = sizes[at - 1];
      sizeDecimals[at] = sizeDecimals[at - 1];
      priceDecimals[at] = priceDecimals[at - 1];
    }
  }

  /** Moves the places after `free` up to `to` one down. */
  #moveDown(free: number, to: number): void {
    const keys = this.#keys;
    const sizes = this.#sizes;
    const sizeDecimals = this.#sizeDecimals;
    const priceDecimals = this.#priceDecimals;
    for (let at = free; at < to; at++) {
      keys[at] = keys[at + 1];
      sizes[at] = sizes[at + 1];
      sizeDecimals[at] = sizeDecimals[at + 1];
      priceDecimals[at] = priceDecimals[at + 1];
    }
  }

  /** The best level is the last place. */
  #trim(): void {
    while (this.#places > 0 && this.#sizes[this.#places - 1] === 0) this.#places--;
  }

  /** The key of a price with more decimals than the keys have: they get as many, or it has zeros that are not needed. */
  #raised(mantissa: number, decimals: number): number {
    let key = mantissa;
    let needed = decimals;
    if (!this.#bears(needed)) {
      for (; needed > this.#scale && key % 10 === 0; needed--) key /= 10;
      if (!this.#bears(needed)) throw tooFarApart(mantissa, decimals);
    }
    if (needed > this.#scale) this.#rescale(needed);
    return key;
  }

  /** The key of a price with fewer decimals than the keys have. */
  #filled(mantissa: number, decimals: number): number {
    const key = mantissa * power(this.#scale - decimals);
    if (Number.isSafeInteger(key)) return key;
    // A venue that writes all prices with the same zeros at their ends leaves room for one that is far away.
    const spare = this.#spareZeros();
    for (let zeros = 1; zeros <= spare; zeros++) {
      const scale = this.#scale - zeros;
      if (scale < decimals || !Number.isSafeInteger(mantissa * power(scale - decimals))) continue;
      this.#rescale(scale);
      return mantissa * power(scale - decimals);
    }
    throw tooFarApart(mantissa, decimals);
  }

  /** Whether the price that is the farthest from 0 is exact with so many decimals. */
  #bears(decimals: number): boolean {
    if (this.#places === 0) return true;
    const farthest = this.#keys[this.#sign === 1 ? this.#places - 1 : 0];
    return Number.isSafeInteger(farthest * power(decimals - this.#scale));
  }

  /** Zeros that all keys have at their ends. */
  #spareZeros(): number {
    this.#compact();
    let zeros = this.#scale;
    for (let at = 0; at < this.#places; at++) {
      while (zeros > 0 && this.#keys[at] % power(zeros) !== 0) zeros--;
    }
    return zeros;
  }

  #rescale(decimals: number): void {
    const by = decimals - this.#scale;
    const other = (key: number) => (by > 0 ? key * power(by) : key / power(-by));
    this.#scale = decimals;
    this.#compact();
    for (let at = 0; at < this.#places; at++) this.#keys[at] = other(this.#keys[at]);
    if (this.#longSizes.size === 0) return;
    const texts = [...this.#longSizes];
    this.#longSizes.clear();
    for (const [key, text] of texts) this.#longSizes.set(other(key), text);
  }

  /** Gives up the free places where there are many, else adds some. */
  #makeRoom(): void {
    if (this.length <= this.#places / 2) {
      this.#compact();
      return;
    }
    const length = this.#keys.length * 2;
    this.#keys = grown(this.#keys, new Float64Array(length));
    this.#sizes = grown(this.#sizes, new Float64Array(length));
    this.#sizeDecimals = grown(this.#sizeDecimals, new Uint8Array(length));
    this.#priceDecimals = grown(this.#priceDecimals, new Uint8Array(length));
  }

  #compact(): void {
    let to = 0;
    for (let from = 0; from < this.#places; from++) {
      if (this.#sizes[from] === 0) continue;
      this.#keys[to] = this.#keys[from];
      this.#sizes[to] = this.#sizes[from];
      this.#sizeDecimals[to] = this.#sizeDecimals[from];
      this.#priceDecimals[to++] = this.#priceDecimals[from];
    }
    this.#places = to;
  }
}

function power(of: number): number {
  return POWERS_OF_TEN[of] ?? Number.POSITIVE_INFINITY;
}

function tooFarApart(mantissa: number, decimals: number): FrameError {
  return new FrameError(`prices too far apart for one book: ${mantissa} with ${decimals} decimals`);
}

function grown<Column extends Float64Array | Uint8Array>(old: Column, column: Column): Column {
  column.set(old);
  return column;
}
