import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import {
  atr,
  bollinger,
  crossDown,
  crossOver,
  crossUp,
  type Data,
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
import { readLines } from '../support/lines.ts';
import { requireShared } from '../support/shared.ts';

const GOLDEN = new URL('../../../shared/golden/', import.meta.url);
const present = existsSync(GOLDEN);
requireShared(present, 'results of other engines');

const read = (path: string) => gunzipSync(readFileSync(new URL(path, GOLDEN))).toString();

function feedOf(file: string) {
  const rows = read(`inputs/${file}.gz`)
    .trim()
    .split('\n')
    .slice(1)
    .map(row => row.split(','));
  const column = (i: number) => rows.map(row => Number(row[i]));
  const time = rows.map(row => Date.parse(row[0].length > 10 ? `${row[0]}Z` : row[0]));
  return memoryFeed({
    time,
    open: column(1),
    high: column(2),
    low: column(3),
    close: column(4),
    volume: column(5),
  });
}

type Parameters = Readonly<Record<string, number>>;
type Build = (data: Data, parameters: Parameters) => Readonly<Record<string, Line>>;

/** By TA-Lib's function name; lines by TA-Lib's output names. */
const TALIB: Readonly<Record<string, Build>> = {
  SMA: (data, p) => ({ outReal: sma(data.close, p.optInTimePeriod) }),
  EMA: (data, p) => ({ outReal: ema(data.close, p.optInTimePeriod) }),
  WMA: (data, p) => ({ outReal: wma(data.close, p.optInTimePeriod) }),
  RSI: (data, p) => ({ outReal: rsi(data.close, p.optInTimePeriod) }),
  ATR: (data, p) => ({ outReal: atr(data, p.optInTimePeriod) }),
  STDDEV: (data, p) => ({
    outReal: stdDev(data.close, { bars: p.optInTimePeriod, width: p.optInNbDev, convention: 'talib' }),
  }),
  MAX: (data, p) => ({ outReal: highest(data.close, p.optInTimePeriod) }),
  MIN: (data, p) => ({ outReal: lowest(data.close, p.optInTimePeriod) }),
  BBANDS: (data, p) => {
    const { upper, middle, lower } = bollinger(data, { bars: p.optInTimePeriod, width: p.optInNbDevUp });
    return { outRealUpperBand: upper, outRealMiddleBand: middle, outRealLowerBand: lower };
  },
  MACD: (data, p) => {
    const lines = macd(data.close, {
      fast: p.optInFastPeriod,
      slow: p.optInSlowPeriod,
      signal: p.optInSignalPeriod,
    });
    return { outMACD: lines.macd, outMACDSignal: lines.signal, outMACDHist: lines.histogram };
  },
};

const cross =
  (of: (a: Line, b: Line) => Line): Build =>
  data => ({ cross: of(sma(data.close, 7), sma(data.close, 21)) });

/** By backtrader's class name; lines by backtrader's line names. */
const BACKTRADER: Readonly<Record<string, Build>> = {
  MovingAverageSimple: (data, p) => ({ sma: sma(data.close, p.period) }),
  ExponentialMovingAverage: (data, p) => ({ ema: ema(data.close, p.period) }),
  WeightedMovingAverage: (data, p) => ({ wma: wma(data.close, p.period) }),
  RelativeStrengthIndex: (data, p) => ({ rsi: rsi(data.close, p.period) }),
  AverageTrueRange: (data, p) => ({ atr: atr(data, p.period) }),
  StandardDeviation: (data, p) => ({
    stddev: stdDev(data.close, { bars: p.period, convention: 'backtrader' }),
  }),
  Highest: (data, p) => ({ highest: highest(data.close, p.period) }),
  Lowest: (data, p) => ({ lowest: lowest(data.close, p.period) }),
  BollingerBands: (data, p) => {
    const { upper, middle, lower } = bollinger(data, { bars: p.period, width: p.devfactor });
    return { top: upper, mid: middle, bot: lower };
  },
  MACDHisto: (data, p) => {
    const { period_me1: fast, period_me2: slow, period_signal: signal } = p;
    const lines = macd(data.close, { fast, slow, signal, convention: 'backtrader' });
    return { macd: lines.macd, signal: lines.signal, histo: lines.histogram };
  },
  CrossOver: data => ({ crossover: cross(crossOver)(data, {}).cross }),
  CrossUp: cross(crossUp),
  CrossDown: cross(crossDown),
};

/** 1e-9 relative, or 1e-12 absolute near zero; NaN where NaN, over the full length. */
function expectLine(actual: readonly number[], expected: readonly number[]) {
  expect(actual.length).toBe(expected.length);
  const wrong = expected.findIndex((value, i) =>
    Number.isNaN(value)
      ? !Number.isNaN(actual[i])
      : !(Math.abs(actual[i] - value) <= Math.max(1e-12, 1e-9 * Math.abs(value))),
  );
  expect(wrong < 0 ? '' : `bar ${wrong}: ${actual[wrong]} instead of ${expected[wrong]}`).toBe('');
}

describe.skipIf(!present)("TA-Lib's own results", () => {
  for (const file of ['talib_d2006', 'talib_m5_2006_first600', 'talib_vol2006']) {
    const golden = present ? JSON.parse(read(`indicators/${file}.json.gz`)) : {};
    test.each(Object.keys(TALIB))(`${file}: %s`, async name => {
      const { params, begIdx, outputs } = golden.functions[name];
      const lines = await readLines(feedOf(golden.input), data => TALIB[name](data, params));
      for (const [output, values] of Object.entries<number[]>(outputs)) {
        expectLine(lines[output], [...new Array(begIdx).fill(Number.NaN), ...values]);
      }
    });
  }
});

describe.skipIf(!present)("backtrader's own results", () => {
  for (const file of ['bt_d2006', 'bt_m5_2006_first600']) {
    const golden = present ? JSON.parse(read(`indicators/${file}.json.gz`)) : {};
    test.each(Object.keys(BACKTRADER))(`${file}: %s`, async name => {
      const { params, lines: expected } = golden.indicators[name];
      const lines = await readLines(feedOf(golden.input), data => BACKTRADER[name](data, params));
      for (const [line, values] of Object.entries<(number | string)[]>(expected)) {
        expectLine(lines[line], values.map(Number));
      }
    });
  }
});
