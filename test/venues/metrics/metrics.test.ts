import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { BookRecord, Level, OrderRecord } from '../../../src/model/records.ts';
import type { BookLevels, BookView } from '../../../src/venues/books/book.ts';
import { BookEvents } from '../../../src/venues/metrics/book-events.ts';
import {
  bookMetrics,
  depthWithin,
  imbalanceShare,
  imbalanceSigned,
  microprice,
  midPrice,
  spreadOf,
} from '../../../src/venues/metrics/book-metrics.ts';
import { Latency } from '../../../src/venues/metrics/latency.ts';
import { OrderFlow } from '../../../src/venues/metrics/order-flow.ts';
import { TradeWindow } from '../../../src/venues/metrics/trade-window.ts';

type Pair = readonly [price: number, size: number];
const level = ([price, size]: Pair): Level => [String(price), String(size), price, size];
const side = (pairs: readonly Pair[]): BookLevels => ({
  length: pairs.length,
  priceAt: at => pairs[at]?.[0] ?? Number.NaN,
  sizeAt: at => pairs[at]?.[1] ?? Number.NaN,
  levels: (count = pairs.length) => pairs.slice(0, count).map(level),
});
const book = (bids: readonly Pair[], asks: readonly Pair[]): BookView => ({
  bids: side(bids),
  asks: side(asks),
});

describe('a book', () => {
  const view = book(
    [
      [100, 3],
      [99.9, 2],
      [99, 10],
      [98.9, 100],
    ],
    [
      [101, 1],
      [101.5, 4],
      [103, 20],
    ],
  );

  test('tells spread, mid and microprice, which leans to the side with less', () => {
    expect(bookMetrics(view)).toMatchObject({
      ...{ bid: 100, bidSize: 3, ask: 101, askSize: 1, spread: 1, mid: 100.5 },
      // (100 · 1 + 101 · 3) / 4.
      microprice: 100.75,
    });
    expect(bookMetrics(view).spreadBps).toBeCloseTo(10_000 / 100.5, 10);
  });

  test('tells spread and mid as the decimals of the wire make them', () => {
    expect(61826.62 - 61826.61).not.toBe(0.01);
    expect(bookMetrics(book([[61826.61, 1]], [[61826.62, 1]]))).toMatchObject({
      spread: 0.01,
      mid: 61826.615,
    });
    expect([spreadOf('1.7e-8', '2e-8'), midPrice('1e-8', '0.3')]).toEqual([3e-9, 0.150000005]);
  });

  test('tells imbalance of the best level and of several, as a share and with a sign', () => {
    const { imbalance, imbalance5, imbalance5Signed, imbalanceSigned } = bookMetrics(view);
    expect([imbalance, imbalanceSigned]).toEqual([0.75, 0.5]);
    // 115 of bids, 25 of asks.
    expect(imbalance5).toBeCloseTo(115 / 140, 15);
    expect(imbalance5Signed).toBeCloseTo(90 / 140, 15);
  });

  test('tells the size within basis points of the mid, the bound included', () => {
    // Of 100.5: 10 bps are 0.1005, 50 are 0.5025, 100 are 1.005.
    expect(bookMetrics(view)).toMatchObject({
      ...{ bidDepth10bps: 0, askDepth10bps: 0, bidDepth50bps: 3, askDepth50bps: 1 },
      ...{ bidDepth100bps: 5, askDepth100bps: 5 },
    });
    expect(depthWithin(view.bids, 100, 100)).toBe(15);
    expect(depthWithin(view.bids, 100, 10)).toBe(5);
  });

  test('without one side tells of the other only', () => {
    const { bid, mid, microprice, askDepth10bps, imbalance } = bookMetrics(book([[100, 1]], []));
    expect([bid, mid, microprice, askDepth10bps, imbalance]).toEqual([100, NaN, NaN, NaN, NaN]);
  });

  const price = fc.double({ min: 1e-8, max: 1e8, noNaN: true });
  const size = fc.double({ min: 1e-8, max: 1e8, noNaN: true });

  test('has a microprice between bid and ask, and a share between 0 and 1', () => {
    fc.assert(
      fc.property(price, price, size, size, (one, other, bidSize, askSize) => {
        const [bid, ask] = [Math.min(one, other), Math.max(one, other)];
        const micro = microprice(bid, bidSize, ask, askSize);
        expect(micro).toBeGreaterThanOrEqual(bid);
        expect(micro).toBeLessThanOrEqual(ask);
        const mid = midPrice(String(bid), String(ask));
        expect(mid).toBeGreaterThanOrEqual(bid);
        expect(mid).toBeLessThanOrEqual(ask);
        const share = imbalanceShare(bidSize, askSize);
        expect(share).toBeGreaterThanOrEqual(0);
        expect(share).toBeLessThanOrEqual(1);
        expect(imbalanceSigned(bidSize, askSize)).toBeCloseTo(2 * share - 1, 12);
        // Equal sizes: the mid.
        expect(microprice(bid, bidSize, ask, bidSize)).toBeCloseTo(mid, 5);
      }),
    );
  });
});

