import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { OrderBook } from '../../../src/venues/books/book.ts';
import { LevelChanges } from '../../../src/venues/books/level-changes.ts';
import { MapBook } from '../../../src/venues/books/map-book.ts';
import { SortedBook } from '../../../src/venues/books/sorted-book.ts';
import { JsonCursor } from '../../../src/venues/wire/json-cursor.ts';

type Rows = readonly (readonly [price: string, size: string])[];

function changesOf(bids: Rows, asks: Rows, quoted = true): LevelChanges {
  const changes = new LevelChanges();
  const cursor = new JsonCursor();
  for (const [side, rows] of [
    [changes.bids, bids],
    [changes.asks, asks],
  ] as const) {
    const text = JSON.stringify(rows);
    cursor.open(quoted ? text : text.replaceAll('"', ''));
    side.readLevels(cursor);
    cursor.close();
  }
  return changes;
}

const contents = (book: OrderBook) => [[...book.bids.levels()], [...book.asks.levels()]];

/** Prices that fall together often, with different decimals; sizes that are often 0, and sometimes very long. */
const price = fc.oneof(
  fc.integer({ min: 1, max: 60 }).map(String),
  fc.tuple(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 1, max: 99 })).map(([a, b]) => `${a}.${b}`),
  fc.integer({ min: 1, max: 9000 }).map(n => (n / 100).toFixed(8)),
);
const size = fc.oneof(
  fc.constantFrom('0', '0.000', '0.00000000'),
  fc.integer({ min: 1, max: 5000 }).map(n => (n / 1000).toFixed(3)),
  fc.constantFrom('1', '12345678901.123456789', '0.000000000000000012345', '2.25699818699771331249'),
);
const rows = fc.array(fc.tuple(price, size), { maxLength: 25 });
const step = fc.record({
  bids: rows,
  asks: rows,
  depth: fc.option(fc.integer({ min: 0, max: 12 }), { freq: 6 }),
});

test('the sorted book holds what the book of maps holds, after any changes', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), fc.boolean(), (steps, quoted) => {
      const sorted = new SortedBook();
      const oracle = new MapBook();
      for (const { asks, bids, depth } of steps) {
        const changes = changesOf(bids, asks, quoted);
        for (const book of [sorted, oracle]) {
          book.apply(changes);
          if (depth !== null) book.truncate(depth);
        }
        expect(contents(sorted)).toEqual(contents(oracle));
        for (const side of ['bids', 'asks'] as const) {
          expect(sorted[side].length).toBe(oracle[side].length);
          for (let position = -1; position <= oracle[side].length; position++) {
            expect(sorted[side].priceAt(position)).toBe(oracle[side].priceAt(position));
            expect(sorted[side].sizeAt(position)).toBe(oracle[side].sizeAt(position));
          }
        }
      }
    }),
    { numRuns: 150 },
  );
});

test('a long walk of the price through thousands of levels leaves the same levels', () => {
  const sorted = new SortedBook();
  const oracle = new MapBook();
  let seed = 1;
  const random = () => {
    seed = (seed * 48271) % 0x7fffffff;
    return seed / 0x7fffffff;
  };
  let middle = 50_000;
  for (let message = 0; message < 3000; message++) {
    middle += Math.round((random() - 0.5) * 40);
    const side = (sign: number) =>
      Array.from({ length: 12 }, () => {
        const away = Math.ceil(random() ** 3 * 3000);
        return [
          ((middle + sign * away) / 10).toFixed(2),
          (random() < 0.45 ? 0 : random() * 9).toFixed(4),
        ] as const;
      });
    const changes = changesOf(side(-1), side(1));
    sorted.apply(changes);
    oracle.apply(changes);
    if (message % 50 === 0) expect(contents(sorted)).toEqual(contents(oracle));
  }
  expect(contents(sorted)).toEqual(contents(oracle));
});

test('levels are told in the words of the wire', () => {
  const changes = changesOf([['61837.63000000', '3.78826000']], [['9.121E-7', '92730.24']]);
  expect(changes.bids.levels()).toEqual([['61837.63000000', '3.78826000', 61837.63, 3.78826]]);
  expect(changes.asks.levels()).toEqual([['9.121E-7', '92730.24', 9.121e-7, 92730.24]]);
  expect(changes.copy().asks.levels()).toEqual(changes.asks.levels());
});

test('a price too long for the zeros that all others end with is held exactly, whichever comes first', () => {
  const near: Rows = [
    ['354.15000000', '1.50'],
    ['354.80000000', '2'],
  ];
  const far: Rows = [['99999997.00000000', '0.1']];
  for (const order of [
    [near, far, near],
    [far, near],
    [[...far, ...near], [['354.12000000', '7']] as Rows],
  ]) {
    const book = new SortedBook();
    const oracle = new MapBook();
    for (const rows of order) for (const one of [book, oracle]) one.apply(changesOf([], rows));
    const numbers = (all: OrderBook) => [...all.asks.levels()].map(([, , price, size]) => [price, size]);
    expect(numbers(book)).toEqual(numbers(oracle));
    expect([...book.asks.levels(2)].map(([price]) => price)).toEqual(
      [...oracle.asks.levels(2)].map(([price]) => price),
    );
  }
});

test('prices that no keys of 53 bits hold together are refused, not rounded', () => {
  const book = new SortedBook();
  book.apply(changesOf([], [['99999997.00000000', '1']]));
  expect(() => book.apply(changesOf([], [['0.00000001', '1']]))).toThrow('too far apart');
});
