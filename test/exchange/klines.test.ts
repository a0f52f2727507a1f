import fc from 'fast-check';
import { expect, test } from 'vitest';
import { closedKline, formingKline } from '../../src/exchange/kline.ts';
import { loadMarket, type Market } from '../../src/exchange/market.ts';
import { Schedule } from '../../src/exchange/schedule.ts';
import { Tape } from '../../src/exchange/tape.ts';
import { memoryFeed } from '../../src/feeds/memory.ts';
import { barEnd, type Interval } from '../../src/model/interval.ts';
import { binanceBarStart } from '../../src/venues/binance/intervals.ts';
import { MINUTE, market, minutes, START, without } from './support.ts';

/** A sum of decimals with up to eight places, exactly. */
function exactSum(values: readonly number[]): number {
  const scaled = values.reduce((sum, value) => sum + BigInt(Math.round(value * 1e8)), 0n);
  return Number(scaled) / 1e8;
}

test.each(['3m', '5m', '1h', '4h', '1d', '1w', '1M'] as const)(
  'klines of %s are what a plain sum over the minutes gives, gaps and all',
  async interval => {
    const columns = without(minutes(3000), row => row % 7 === 3 || (row > 500 && row < 800));
    const all = await market({ BTCUSDT: columns });
    const tape = new Tape(all, { speed: null });
    const series = all.listings.get('BTCUSDT')!.series.get(interval)!;
    const klines = tape.klines(series, { time: all.end, opened: true }, { from: 0, limit: 1e6 });

    const buckets = Map.groupBy(
      Array.from(columns.time, (_, row) => row),
      row => binanceBarStart(columns.time[row], interval),
    );
    expect(klines.map(kline => kline.openTime)).toEqual([...buckets.keys()]);
    for (const [i, rows] of [...buckets.values()].entries()) {
      expect(klines[i]).toMatchObject({
        closeTime: barEnd(klines[i].openTime, interval) - 1,
        open: columns.open[rows[0]],
        close: columns.close[rows.at(-1)!],
        high: Math.max(...rows.map(row => columns.high[row])),
        low: Math.min(...rows.map(row => columns.low[row])),
        volume: exactSum(rows.map(row => columns.volume![row])),
        trades: 100 * rows.filter(row => columns.volume![row] > 0).length,
      });
    }
  },
);

test('weeks begin on Monday, months on their first, both at midnight UTC', () => {
  expect(new Date(binanceBarStart(START, '1w')).toISOString()).toBe('2023-04-24T00:00:00.000Z');
  expect(new Date(binanceBarStart(START, '1M')).toISOString()).toBe('2023-04-01T00:00:00.000Z');
  expect(new Date(binanceBarStart(Date.UTC(1969, 11, 30), '1w')).toISOString()).toBe(
    '1969-12-29T00:00:00.000Z',
  );
});

test('amounts that the data gives are told, those that it lacks are made up in proportion', async () => {
  const columns = minutes(3);
  const extra = { quoteVolume: [5, 6, Number.NaN], trades: [7, 0, 9], takerBuyBase: [1, 2, 3] };
  const all = await loadMarket([memoryFeed({ ...columns, extra }, { symbol: 'btc-usdt', interval: '1m' })]);
  const [source] = all.sources;
  expect(source.symbol).toBe('BTCUSDT');
  expect(closedKline(source, 0)).toMatchObject({
    quoteVolume: 5,
    takerBase: 1,
    trades: 7,
    firstTrade: 1,
    lastTrade: 7,
  });
  expect(closedKline(source, 1)).toMatchObject({ trades: 0, firstTrade: -1, lastTrade: -1 });
  const { open, high, low, close, volume } = columns;
  const mean = (open[2] + high[2] + low[2] + close[2]) / 4;
  expect(closedKline(source, 2)).toMatchObject({ firstTrade: 8, lastTrade: 16 });
  expect(closedKline(source, 2).quoteVolume).toBeCloseTo(volume![2] * mean, 8);
});

