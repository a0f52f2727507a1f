import {
  averageEnvelope,
  backtraderIndicators,
  bollinger,
  calculate,
  type Data,
  dema,
  dynamicSmoothing,
  hma,
  kama,
  type Line,
  macd,
  macdExtended,
  memoryFeed,
  movingAverage,
  parabolicSar,
  parabolicSarByClose,
  sma,
  t3,
  talib,
  tema,
  trima,
  variableAverage,
  weightedAverage,
  zeroLag,
  zlema,
} from 'qt-trader';
import { describe, expect, test } from 'vitest';
import { AVERAGES, averageOf, averageWarmup } from '../../src/indicators/averages/average-of.ts';
import { closes, walk } from '../support/bars.ts';
import { readLines } from '../support/lines.ts';

const columns = walk(300, 5);
const close = [...columns.close];
const read = (build: (data: Data) => Readonly<Record<string, Line>>, from = columns) =>
  readLines(memoryFeed(from), build);

/** The value at each bar from bar `first` (counted from 0) on, NaN before. */
const from = (first: number, of: (i: number) => number) =>
  close.map((_, i) => (i < first ? Number.NaN : of(i)));
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
const window = (values: readonly number[], i: number, bars: number) => values.slice(i - bars + 1, i + 1);
const mean = (values: readonly number[]) => sum(values) / values.length;
const weighted = (values: readonly number[]) =>
  sum(values.map((value, k) => (k + 1) * value)) / sum(values.map((_, k) => k + 1));

/** An EMA of the values from the first one that is a number on. */
function exponential(values: readonly number[], bars: number): number[] {
  const start = values.findIndex(value => !Number.isNaN(value));
  let value = mean(values.slice(start, start + bars));
  return values.map((x, i) => {
    if (i < start + bars - 1) return Number.NaN;
    if (i >= start + bars) value += (2 / (bars + 1)) * (x - value);
    return value;
  });
}

function expectClose(actual: readonly number[], expected: readonly number[]) {
  expect(actual.length).toBe(expected.length);
  for (const [i, value] of expected.entries()) {
    if (Number.isNaN(value)) expect(actual[i]).toBeNaN();
    else expect(actual[i]).toBeCloseTo(value, 8);
  }
}

