import fc from 'fast-check';
import { type DataFeed, type Interval, memoryFeed, type ResampleOptions, resample } from 'qt-trader';
import { expect, test } from 'vitest';
import { barEnd } from '../../src/model/interval.ts';
import { type Columns, chunked, chunkSizes, walk } from '../support/bars.ts';
import { barsOf, eventsOf, type Row } from '../support/collect.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const utc = (text: string) => Date.parse(`${text}Z`);
const iso = (time: number) => new Date(time).toISOString().slice(0, 16);

/** The bars of `columns` whose opens lie in the same period, put together the plain way; `periodOf` gives its start. */
function naive(columns: Columns, periodOf: (open: number) => number): Row[] {
  const groups = new Map<number, number[]>();
  for (const [i, time] of columns.time.entries()) {
    const start = periodOf(time);
    groups.set(start, [...(groups.get(start) ?? []), i]);
  }
  return [...groups].map(([start, rows]) => [
    start,
    columns.open[rows[0]],
    Math.max(...rows.map(i => columns.high[i])),
    Math.min(...rows.map(i => columns.low[i])),
    columns.close[rows.at(-1)!],
    rows.reduce((sum, i) => sum + columns.volume[i], 0),
  ]);
}

const month = (time: number, count = 1) => {
  const date = new Date(time);
  return Date.UTC(date.getUTCFullYear(), Math.floor(date.getUTCMonth() / count) * count);
};
const fixed =
  (length: number, anchor = 0) =>
  (time: number) =>
    Math.floor((time - anchor) / length) * length + anchor;
const MONDAY = Date.UTC(1970, 0, 5);

const CASES: readonly [base: Interval, target: Interval, periodOf: (open: number) => number][] = [
  ['1s', '10s', fixed(10_000)],
  ['1s', '1m', fixed(MINUTE)],
  ['1m', '2m', fixed(2 * MINUTE)],
  ['1m', '45m', fixed(45 * MINUTE)],
  ['5m', '1h', fixed(HOUR)],
  ['15m', '4h', fixed(4 * HOUR)],
  ['1m', '1d', fixed(DAY)],
  ['1h', '2d', fixed(2 * DAY)],
  ['1h', '1w', fixed(7 * DAY, MONDAY)],
  ['4h', '2w', fixed(14 * DAY, MONDAY)],
  ['1d', '1w', fixed(7 * DAY, MONDAY)],
  ['1d', '1M', time => month(time)],
  ['12h', '3M', time => month(time, 3)],
  ['1d', '1y', time => month(time, 12)],
];
const length = (interval: Interval) => barEnd(0, interval);

test.each(CASES)(
  'bars of %s become those of %s: first open, highest high, lowest low, last close, all of the volume',
  async (base, target, periodOf) => {
    for (const gaps of [0, 0.2]) {
      const columns = walk(3000, 7, { stepMs: length(base), gaps, start: utc('2023-11-08T05:24') });
      // Days and longer begin at midnight, as the bars of an exchange do.
      const aligned = { ...columns, time: columns.time.map(fixed(length(base))) };
      const expected = naive(aligned, periodOf);
      const lastStart = expected.at(-1)![0];
      const end = aligned.time.at(-1)! + length(base);
      if (end < barEnd(lastStart, target)) expected.pop();
      const feed = memoryFeed(aligned, { interval: base });
      const longer = resample(feed, target);
      expect(longer).toMatchObject({ interval: target, stamps: 'open', instrument: feed.instrument });
      expect(await barsOf(longer)).toEqual(expected);
    }
  },
);

test('stamps by the close give the same bars, stamped by their closes', async () => {
  for (const [base, target] of CASES) {
    const columns = walk(1000, 3, { stepMs: length(base), gaps: 0.1 });
    const closed = { ...columns, time: columns.time.map(time => time + length(base)) };
    const byOpen = await barsOf(resample(memoryFeed(columns, { interval: base }), target));
    const byClose = await barsOf(resample(memoryFeed(closed, { interval: base, stamps: 'close' }), target));
    expect(byClose.map(([time, ...rest]) => [time, ...rest])).toEqual(
      byOpen.map(([time, ...rest]) => [barEnd(time, target), ...rest]),
    );
  }
});