const bar = fc
  .record({
    prices: fc.array(fc.integer({ min: 1, max: 1_000_000 }), { minLength: 4, maxLength: 4 }),
    volume: fc.integer({ min: 0, max: 1e9 }),
    digits: fc.integer({ min: 0, max: 8 }),
    updates: fc.integer({ min: 4, max: 40 }),
  })
  .map(({ prices, volume, digits, updates }) => {
    const [low, a, b, high] = prices.sort((x, y) => x - y).map(price => price / 10 ** digits);
    return {
      columns: { time: [0], open: [a], high: [high], low: [low], close: [b], volume: [volume / 1e4] },
      updates,
    };
  });

test('the path inside a bar begins at the open, ends at the close, touches both extremes and never leaves the bar', async () => {
  await fc.assert(
    fc.asyncProperty(bar, async ({ columns, updates }) => {
      const all = await loadMarket([memoryFeed(columns, { symbol: 'A', interval: '1m' })]);
      const [source] = all.sources;
      const path = Array.from({ length: updates }, (_, step) => formingKline(source, 0, step, updates));
      const closed = closedKline(source, 0);
      const [first] = path;
      const last = path.at(-1)!;
      expect([first.open, first.high, first.low, first.close]).toEqual(Array(4).fill(columns.open[0]));
      expect(last).toEqual(closed);
      const told = path.map(({ close }) => close);
      expect(Math.max(...told)).toBe(columns.high[0]);
      expect(Math.min(...told)).toBe(columns.low[0]);
      for (let i = 1; i < updates; i++) {
        for (const amount of ['volume', 'quoteVolume', 'trades', 'lastTrade', 'takerBase', 'high'] as const) {
          expect(path[i][amount]).toBeGreaterThanOrEqual(path[i - 1][amount]);
        }
        expect(path[i].high).toBe(Math.max(...told.slice(0, i + 1)));
        expect(path[i].low).toBe(Math.min(...told.slice(0, i + 1)));
      }
    }),
    { numRuns: 300 },
  );
});

test('the extreme that is nearer to the open comes first', async () => {
  const columns = { time: [0], open: [10], high: [11], low: [5], close: [8] };
  const [source] = (await loadMarket([memoryFeed(columns, { symbol: 'A', interval: '1m' })])).sources;
  expect([0, 1, 2, 3].map(step => formingKline(source, 0, step, 4).close)).toEqual([10, 11, 5, 8]);
});

function happenings(all: Market, speed: number | null, from: number, updates?: number) {
  const tape = new Tape(all, { speed, updates });
  const schedule = new Schedule(tape, from);
  const found = [];
  for (let next = schedule.next(); next !== undefined; next = schedule.next()) found.push(next);
  return { tape, found };
}

test('at one time everything closes before anything opens, over all symbols', async () => {
  const all = await market({ A: minutes(30), B: minutes(30, 2) });
  const { found } = happenings(all, null, all.start);
  const at = found.filter(({ time }) => time === START + MINUTE);
  expect(at.map(({ opened }) => opened)).toEqual([false, true]);
  expect(at[0].closings.map(({ series }) => series.stream)).toEqual(['a@kline_1m', 'b@kline_1m']);
  expect(at[1].updates.map(({ source, row, step }) => [source.symbol, row, step])).toEqual([
    ['A', 1, 0],
    ['B', 1, 0],
  ]);
  // Each of the bars: 4 updates and its closing; the first one opens alone.
  expect(found).toHaveLength(30 * 5);
});

test('every kline closes once, at its end, whatever bars are missing', async () => {
  const columns = without(minutes(600), row => row % 60 === 59 || (row > 130 && row < 310));
  const all = await market({ A: columns });
  const { tape, found } = happenings(all, 60, all.start);
  const closings = found.flatMap(({ closings, time }) => closings.map(part => ({ ...part, time })));
  for (const series of all.listings.get('A')!.series.values()) {
    const klines = tape.klines(series, { time: all.end, opened: true }, { from: 0, limit: 1e6 });
    const ends = klines.map(({ closeTime }) => closeTime + 1).filter(end => end <= all.end);
    expect(closings.filter(part => part.series === series).map(({ time }) => time)).toEqual(ends);
  }
});

