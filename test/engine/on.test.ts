import fc from 'fast-check';
import {
  add,
  backtest,
  crossOver,
  type Data,
  type DataFeed,
  ema,
  highest,
  type Interval,
  type Line,
  memoryFeed,
  sma,
  strategy,
  sub,
} from 'qt-trader';
import { describe, expect, test } from 'vitest';
import { SimulatedRun } from '../../src/backtest/run.ts';
import type { FeedEvent } from '../../src/feeds/feed.ts';
import { rangeFeed } from '../../src/feeds/range.ts';
import { replay } from '../../src/feeds/transforms/resample.ts';
import { sliceBars } from '../../src/model/bars.ts';
import { type Columns, chunked, chunkSizes, closes, walk } from '../support/bars.ts';
import { mulberry32 } from '../support/random-walk.ts';

const MINUTE = 60_000;
const START = Date.UTC(2024, 0, 1);

type Build = (datas: readonly Data[]) => Readonly<Record<string, Line>>;

/** What a strategy reads of the lines at every step, `now` and `ago(1)`, with the time; and when `next` began. */
async function read(feeds: readonly DataFeed[], build: Build, run = backtestOf) {
  const rows: (readonly number[])[] = [];
  let began = Number.NaN;
  class Reader extends strategy() {
    lines = Object.values(build(this.datas));
    read() {
      rows.push([this.time, ...this.lines.flatMap(line => [line.now, line.ago(1)])]);
    }
    override prenext() {
      this.read();
    }
    override nextstart() {
      began = this.time;
      this.read();
    }
    next() {
      this.read();
    }
  }
  await run(Reader, feeds);
  return { rows, began };
}

type Run = (
  strategy: Parameters<typeof backtest>[0]['strategy'],
  feeds: readonly DataFeed[],
) => Promise<unknown>;

const backtestOf: Run = (reader, feeds) => backtest({ strategy: reader, data: [...feeds] });

/** Listens to the feeds as a live session does: their events in the order of time at which each was complete. */
const live =
  (seed: number): Run =>
  async (reader, feeds) => {
    const run = new SimulatedRun(feeds, { strategy: reader });
    const { engine } = run;
    const next = mulberry32(seed);
    const queues = await Promise.all(
      feeds.map(async (feed, i) => {
        const events: FeedEvent[] = [];
        const request = { signal: new AbortController().signal, warmup: engine.warmups[i] };
        for await (const event of feed.events(request)) events.push(...bars(event));
        return events;
      }),
    );
    while (queues.some(queue => queue.length > 0)) {
      const feed = Math.floor(next() * queues.length);
      const event = queues[feed].shift();
      if (event === undefined) continue;
      engine.take(feed, event);
      if (queues[feed].length === 0) engine.take(feed, { kind: 'clock', upTo: Number.POSITIVE_INFINITY });
      for (let step = engine.nextStep; step?.behind.length === 0; step = engine.nextStep) engine.step();
    }
    engine.finish();
  };

/** One event a bar. */
function bars(event: FeedEvent): FeedEvent[] {
  if (event.kind !== 'bars' || event.growth !== undefined) return [event];
  return Array.from(event.bars.time, (_, row) => ({ ...event, bars: sliceBars(event.bars, row, row + 1) }));
}

const INTERVALS: readonly Interval[] = ['1m', '5m', '15m', '1h'];
const columns = [
  walk(1500, 1, { gaps: 0.02 }),
  walk(320, 2, { stepMs: 5 * MINUTE, gaps: 0.05 }),
  walk(100, 3, { stepMs: 15 * MINUTE, start: START + 30 * MINUTE }),
  walk(30, 4, { stepMs: 60 * MINUTE, gaps: 0.1 }),
];
const feedOf = (i: number, sizes?: readonly number[]) => {
  const options = { interval: INTERVALS[i], symbol: `S${i}` };
  return sizes === undefined ? memoryFeed(columns[i], options) : chunked(columns[i], sizes, options);
};
const all = (sizes?: readonly (readonly number[])[]) => INTERVALS.map((_, i) => feedOf(i, sizes?.[i]));

