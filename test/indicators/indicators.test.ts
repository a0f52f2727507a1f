import fc from 'fast-check';
import { memoryFeed } from 'qt-trader';
import { describe, expect, test } from 'vitest';
import { INDICATORS } from '../../src/indicators/registry.ts';
import { chunked, chunkSizes, closes, walk } from '../support/bars.ts';
import { readLines } from '../support/lines.ts';

describe.each(INDICATORS)('$name', ({ parameters, build }) => {
  test('gives the same bits whole, in chunks of any sizes, and bar by bar', async () => {
    const columns = walk(3500, 7);
    const whole = await readLines(memoryFeed(columns), data => build(data, parameters));
    await fc.assert(
      fc.asyncProperty(chunkSizes, async sizes => {
        expect(await readLines(chunked(columns, sizes), data => build(data, parameters))).toEqual(whole);
      }),
      { numRuns: 10, examples: [[[1]]] },
    );
  });

  test('is NaN below its minimum period and finite from it on', async () => {
    const periods: Record<string, number> = {};
    const values = await readLines(memoryFeed(walk(200, 3)), data => {
      const lines = build(data, parameters);
      for (const [name, line] of Object.entries(lines)) periods[name] = line.minPeriod;
      return lines;
    });
    for (const [name, line] of Object.entries(values)) {
      expect(line.findIndex(value => !Number.isNaN(value))).toBe(periods[name] - 1);
      expect(line.slice(periods[name] - 1).every(Number.isFinite)).toBe(true);
    }
  });

  test('gives finite values on a flat series and nothing on a single bar', async () => {
    const flat = await readLines(memoryFeed(closes(new Array(100).fill(50))), data =>
      build(data, parameters),
    );
    for (const line of Object.values(flat)) expect(Number.isFinite(line.at(-1))).toBe(true);
    const single = await readLines(memoryFeed(closes([50]), { interval: '1m' }), data =>
      build(data, parameters),
    );
    for (const line of Object.values(single)) expect(line).toEqual([Number.NaN]);
  });

  test('refuses a period that is no positive whole number', async () => {
    for (const name of Object.keys(parameters)) {
      for (const value of [0, -1, 2.5, Number.NaN]) {
        const given = { ...parameters, [name]: value };
        await expect(readLines(memoryFeed(walk(50, 1)), data => build(data, given))).rejects.toMatchObject({
          code: 'PERIOD_INVALID',
        });
      }
    }
  });
});

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

  async function lines(name: string): Promise<Record<string, number[]>> {
    const entry = INDICATORS.find(one => one.name === name)!;
    return readLines(feed, data => entry.build(data, entry.parameters));
  }

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

  test('sma', async () => expectClose((await lines('sma')).sma, windows(10, mean)));
  test('wma', async () => {
    const weighted = (window: number[]) => window.reduce((sum, value, i) => sum + value * (i + 1), 0) / 55;
    expectClose((await lines('wma')).wma, windows(10, weighted));
  });
  test('ema', async () => expectClose((await lines('ema')).ema, smooth([...close], 10, 2 / 11)));
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
      (await lines('rsi')).rsi,
      up.map((value, i) => 100 - 100 / (1 + value / down[i])),
    );
  });
  test('atr', async () => {
    const ranges = [...high].map((value, i) =>
      Math.max(value - low[i], Math.abs(value - close[i - 1]), Math.abs(low[i] - close[i - 1])),
    );
    expectClose((await lines('atr')).atr, smooth(ranges, 14, 1 / 14, 1));
  });
  test('macd', async () => {
    const fast = smooth([...close], 5, 2 / 6, 4);
    const slow = smooth([...close], 9, 2 / 10);
    const difference = fast.map((value, i) => value - slow[i]);
    const signal = smooth(difference, 4, 2 / 5, 8);
    const values = await lines('macd');
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
  test('stdDev', async () => expectClose((await lines('stdDev')).stdDev, windows(20, deviation)));
  test('bollinger', async () => {
    const values = await lines('bollinger');
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
      (await lines('highest')).highest,
      windows(7, window => Math.max(...window), high),
    );
    expectClose(
      (await lines('lowest')).lowest,
      windows(7, window => Math.min(...window), low),
    );
  });
});

test('the standard deviation keeps its digits on prices near 1e8 with cents', async () => {
  const prices = Array.from({ length: 100 }, (_, i) => 1e8 + (i % 7) / 100);
  const entry = INDICATORS.find(one => one.name === 'stdDev')!;
  const { stdDev } = await readLines(memoryFeed(closes(prices)), data => entry.build(data, { bars: 7 }));
  // The seven values 0, 0.01 … 0.06 in any rotation; doubles near 1e8 hold cents to 1.5e-8.
  for (const value of stdDev.slice(6)) expect(value).toBeCloseTo(0.02, 7);
});

test('a window that has gone flat deviates by exactly 0, whatever went before', async () => {
  const prices = [
    ...Array.from({ length: 50 }, (_, i) => 100 + ((i * 37) % 11)),
    ...new Array(30).fill(123.45),
  ];
  const entry = INDICATORS.find(one => one.name === 'stdDev')!;
  const { stdDev } = await readLines(memoryFeed(closes(prices)), data => entry.build(data, { bars: 20 }));
  expect(stdDev.slice(69)).toEqual(new Array(11).fill(0));
});

test('an exponential mean passes over a NaN and goes on', async () => {
  const { div, ema } = await import('qt-trader');
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
    const { crossOver, crossUp, crossDown } = await import('qt-trader');
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
