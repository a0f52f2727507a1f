import fc from 'fast-check';
import {
  calendarDays,
  type DataFeed,
  dataFiller,
  daySplitter,
  daySteps,
  heikinAshiBars,
  memoryFeed,
  renkoBricks,
  resample,
  sessionFiller,
  sessionFilter,
} from 'qt-trader';
import { expect, test } from 'vitest';
import { type Columns, chunked, chunkSizes, walk } from '../support/bars.ts';
import { barsOf, eventsOf } from '../support/collect.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const START = Date.UTC(2024, 0, 1);
const tradingDay = { start: 9 * HOUR, end: 17.5 * HOUR };

const FILTERS: readonly [name: string, filter: (feed: DataFeed) => DataFeed, step: number][] = [
  ['sessionFilter', feed => sessionFilter(feed, { tradingDay }), MINUTE],
  ['sessionFiller', feed => sessionFiller(feed, { tradingDay }), MINUTE],
  ['dataFiller', feed => dataFiller(feed), MINUTE],
  ['calendarDays', feed => calendarDays(feed, { price: 'middle' }), DAY],
  ['heikinAshiBars', heikinAshiBars, MINUTE],
  ['renkoBricks', feed => renkoBricks(feed, { size: 1 }), MINUTE],
  ['daySplitter', feed => daySplitter(feed), DAY],
  ['daySteps', daySteps, DAY],
  ['sessionFiller within Heikin-Ashi', feed => heikinAshiBars(sessionFiller(feed, { tradingDay })), MINUTE],
];

test.each(FILTERS)('%s gives the same to the last bit however the bars come', async (_, filter, stepMs) => {
  const columns = walk(2000, 3, { gaps: 0.1, stepMs });
  const interval = stepMs === DAY ? '1d' : '1m';
  const whole = await barsOf(filter(memoryFeed(columns, { interval })));
  expect(whole.length).toBeGreaterThan(50);
  await fc.assert(
    fc.asyncProperty(chunkSizes, async sizes => {
      expect(await barsOf(filter(chunked(columns, sizes, { interval })))).toEqual(whole);
    }),
    { numRuns: 8, examples: [[[1]]] },
  );
});

test.each(FILTERS)('%s gives nothing that depends on what comes later', async (_, filter, stepMs) => {
  const columns = walk(300, 4, { gaps: 0.1, stepMs });
  const interval = stepMs === DAY ? '1d' : '1m';
  const whole = await barsOf(filter(memoryFeed(columns, { interval })));
  for (const length of [40, 150, 299]) {
    const cut = Object.fromEntries(
      Object.entries(columns).map(([name, values]) => [name, values.subarray(0, length)]),
    ) as unknown as Columns;
    const some = await barsOf(filter(memoryFeed(cut, { interval })));
    expect(some).toEqual(whole.slice(0, some.length));
  }
});

test('sessionFilter keeps what lies between the start and the end, in both kinds of stamps, also over midnight', async () => {
  const columns = walk(3 * 48, 5, { stepMs: 30 * MINUTE });
  const clock = (time: number) => (time % DAY) / HOUR;
  const byOpen = await barsOf(sessionFilter(memoryFeed(columns, { tradingDay })));
  expect(new Set(byOpen.map(([time]) => clock(time)))).toEqual(
    new Set(Array.from({ length: 17 }, (_, i) => 9 + i / 2)),
  );
  const closed = { ...columns, time: columns.time.map(time => time + 30 * MINUTE) };
  const byClose = await barsOf(sessionFilter(memoryFeed(closed, { tradingDay, stamps: 'close' })));
  expect(byClose.map(([time, ...rest]) => [time - 30 * MINUTE, ...rest])).toEqual(byOpen);
  const night = { start: 22 * HOUR, end: 6 * HOUR };
  const kept = await barsOf(sessionFilter(memoryFeed(columns, { tradingDay: night })));
  expect(kept.every(([time]) => clock(time) >= 22 || clock(time) < 6)).toBe(true);
  expect(kept.length).toBe(3 * 16);
  expect(() => sessionFilter(memoryFeed(columns))).toThrow(
    expect.objectContaining({ code: 'TRADING_DAY_MISSING' }),
  );
});

test('fillers put in the last close where a bar is missing, and leave those that are there', async () => {
  const columns = walk(4000, 6, { gaps: 0.2 });
  const at = new Map(Array.from(columns.time, (time, i) => [time, i] as const));
  const rows = await barsOf(dataFiller(memoryFeed(columns)));
  expect(rows.length).toBe((columns.time.at(-1)! - columns.time[0]) / MINUTE + 1);
  let last = Number.NaN;
  for (const [i, [time, open, high, low, close, volume]] of rows.entries()) {
    expect(time).toBe(columns.time[0] + i * MINUTE);
    const row = at.get(time);
    if (row === undefined) expect([open, high, low, close, volume]).toEqual([last, last, last, last, 0]);
    else expect([open, close, volume]).toEqual([columns.open[row], columns.close[row], columns.volume[row]]);
    last = close;
  }
  const session = await barsOf(sessionFiller(memoryFeed(columns, { tradingDay }), { volume: 7, price: 1.5 }));
  const filled = session.filter(([time]) => !at.has(time));
  expect(filled.length).toBeGreaterThan(100);
  for (const [time, , , , close, volume] of filled) {
    expect(time % DAY).toBeGreaterThanOrEqual(tradingDay.start);
    expect((time % DAY) + MINUTE).toBeLessThanOrEqual(tradingDay.end);
    expect([close, volume]).toEqual([1.5, 7]);
  }
});