/** Up and down, chained, and mixed with the clock's own lines. */
const build: Build = ([minute, five, quarter, hour]) => {
  const slow = sma(hour.close, 3);
  const onQuarter = slow.on(quarter);
  return {
    slow: slow.on(minute),
    distance: sub(minute.close, slow.on(minute)),
    fine: minute.close.on(hour),
    finer: ema(minute.close.on(five), 4),
    chained: add(onQuarter, sma(quarter.close, 2)).on(minute),
    cross: crossOver(minute.close, highest(five.high, 3).on(minute)),
    high: highest(hour.high.on(five), 5),
  };
};

test('a line on another clock is, at each of its bars, the last value known there: against a table of what closed when', async () => {
  const close = (i: number, bar: number) => columns[i].time[bar] + INTERVAL_MS[i];
  const INTERVAL_MS = [1, 5, 15, 60].map(minutes => minutes * MINUTE);
  /** The last bar of feed `i` that was complete at `time`. */
  const lastBar = (i: number, time: number) =>
    columns[i].time.findLastIndex((_, bar) => close(i, bar) <= time);
  const mean = (bar: number) =>
    bar < 2
      ? Number.NaN
      : (columns[3].close[bar] + columns[3].close[bar - 1] + columns[3].close[bar - 2]) / 3;
  const { rows } = await read(all(), ([minute, five, , hour]) => ({
    slow: sma(hour.close, 3).on(minute),
    fine: minute.close.on(five),
    finest: minute.close.on(hour),
  }));
  expect(rows.length).toBeGreaterThan(1500);
  for (const [time, slow, slowBefore, fine, fineBefore, finest] of rows) {
    const [onMinute, onFive, onHour] = [0, 1, 3].map(i => lastBar(i, time));
    const at = (i: number, bar: number, of: number) => (bar < 0 ? -1 : lastBar(of, close(i, bar)));
    const minuteClose = (bar: number) => (bar < 0 ? Number.NaN : columns[0].close[bar]);
    expect([slow, slowBefore]).toEqual([mean(at(0, onMinute, 3)), mean(at(0, onMinute - 1, 3))]);
    expect(fine).toBe(minuteClose(at(1, onFive, 0)));
    expect(fineBefore).toBe(minuteClose(at(1, onFive - 1, 0)));
    expect(finest).toBe(minuteClose(at(3, onHour, 0)));
  }
});

describe('what depends on several clocks', () => {
  test('is the same to the last bit however the feeds are cut, and in a live run however their bars arrive', async () => {
    const whole = await read(all(), build);
    // The third hour is what the slowest line waits for.
    expect(whole.began).toBe(START + 3 * 60 * MINUTE);
    expect(whole.rows.at(-1)!.some(Number.isNaN)).toBe(false);
    await fc.assert(
      fc.asyncProperty(fc.tuple(chunkSizes, chunkSizes, chunkSizes, chunkSizes), async sizes => {
        expect(await read(all(sizes), build)).toEqual(whole);
      }),
      { numRuns: 8, examples: [[[[1], [1], [1], [1]]]] },
    );
    for (const seed of [1, 2, 3]) expect(await read(all(), build, live(seed))).toEqual(whole);
  });

  test('is the same with warm-up, which all clocks go through in the order of time', async () => {
    const from = START + 12 * 60 * MINUTE;
    const feeds = () => all().map(feed => rangeFeed(feed, { from }));
    const whole = await read(feeds(), build);
    expect(whole.began).toBe(from + MINUTE);
    for (const seed of [1, 2]) expect(await read(feeds(), build, live(seed))).toEqual(whole);
    const cold = await read(all(), build);
    const late = cold.rows.filter(([time]) => time > from + 8 * 60 * MINUTE);
    const warm = whole.rows.filter(([time]) => time > from + 8 * 60 * MINUTE);
    for (const [i, row] of warm.entries()) {
      for (const [k, value] of row.entries()) expect(value).toBeCloseTo(late[i][k], 6);
    }
  });

  test('is the same with bars that the strategy makes of its own', async () => {
    const lines: Build = ([minute]) => {
      const hour = minute.resample('1h');
      return {
        mean: sma(hour.close, 3).on(minute),
        quarter: ema(minute.resample('15m').close.on(hour), 2).on(minute),
      };
    };
    const from = START + 10 * 60 * MINUTE;
    for (const feed of [feedOf(0), rangeFeed(feedOf(0), { from })]) {
      const whole = await read([feed], lines);
      expect(whole.rows.at(-1)!.some(Number.isNaN)).toBe(false);
      expect(await read([feed], lines, live(1))).toEqual(whole);
    }
    const cut = chunked(columns[0], [1, 50], { interval: '1m', symbol: 'S0' });
    expect(await read([cut], lines)).toEqual(await read([feedOf(0)], lines));
  });

  test('next() waits until every line has its value', async () => {
    const hours = closes([1, 2, 3, 4]);
    const hour: Columns = { ...hours, time: hours.time.map((_, i) => START + i * 60 * MINUTE) };
    const minutes = closes(Array.from({ length: 240 }, (_, i) => i + 1));
    const feeds = [
      memoryFeed(minutes, { interval: '1m', symbol: 'A' }),
      memoryFeed(hour, { interval: '1h', symbol: 'B' }),
    ];
    const began = async (lines: Build) => ((await read(feeds, lines)).began - START) / MINUTE;
    // The second hour closes at minute 120, which is the first minute that has the line.
    expect(await began(([minute, slow]) => ({ line: sma(slow.close, 2).on(minute) }))).toBe(120);
    // Its mean of ten needs nine minutes more.
    expect(await began(([minute, slow]) => ({ line: sma(sma(slow.close, 2).on(minute), 10) }))).toBe(129);
    // A line of its own that is slower decides.
    expect(
      await began(([minute, slow]) => ({
        line: add(sma(minute.close, 150), sma(slow.close, 2).on(minute)),
      })),
    ).toBe(150);
  });

  test('a run whose data ends before a line has its value says which', async () => {
    const minute = memoryFeed(closes([1, 2, 3]), { interval: '1m' });
    const later = { ...closes([1, 2]), time: Float64Array.of(START + 60 * MINUTE, START + 120 * MINUTE) };
    class Waits extends strategy() {
      line = this.datas[1]!.close.on(this.data);
      next() {}
    }
    const data = [minute, memoryFeed(later, { interval: '1h', symbol: 'B' })];
    const { notes } = await backtest({ strategy: Waits, data });
    expect(notes).toEqual([
      'next() never ran: DATA 1m has 3 bars, and close on DATA 1m has no value at the last one',
    ]);
  });
});