test('however the bars come, whole, in chunks or one by one, the longer ones are the same to the last bit', async () => {
  const columns = walk(4000, 11, { gaps: 0.05 });
  const noisy = { ...columns, volume: columns.volume.map((value, i) => value * 0.1 + i * 1e-7) };
  const whole = await barsOf(resample(memoryFeed(noisy), '15m'));
  await fc.assert(
    fc.asyncProperty(chunkSizes, async sizes => {
      expect(await barsOf(resample(chunked(noisy, sizes, { interval: '1m' }), '15m'))).toEqual(whole);
    }),
    { numRuns: 15, examples: [[[1]]] },
  );
});

test('longer bars of longer bars are the longer bars of the first ones', async () => {
  for (const [small, large] of [
    ['5m', '1h'],
    ['1h', '1d'],
    ['30m', '1w'],
    ['1d', '1M'],
  ]) {
    const feed = memoryFeed(walk(60_000, 5, { gaps: 0.1 }));
    expect(await barsOf(resample(resample(feed, small), large))).toEqual(await barsOf(resample(feed, large)));
  }
});

test('the volume is a sum that loses nothing to rounding on its way', async () => {
  const columns = walk(60, 1);
  const volumes = [columns.volume.map(() => 0.1), columns.volume.map((_, i) => [1e17, 1, -1e17][i] ?? 0)];
  const given = volumes.map(
    async volume => (await barsOf(resample(memoryFeed({ ...columns, volume }), '1h')))[0][5],
  );
  expect(await Promise.all(given)).toEqual([6, 1]);
});

test('further columns are summed where their name says volume, trades or taker buy, and others show the last value', async () => {
  const columns = walk(120, 2);
  const extra = {
    quoteVolume: columns.volume,
    trades: columns.volume.map(() => 2),
    taker_buy_base: columns.volume.map(() => 0.5),
    openInterest: columns.volume.map((_, i) => i),
    fundingRate: columns.volume.map((_, i) => (i * 7) % 60),
  };
  const feed = memoryFeed({ ...columns, extra });
  const sum = columns.volume.subarray(0, 60).reduce((total, value) => total + value, 0);
  const [row] = await barsOf(resample(feed, '1h'));
  expect(row.slice(6)).toEqual([sum, 120, 30, 59, (59 * 7) % 60]);
  const options: ResampleOptions = { columns: { openInterest: 'first', fundingRate: 'max', trades: 'min' } };
  const [other] = await barsOf(resample(feed, '1h', options));
  expect(other.slice(6)).toEqual([sum, 2, 30, 0, 59]);
  expect(() => resample(feed, '1h', { columns: { openIntrest: 'last' } })).toThrow(/openInterest/);
  expect(() => resample(feed, '1h', { columns: { openInterest: 'mean' as 'last' } })).toThrow(
    expect.objectContaining({ code: 'RESAMPLE_INVALID' }),
  );
});

test.each([
  ['45m', '1h', false],
  ['1h', '15m', false],
  ['7h', '1d', false],
  ['1w', '1M', false],
  ['3d', '1M', false],
  ['2M', '1y', true],
  ['5M', '1y', false],
] as const)(
  '%s into %s: bars that do not divide the longer ones are refused, others not',
  (base, target, fits) => {
    const columns = walk(10, 1, { stepMs: length(base) });
    const feed = memoryFeed(columns, { interval: base });
    if (fits) expect(() => resample(feed, target)).not.toThrow();
    else
      expect(() => resample(feed, target)).toThrow(expect.objectContaining({ code: 'RESAMPLE_INDIVISIBLE' }));
  },
);

