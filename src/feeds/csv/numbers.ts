import { MINUS, POINT, textOf, ZERO } from './bytes.ts';

/** 10^0 … 10^22: the powers of ten that a double holds exactly. */
const POWERS = [
  1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
  1e20, 1e21, 1e22,
];

/** What a number may look like: JavaScript's decimal notation without hexadecimals, Infinity and blanks. */
const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/**
 * Reads decimal numbers from bytes without making strings. A quotient of two exact doubles is rounded once, as
 * Number() rounds: so a mantissa up to 2^53 over a power of ten up to 10^22 gives the same bits, and whatever
 * is longer goes through Number() itself.
 */
export class NumberReader {
  /** After {@link scan}: the first byte that is not part of the number. */
  end = 0;
  readonly #decimal: number;

  /** `decimal`: the byte of the decimal mark, a point or a comma. */
  constructor(decimal: number = POINT) {
    this.#decimal = decimal;
  }

  /**
   * The number that begins at `at` in plain notation (no plus sign, no exponent), NaN when there is none. The
   * bytes must hold a byte that no number has (a separator, a line's end) at or after `at`.
   */
  scan(bytes: Uint8Array, at: number): number {
    const start = at;
    const negative = bytes[at] === MINUS;
    if (negative) at++;
    const wholeStart = at;
    let whole = 0;
    let digit = bytes[at] - ZERO;
    while (digit >>> 0 <= 9) {
      whole = (whole * 10 + digit) | 0;
      digit = bytes[++at] - ZERO;
    }
    const wholeDigits = at - wholeStart;
    let part = 0;
    let decimals = 0;
    if (bytes[at] === this.#decimal) {
      const partStart = ++at;
      digit = bytes[at] - ZERO;
      while (digit >>> 0 <= 9) {
        part = (part * 10 + digit) | 0;
        digit = bytes[++at] - ZERO;
      }
      decimals = at - partStart;
    }
    this.end = at;
    // Nine digits fit into 32 bits, where they are added fastest.
    if (wholeDigits > 9 || decimals > 9) return this.#long(bytes, start, at);
    if (wholeDigits + decimals === 0) return Number.NaN;
    if (decimals === 0) return negative ? -whole : whole;
    const power = POWERS[decimals];
    const mantissa = whole * power + part;
    if (mantissa > Number.MAX_SAFE_INTEGER) return this.#long(bytes, start, at);
    return (negative ? -mantissa : mantissa) / power;
  }

  /** A number of any notation that fills the bytes exactly; NaN when it does not, or when it is not finite. */
  read(bytes: Uint8Array, from: number, to: number): number {
    const value = this.scan(bytes, from);
    if (this.end === to && !Number.isNaN(value)) return value;
    const text = this.#text(bytes, from, to);
    const number = DECIMAL.test(text) ? Number(text) : Number.NaN;
    return Number.isFinite(number) ? number : Number.NaN;
  }

  #long(bytes: Uint8Array, from: number, to: number): number {
    let mantissa = 0;
    let decimals = 0;
    let inPart = false;
    const negative = bytes[from] === MINUS;
    for (let at = negative ? from + 1 : from; at < to; at++) {
      if (bytes[at] === this.#decimal) {
        inPart = true;
        continue;
      }
      mantissa = mantissa * 10 + (bytes[at] - ZERO);
      if (inPart) decimals++;
    }
    // Once past 2^53 the sum may be rounded, but it never comes back below.
    if (mantissa > Number.MAX_SAFE_INTEGER || decimals > 22) {
      const number = Number(this.#text(bytes, from, to));
      return Number.isFinite(number) ? number : Number.NaN;
    }
    return (negative ? -mantissa : mantissa) / POWERS[decimals];
  }

  #text(bytes: Uint8Array, from: number, to: number): string {
    const text = textOf(bytes, from, to);
    return this.#decimal === POINT ? text : text.replace(/[.,]/g, mark => (mark === ',' ? '.' : '_'));
  }
}