test('a replay that begins in the midst of the data tells what one from its start tells after that time', async () => {
  const columns = without(minutes(300), row => row % 11 === 5);
  const all = await market({ A: columns });
  for (const from of [START + 100 * MINUTE, START + 100 * MINUTE + 17_123, START + 56 * MINUTE + 30_000]) {
    for (const speed of [null, 60]) {
      const whole = happenings(all, speed, all.start).found;
      // What closes at the beginning itself is known already.
      const rest = whole.filter(({ time, opened }) => time > from || (time === from && opened));
      expect(happenings(all, speed, from).found).toEqual(rest);
    }
  }
});

test('what is known at a moment is what had been told up to it', async () => {
  const all = await market({ A: without(minutes(200), row => row % 9 === 4) });
  const { tape, found } = happenings(all, 60, all.start);
  const [source] = all.sources;
  let closed = 0;
  let open: unknown;
  for (const moment of found) {
    if (moment.closings.some(({ series }) => !series.derived)) {
      closed++;
      open = undefined;
    }
    for (const { row, step } of moment.updates) open = { row, step };
    expect(tape.closed(source, moment)).toBe(closed);
    expect(tape.forming(source, moment)).toEqual(open);
    const later = { time: moment.time + 1, opened: false };
    expect(tape.forming(source, later)).toEqual(open);
  }
});

test('the opening update follows the close by some milliseconds of real time, at the very open in lockstep', async () => {
  const all = await market({ A: minutes(3) });
  const [source] = all.sources;
  const opening = (speed: number | null) =>
    new Tape(all, { speed }).updateTime(source, 1, 0) - START - MINUTE;
  expect([null, 1, 60, 600].map(opening)).toEqual([0, 100, 1200, 7500]);
});

test('open bars are told every 2 s of the market, at most ten times a second, at least four times', async () => {
  const all = await market({ A: minutes(3) });
  const updates = (speed: number | null) => new Tape(all, { speed }).updates(all.sources[0]);
  expect([null, 1, 20, 60, 600].map(updates)).toEqual([4, 30, 30, 10, 4]);
});

test('days that begin at another hour than Binance’s are told as they are, and nothing is made of them', async () => {
  const day = 24 * 60 * MINUTE;
  const columns = { ...minutes(3), time: [0, 1, 2].map(i => Date.UTC(2023, 0, 1, 17) + i * day) };
  const all = await market({ A: columns }, '1d' as Interval);
  expect([...all.listings.get('A')!.series.keys()]).toEqual(['1d']);
});

test('bars by close time are told by open time', async () => {
  const columns = { ...minutes(3) };
  const stamped = { ...columns, time: Float64Array.from(columns.time, time => time + MINUTE) };
  const all = await loadMarket([memoryFeed(stamped, { symbol: 'A', interval: '1m', stamps: 'close' })]);
  expect([...all.sources[0].time]).toEqual([...Float64Array.from(columns.time)]);
});

test('data that cannot be replayed is refused with its reason', async () => {
  const columns = minutes(10);
  const feed = (symbol: string) => memoryFeed(columns, { symbol, interval: '1m' });
  await expect(loadMarket([feed('A')], { limit: 9 })).rejects.toMatchObject({
    code: 'EXCHANGE_BARS_LIMIT',
    limit: 9,
  });
  await expect(loadMarket([feed('A'), feed('B')], { limit: 19 })).rejects.toMatchObject({
    code: 'EXCHANGE_BARS_LIMIT',
  });
  await expect(loadMarket([feed('A'), feed('a')])).rejects.toMatchObject({ code: 'SERIES_TWICE' });
  await expect(loadMarket([feed('A')], { to: START })).rejects.toMatchObject({ code: 'EXCHANGE_NO_BARS' });
  expect((await loadMarket([feed('A')], { to: START + 2 * MINUTE })).end).toBe(START + 2 * MINUTE);
  const hours = memoryFeed(columns, { symbol: 'A', interval: '2m' });
  await expect(loadMarket([hours])).rejects.toMatchObject({ code: 'BARS_OVERLAP' });
});