test('weeks begin on Monday, or on the day that is asked for', async () => {
  const feed = memoryFeed(walk(60, 4, { stepMs: DAY, start: utc('2024-01-03') }));
  const starts = async (options: ResampleOptions) =>
    (await barsOf(resample(feed, '1w', options))).slice(0, 3).map(([time]) => iso(time));
  expect(await starts({})).toEqual(['2024-01-01T00:00', '2024-01-08T00:00', '2024-01-15T00:00']);
  expect(await starts({ weekStart: 'sunday' })).toEqual([
    '2023-12-31T00:00',
    '2024-01-07T00:00',
    '2024-01-14T00:00',
  ]);
  expect(() => resample(feed, '1w', { weekStart: 'Sunday' as 'sunday' })).toThrow(/lower case/);
});

test('an offset moves the boundaries', async () => {
  const feed = memoryFeed(walk(5000, 4, { stepMs: 30 * MINUTE, start: utc('2024-01-03') }));
  const starts = async (interval: string, offset: string) =>
    (await barsOf(resample(feed, interval, { offset }))).slice(1, 3).map(([time]) => iso(time));
  expect(await starts('1d', '8h')).toEqual(['2024-01-03T08:00', '2024-01-04T08:00']);
  expect(await starts('1h', '30m')).toEqual(['2024-01-03T00:30', '2024-01-03T01:30']);
  expect(await starts('1d', '-3h')).toEqual(['2024-01-03T21:00', '2024-01-04T21:00']);
  expect(() => resample(feed, '1d', { offset: '8 hours' })).toThrow(/write a duration/);
});

test('a day is over when the trading day is, and what comes later belongs to the next', async () => {
  const tradingDay = { start: 14.5 * HOUR, end: 21 * HOUR };
  const columns = walk(48 * 40, 9, { stepMs: 30 * MINUTE, start: utc('2024-01-01') });
  const feed = memoryFeed(columns, { tradingDay });
  const days = await barsOf(resample(feed, '1d'));
  expect(iso(days[1][0])).toBe('2024-01-01T21:00');
  expect(days[1][1]).toBe(columns.open[42]);
  expect(days[1][4]).toBe(columns.close[89]);
  // Shorter bars count from the beginning of the day.
  const hours = await barsOf(resample(feed, '1h'));
  expect(iso(hours[1][0])).toBe('2024-01-01T00:30');
  // Months of days that end at 21:00 have no length that would tell their ends: they are stamped by them.
  const months = resample(feed, '1M');
  expect(months.stamps).toBe('close');
  expect(iso((await barsOf(months))[0][0])).toBe('2024-01-31T21:00');
});

test('a trading day until the last moment before midnight is a whole day', async () => {
  const tradingDay = { start: 0, end: DAY - 0.01 };
  const columns = walk(70, 9, { stepMs: DAY, start: utc('2024-01-01') });
  const time = columns.time.map(open => open + DAY - 0.01);
  const feed = memoryFeed({ ...columns, time }, { tradingDay, stamps: 'close', interval: '1d' });
  const expected = await barsOf(resample(memoryFeed(columns), '1w'));
  expect(await barsOf(resample(feed, '1w'))).toEqual(
    expected.map(([start, ...rest]) => [start + 7 * DAY, ...rest]),
  );
});

test('a bar that lies across the end of a longer one is refused, with what to do', async () => {
  const feed = memoryFeed(walk(10, 1, { stepMs: HOUR, start: utc('2024-01-01T09:30') }));
  await expect(barsOf(resample(feed, '4h'))).rejects.toThrow(
    /from 2024-01-01T11:30.* to 2024-01-01T12:30.* lies across 2024-01-01T12:00.*offset/,
  );
  expect((await barsOf(resample(feed, '4h', { offset: '30m' }))).length).toBe(2);
});

