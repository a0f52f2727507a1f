import fc from 'fast-check';
import { type Data, fromTechnicalIndicators, type Line, memoryFeed, replay, sma } from 'qt-trader';
import * as library from 'technicalindicators';
import { describe, expect, test } from 'vitest';
import { chunked, chunkSizes, walk } from '../support/bars.ts';
import { readLines } from '../support/lines.ts';

const BARS = 700;
const columns = walk(BARS, 11);
const series = Object.fromEntries(
  (['open', 'high', 'low', 'close', 'volume'] as const).map(name => [name, [...columns[name]]]),
);
const kst = { ROCPer1: 10, ROCPer2: 15, ROCPer3: 20, ROCPer4: 30 };
const kstSmoothing = { SMAROCPer1: 10, SMAROCPer2: 10, SMAROCPer3: 10, SMAROCPer4: 15, signalPeriod: 9 };
const macd = { fastPeriod: 12, slowPeriod: 26, signalPeriod: 9 };
const macdAverages = { SimpleMAOscillator: false, SimpleMASignal: false };
const ichimoku = { conversionPeriod: 9, basePeriod: 26, spanPeriod: 52, displacement: 26 };

/** Every class of the package that can be told bar by bar, with options. */
const OF_VALUES: Record<string, object> = {
  AverageGain: { period: 14 },
  AverageLoss: { period: 14 },
  BollingerBands: { period: 20, stdDev: 2 },
  EMA: { period: 12 },
  Highest: { period: 20 },
  KST: { ...kst, ...kstSmoothing },
  Lowest: { period: 20 },
  MACD: { ...macd, ...macdAverages },
  ROC: { period: 10 },
  RSI: { period: 14 },
  SD: { period: 10 },
  SMA: { period: 9 },
  StochasticRSI: { rsiPeriod: 14, stochasticPeriod: 14, kPeriod: 3, dPeriod: 3 },
  Sum: { period: 5 },
  TRIX: { period: 18 },
  WEMA: { period: 6 },
  WMA: { period: 8 },
};
const OF_CANDLES: Record<string, object> = {
  ADL: {},
  ADX: { period: 14 },
  ATR: { period: 14 },
  AwesomeOscillator: { fastPeriod: 5, slowPeriod: 34 },
  CCI: { period: 20 },
  ChandelierExit: { period: 22, multiplier: 3 },
  ForceIndex: { period: 1 },
  HeikinAshi: {},
  IchimokuCloud: ichimoku,
  KeltnerChannels: { maPeriod: 20, atrPeriod: 10, useSMA: false, multiplier: 1 },
  MFI: { period: 14 },
  OBV: {},
  PSAR: { step: 0.02, max: 0.2 },
  Stochastic: { period: 14, signalPeriod: 3 },
  TrueRange: {},
  VWAP: {},
  WilliamsR: { period: 14 },
};

type Anything = new (input: object) => { nextValue(value: unknown): unknown; result: unknown };
const classOf = (name: string) => (library as unknown as Record<string, Anything>)[name];
const bridge = fromTechnicalIndicators as unknown as (
  indicator: unknown,
  input: unknown,
  options?: object,
) => Line | Record<string, Line>;

const linesOf = (made: Line | Record<string, Line>): Record<string, Line> =>
  'now' in made ? { value: made as Line } : made;

/** What the package computes of the whole series, on its own. */
function own(name: string, options: object): Record<string, number>[] {
  const { result } = new (classOf(name))({ ...options, ...series, values: series.close, timestamp: [] });
  if (!Array.isArray(result)) {
    const lists = result as Record<string, number[]>;
    return lists.close.map((_, i) => ({ close: lists.close[i], open: lists.open[i] }));
  }
  return result.map(value => (typeof value === 'object' ? value : { value }));
}