test('trades of a window make OHLCV and VWAP; the one since the start goes on', () => {
  const window = new TradeWindow();
  window.add(10, 1, 'buy');
  window.add(12, 2, 'sell');
  window.add(9, 1, null);
  expect(window.take()).toEqual({
    ...{ open: 10, high: 12, low: 9, close: 9, volume: 4, quoteVolume: 43, buyVolume: 1, sellVolume: 2 },
    ...{ trades: 3, vwap: 10.75, vwapSinceStart: 10.75 },
  });
  window.add(20, 4, 'buy');
  expect(window.take()).toMatchObject({ open: 20, low: 20, trades: 1, vwap: 20, vwapSinceStart: 123 / 8 });
  expect(window.take()).toEqual({
    ...{ open: NaN, high: NaN, low: NaN, close: NaN, volume: 0, quoteVolume: 0, buyVolume: 0 },
    ...{ sellVolume: 0, trades: 0, vwap: NaN, vwapSinceStart: 123 / 8 },
  });
});

test('a million tenths are a hundred thousand', () => {
  const window = new TradeWindow();
  for (let count = 0; count < 1_000_000; count++) window.add(1, 0.1, 'buy');
  expect(window.take().volume).toBe(100_000);
});

describe('order flow', () => {
  const flow = (...states: BookView[]) => {
    const one = new OrderFlow();
    for (const state of states) one.see(state);
    return one.take();
  };
  const at = (bid: number, q: number, ask: number, r: number) => book([[bid, q]], [[ask, r]]);
  const start = at(100, 5, 101, 7);

  test.each([
    ['a larger bid by what was added', at(100, 8, 101, 7), 3],
    ['a larger ask against it', at(100, 5, 101, 9), -2],
    ['a better bid by all of it', at(100.5, 2, 101, 7), 2],
    ['a bid that is gone by all that was', at(99, 4, 101, 7), -5],
    ['a better ask against all of it', at(100, 5, 100.5, 3), -3],
    ['an ask that is gone by all that was', at(100, 5, 102, 4), 7],
    ['nothing by nothing', start, 0],
  ])('counts %s', (_, next, expected) => expect(flow(start, next)).toBe(expected));

  test('is not counted across an interruption, and is of its window only', () => {
    const one = new OrderFlow();
    one.see(start);
    one.restart();
    one.see(at(90, 1, 91, 1));
    expect(one.take()).toBeNaN();
    one.see(at(90, 3, 91, 1));
    expect(one.take()).toBe(2);
    one.see(book([], [[91, 1]]));
    one.see(at(90, 9, 91, 1));
    expect(one.take()).toBeNaN();
  });
});

describe('events', () => {
  const record = (type: BookRecord['type'], bids: readonly Pair[], asks: readonly Pair[]) =>
    ({ kind: 'book', type, bids: bids.map(level), asks: asks.map(level) }) as unknown as BookRecord;

  test('are insertions, updates and deletions of levels; a whole book is none, nor is taking away nothing', () => {
    const events = new BookEvents();
    const deep = book(Array(9).fill([1, 1]), Array(9).fill([1, 1]));
    events.book(record('snapshot', [[100, 1]], [[101, 1]]), deep);
    events.book(
      record(
        'delta',
        [
          [100, 2],
          [99, 1],
          [98, 0],
        ],
        [
          [101, 0],
          [102, 1],
        ],
      ),
      deep,
    );
    events.book(record('delta', [[99, 5]], [[101, 2]]), deep);
    const { deletes, deleteShare, inserts, insertShare, updates, updateShare } = events.take();
    expect([inserts, updates, deletes]).toEqual([3, 2, 1]);
    expect([insertShare, updateShare, deleteShare]).toEqual([3 / 6, 2 / 6, 1 / 6]);
    expect(events.take()).toMatchObject({ inserts: 0, insertShare: NaN });
  });

  test('a level that fell out of a book of the best ones is inserted when it comes again', () => {
    const events = new BookEvents();
    events.book(record('snapshot', [[100, 1], [99, 1]], []), book([[100, 1], [99, 1]], [])); // biome-ignore format: short
    events.book(record('delta', [[101, 1]], []), book([[101, 1], [100, 1]], [])); // biome-ignore format: short
    events.book(record('delta', [[101, 0], [99, 1]], []), book([[100, 1], [99, 1]], [])); // biome-ignore format: short
    expect(events.take()).toMatchObject({ inserts: 2, updates: 0, deletes: 1 });
  });

  test('of orders are what their records say; those of a whole book are none', () => {
    const events = new BookEvents();
    for (const action of ['clear', 'open', 'open', 'add', 'modify', 'delete', 'delete']) {
      events.order({ action } as OrderRecord);
    }
    expect(events.take()).toMatchObject({ inserts: 1, updates: 1, deletes: 2 });
  });
});

test('latency is the mean and the greatest of a window', () => {
  const latency = new Latency();
  latency.add(-5);
  latency.add(15);
  expect(latency.take()).toEqual({ mean: 5, most: 15 });
  expect(latency.take()).toEqual({ mean: NaN, most: NaN });
});
