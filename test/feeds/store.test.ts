import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { DataFeed } from '../../src/feeds/feed.ts';
import { memoryFeed } from '../../src/feeds/memory.ts';
import { rangeFeed } from '../../src/feeds/range.ts';
import { storeFeed } from '../../src/feeds/store.ts';
import { syntheticBars } from '../../src/feeds/synthetic/synthetic.ts';
import { resample } from '../../src/feeds/transforms/resample.ts';
import { sliceBars } from '../../src/model/bars.ts';
import { BarStore, type SeriesKey } from '../../src/store/bars.ts';

const KEY: SeriesKey = { venue: 'binance', market: 'usdm', symbol: 'BTCUSDT', interval: '1m' };
const BARS = syntheticBars({ symbol: 'BTCUSDT', interval: '1m', bars: 5000 });
const at = (row: number) => BARS.time[row];

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'qt-store-feed-'));
  file = join(folder, 'data.sqlite');
  const store = new BarStore(file);
  store.put(KEY, BARS);
  store.close();
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Stamp and close of every bar, warm-up and run apart. */
async function given(feed: DataFeed, warmup = 0, after?: number) {
  const out = { warmup: [] as number[][], run: [] as number[][] };
  const { signal } = new AbortController();
  for await (const event of feed.events({ signal, warmup, after })) {
    if (event.kind !== 'bars') continue;
    const { bars, phase } = event;
    for (let i = 0; i < bars.length; i++) out[phase].push([bars.time[i], bars.close[i]]);
  }
  return out;
}

test('a feed of a store gives what a feed of the same bars in memory gives', async () => {
  const memory = memoryFeed(BARS);
  const stored = storeFeed(file, KEY);
  expect(stored.length).toBe(5000);
  expect([stored.instrument.market, stored.instrument.base, stored.interval]).toEqual(['usdm', 'BTC', '1m']);
  expect(await given(stored)).toEqual(await given(memory));
  expect(stored.progress!()).toBe(1);
  const ranges = [
    { from: at(2000), to: at(4100) },
    { from: at(10) },
    { to: at(1024) },
    { warmup: 30 },
    { from: at(3000), warmup: 7 },
  ];
  for (const range of ranges) {
    const expected = await given(rangeFeed(memory, range), 50);
    expect(await given(rangeFeed(storeFeed(file, KEY), range), 50)).toEqual(expected);
    expect(await given(rangeFeed(storeFeed(file, KEY, range), range), 50)).toEqual(expected);
    const longer = await given(rangeFeed(resample(memory, '1h'), range), 5);
    expect(await given(rangeFeed(resample(storeFeed(file, KEY), '1h'), range), 5)).toEqual(longer);
  }
});

test('of longer bars the store reads the warm-up that they need, and no more than a block too much', async () => {
  for (const from of [Math.ceil(at(3000) / 3_600_000) * 3_600_000, at(3017), at(10)]) {
    const expected = await given(rangeFeed(resample(memoryFeed(BARS), '1h'), { from }), 5);
    const { warmup, run } = await given(
      rangeFeed(resample(storeFeed(file, KEY, { from }), '1h'), { from }),
      5,
    );
    expect(warmup.slice(-expected.warmup.length || 5)).toEqual(expected.warmup);
    expect(warmup.length - expected.warmup.length).toBeLessThanOrEqual(2);
    expect(run).toEqual(expected.run);
  }
});

test('a feed of a store goes on after the bar that its reader has', async () => {
  const store = new BarStore(file);
  const { warmup, run } = await given(storeFeed(store, KEY, { from: at(10) }), 50, at(3999));
  expect([warmup.length, run.length, run[0][0]]).toEqual([0, 1000, at(4000)]);
  store.close();
});

test('a series that is not there, and a bar that cannot have been, are errors that name them', async () => {
  expect(() => storeFeed(file, { ...KEY, symbol: 'ETHUSDT' })).toThrow(
    expect.objectContaining({ code: 'STORE_SERIES_UNKNOWN', message: expect.stringContaining('ETHUSDT') }),
  );
  expect(() => storeFeed(join(folder, 'none.sqlite'), KEY)).toThrow(
    expect.objectContaining({ code: 'STORE_NOT_FOUND' }),
  );
  const store = new BarStore(file);
  const wrong = sliceBars(BARS, 10, 11);
  store.put(KEY, { ...wrong, low: Float64Array.of(wrong.high[0] * 2) }, { replace: true });
  store.close();
  await expect(given(storeFeed(file, KEY))).rejects.toMatchObject({ code: 'BAR_CONTRADICTORY' });
});
