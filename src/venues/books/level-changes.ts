import type { Level } from '../../model/records.ts';
import { plainDecimal, pointMoved, scaledNumber, scaledText, writtenOut } from '../wire/decimal.ts';
import { type Ascii, FrameError, type JsonCursor } from '../wire/json-cursor.ts';

/** More levels than any venue's book has a side. */
const MOST_LEVELS = 1 << 20;

const QUOTE = 0x22;
const COMMA = 0x2c;
const DOT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
/** Of four characters at once: what they are above '0', and the bits that show that one of them is no digit. */
const ZEROS = 0x30303030;
const SIXES = 0x06060606;
const HIGH = 0xf0f0f0f0 | 0;
/** In place of the end of a price: its level is written `"price","size"`. */
const PLAIN = -1;
/** Characters of a number that has at most 15 digits and a point. */
const MOST_PLAIN = 16;

/** New sizes at prices of one side of a book, in the order of the wire: columns that are used again for every frame. */
export class SideChanges {
  count = 0;
  /** Digits of the price as an integer, and how many of them are behind the point. */
  prices = new Float64Array(64);
  priceDecimals = new Uint8Array(64);
  /** Likewise of the size; 0 takes the level away. */
  sizes = new Float64Array(64);
  sizeDecimals = new Uint8Array(64);
  /** Texts of sizes that have more digits than a double surely holds, by position. */
  readonly longSizes = new Map<number, string>();
  /** Where the numbers stand in the frame: start and end of the price, start and end of the size, level by level. */
  #places = new Int32Array(256);
  #frame = '';
  /** The numbers of the frame are integers that stand for decimals. */
  #isScaled = false;
  /** Sequence of each change, where the venue numbers them singly. */
  #sequences: number[] = [];

