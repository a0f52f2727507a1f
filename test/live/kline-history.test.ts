import fc from 'fast-check';
import { type Bars, dataFrameFeed, type KlineHistory, type KlinesOptions, klines } from 'qt-trader';
import { expect, test } from 'vitest';
import { KlineHistory as History } from '../../src/live/kline-history.ts';
import { deliver } from '../../src/live/klines.ts';
import { sliceBars } from '../../src/model/bars.ts';
import { barsOf, rowsOf } from '../support/collect.ts';
import { danfo } from '../support/danfo.ts';
import { fakeLive, klineBars } from './support/fake-live.ts';

const BARS = klineBars('BTCUSDT', 400);
const ISO = Array.from(BARS.time, time => new Date(time).toISOString().replace('.000Z', 'Z'));

/** Columns of a frame as the source says them. */
const COLUMNS: Readonly<Record<string, ArrayLike<unknown>>> = {
  close: BARS.close,
  high: BARS.high,
  low: BARS.low,
  open: BARS.open,
  volume: BARS.volume,
  baseVolume: BARS.extra.quoteVolume,
  datetime: ISO,
};

const part = (name: string, from: number, to: number) => Array.from(COLUMNS[name]).slice(from, to);

test('at each bar the history has all bars up to it, of its own symbol, and nothing ahead', async () => {
  const eth = klineBars('ETHUSDT', 90);
  const live = fakeLive([
    {
      symbol: 'BTCUSDT',
      script: [
        { kind: 'bars', bars: sliceBars(BARS, 0, 30), phase: 'warmup', late: false },
        { kind: 'bars', bars: sliceBars(BARS, 30, 90), phase: 'run', late: false },
      ],
    },
    { symbol: 'ETHUSDT', bars: eth },
  ]);
  const seen = { BTCUSDT: 0, ETHUSDT: 0 };
  await deliver(
    live,
    {
      onBar(bar, { symbol, history }) {
        const count = ++seen[symbol as 'BTCUSDT'];
        const bars = symbol === 'BTCUSDT' ? BARS : eth;
        expect([history.length, history.dropped]).toEqual([count, 0]);
        expect(rowsOf(history.last())).toEqual(rowsOf(sliceBars(bars, 0, count)));
        expect(history.last(1).time[0]).toBe(bar.time);
      },
    },
    {},
  );
  expect(seen).toEqual({ BTCUSDT: 90, ETHUSDT: 90 });
});

test('any number of the newest bars is had as columns and as frames, however many are kept', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 300 }),
      fc.array(fc.tuple(fc.integer({ min: 1, max: 120 }), fc.integer({ min: 0, max: 400 })), {
        maxLength: 6,
      }),
      (keep, steps) => {
        const history = new History(keep, danfo);
        let end = 0;
        for (const [more, count] of steps) {
          for (let i = 0; i < more && end < BARS.length; i++) history.add(BARS, end++);
          const kept = Math.min(end, keep);
          expect([history.length, history.dropped]).toEqual([kept, end - kept]);
          const from = end - Math.min(count, kept);
          expect(rowsOf(history.last(count))).toEqual(rowsOf(sliceBars(BARS, from, end)));
          const frame = history.frame(count);
          expect([frame.shape, frame.columns]).toEqual([[end - from, 7], Object.keys(COLUMNS)]);
          for (const name of history.columns) {
            expect(frame.column(name).values).toEqual(part(name, from, end));
            expect([...history.column(name).values]).toEqual(part(name, end - kept, end));
          }
        }
      },
    ),
    { numRuns: 60 },
  );
});

test('columns that were handed out stay as they are when further bars come', () => {
  const history = new History(100, danfo);
  const handed: { bars: Bars; from: number; to: number }[] = [];
  for (let row = 0; row < BARS.length; row++) {
    history.add(BARS, row);
    if (row % 17 === 0) handed.push({ bars: history.last(), from: Math.max(0, row - 99), to: row + 1 });
  }
  for (const { bars, from, to } of handed) expect(rowsOf(bars)).toEqual(rowsOf(sliceBars(BARS, from, to)));
});

test('a frame is built when it is asked for, once a bar, and a new one after the next bar', () => {
  let built = 0;
  class Counted extends danfo.DataFrame {
    constructor(...given: ConstructorParameters<typeof danfo.DataFrame>) {
      super(...given);
      built++;
    }
  }
  const history = new History(1000, { DataFrame: Counted });
  for (let row = 0; row < 50; row++) history.add(BARS, row);
  expect(built).toBe(0);
  const frame = history.frame();
  expect(history.frame()).toBe(frame);
  expect(history.frame(50)).toBe(frame);
  expect(history.frame(1e6)).toBe(frame);
  expect(history.frame(10)).not.toBe(frame);
  expect(built).toBe(2);
  history.add(BARS, 50);
  expect(history.frame().shape).toEqual([51, 7]);
  expect(frame.shape).toEqual([50, 7]);
});

test('a history is read as a DataFrame by whoever reads one', async () => {
  const history = new History(1000, undefined);
  for (let row = 0; row < 200; row++) history.add(BARS, row);
  const feed = dataFrameFeed(history, { symbol: 'BTCUSDT' });
  expect([feed.interval, feed.columns, feed.length]).toEqual(['1m', ['baseVolume'], 200]);
  expect((await barsOf(feed)).map(row => row[0])).toEqual([...BARS.time.subarray(0, 200)]);
});

test('without danfojs a frame is an error that says how to give it, and counts that are none are refused', () => {
  const history: KlineHistory = new History(10, undefined);
  history.add(BARS, 0);
  expect(() => history.frame()).toThrow(/klines\(\{ danfo: await loadDanfo\(\)/);
  expect(() => history.last(-1)).toThrow(/-1 bars of the history/);
  expect(() => history.last(1.5)).toThrow(/1\.5 bars/);
  expect(() => history.column('datetme')).toThrow(/give one of close, high/);
});

test('a history that cannot be kept is refused at the start', async () => {
  const options: KlinesOptions = { symbols: ['BTCUSDT'], interval: '1m', onBar: () => {}, history: -1 };
  await expect(klines(options)).rejects.toMatchObject({ code: 'HISTORY_COUNT' });
});