describe.each([
  ...Object.entries(OF_VALUES).map(([name, options]) => ({ name, options, of: (data: Data) => data.close })),
  ...Object.entries(OF_CANDLES).map(([name, options]) => ({ name, options, of: (data: Data) => data })),
])('$name of technicalindicators', ({ name, options, of }) => {
  const build = (data: Data) => linesOf(bridge(classOf(name), of(data), options));

  test('has its own values, the last at the last bar and NaN before the first', async () => {
    const expected = own(name, options);
    const lines = await readLines(memoryFeed(columns), build);
    expect(expected.length).toBeGreaterThan(BARS / 2);
    for (const field of Object.keys(expected[0])) {
      const gap = new Array(BARS - expected.length).fill(Number.NaN);
      expect(lines[field]).toEqual([...gap, ...expected.map(value => value[field] ?? Number.NaN)]);
    }
  });

  test('gives the same bits in chunks of any sizes, and begins at its minimum period', async () => {
    let minPeriod = 0;
    const whole = await readLines(memoryFeed(columns), data => {
      const lines = build(data);
      minPeriod = Math.max(...Object.values(lines).map(line => line.minPeriod));
      return lines;
    });
    const gaps = Object.values(whole).map(line => line.findIndex(value => !Number.isNaN(value)));
    expect(Math.max(...gaps)).toBe(minPeriod - 1);
    await fc.assert(
      fc.asyncProperty(chunkSizes, async sizes => {
        expect(await readLines(chunked(columns, sizes), build)).toEqual(whole);
      }),
      { numRuns: 4, examples: [[[1]]] },
    );
  });
});

test('every class of technicalindicators that can be told bar by bar is tried above', () => {
  const classes = Object.entries(library)
    .filter(([, value]) => typeof value === 'function' && 'nextValue' in (value.prototype ?? {}))
    .map(([name]) => name);
  const others = ['CrossDown', 'CrossUp', 'VolumeProfile'];
  expect(classes.filter(name => !others.includes(name)).toSorted()).toEqual(
    [...Object.keys(OF_VALUES), ...Object.keys(OF_CANDLES)].toSorted(),
  );
});

test('a cross of technicalindicators is computed from two lines and gives 1 or 0', async () => {
  const { cross } = await readLines(memoryFeed(columns), data => ({
    cross: fromTechnicalIndicators(library.CrossUp, { lineA: data.close, lineB: data.open }),
  }));
  const expected = library.crossUp({ lineA: [...series.close], lineB: [...series.open] });
  expect(cross).toEqual(expected.map(Number));
  expect(cross.filter(value => value === 1).length).toBeGreaterThan(10);
});

test('a candlestick function of technicalindicators gives 1 where the last candles have its pattern, else 0', async () => {
  const { bullish, doji } = await readLines(memoryFeed(columns), data => ({
    bullish: fromTechnicalIndicators(library.bullish, data),
    doji: fromTechnicalIndicators(library.doji, data, { bars: 1 }),
  }));
  const last = (to: number, bars: number) =>
    Object.fromEntries(Object.entries(series).map(([name, values]) => [name, values.slice(to - bars, to)]));
  const expected = series.close.map((_, i) =>
    i < 4 ? Number.NaN : Number(library.bullish(last(i + 1, 5) as never)),
  );
  expect(bullish).toEqual(expected);
  expect(bullish.filter(value => value === 1).length).toBeGreaterThan(10);
  expect(doji).toEqual(series.close.map((_, i) => Number(library.doji(last(i + 1, 1) as never))));
});

test('an indicator of technicalindicators on an indicator of ours begins when that has a value', async () => {
  const lines = await readLines(memoryFeed(columns), data => {
    const average = sma(data.close, 30);
    return { average, rsi: fromTechnicalIndicators(library.RSI, average, { period: 14 }) };
  });
  const expected = library.rsi({ values: lines.average.slice(29), period: 14 });
  expect(lines.rsi).toEqual([...new Array(BARS - expected.length).fill(Number.NaN), ...expected]);
  expect(lines.rsi.findIndex(value => !Number.isNaN(value))).toBe(29 + 14);
});

test('a bar whose input is NaN is not told of and gives NaN', async () => {
  const close = Float64Array.from(columns.close);
  const spread = Float64Array.from(close, (value, i) => (i % 50 === 20 ? Number.NaN : value));
  const feed = memoryFeed({ ...columns, extra: { spread } } as never);
  const { ema } = await readLines(feed, data => ({
    ema: fromTechnicalIndicators(library.EMA, data.column('spread'), { period: 12 }),
  }));
  const told = [...spread].filter(value => !Number.isNaN(value));
  const expected = library.ema({ values: told, period: 12 });
  expect(ema.filter(value => !Number.isNaN(value))).toEqual(expected);
  expect(ema[20]).toBeNaN();
});

