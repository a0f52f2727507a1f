import { crc32 } from 'node:zlib';
import type { Level } from '../../model/records.ts';
import { writtenOut } from '../wire/decimal.ts';
import type { BookView } from './book.ts';
import type { OrderByOrderBook } from './order-by-order.ts';

/** Levels a side that Kraken's checksum covers. */
const KRAKEN_LEVELS = 10;

/** Decimals that a venue writes prices and sizes with. */
export interface Precision {
  readonly price: number;
  readonly size: number;
}

/**
 * Kraken's checksum, unsigned: the ten best asks, then the ten best bids, each as the digits of its price and of its size
 * without point and leading zeros. Numbers are given zeros up to `precision`, where a frame leaves them out.
 */
export function krakenChecksum({ asks, bids }: BookView, precision: Precision): number {
  let text = '';
  for (const side of [asks, bids]) {
    for (const [price, size] of side.levels(KRAKEN_LEVELS)) {
      text += significantDigits(price, precision.price) + significantDigits(size, precision.size);
    }
  }
  return crc32(text);
}

/** Kraken's checksum of a book of single orders: each order of the ten best prices a side, in the order of its queue. */
export function krakenOrdersChecksum(book: OrderByOrderBook, precision: Precision): number {
  let text = '';
  for (const side of [book.asks, book.bids]) {
    for (const queue of side.queues(KRAKEN_LEVELS)) {
      const price = significantDigits(writtenOut(queue.priceText), precision.price);
      for (const { sizeText } of queue.orders()) {
        text += price + significantDigits(writtenOut(sizeText), precision.size);
      }
    }
  }
  return crc32(text);
}

/** The most decimals that prices and sizes of the levels that Kraken's checksum covers have. */
export function precisionShown({ asks, bids }: BookView): Precision {
  let price = 0;
  let size = 0;
  for (const side of [asks, bids]) {
    for (const level of side.levels(KRAKEN_LEVELS)) {
      price = Math.max(price, decimalsOf(level[0]));
      size = Math.max(size, decimalsOf(level[1]));
    }
  }
  return { price, size };
}

/** Digits of a decimal that is written with `decimals` of them after the point: 0.00150 and 8 → `150000`. */
export function significantDigits(text: string, decimals: number): string {
  const point = text.indexOf('.');
  const whole = point === -1 ? text : text.slice(0, point);
  let fraction = point === -1 ? '' : text.slice(point + 1);
  if (fraction.length < decimals) fraction = fraction.padEnd(decimals, '0');
  // Zeros beyond the precision are none of the venue's own digits.
  while (fraction.length > decimals && fraction.endsWith('0')) fraction = fraction.slice(0, -1);
  return (whole + fraction).replace(/^0+/, '');
}

/**
 * The checksum of OKX and FTX, unsigned: bid 1, ask 1, bid 2, ask 2, … as `price:size`, joined by colons; a side that is
 * shorter is left out from its end on. `write` says how the venue writes a number.
 */
export function interleavedChecksum(
  { asks, bids }: BookView,
  levels: number,
  write: (text: string) => string = text => text,
): number {
  const parts: string[] = [];
  const bid = bids.levels(levels)[Symbol.iterator]();
  const ask = asks.levels(levels)[Symbol.iterator]();
  for (let left = levels; left > 0; left--) {
    for (const { done, value } of [bid.next(), ask.next()] as IteratorResult<Level, undefined>[]) {
      if (done !== true) parts.push(`${write(value[0])}:${write(value[1])}`);
    }
  }
  return crc32(parts.join(':'));
}

/** A CRC as a signed integer of 32 bits. */
export function signed(crc: number): number {
  return crc | 0;
}

/** A decimal as Python writes a float: `36006.0`, `0.0001`, `1e-05`. */
export function pythonFloat(text: string): string {
  const [whole, fraction = ''] = text.split('.') as [string, string?];
  const all = whole + fraction;
  const first = all.search(/[1-9]/);
  if (first === -1) return '0.0';
  const exponent = whole.length - 1 - first;
  const digits = all.slice(first).replace(/0+$/, '');
  if (exponent < -4 || exponent >= 16) {
    const mantissa = digits.length === 1 ? digits : `${digits[0]}.${digits.slice(1)}`;
    return `${mantissa}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
  }
  const kept = fraction.replace(/0+$/, '');
  return `${whole}.${kept === '' ? '0' : kept}`;
}

function decimalsOf(text: string): number {
  const point = text.indexOf('.');
  return point === -1 ? 0 : text.length - point - 1;
}