test('sessionFiller leaves out days without a bar; calendarDays gives each day once', async () => {
  const friday = Date.UTC(2024, 0, 5);
  const time = [friday + 9 * HOUR, friday + 3 * DAY + 11 * HOUR];
  const prices = { open: [1, 2], high: [1, 2], low: [1, 2], close: [1, 2] };
  const hours = await barsOf(sessionFiller(memoryFeed({ time, ...prices }, { interval: '1h', tradingDay })));
  expect(hours.map(([stamp, , , , close]) => [(stamp - friday) / HOUR, close])).toEqual([
    ...[9, 10, 11, 12, 13, 14, 15, 16].map(hour => [hour, 1]),
    ...[81, 82].map(hour => [hour, 1]),
    [83, 2],
  ]);
  const days = { time: [friday, friday + 3 * DAY], ...prices };
  const rows = await barsOf(calendarDays(memoryFeed(days, { interval: '1d' })));
  expect(rows.map(([stamp, , , , close]) => [(stamp - friday) / DAY, close])).toEqual([
    [0, 1],
    [1, 1],
    [2, 1],
    [3, 2],
  ]);
});

test('live, a filler gives a missing bar when the clock shows that it is missing, and then leaves out the late one', async () => {
  const columns = walk(3, 1);
  const chunk = async (row: number) => {
    const [event] = await eventsOf(
      memoryFeed(
        Object.fromEntries(
          Object.entries(columns).map(([name, values]) => [name, values.subarray(row, row + 1)]),
        ) as unknown as Columns,
        { interval: '1m' },
      ),
    );
    return event;
  };
  const feed: DataFeed = {
    ...memoryFeed(columns, { interval: '1m' }),
    async *events() {
      yield await chunk(0);
      yield { kind: 'clock', upTo: START + 2 * MINUTE };
      yield await chunk(1);
      yield await chunk(2);
    },
  };
  const given = await barsOf(dataFiller(feed));
  expect(given.map(([time, open, , , close]) => [(time - START) / MINUTE, open, close])).toEqual([
    [0, columns.open[0], columns.close[0]],
    [1, columns.close[0], columns.close[0]],
    [2, columns.open[2], columns.close[2]],
  ]);
});

test('heikinAshiBars: worked by hand', async () => {
  const feed = memoryFeed({
    time: [0, MINUTE, 2 * MINUTE],
    open: [10, 12, 11],
    high: [13, 14, 12],
    low: [9, 11, 8],
    close: [12, 13, 9],
    volume: [1, 2, 3],
  });
  expect(await barsOf(heikinAshiBars(feed))).toEqual([
    [0, 11, 13, 9, 11, 1],
    [MINUTE, 11, 14, 11, 12.5, 2],
    [2 * MINUTE, 11.75, 12, 8, 10, 3],
  ]);
});

test('renkoBricks: a brick when the close has gone through a boundary of the last one, one a bar', async () => {
  const close = [100, 101.9, 102, 103, 104.5, 103.9, 102.1, 101.9, 95];
  const column = Float64Array.from(close);
  const time = Float64Array.from(close, (_, i) => i * MINUTE);
  const feed = memoryFeed(
    { time, open: column, high: column, low: column, close: column, volume: column.map(() => 1) },
    { interval: '1m' },
  );
  const bricks = await barsOf(renkoBricks(feed, { size: 2 }));
  expect(bricks).toEqual([
    [2 * MINUTE, 102, 104, 102, 104, 3],
    [4 * MINUTE, 104, 106, 104, 106, 2],
    [5 * MINUTE, 104, 104, 102, 102, 1],
    [7 * MINUTE, 102, 102, 100, 100, 2],
    [8 * MINUTE, 100, 100, 98, 98, 1],
  ]);
  const auto = await barsOf(renkoBricks(feed, { autosize: 50, align: 5 }));
  expect(auto[0].slice(0, 3)).toEqual([2 * MINUTE, 102, 104]);
  expect(() => renkoBricks(feed, { size: 0 })).toThrow(expect.objectContaining({ code: 'RENKO_INVALID' }));
});

test('daySplitter and daySteps: worked by hand', async () => {
  const day = { time: [START], open: [10], high: [14], low: [9], close: [12], volume: [100] };
  const feed = memoryFeed(day, { interval: '1d', tradingDay });
  expect(await barsOf(daySplitter(feed, { closeVolume: 0.3 }))).toEqual([
    [START + tradingDay.start, 10, 14, 9, 11, 70],
    [START + tradingDay.end, 12, 12, 12, 12, 30],
  ]);
  const [event] = await eventsOf(daySteps(feed));
  expect(event).toMatchObject({
    bars: { close: Float64Array.of(10, 12), volume: Float64Array.of(0, 100) },
    growth: { revises: Uint8Array.of(0, 1), known: Float64Array.of(START, START + DAY) },
  });
  expect(() => daySplitter(resample(memoryFeed(walk(20, 1)), '5m'))).toThrow(
    expect.objectContaining({ code: 'DAY_SPLITTER_INVALID' }),
  );
});
