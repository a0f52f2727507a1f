import type { Level } from '../../model/records.ts';
import { POWERS_OF_TEN, scaledNumber, scaledText } from '../wire/decimal.ts';
import { FrameError } from '../wire/json-cursor.ts';
import type { BookLevels } from './book.ts';
import type { SideChanges } from './level-changes.ts';

/** Prices of one page; at most 32, so that a page's levels are the bits of one integer. */
const WIDTH = 32;
const FEWEST_PAGES = 8;
/** For the decimals of a side: of no level yet, and not the same of all. */
const NONE = -1;
const MIXED = -2;
/** Fibonacci hashing: neighbours go far from each other. */
const SPREAD = 0x9e3779b1;

/**
 * One side of a book as pages of neighbouring prices. A price is a whole number of the smallest step that any price of the
 * book has shown, and says itself in which page it is and where there, so that nothing is searched and nothing moved. Exact.
 */
export class PriceLadder implements BookLevels {
  /** Levels that are there. */
  length = 0;
  /** 1 where the highest price is the best, -1 where the lowest is; keys are prices times it, so that they ascend. */
  readonly #sign: number;
  /** Keys count in steps of 10^-scale. */
  #scale = 0;
  /** Pages in use, empty ones among them. */
  #pages = 0;
  /** Number of each page: its first key divided by its width. */
  #numbers = new Float64Array(FEWEST_PAGES);
  /** Which of its prices have levels. */
  #bits = new Int32Array(FEWEST_PAGES);
  #sizes = new Float64Array(FEWEST_PAGES * WIDTH);
  /**
   * Decimals of the price as it was written, and × 256 those of the size: of all levels, as nearly every venue writes them, so
   * that they need not be kept level by level.
   */
  #common = NONE;
  /** The same of each level, where they are mixed. */
  #decimals = new Uint16Array(FEWEST_PAGES * WIDTH);
  /** Pages by their hashed numbers: a page + 1, or 0. */
  #slots = new Int32Array(FEWEST_PAGES * 4);
  #shift = Math.clz32(FEWEST_PAGES * 4) + 1;
  /** Pages in the order of their numbers. */
  #order = new Int32Array(FEWEST_PAGES);
  /** Where in this order the best level's page is; -1 for none. */
  #top = -1;
  /** Texts of sizes that have more digits than a double surely holds, by key. */
  readonly #longSizes = new Map<number, string>();

  constructor(sign: 1 | -1) {
    this.#sign = sign;
  }

  clear(): void {
    this.length = 0;
    this.#scale = 0;
    this.#pages = 0;
    this.#top = -1;
    this.#slots.fill(0);
    this.#longSizes.clear();
    this.#common = NONE;
  }

  truncate(depth: number): void {
    for (let at = 0; this.length > depth; at++) {
      const page = this.#order[at];
      while (this.#bits[page] !== 0 && this.length > depth) {
        const bits = this.#bits[page];
        this.#remove(page, 31 - Math.clz32(bits & -bits));
      }
    }
  }

  apply(changes: SideChanges): void {
    const { count, priceDecimals, prices, sizeDecimals, sizes } = changes;
    const sign = this.#sign;
    const hasLong = changes.longSizes.size > 0;
    const longSizes = this.#longSizes;
    let common = this.#common;
    let scale = this.#scale;
    let numbers = this.#numbers;
    let slots = this.#slots;
    let shift = this.#shift;
    let best = this.#top === -1 ? Number.NEGATIVE_INFINITY : numbers[this.#order[this.#top]];
    for (let at = 0; at < count; at++) {
      const decimals = priceDecimals[at];
      const size = sizes[at];
      let steps = prices[at];
      if (decimals > scale) steps /= POWERS_OF_TEN[decimals - scale];
      else if (decimals < scale) steps *= POWERS_OF_TEN[scale - decimals];
      let isMoved = false;
      if (!Number.isSafeInteger(steps)) {
        steps = this.#stepped(prices[at], decimals);
        isMoved = true;
      }
      const key = steps * sign;
      const number = Math.floor(key / WIDTH);
      const bit = key - number * WIDTH;
      if (isMoved) {
        scale = this.#scale;
        numbers = this.#numbers;
        slots = this.#slots;
        shift = this.#shift;
        best = this.#top === -1 ? Number.NEGATIVE_INFINITY : numbers[this.#order[this.#top]];
      }
      let slot = Math.imul(number | 0, SPREAD) >>> shift;
      let page = slots[slot] - 1;
      while (page !== -1 && numbers[page] !== number) {
        slot = (slot + 1) & (slots.length - 1);
        page = slots[slot] - 1;
      }
      if (page === -1) {
        if (size === 0) continue;
        page = this.#add(number);
        numbers = this.#numbers;
        slots = this.#slots;
        shift = this.#shift;
      }
      const bits = this.#bits[page];
      const mask = 1 << bit;
      if (longSizes.size > 0) longSizes.delete(key);
      if (size === 0) {
        if ((bits & mask) === 0) continue;
        this.#bits[page] = bits ^ mask;
        this.length--;
        if (bits !== mask || number !== best) continue;
        this.#lower();
        best = this.#top === -1 ? Number.NEGATIVE_INFINITY : numbers[this.#order[this.#top]];
        continue;
      }
      if ((bits & mask) === 0) {
        this.#bits[page] = bits | mask;
        this.length++;
        if (number > best) {
          this.#raise(page);
          best = number;
        }
      }
      const place = page * WIDTH + bit;
      this.#sizes[place] = size;
      const written = decimals | (sizeDecimals[at] << 8);
      if (written !== common) {
        if (common !== MIXED) common = this.#mix(written);
        if (common === MIXED) this.#decimals[place] = written;
      }
      if (hasLong && changes.longSizes.has(at)) longSizes.set(key, changes.longSizes.get(at)!);
    }
  }