describe('a moving average is what its definition says', () => {
  const one = exponential(close, 8);
  const two = exponential(one, 8);
  const three = exponential(two, 8);

  test('dema and tema', async () => {
    const lines = await read(data => ({ dema: dema(data, 8), tema: tema(data, 8) }));
    expectClose(
      lines.dema,
      one.map((value, i) => 2 * value - two[i]),
    );
    expectClose(
      lines.tema,
      one.map((value, i) => 3 * value - 3 * two[i] + three[i]),
    );
  });

  test('t3 without a volume factor is the third of its averages', async () => {
    const { line } = await read(data => ({ line: t3(data, { bars: 8, factor: 0 }) }));
    expectClose(
      line,
      three.map((value, i) => (i < 42 ? Number.NaN : value)),
    );
  });

  test('trima has weights that rise to the middle and fall again', async () => {
    const lines = await read(data => ({ odd: trima(data, 5), even: trima(data, 6) }));
    const by = (weights: readonly number[]) =>
      from(
        weights.length - 1,
        i => sum(window(close, i, weights.length).map((value, k) => weights[k] * value)) / sum(weights),
      );
    expectClose(lines.odd, by([1, 2, 3, 2, 1]));
    expectClose(lines.even, by([1, 2, 3, 3, 2, 1]));
  });

  test('hma', async () => {
    const raw = from(8, i => 2 * weighted(window(close, i, 4)) - weighted(window(close, i, 9)));
    const lines = await read(data => ({
      one: hma(data, 9),
      composed: hma(data, { bars: 9, convention: 'backtrader' }),
    }));
    expectClose(
      lines.one,
      from(10, i => weighted(window(raw, i, 3))),
    );
    expectClose(lines.composed, lines.one);
  });

  test('kama', async () => {
    let value = Number.NaN;
    const expected = from(10, i => {
      const path = sum(window(close, i, 10).map((x, k) => Math.abs(x - close[i - 10 + k])));
      const efficiency = Math.abs(close[i] - close[i - 10]) / path;
      const alpha = (efficiency * (2 / 3 - 2 / 31) + 2 / 31) ** 2;
      value = (i === 10 ? close[9] : value) + alpha * (close[i] - (i === 10 ? close[9] : value));
      return value;
    });
    expectClose((await read(data => ({ kama: kama(data, 10) }))).kama, expected);
  });

  test('zlema', async () => {
    const led = from(4, i => 2 * close[i] - close[i - 4]);
    expectClose((await read(data => ({ zlema: zlema(data, 9) }))).zlema, exponential(led, 9));
  });

  test('zeroLag takes the best of all gains', async () => {
    const ema = exponential(close, 9);
    let before = Number.NaN;
    const expected = from(8, i => {
      let least = Number.POSITIVE_INFINITY;
      let best = ema[i];
      for (let gain = -20; i > 8 && gain <= 20; gain++) {
        const value = 0.2 * (ema[i] + (gain / 10) * (close[i] - before)) + 0.8 * before;
        if (Math.abs(close[i] - value) < least) {
          least = Math.abs(close[i] - value);
          best = value;
        }
      }
      before = best;
      return best;
    });
    const lines = await read(data => ({ line: zeroLag(data, { bars: 9, gainLimit: 20 }) }));
    expectClose(lines.line, expected);
  });

  test('weightedAverage gives the oldest value the first weight', async () => {
    const options = { bars: 3, weights: [1, 0, -2], coefficient: 0.5 };
    const { line } = await read(data => ({ line: weightedAverage(data, options) }));
    expectClose(
      line,
      from(2, i => 0.5 * (close[i - 2] - 2 * close[i])),
    );
  });

  test('variableAverage is the average over as many bars as the other line says', async () => {
    const periods = close.map((_, i) => (i % 13) + 0.5);
    const build = (data: Data) => ({
      simple: variableAverage(data.close, data.volume, { shortest: 3, longest: 9 }),
      weighted: variableAverage(data.close, data.volume, { shortest: 3, longest: 9, average: 'wma' }),
    });
    const lines = await read(build, { ...columns, volume: Float64Array.from(periods) });
    const bars = periods.map(value => Math.max(3, Math.min(9, Math.trunc(value))));
    expectClose(
      lines.simple,
      from(8, i => mean(window(close, i, bars[i]))),
    );
    expectClose(
      lines.weighted,
      from(8, i => weighted(window(close, i, bars[i]))),
    );
  });
});

test.each(AVERAGES)('%s needs as many bars as averageWarmup says', async kind => {
  for (const bars of [1, 2, 3, 17]) {
    const { line } = await read(data => {
      const line = averageOf(kind, data.close, bars);
      expect(line.minPeriod - 1).toBe(averageWarmup(kind, bars));
      return { line };
    });
    expect(line.findIndex(value => !Number.isNaN(value))).toBe(averageWarmup(kind, bars));
  }
});

test.each(AVERAGES)('%s comes back after a missing value', kind => {
  const values = close.map((value, i) => (i === 60 ? Number.NaN : value));
  const line = calculate(movingAverage, values, { bars: 5, average: kind });
  expect(line[60]).toBeNaN();
  expect(line.slice(80).every(Number.isFinite)).toBe(true);
});

describe('bands', () => {
  test('are right to the cent on prices near 1e8', async () => {
    const cents = close.map((_, i) => (i * 7919) % 5);
    const { upper, lower } = await read(
      data => bollinger(data, { bars: 10, width: 1 }),
      closes(cents.map(cent => 1e8 + cent / 100)),
    );
    const deviation = from(9, i => {
      const values = window(cents, i, 10);
      return Math.sqrt(mean(values.map(value => (value - mean(values)) ** 2))) / 100;
    });
    for (const [i, value] of deviation.entries()) {
      if (i >= 9) expect((upper[i] - lower[i]) / 2).toBeCloseTo(value, 7);
    }
  });

  test('around any average are that average and its percent', async () => {
    const lines = await read(data => averageEnvelope(data, { bars: 7, percent: 10, average: 'wma' }));
    const middle = from(6, i => weighted(window(close, i, 7)));
    expectClose(lines.middle, middle);
    expectClose(
      lines.upper,
      middle.map(value => value * 1.1),
    );
    expectClose(
      lines.lower,
      middle.map(value => value * 0.9),
    );
  });
});

