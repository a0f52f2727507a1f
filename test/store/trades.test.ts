import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type StoredTrade, TradeStore } from '../../src/store/trades.ts';

const KEY = { venue: 'binance', market: 'spot', symbol: 'BTCUSDT' };

let folder: string;
let store: TradeStore;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'qt-trades-'));
  store = new TradeStore(join(folder, 'data.sqlite'));
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

const trade = (
  id: number,
  time = 1_704_067_200_000_000 + Math.floor(id / 3),
  price = `${100 + id}.10`,
): StoredTrade => ({
  ...{ id: String(id), time, price, size: '0.00100000' },
  taker: id % 3 === 0 ? null : id % 3 === 1 ? 'buy' : 'sell',
});
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

test('trades come back in order, each once, with the venue’s own texts, in whatever order they came', () => {
  const batches = fc.array(fc.array(fc.integer({ min: 0, max: 200 }), { maxLength: 80 }), { maxLength: 6 });
  fc.assert(
    fc.property(batches, all => {
      store.delete(KEY);
      const seen = new Set<number>();
      for (const ids of all) {
        const fresh = new Set(ids.filter(id => !seen.has(id)));
        expect(
          store.put(
            KEY,
            ids.map(id => trade(id)),
          ),
        ).toEqual({ added: fresh.size, same: ids.length - fresh.size, different: 0 });
        for (const id of ids) seen.add(id);
      }
      expect([...store.read(KEY)]).toEqual([...seen].sort((a, b) => a - b).map(id => trade(id)));
    }),
    { numRuns: 30 },
  );
});

test('more trades than a page are all read, also where many have one time', () => {
  const many = range(0, 25_003).map(id => trade(id, 5_000_000 + Math.floor(id / 12_000)));
  store.put(KEY, many.toReversed());
  expect([...store.read(KEY)].map(({ id }) => Number(id))).toEqual(range(0, 25_003));
  expect([...store.read(KEY, { from: 5_000_001, to: 5_000_002 })].length).toBe(12_000);
  expect(store.list()).toEqual([{ ...KEY, first: 5_000_000, last: 5_000_002, trades: 25_003 }]);
  expect(store.delete(KEY, { from: 5_000_001 })).toBe(13_003);
});

test('of one id the first trade stays unless it is replaced; other symbols and venues are others', () => {
  store.put(KEY, [trade(7)]);
  expect(store.put(KEY, [trade(7, undefined, '9.0')])).toEqual({ added: 0, same: 0, different: 1 });
  expect([...store.read(KEY)]).toEqual([trade(7)]);
  store.put(KEY, [trade(7, undefined, '9.0')], { replace: true });
  expect([...store.read(KEY)][0].price).toBe('9.0');
  expect(store.put({ ...KEY, symbol: 'ETHUSDT' }, [trade(7)]).added).toBe(1);
  expect([...store.read({ ...KEY, venue: 'kraken' })]).toEqual([]);
});

test('a trade that none can be is refused before anything is written', () => {
  for (const wrong of [{ id: '' }, { time: 1.5 }, { price: '1e5' }, { size: '-1' }, { price: 'NaN' }]) {
    expect(() => store.put(KEY, [trade(1), { ...trade(2), ...wrong }])).toThrow(
      expect.objectContaining({ code: 'TRADE_INVALID' }),
    );
  }
  expect([...store.read(KEY)]).toEqual([]);
});