  priceAt(position: number): number {
    const place = this.#placeOf(position);
    return place === -1 ? Number.NaN : this.#price(this.#keyOf(place));
  }

  sizeAt(position: number): number {
    const place = this.#placeOf(position);
    return place === -1 ? Number.NaN : this.#size(place);
  }

  *levels(count = this.length): Generator<Level> {
    let left = Math.min(count, this.length);
    for (let at = this.#top; left > 0; at--) {
      const page = this.#order[at];
      for (let bit = WIDTH - 1; bit >= 0 && left > 0; bit--) {
        if ((this.#bits[page] & (1 << bit)) === 0) continue;
        left--;
        const place = page * WIDTH + bit;
        const key = this.#keyOf(place);
        const decimals = this.#decimalsOf(place);
        yield [
          this.#priceText(key, decimals & 255),
          this.#longSizes.get(key) ?? scaledText(this.#sizes[place], decimals >> 8),
          this.#price(key),
          this.#size(place),
        ];
      }
    }
  }

  #keyOf(place: number): number {
    const page = Math.floor(place / WIDTH);
    return this.#numbers[page] * WIDTH + (place - page * WIDTH);
  }

  #decimalsOf(place: number): number {
    return this.#common === MIXED ? this.#decimals[place] : this.#common;
  }

  /** A level is written with other decimals than those so far. */
  #mix(written: number): number {
    if (this.#common === NONE) this.#common = written;
    else {
      this.#decimals.fill(this.#common);
      this.#common = MIXED;
    }
    return this.#common;
  }

  #price(key: number): number {
    // + 0: there is no price of minus nothing.
    return scaledNumber(key * this.#sign + 0, this.#scale);
  }

  #size(place: number): number {
    const long = this.#longSizes.size > 0 ? this.#longSizes.get(this.#keyOf(place)) : undefined;
    return long === undefined ? scaledNumber(this.#sizes[place], this.#decimalsOf(place) >> 8) : Number(long);
  }