test('what technicalindicators makes of a zero range is NaN and never infinite', async () => {
  const close = [...columns.close];
  const flat = { ...columns, open: close, high: close, low: close, close };
  const { williams } = await readLines(memoryFeed(flat), data => ({
    williams: fromTechnicalIndicators(library.WilliamsR, data, { period: 1 }),
  }));
  expect(williams.every(Number.isNaN)).toBe(true);
});

test('on bars that grow a class of technicalindicators is refused, for it cannot go back', async () => {
  const minutes = walk(600, 3);
  const build = (data: Data) => ({
    rsi: fromTechnicalIndicators(library.RSI, data.close, { period: 5 }),
  });
  await expect(readLines(replay(memoryFeed(minutes), '1h'), build)).rejects.toMatchObject({
    code: 'STATE_NOT_COPIED',
  });
});

test('the rounding of technicalindicators is as its format says', async () => {
  const format = (value: number) => Math.round(value);
  const { rounded } = await readLines(memoryFeed(columns), data => ({
    rounded: fromTechnicalIndicators(library.SMA, data.close, { period: 9, format }),
  }));
  expect(rounded.slice(8).every(Number.isInteger)).toBe(true);
});

test.each([
  {
    what: 'a class that cannot be told bar by bar',
    make: () => library.VolumeProfile,
    options: { noOfBars: 3 },
  },
  { what: 'a class without its periods', make: () => library.ADX, options: {} },
  { what: 'a class that reads nothing of a candle', make: () => library.WMA, options: {} },
  { what: 'a function that computes a whole series', make: () => library.rsi, options: { period: 3 } },
  { what: 'no class at all', make: () => undefined, options: {} },
])('$what is refused with TECHNICAL_INDICATOR_UNUSABLE', async ({ make, options }) => {
  const build = (data: Data) => linesOf(bridge(make(), data, options));
  await expect(readLines(memoryFeed(columns), build)).rejects.toMatchObject({
    code: 'TECHNICAL_INDICATOR_UNUSABLE',
  });
});

test('candles where a class takes values, and values where it takes candles, are refused', async () => {
  const candles = (data: Data) => linesOf(bridge(library.SMA, data, { period: 3 }));
  const values = (data: Data) => linesOf(bridge(library.ADX, data.close, { period: 3 }));
  for (const build of [candles, values]) {
    await expect(readLines(memoryFeed(columns), build)).rejects.toMatchObject({
      code: 'TECHNICAL_INDICATOR_UNUSABLE',
    });
  }
  const number = (data: Data) =>
    linesOf(bridge(library.ADX, { high: 5, low: data.low, close: data.close }, { period: 3 }));
  await expect(readLines(memoryFeed(columns), number)).rejects.toMatchObject({ code: 'NOT_A_LINE' });
});

test('lines and options have the types of technicalindicators', async () => {
  const build = (data: Data) => {
    const average: Line = fromTechnicalIndicators(library.SMA, data.close, { period: 3 });
    const { adx, pdi, mdi } = fromTechnicalIndicators(library.ADX, data, { period: 14 });
    const bands = fromTechnicalIndicators(library.BollingerBands, data.close, { period: 20, stdDev: 2 });
    const typed: { upper: Line; middle: Line; lower: Line; pb: Line } = bands;
    const { MACD, signal, histogram } = fromTechnicalIndicators(library.MACD, data.close, {
      ...macd,
      ...macdAverages,
    });
    const obv: Line = fromTechnicalIndicators(library.OBV, data);
    // @ts-expect-error: the period is wanted
    const without = () => fromTechnicalIndicators(library.SMA, data.close);
    // @ts-expect-error: candles are wanted
    const wrong = () => fromTechnicalIndicators(library.ADX, data.close, { period: 14 });
    // @ts-expect-error: ADX has no such line
    adx.upper;
    expect(without).toThrow();
    expect(wrong).toThrow();
    return { average, adx, pdi, mdi, ...typed, MACD, signal, histogram, obv };
  };
  const lines = await readLines(memoryFeed(columns), build);
  for (const line of Object.values(lines)) expect(line.at(-1)).toBeTypeOf('number');
});