  clear(): void {
    this.count = 0;
    this.#frame = '';
    this.#isScaled = false;
    if (this.#sequences.length > 0) this.#sequences = [];
    if (this.longSizes.size > 0) this.longSizes.clear();
  }

  /** The levels as on the wire; with real prices and sizes where the wire has scaled integers. */
  levels(): Level[] {
    const levels: Level[] = [];
    const frame = this.#frame;
    for (let at = 0; at < this.count; at++) {
      const place = at * 4;
      let [price, priceEnd, size, sizeEnd] = this.#places.subarray(place, place + 4);
      if (priceEnd === PLAIN) {
        priceEnd = frame.indexOf('"', price);
        size = priceEnd + 3;
        sizeEnd = frame.indexOf('"', size);
      }
      const decimals = this.priceDecimals[at];
      levels.push([
        this.#isScaled ? scaledText(this.prices[at], decimals) : frame.slice(price, priceEnd),
        this.#isScaled ? this.#sizeText(at) : size === sizeEnd ? '0' : frame.slice(size, sizeEnd),
        scaledNumber(this.prices[at], decimals),
        this.longSizes.has(at)
          ? Number(this.longSizes.get(at))
          : scaledNumber(this.sizes[at], this.sizeDecimals[at]),
      ]);
    }
    return levels;
  }

  /** The same changes in columns of their own. */
  copy(): SideChanges {
    const copy = new SideChanges();
    copy.count = this.count;
    copy.prices = this.prices.slice(0, Math.max(1, this.count));
    copy.priceDecimals = this.priceDecimals.slice(0, Math.max(1, this.count));
    copy.sizes = this.sizes.slice(0, Math.max(1, this.count));
    copy.sizeDecimals = this.sizeDecimals.slice(0, Math.max(1, this.count));
    copy.#places = this.#places.slice(0, Math.max(1, this.count) * 4);
    copy.#frame = this.#frame;
    copy.#isScaled = this.#isScaled;
    copy.#sequences = this.#sequences.slice();
    for (const [at, text] of this.longSizes) copy.longSizes.set(at, text);
    return copy;
  }

  /** The numbers are integers that stand for decimals: so many digits of each are behind the point. */
  scale(priceDecimals: number, sizeDecimals: number): void {
    if (priceDecimals === 0 && sizeDecimals === 0) return;
    this.#isScaled = true;
    for (let at = 0; at < this.count; at++) {
      if (this.priceDecimals[at] + this.sizeDecimals[at] > 0) {
        throw new FrameError('a fraction where the venue writes integers');
      }
      this.priceDecimals[at] += priceDecimals;
      this.sizeDecimals[at] += sizeDecimals;
    }
    for (const [at, text] of this.longSizes)
      this.longSizes.set(at, pointMoved(plainDecimal(text), sizeDecimals));
  }

  /** Leaves out the changes for which `keeps` is false. */
  filter(keeps: (price: number, sequence: number) => boolean): void {
    let to = 0;
    for (let from = 0; from < this.count; from++) {
      const price = scaledNumber(this.prices[from], this.priceDecimals[from]);
      if (keeps(price, this.#sequences[from] ?? Number.NaN)) this.#move(from, to++);
      else this.longSizes.delete(from);
    }
    this.count = to;
  }

  #move(from: number, to: number): void {
    if (from === to) return;
    this.prices[to] = this.prices[from];
    this.priceDecimals[to] = this.priceDecimals[from];
    this.sizes[to] = this.sizes[from];
    this.sizeDecimals[to] = this.sizeDecimals[from];
    this.#places.copyWithin(to * 4, from * 4, from * 4 + 4);
    if (this.#sequences.length > 0) this.#sequences[to] = this.#sequences[from];
    const long = this.longSizes.get(from);
    if (long === undefined) return;
    this.longSizes.delete(from);
    this.longSizes.set(to, long);
  }

  #sizeText(at: number): string {
    return this.longSizes.get(at) ?? scaledText(this.sizes[at], this.sizeDecimals[at]);
  }

  /** Reads `[[price, size, sequence], …]`. */
  readNumberedLevels(cursor: JsonCursor): void {
    cursor.array();
    while (cursor.item()) {
      cursor.array();
      if (!cursor.item()) throw new FrameError('a level without a price');
      this.readPrice(cursor);
      if (!cursor.item()) throw new FrameError('a level without a size');
      this.readSize(cursor);
      if (!cursor.item()) throw new FrameError('a level without a sequence');
      this.#sequences[this.count - 1] = cursor.number();
      while (cursor.item()) cursor.skip();
    }
  }

  /** Reads `[price, size, …]`, numbers bare or in quotes; passes over what follows them. */
  readLevel(cursor: JsonCursor): void {
    cursor.array();
    if (!cursor.item()) throw new FrameError('a level without a price');
    this.readPrice(cursor);
    if (!cursor.item()) throw new FrameError('a level without a size');
    this.readSize(cursor);
    while (cursor.item()) cursor.skip();
  }

  /** Reads `[[price, size, …], …]`. */
  readLevels(cursor: JsonCursor): void {
    cursor.array();
    const ascii = cursor.ascii();
    while (cursor.item()) {
      if (ascii === undefined || !this.#readPlain(cursor, ascii)) this.readLevel(cursor);
    }
  }

  /**
   * Reads `["123.45","6.7"],["123.46","0"]` as far as it goes: levels as most venues write them, digits with one point and
   * no blanks. Anything else is left to `readLevel`; false when the first level is such. All in one place, and four digits
   * at once, because most of the time of a busy book is spent here. What reads a number stands here twice: as a function it
   * made books a fifth slower, as a loop over price and size a twentieth.
   */
  #readPlain(cursor: JsonCursor, { bytes, view }: Ascii): boolean {
    let at = cursor.at;
    let index = this.count;
    let code = 0;
    let point = 0;
    while (bytes[at] === OPEN_BRACKET && bytes[at + 1] === QUOTE) {
      at += 2;
      const start = at;
      let price = 0;
      let four = view.getUint32(at, true) ^ ZEROS;
      while (((four | (four + SIXES)) & HIGH) === 0) {
        four = (Math.imul(four, 10) + (four >>> 8)) & 0xff00ff;
        price = price * 10_000 + ((Math.imul(four, 100) + (four >>> 16)) & 0xffff);
        at += 4;
        four = view.getUint32(at, true) ^ ZEROS;
      }
      code = bytes[at];
      while (code >= ZERO && code <= NINE) {
        price = price * 10 + (code - ZERO);
        code = bytes[++at];
      }
      point = at;
      if (code === DOT) {
        four = view.getUint32(++at, true) ^ ZEROS;
        while (((four | (four + SIXES)) & HIGH) === 0) {
          four = (Math.imul(four, 10) + (four >>> 8)) & 0xff00ff;
          price = price * 10_000 + ((Math.imul(four, 100) + (four >>> 16)) & 0xffff);
          at += 4;
          four = view.getUint32(at, true) ^ ZEROS;
        }
        code = bytes[at];
        while (code >= ZERO && code <= NINE) {
          price = price * 10 + (code - ZERO);
          code = bytes[++at];
        }
        if (at === point + 1) break;
      } else {
        if (at - start === MOST_PLAIN) break;
        point = at - 1;
      }
      if (code !== QUOTE || at - start > MOST_PLAIN || point === start || at === start) break;
      const priceDecimals = at - point - 1;
      if (bytes[at + 1] !== COMMA || bytes[at + 2] !== QUOTE) break;
      at += 3;
      const sizeStart = at;
      let size = 0;
      four = view.getUint32(at, true) ^ ZEROS;
      while (((four | (four + SIXES)) & HIGH) === 0) {
        four = (Math.imul(four, 10) + (four >>> 8)) & 0xff00ff;
        size = size * 10_000 + ((Math.imul(four, 100) + (four >>> 16)) & 0xffff);
        at += 4;
        four = view.getUint32(at, true) ^ ZEROS;
      }
      code = bytes[at];
      while (code >= ZERO && code <= NINE) {
        size = size * 10 + (code - ZERO);
        code = bytes[++at];
      }
      point = at;
      if (code === DOT) {
        four = view.getUint32(++at, true) ^ ZEROS;
        while (((four | (four + SIXES)) & HIGH) === 0) {
          four = (Math.imul(four, 10) + (four >>> 8)) & 0xff00ff;
          size = size * 10_000 + ((Math.imul(four, 100) + (four >>> 16)) & 0xffff);
          at += 4;
          four = view.getUint32(at, true) ^ ZEROS;
        }
        code = bytes[at];
        while (code >= ZERO && code <= NINE) {
          size = size * 10 + (code - ZERO);
          code = bytes[++at];
        }
        if (at === point + 1) break;
      } else {
        if (at - sizeStart === MOST_PLAIN) break;
        point = at - 1;
      }
      if (code !== QUOTE || at - sizeStart > MOST_PLAIN || point === sizeStart || at === sizeStart) break;
      if (bytes[at + 1] !== CLOSE_BRACKET) break;
      if (index === this.prices.length) this.#grow();
      this.prices[index] = price;
      this.priceDecimals[index] = priceDecimals;
      this.sizes[index] = size;
      this.sizeDecimals[index] = at - point - 1;
      // From here the rest can be found, if somebody asks for it.
      const places = this.#places;
      places[index * 4] = start;
      places[index * 4 + 1] = PLAIN;
      index++;
      at += 2;
      cursor.at = at;
      if (bytes[at] !== COMMA) break;
      at++;
    }
    if (index === this.count) return false;
    this.#frame = cursor.text;
    this.count = index;
    return true;
  }

  /** Reads the price of another level; `readSize` must follow. */
  readPrice(cursor: JsonCursor): void {
    cursor.decimal();
    if (!cursor.isExact) throw new FrameError(`a price of more than 15 digits: ${cursor.value()}`);
    if (this.count === this.prices.length) this.#grow();
    if (cursor.decimals > 30) throw new FrameError(`a price with ${cursor.decimals} decimals`);
    const at = this.count;
    this.prices[at] = cursor.mantissa;
    this.priceDecimals[at] = cursor.decimals;
    this.#frame = cursor.text;
    this.#places[at * 4] = cursor.start;
    this.#places[at * 4 + 1] = cursor.end;
  }

  readSize(cursor: JsonCursor): void {
    cursor.decimal();
    const at = this.count++;
    // Zeros at the end of a long number are not in its mantissa, and checksums want them.
    if (!cursor.isExact || cursor.end - cursor.start > MOST_PLAIN) {
      this.longSizes.set(at, writtenOut(cursor.value()));
    }
    if (cursor.decimals > 100) throw new FrameError(`a size with ${cursor.decimals} decimals`);
    this.sizes[at] = cursor.mantissa;
    this.sizeDecimals[at] = cursor.decimals;
    this.#places[at * 4 + 2] = cursor.start;
    this.#places[at * 4 + 3] = cursor.end;
  }

  /** In place of `readSize`: the level whose price was read is taken away. */
  remove(): void {
    const at = this.count++;
    this.sizes[at] = 0;
    this.sizeDecimals[at] = 0;
    this.#places[at * 4 + 2] = 0;
    this.#places[at * 4 + 3] = 0;
  }

  /** Like `readSize`, of a number whose sign says only on which side it is. */
  readAmount(cursor: JsonCursor): void {
    this.readSize(cursor);
    const at = this.count - 1;
    if (this.sizes[at] >= 0) return;
    this.sizes[at] = -this.sizes[at];
    this.#places[at * 4 + 2]++;
    const long = this.longSizes.get(at);
    if (long !== undefined) this.longSizes.set(at, long.slice(1));
  }

  #grow(): void {
    const length = this.prices.length * 2;
    if (length > MOST_LEVELS) throw new FrameError(`more than ${MOST_LEVELS} levels`);
    const grown = <Column extends Float64Array | Uint8Array | Int32Array>(
      old: Column,
      column: Column,
    ): Column => {
      column.set(old);
      return column;
    };
    this.prices = grown(this.prices, new Float64Array(length));
    this.priceDecimals = grown(this.priceDecimals, new Uint8Array(length));
    this.sizes = grown(this.sizes, new Float64Array(length));
    this.sizeDecimals = grown(this.sizeDecimals, new Uint8Array(length));
    this.#places = grown(this.#places, new Int32Array(length * 4));
  }
}

/** From the lowest bid to the highest ask, both included, that something is known of. */
export interface PriceRange {
  readonly lowestBid: number;
  readonly highestAsk: number;
}

/** What a message changes in a book, or a whole book. */
export class LevelChanges {
  bids = new SideChanges();
  asks = new SideChanges();

  clear(): void {
    this.bids.clear();
    this.asks.clear();
  }

  /** Leaves out the changes for which `keeps` is false. `sequence` is that of a change, NaN where it has none. */
  filter(keeps: (price: number, sequence: number) => boolean): void {
    this.bids.filter(keeps);
    this.asks.filter(keeps);
  }

  /** Leaves out the changes beyond a range. */
  within({ lowestBid, highestAsk }: PriceRange): void {
    this.bids.filter(price => price >= lowestBid);
    this.asks.filter(price => price <= highestAsk);
  }

  copy(): LevelChanges {
    const copy = new LevelChanges();
    copy.bids = this.bids.copy();
    copy.asks = this.asks.copy();
    return copy;
  }
}