  #priceText(key: number, decimals: number): string {
    const scale = this.#scale;
    const steps = key * this.#sign;
    if (decimals <= scale) return scaledText(steps / POWERS_OF_TEN[scale - decimals], decimals);
    const text = scaledText(steps, scale);
    return (scale === 0 ? `${text}.` : text) + '0'.repeat(decimals - scale);
  }

  #placeOf(position: number): number {
    if (position < 0 || position >= this.length) return -1;
    if (position === 0) {
      // The best level is asked for after every change.
      const best = this.#order[this.#top];
      return best * WIDTH + 31 - Math.clz32(this.#bits[best]);
    }
    let left = position;
    for (let at = this.#top; ; at--) {
      const page = this.#order[at];
      let bits = this.#bits[page];
      while (bits !== 0) {
        const bit = 31 - Math.clz32(bits);
        if (left-- === 0) return page * WIDTH + bit;
        bits ^= 1 << bit;
      }
    }
  }

  /** The page of a number; -1 where there is none. */
  #find(number: number): number {
    const slots = this.#slots;
    const numbers = this.#numbers;
    let slot = Math.imul(number | 0, SPREAD) >>> this.#shift;
    for (;;) {
      const page = slots[slot] - 1;
      if (page === -1 || numbers[page] === number) return page;
      slot = (slot + 1) & (slots.length - 1);
    }
  }

  #remove(page: number, bit: number): void {
    const bits = this.#bits[page];
    const mask = 1 << bit;
    if ((bits & mask) === 0) return;
    this.#bits[page] = bits ^ mask;
    this.length--;
    if (this.#longSizes.size > 0) this.#longSizes.delete(this.#keyOf(page * WIDTH + bit));
    if (bits === mask) this.#lower();
  }

  /** The best level's page may be empty now. */
  #lower(): void {
    while (this.#top >= 0 && this.#bits[this.#order[this.#top]] === 0) this.#top--;
  }

  /** The best level is in this page now; those between it and the one that was best are empty. */
  #raise(page: number): void {
    do this.#top++;
    while (this.#order[this.#top] !== page);
  }

  #add(number: number): number {
    if (this.#pages === this.#numbers.length) this.#makeRoom();
    const page = this.#pages++;
    this.#numbers[page] = number;
    this.#bits[page] = 0;
    this.#enter(page);
    let low = 0;
    let high = page;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#numbers[this.#order[middle]] < number) low = middle + 1;
      else high = middle;
    }
    this.#order.copyWithin(low + 1, low, page);
    this.#order[low] = page;
    if (low <= this.#top) this.#top++;
    return page;
  }

  #enter(page: number): void {
    const slots = this.#slots;
    let slot = Math.imul(this.#numbers[page] | 0, SPREAD) >>> this.#shift;
    while (slots[slot] !== 0) slot = (slot + 1) & (slots.length - 1);
    slots[slot] = page + 1;
  }

  /** Gives up the empty pages, and makes twice as many where most have levels. */
  #makeRoom(): void {
    const bits = this.#bits;
    const order = this.#order;
    // The slots are filled anew below; until then they say where a page goes, + 1.
    const slots = this.#slots.fill(0);
    let full = 0;
    for (let page = 0; page < this.#pages; page++) if (bits[page] !== 0) slots[page] = ++full;
    let to = 0;
    for (let at = 0; at < this.#pages; at++) {
      if (slots[order[at]] !== 0) order[to++] = slots[order[at]] - 1;
    }
    for (let page = 0; page < this.#pages; page++) {
      if (slots[page] === 0) continue;
      const other = slots[page] - 1;
      this.#numbers[other] = this.#numbers[page];
      bits[other] = bits[page];
      this.#sizes.copyWithin(other * WIDTH, page * WIDTH, (page + 1) * WIDTH);
      this.#decimals.copyWithin(other * WIDTH, page * WIDTH, (page + 1) * WIDTH);
    }
    this.#pages = full;
    this.#top = full - 1;
    slots.fill(0);
    if (full > order.length / 2) this.#grow(order.length * 2);
    for (let page = 0; page < full; page++) this.#enter(page);
  }

  #grow(pages: number): void {
    this.#numbers = grown(this.#numbers, new Float64Array(pages));
    this.#bits = grown(this.#bits, new Int32Array(pages));
    this.#sizes = grown(this.#sizes, new Float64Array(pages * WIDTH));
    this.#decimals = grown(this.#decimals, new Uint16Array(pages * WIDTH));
    this.#order = grown(this.#order, new Int32Array(pages));
    this.#slots = new Int32Array(pages * 4);
    this.#shift = Math.clz32(pages * 4) + 1;
  }

  /** The steps of a price that has none of the present size: they become smaller, or larger where there is no need. */
  #stepped(mantissa: number, decimals: number): number {
    let steps = mantissa;
    let needed = decimals;
    for (; needed > 0 && steps % 10 === 0; needed--) steps /= 10;
    if (needed > this.#scale) this.#rescale(needed);
    let exact = steps * power(this.#scale - needed);
    if (!Number.isSafeInteger(exact)) {
      // Prices that needed smaller steps may have gone.
      this.#rescale(needed);
      exact = steps * power(this.#scale - needed);
    }
    if (!Number.isSafeInteger(exact)) throw tooFarApart(mantissa, decimals);
    return exact;
  }

  /** Counts in steps of 10^-`least`, or smaller ones where levels need them. */
  #rescale(least: number): void {
    const old: { steps: number; needed: number; size: number; decimals: number; long: string | undefined }[] =
      [];
    let scale = least;
    for (let page = 0; page < this.#pages; page++) {
      for (let bit = 0; bit < WIDTH; bit++) {
        if ((this.#bits[page] & (1 << bit)) === 0) continue;
        const place = page * WIDTH + bit;
        const key = this.#keyOf(place);
        let steps = key * this.#sign + 0;
        let needed = this.#scale;
        for (; needed > 0 && steps % 10 === 0; needed--) steps /= 10;
        scale = Math.max(scale, needed);
        const long = this.#longSizes.get(key);
        old.push({ steps, needed, size: this.#sizes[place], decimals: this.#decimalsOf(place), long });
      }
    }
    for (const { needed, steps } of old) {
      if (!Number.isSafeInteger(steps * power(scale - needed))) throw tooFarApart(steps, needed);
    }
    const common = this.#common;
    this.clear();
    this.#scale = scale;
    this.#common = common;
    for (const { decimals, long, needed, size, steps } of old) {
      const key = steps * power(scale - needed) * this.#sign;
      const number = Math.floor(key / WIDTH);
      const found = this.#find(number);
      const page = found === -1 ? this.#add(number) : found;
      const bit = key - number * WIDTH;
      this.#bits[page] |= 1 << bit;
      this.#sizes[page * WIDTH + bit] = size;
      this.#decimals[page * WIDTH + bit] = decimals;
      if (long !== undefined) this.#longSizes.set(key, long);
    }
    this.length = old.length;
    this.#top = this.#pages - 1;
  }
}

function power(of: number): number {
  return POWERS_OF_TEN[of] ?? Number.POSITIVE_INFINITY;
}

function tooFarApart(mantissa: number, decimals: number): FrameError {
  return new FrameError(`prices too far apart for one book: ${mantissa} with ${decimals} decimals`);
}

function grown<Column extends Float64Array | Int32Array | Uint16Array>(old: Column, column: Column): Column {
  column.set(old);
  return column;
}
