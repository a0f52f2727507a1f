import { crc32 } from 'node:zlib';
import type { BookView } from '../../books/book.ts';
import type { OrderByOrderBook } from '../../books/order-by-order.ts';
import type { QueuedOrder } from '../../books/order-queue.ts';
import { plainDecimal } from '../../wire/decimal.ts';

/** Levels, or orders, a side. */
const DEPTH = 25;

/** As JavaScript prints the number, but without an exponent. */
const printed = (value: number) => plainDecimal(String(value));

/** Checksum of the best 25 levels a side, signed. */
export function levelsChecksum({ asks, bids }: BookView): number {
  const side = (levels: Iterable<readonly [string, string, number, number]>, sign: string) =>
    Array.from(levels, ([, , price, size]) => `${printed(price)}:${sign}${printed(size)}`);
  return checksum(side(bids.levels(DEPTH), ''), side(asks.levels(DEPTH), '-'));
}

/** Checksum of the best 25 orders a side, at one price the lower id first; signed. */
export function ordersChecksum({ asks, bids }: OrderByOrderBook): number {
  const side = (levels: OrderByOrderBook['bids'], sign: string) => {
    const texts: string[] = [];
    for (const queue of levels.queues()) {
      for (const { id, sizeText } of [...queue.orders()].sort(byId)) {
        texts.push(`${id}:${sign}${printed(Number(sizeText))}`);
      }
      if (texts.length >= DEPTH) break;
    }
    return texts.slice(0, DEPTH);
  };
  return checksum(side(bids, ''), side(asks, '-'));
}

/** Ids are integers that a double may not hold. */
function byId({ id: one }: QueuedOrder, { id: other }: QueuedOrder): number {
  if (one.length !== other.length) return one.length - other.length;
  return one < other ? -1 : 1;
}

/** Bid and ask by turns; the rest of the longer side one by one. */
function checksum(bids: readonly string[], asks: readonly string[]): number {
  const parts: string[] = [];
  for (let at = 0; at < DEPTH; at++) {
    if (at < bids.length) parts.push(bids[at]);
    if (at < asks.length) parts.push(asks[at]);
  }
  return crc32(parts.join(':')) | 0;
}