describe('macd', () => {
  test('takes the smaller period for fast in TA-Lib’s convention, and the one given in backtrader’s', async () => {
    const lines = await read(data => ({
      ordered: macd(data, { fast: 5, slow: 9, signal: 3 }).macd,
      swapped: macd(data, { fast: 9, slow: 5, signal: 3 }).macd,
      given: macd(data, { fast: 9, slow: 5, signal: 3, convention: 'backtrader' }).macd,
    }));
    expect(lines.swapped).toEqual(lines.ordered);
    const [five, nine] = [exponential(close, 5), exponential(close, 9)];
    expectClose(
      lines.given,
      nine.map((value, i) => value - five[i]),
    );
  });

  test('of simple averages is their difference and its average', async () => {
    const lines = await read(data => macdExtended(data, { fast: 4, slow: 6, signal: 3 }));
    const difference = from(5, i => mean(window(close, i, 4)) - mean(window(close, i, 6)));
    const signal = from(7, i => mean(window(difference, i, 3)));
    expectClose(lines.signal, signal);
    expectClose(
      lines.macd,
      difference.map((value, i) => (i < 7 ? Number.NaN : value)),
    );
    expectClose(
      lines.histogram,
      difference.map((value, i) => value - signal[i]),
    );
  });
});

describe('the parabolic stop', () => {
  const high = [10, 11, 12, 13, 14, 11, 10];
  const low = [9, 10, 11, 12, 13, 8, 7];
  const close = [9.5, 10.5, 11.5, 12.5, 13.5, 8, 7];
  const options = { step: 0.1, most: 0.3 };

  test('follows the extreme, and turns where a bar reaches it', () => {
    // Long from 9 with the extreme 11: 9 + 0.1 · 2, then 0.2 of the way to 12, then 0.3 of it to 13 and 14.
    const expected = [Number.NaN, 9, 9.2, 9.76, 10.732, 14, 14];
    expectClose([...calculate(parabolicSar, { high, low }, options)], expected);
  });

  test('begun by closes keeps out of the first bar too', () => {
    const expected = [Number.NaN, 9, 9, 9.6, 10.62, 14, 14];
    expectClose([...calculate(parabolicSarByClose, { high, low, close }, options)], expected);
  });

  test('passes over a bar with a gap', () => {
    const gap = (values: readonly number[]) => [...values.slice(0, 3), Number.NaN, ...values.slice(3)];
    expect([...calculate(parabolicSar, { high: gap(high), low: gap(low) }, options)]).toEqual(
      gap([...calculate(parabolicSar, { high, low }, options)]),
    );
  });
});

test('a smoothing factor that is a line is kept within 0 and 1', async () => {
  const build = (data: Data) => ({ line: dynamicSmoothing(data.close, data.volume, 2) });
  const { line } = await read(build, {
    ...closes([1, 3, 5, 7, 9]),
    volume: Float64Array.of(0, 0, 9, -1, 0.5),
  });
  expectClose(line.slice(0, 5), [Number.NaN, 2, 5, 5, 7]);
});

describe('names of other libraries', () => {
  test('matype and movav choose the average, and a wrong one is refused', async () => {
    const lines = await read(data => ({
      talib: talib.MA(data, { timeperiod: 5, matype: 2 }),
      backtrader: backtraderIndicators.MACD(data, { movav: 'WilderMA' }).macd,
    }));
    expectClose(
      lines.talib,
      from(4, i => weighted(window(close, i, 5))),
    );
    expect(lines.backtrader.findIndex(value => !Number.isNaN(value))).toBe(25);
    const wrong = (data: Data) => ({ line: talib.MA(data, { matype: 9 as 8 }) });
    await expect(read(wrong)).rejects.toMatchObject({ code: 'PARAMETER_INVALID', value: 9 });
  });

  test('backtrader’s oscillator of an indicator starts from what that was computed from', async () => {
    const lines = await read(data => ({
      alone: backtraderIndicators.Oscillator(sma(data.high, 5)),
      named: backtraderIndicators.MovingAverageSimpleOscillator(data.high, 5),
    }));
    expect(lines.alone).toEqual(lines.named);
    const plain = (data: Data) => ({ line: backtraderIndicators.Oscillator(data.high) });
    await expect(read(plain)).rejects.toMatchObject({ code: 'NOT_AN_INDICATOR' });
  });
});