test('of a bar that grows, what is current is seen, and a line on its clock is computed with each revision', async () => {
  const minutes = closes([1, 2, 3, 4, 5, 6]);
  const feeds = [
    memoryFeed(minutes, { interval: '1m', symbol: 'A' }),
    replay(memoryFeed(minutes, { interval: '1m', symbol: 'A' }), '3m'),
  ];
  const { rows } = await read(feeds, ([minute, grown]) => ({
    down: grown.close.on(minute),
    up: sma(minute.close.on(grown), 2),
  }));
  const N = Number.NaN;
  expect(rows.map(([time, ...values]) => [(time - START) / MINUTE, ...values])).toEqual([
    [1, 1, N, N, N],
    [2, 2, 1, N, N],
    [3, 3, 2, N, N],
    [4, 4, 3, 3.5, N],
    [5, 5, 4, 4, N],
    [6, 6, 5, 4.5, N],
  ]);
});

test('a line on its own clock is the line itself', async () => {
  class Same extends strategy() {
    isSame = this.data.close.on(this.data) === this.data.close;
    next() {
      expect(this.isSame).toBe(true);
    }
  }
  await backtest({ strategy: Same, data: memoryFeed(closes([1, 2])) });
});

test('lines of two clocks do not mix by themselves, and the error names the way', async () => {
  class Mixed extends strategy() {
    line = add(this.data.close, this.datas[1]!.close);
    next() {}
  }
  const data = [feedOf(0), feedOf(1)];
  await expect(backtest({ strategy: Mixed, data })).rejects.toMatchObject({
    code: 'CLOCKS_MIXED',
    fix: expect.stringContaining('line.on(data)'),
  });
});

test('before a data has its first bar its lines are NaN, also when bars have been computed ahead', async () => {
  const feeds = [
    feedOf(0),
    memoryFeed({ ...columns[3], time: columns[3].time.map(time => time + 3_600_000) }),
  ];
  const early: number[] = [];
  class Early extends strategy() {
    line = sma(this.datas[1]!.close, 1);
    override prenext() {
      early.push(this.datas[1]!.close.now, this.line.now);
    }
    next() {}
  }
  await live(1)(Early, feeds);
  expect(early.length).toBeGreaterThan(100);
  expect(early.every(Number.isNaN)).toBe(true);
});
