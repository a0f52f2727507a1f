import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { BookSide } from '../../../src/model/records.ts';
import { OrderByOrderBook } from '../../../src/venues/books/order-by-order.ts';
import { FrameError } from '../../../src/venues/wire/json-cursor.ts';

interface Order {
  readonly id: string;
  readonly side: BookSide;
  readonly price: number;
  /** In units of 1e-30, so that sums are exact. */
  readonly size: bigint;
}

const units = (text: string): bigint => {
  const [mantissa, exponent = '0'] = text.toLowerCase().split('e');
  const [whole, fraction = ''] = mantissa.split('.');
  return BigInt(whole + fraction) * 10n ** BigInt(30 - fraction.length + Number(exponent));
};
const unitsOf = (text: string | undefined) => units(text ?? '-1');

/** A list of orders, the oldest first, looked through from one end to the other for every question. */
class NaiveBook {
  orders: Order[] = [];

  set(id: string, side: BookSide, price: string, size: string): void {
    const at = this.orders.findIndex(order => order.id === id);
    const next = { id, side, price: Number(price), size: units(size) };
    const known = this.orders[at];
    if (next.size === 0n) this.delete(id);
    else if (at === -1) this.orders.push(next);
    else if (known.side === side && known.price === next.price && next.size <= known.size)
      this.orders[at] = next;
    else {
      this.delete(id);
      this.orders.push(next);
    }
  }

  delete(id: string): void {
    this.orders = this.orders.filter(order => order.id !== id);
  }

  levels(side: BookSide): { price: number; size: bigint; orders: string[] }[] {
    const prices = [...new Set(this.orders.filter(order => order.side === side).map(({ price }) => price))];
    prices.sort((one, other) => (side === 'bid' ? other - one : one - other));
    return prices.map(price => {
      const there = this.orders.filter(order => order.side === side && order.price === price);
      return {
        price,
        size: there.reduce((sum, { size }) => sum + size, 0n),
        orders: there.map(({ id }) => id),
      };
    });
  }

  position(id: string): { ordersAhead: number; sizeAhead: bigint } {
    const order = this.orders.find(one => one.id === id)!;
    const { orders } = this.levels(order.side).find(({ price }) => price === order.price)!;
    const ahead = orders.slice(0, orders.indexOf(id));
    const sizes = ahead.map(one => this.orders.find(other => other.id === one)!.size);
    return { ordersAhead: ahead.length, sizeAhead: sizes.reduce((sum, size) => sum + size, 0n) };
  }

  truncate(depth: number): void {
    for (const side of ['bid', 'ask'] as const) {
      for (const { orders } of this.levels(side).slice(depth)) for (const id of orders) this.delete(id);
    }
  }
}

const id = fc.integer({ min: 1, max: 25 }).map(String);
const price = fc.constantFrom('9', '10', '10.0', '1e1', '10.5', '0.00000001', '11.25', '123456789012345');
const size = fc.oneof(
  fc.integer({ min: 0, max: 30 }).map(String),
  fc.constantFrom(
    '0.1',
    '0.2',
    '0.3',
    '0.30',
    '1.7e-8',
    '0.000000000000000000001',
    '9007199254740993.1',
    '0.0',
  ),
);
const step = fc.oneof(
  { weight: 8, arbitrary: fc.record({ id, side: fc.constantFrom<BookSide>('bid', 'ask'), price, size }) },
  { weight: 3, arbitrary: fc.record({ delete: id }) },
  { weight: 1, arbitrary: fc.record({ depth: fc.integer({ min: 0, max: 5 }) }) },
);

test('levels are the exact sums of their orders, and queues are as a list of orders has them, after any changes', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), steps => {
      const book = new OrderByOrderBook();
      const naive = new NaiveBook();
      for (const one of steps) {
        for (const each of [book, naive]) {
          if ('delete' in one) each.delete(one.delete);
          else if ('depth' in one) each.truncate(one.depth);
          else each.set(one.id, one.side, one.price, one.size);
        }
      }
      expect(book.size).toBe(naive.orders.length);
      for (const side of ['bid', 'ask'] as const) {
        const levels = side === 'bid' ? book.bids : book.asks;
        const found = [...levels.queues()].map(queue => ({
          price: queue.price,
          size: unitsOf(queue.sizeText),
          orders: [...queue.orders()].map(order => order.id),
        }));
        expect(found).toEqual(naive.levels(side));
        expect(levels.length).toBe(found.length);
        for (let at = -1; at <= found.length; at++) {
          expect(levels.priceAt(at)).toBe(found[at]?.price ?? Number.NaN);
          expect(levels.ordersAt(at)).toBe(found[at]?.orders.length ?? 0);
        }
      }
      for (const order of naive.orders) {
        const position = book.position(order.id);
        expect({ ...position, sizeAhead: unitsOf(position?.sizeAhead) }).toEqual(naive.position(order.id));
      }
    }),
    { numRuns: 300 },
  );
});

test('an order keeps its place when its size shrinks, and loses it when the size grows or the price changes', () => {
  const book = new OrderByOrderBook();
  for (const one of ['a', 'b', 'c']) book.set(one, 'ask', '100.5', '2');
  expect(book.position('c')).toEqual({ ordersAhead: 2, sizeAhead: '4' });
  book.set('b', 'ask', '100.50', '0.5');
  expect(book.position('b')).toEqual({ ordersAhead: 1, sizeAhead: '2' });
  expect(book.position('c')).toEqual({ ordersAhead: 2, sizeAhead: '2.5' });
  book.set('b', 'ask', '100.5', '0.6');
  expect(book.position('b')).toEqual({ ordersAhead: 2, sizeAhead: '4' });
  book.set('a', 'ask', '100.6', '2');
  expect(book.position('a')).toEqual({ ordersAhead: 0, sizeAhead: '0' });
  expect(book.position('c')).toEqual({ ordersAhead: 0, sizeAhead: '0' });
  expect(book.position('nobody')).toBeUndefined();
});

test('a tenth and two tenths are three tenths', () => {
  const book = new OrderByOrderBook();
  book.set('a', 'bid', '7', '0.1');
  book.set('b', 'bid', '7', '0.2');
  expect([...book.bids.levels()]).toEqual([['7', '0.3', 7, 0.3]]);
  expect(book.bids.sizeAt(0)).toBe(0.3);
});

test('a book takes no more orders than it may, and no price that a double does not tell from the next', () => {
  const book = new OrderByOrderBook(2);
  book.set('a', 'bid', '7', '1');
  book.set('b', 'bid', '7', '1');
  expect(() => book.set('c', 'bid', '7', '1')).toThrow(FrameError);
  expect(() => book.set('a', 'bid', '7.0000000000000001', '1')).toThrow(FrameError);
  expect(() => book.set('a', 'bid', '7', '-1')).toThrow(FrameError);
  book.set('a', 'bid', '8', '3');
  expect([...book.bids.levels()].map(([at, sum]) => [at, sum])).toEqual([
    ['8', '3'],
    ['7', '1'],
  ]);
});
