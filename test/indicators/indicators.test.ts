import {
  atr,
  bollinger,
  crossDown,
  crossOver,
  crossUp,
  type Data,
  div,
  ema,
  highest,
  type Line,
  lowest,
  macd,
  memoryFeed,
  rsi,
  sma,
  stdDev,
  wma,
} from 'qt-trader';
import { describe, expect, test } from 'vitest';
import { closes, walk } from '../support/bars.ts';
import { readLines } from '../support/lines.ts';

/** Plain definitions, window by window, sharing nothing with the kernels. */
describe('against its definition', () => {
  const columns = walk(400, 11);
  const { high, low, close } = columns;
  const feed = memoryFeed(columns);
  const windows = (bars: number, of: (window: number[]) => number, source: Float64Array = close) =>
    [...source].map((_, i) => (i < bars - 1 ? Number.NaN : of([...source.subarray(i - bars + 1, i + 1)])));
  const mean = (window: readonly number[]) => window.reduce((sum, value) => sum + value, 0) / window.length;
  const deviation = (window: readonly number[]) =>
    Math.sqrt(mean(window.map(value => (value - mean(window)) ** 2)));
  /** Seeded with the mean of its first `bars` values from `first` on. */
  const smooth = (source: readonly number[], bars: number, alpha: number, first = 0) => {
    let value = Number.NaN;
    return source.map((x, i) => {
      if (i < first + bars - 1) return Number.NaN;
      value = i === first + bars - 1 ? mean(source.slice(first, i + 1)) : alpha * x + (1 - alpha) * value;
      return value;
    });
  };
  const changes = [...close].map((value, i) => (i === 0 ? Number.NaN : value - close[i - 1]));

  const lines = (build: (data: Data) => Readonly<Record<string, Line>>) => readLines(feed, build);

  function expectClose(actual: readonly number[], expected: readonly number[]) {
    expect(actual.length).toBe(expected.length);
    for (let i = 0; i < actual.length; i++) {
      if (Number.isNaN(expected[i])) expect(actual[i]).toBeNaN();
      else
        expect(Math.abs(actual[i] - expected[i])).toBeLessThanOrEqual(
          1e-9 * Math.max(1, Math.abs(expected[i])),
        );
    }
  }

  test('sma', async () =>
    expectClose((await lines(data => ({ sma: sma(data, 10) }))).sma, windows(10, mean)));
  test('wma', async () => {
    const weighted = (window: number[]) => window.reduce((sum, value, i) => sum + value * (i + 1), 0) / 55;
    expectClose((await lines(data => ({ wma: wma(data, 10) }))).wma, windows(10, weighted));
  });
  test('ema', async () =>
    expectClose((await lines(data => ({ ema: ema(data, 10) }))).ema, smooth([...close], 10, 2 / 11)));
  test('rsi', async () => {
    const up = smooth(
      changes.map(value => Math.max(value, 0)),
      14,
      1 / 14,
      1,
    );
    const down = smooth(
      changes.map(value => Math.max(-value, 0)),
      14,
      1 / 14,
      1,
    );
    expectClose(
      (await lines(data => ({ rsi: rsi(data, 14) }))).rsi,
      up.map((value, i) => 100 - 100 / (1 + value / down[i])),
    );
  });
  test('atr', async () => {
    const ranges = [...high].map((value, i) =>
      Math.max(value - low[i], Math.abs(value - close[i - 1]), Math.abs(low[i] - close[i - 1])),
    );
    expectClose((await lines(data => ({ atr: atr(data, 14) }))).atr, smooth(ranges, 14, 1 / 14, 1));
  });
  test('macd', async () => {
    const fast = smooth([...close], 5, 2 / 6, 4);
    const slow = smooth([...close], 9, 2 / 10);
    const difference = fast.map((value, i) => value - slow[i]);
    const signal = smooth(difference, 4, 2 / 5, 8);
    const values = await lines(data => macd(data, { fast: 5, slow: 9, signal: 4 }));
    expectClose(values.signal, signal);
    expectClose(
      values.macd,
      difference.map((value, i) => (i < 11 ? Number.NaN : value)),
    );
    expectClose(
      values.histogram,
      difference.map((value, i) => value - signal[i]),
    );
  });
  test('stdDev', async () =>
    expectClose((await lines(data => ({ stdDev: stdDev(data, 20) }))).stdDev, windows(20, deviation)));
  test('bollinger', async () => {
    const values = await lines(data => bollinger(data, 20));
    expectClose(
      values.upper,
      windows(20, window => mean(window) + 2 * deviation(window)),
    );
    expectClose(values.middle, windows(20, mean));
    expectClose(
      values.lower,
      windows(20, window => mean(window) - 2 * deviation(window)),
    );
  });
  test('highest and lowest', async () => {
    expectClose(
      (await lines(data => ({ highest: highest(data.high, 7) }))).highest,
      windows(7, window => Math.max(...window), high),
    );
    expectClose(
      (await lines(data => ({ lowest: lowest(data.low, 7) }))).lowest,
      windows(7, window => Math.min(...window), low),
    );
  });
});

test('the standard deviation keeps its digits on prices near 1e8 with cents', async () => {
  const prices = Array.from({ length: 100 }, (_, i) => 1e8 + (i % 7) / 100);
  const { deviation } = await readLines(memoryFeed(closes(prices)), data => ({ deviation: stdDev(data, 7) }));
  // The seven values 0, 0.01 … 0.06 in any rotation; doubles near 1e8 hold cents to 1.5e-8.
  for (const value of deviation.slice(6)) expect(value).toBeCloseTo(0.02, 7);
});

test('a window that has gone flat deviates by exactly 0, whatever went before', async () => {
  const prices = [
    ...Array.from({ length: 50 }, (_, i) => 100 + ((i * 37) % 11)),
    ...new Array(30).fill(123.45),
  ];
  const { deviation } = await readLines(memoryFeed(closes(prices)), data => ({
    deviation: stdDev(data, 20),
  }));
  expect(deviation.slice(69)).toEqual(new Array(11).fill(0));
});

test('an exponential mean passes over a NaN and goes on', async () => {
  const columns = walk(60, 4);
  columns.volume.fill(2);
  columns.volume[20] = 0;
  const { mean } = await readLines(memoryFeed(columns), ({ close, volume }) => ({
    mean: ema(div(close, volume), 3),
  }));
  expect(mean[20]).toBeNaN();
  expect(mean[21]).toBeCloseTo((mean[19] + columns.close[21] / 2) / 2, 9);
});

describe('a cross', () => {
  const cross = async (values: readonly number[], level: number) => {
    return readLines(memoryFeed(closes(values)), ({ close }) => ({
      both: crossOver(close, level),
      up: crossUp(close, level),
      down: crossDown(close, level),
    }));
  };

  test('comes on the bar that is through, and only then', async () => {
    const { both, up, down } = await cross([1, 3, 4, 1, 3], 2);
    expect(both).toEqual([Number.NaN, 1, 0, -1, 1]);
    expect(up).toEqual([Number.NaN, 1, 0, 0, 1]);
    expect(down).toEqual([Number.NaN, 0, 0, 1, 0]);
  });

  test('remembers the side through a tie: touching and turning back is none, going through is one', async () => {
    expect((await cross([1, 2, 1], 2)).both).toEqual([Number.NaN, 0, 0]);
    expect((await cross([1, 2, 2, 3], 2)).both).toEqual([Number.NaN, 0, 0, 1]);
    expect((await cross([2, 2, 3], 2)).both).toEqual([Number.NaN, 0, 0]);
  });
});