/** A feed that says exactly this. */
const saying = (events: readonly unknown[], interval: Interval = '1m'): DataFeed => ({
  ...memoryFeed(walk(30, 1), { interval }),
  async *events() {
    yield* events as never[];
  },
});
const bar = (time: number, price: number) => {
  const column = (value: number) => Float64Array.of(value);
  return {
    ...{
      length: 1,
      time: column(time),
      open: column(price),
      high: column(price + 1),
      low: column(price - 1),
    },
    ...{ close: column(price), volume: column(1), extra: {} },
  };
};
const bars = (time: number, price: number, phase = 'run', late = false) =>
  ({ kind: 'bars', bars: bar(time, price), phase, late }) as const;

test('a longer bar is given with its last part, or, where that is missing, when a later bar or the clock shows that it is over', async () => {
  const at = (minute: number) => utc('2024-01-01T10:00') + minute * MINUTE;
  const said = await eventsOf(
    resample(
      saying([
        bars(at(0), 1),
        bars(at(4), 2),
        bars(at(5), 3),
        bars(at(11), 4),
        { kind: 'clock', upTo: at(14) },
        { kind: 'clock', upTo: at(15) },
        bars(at(13), 9, 'run', true),
        bars(at(15), 5),
      ]),
      '5m',
    ),
  );
  expect(said.map(event => (event.kind === 'bars' ? event.bars.close[0] : event.kind))).toEqual([
    2, // at once
    3, // with the bar of 10:11
    'clock',
    4, // with the clock; what belongs to it and came later is left out
    'clock',
  ]);
});

test('the open bar is that of the source and all of the longer bar before it', async () => {
  const at = (minute: number) => utc('2024-01-01T10:00') + minute * MINUTE;
  const forming = (minute: number, price: number) => ({
    kind: 'forming',
    time: at(minute) + 30_000,
    bar: { time: at(minute), open: price, high: price + 2, low: price - 2, close: price + 1, volume: 0.5 },
  });
  const said = await eventsOf(
    resample(saying([forming(0, 5), bars(at(0), 5), forming(1, 9), bars(at(4), 7), forming(5, 8)]), '5m'),
  );
  expect(said.filter(event => event.kind === 'forming').map(event => event.bar)).toEqual([
    { time: at(0), open: 5, high: 7, low: 3, close: 6, volume: 0.5 },
    { time: at(0), open: 5, high: 11, low: 4, close: 10, volume: 1.5 },
    { time: at(5), open: 8, high: 10, low: 6, close: 9, volume: 0.5 },
  ]);
});

test('warm-up that begins within a longer bar leaves that one out; what closes in the run belongs to the run', async () => {
  const at = (minute: number) => utc('2024-01-01T10:00') + minute * MINUTE;
  const said = await eventsOf(
    resample(
      saying([
        ...[2, 3, 4, 5, 6, 8].map(minute => bars(at(minute), minute, 'warmup')),
        ...[10, 11, 12, 13, 14].map(minute => bars(at(minute), minute)),
      ]),
      '5m',
    ),
  );
  expect(said).toMatchObject([
    { phase: 'warmup', bars: { time: Float64Array.of(at(5)) } },
    { phase: 'run', bars: { time: Float64Array.of(at(10)) } },
  ]);
});

test('a consumer that goes on asks the source for what comes after the last part of its last bar', async () => {
  const asked: unknown[] = [];
  const feed = (stamps: 'open' | 'close'): DataFeed => ({
    ...memoryFeed(walk(30, 1), { stamps }),
    async *events({ warmup, after }) {
      asked.push([warmup, after === undefined ? undefined : iso(after)]);
      yield { kind: 'clock', upTo: 0 };
    },
  });
  const { signal } = new AbortController();
  for (const [stamps, after] of [
    ['open', '2024-01-01T10:00'],
    ['close', '2024-01-01T11:00'],
  ] as const) {
    for await (const _ of resample(feed(stamps), '1h').events({ signal, warmup: 5, after: utc(after) }));
  }
  for await (const _ of resample(feed('open'), '1h').events({ signal, warmup: 0 }));
  expect(asked).toEqual([
    [359, '2024-01-01T10:59'],
    [359, '2024-01-01T11:00'],
    [59, undefined],
  ]);
});
