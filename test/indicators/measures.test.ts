import {
  backtraderFunctions,
  backtraderIndicators,
  calculate,
  chaikinMoneyFlow,
  choppiness,
  cointegration,
  donchian,
  forceIndex,
  garmanKlassVolatility,
  highestBar,
  historicalVolatility,
  keltner,
  type Line,
  negativeVolumeIndex,
  parkinsonVolatility,
  quantile,
  rollingVwap,
  superTrend,
  ulcerIndex,
  vwap,
  vwma,
  yangZhangVolatility,
} from 'qt-trader';
import { describe, expect, test } from 'vitest';
import { cointegrationPValue, normalDistribution } from '../../src/indicators/statistics/mackinnon.ts';
import { closes, walk } from '../support/bars.ts';

const columns = walk(400, 31);
const { open, high, low, close, volume } = columns;
const at = (i: number) => ({ o: open[i], h: high[i], l: low[i], c: close[i], v: volume[i] });

/** Every value against a plain definition over the window of bar numbers that ends with it. */
function expectWindows(got: Float64Array, bars: number, of: (window: readonly number[]) => number) {
  const expected = Array.from(got, (_, i) =>
    i < bars - 1 ? Number.NaN : of(Array.from({ length: bars }, (_, k) => i - bars + 1 + k)),
  );
  expectClose(got, expected);
}

function expectClose(got: Float64Array, expected: readonly number[]) {
  expect(got.length).toBe(expected.length);
  for (const [i, value] of expected.entries()) {
    const apart = Math.abs(got[i] - value) / Math.max(1, Math.abs(value));
    const same = Number.isNaN(value) ? Number.isNaN(got[i]) : apart < 1e-9;
    if (!same) expect(`bar ${i}: ${got[i]}`).toBe(`bar ${i}: ${value}`);
  }
}

const total = (window: readonly number[], of: (i: number) => number) =>
  window.reduce((sum, i) => sum + of(i), 0);
const typical = (i: number) => (high[i] + low[i] + close[i]) / 3;

describe('against its definition', () => {
  test('vwma and rollingVwap', () => {
    expectWindows(
      calculate(vwma, columns, 10),
      10,
      w => total(w, i => close[i] * volume[i]) / total(w, i => volume[i]),
    );
    expectWindows(
      calculate(rollingVwap, columns, 10),
      10,
      w => total(w, i => typical(i) * volume[i]) / total(w, i => volume[i]),
    );
  });

  test('chaikinMoneyFlow', () => {
    const flow = ({ h, l, c, v }: ReturnType<typeof at>) => (h > l ? ((2 * c - l - h) / (h - l)) * v : 0);
    expectWindows(
      calculate(chaikinMoneyFlow, columns, 21),
      21,
      w => total(w, i => flow(at(i))) / total(w, i => volume[i]),
    );
  });

  test('donchian', () => {
    const { upper, middle, lower } = calculate(donchian, columns, 15);
    expectWindows(upper, 15, w => Math.max(...w.map(i => high[i])));
    expectWindows(lower, 15, w => Math.min(...w.map(i => low[i])));
    expectWindows(middle, 15, w => (Math.max(...w.map(i => high[i])) + Math.min(...w.map(i => low[i]))) / 2);
  });

  test('keltner is as wide as its width says', () => {
    const { upper, middle, lower } = calculate(keltner, columns, { bars: 10, width: 3 });
    const { upper: narrow } = calculate(keltner, columns, { bars: 10, width: 1 });
    for (let i = 30; i < 400; i++) {
      expect(upper[i] - middle[i]).toBeCloseTo(middle[i] - lower[i], 9);
      expect(upper[i] - middle[i]).toBeCloseTo(3 * (narrow[i] - middle[i]), 9);
    }
  });

  test.each([0, 0.1, 0.5, 0.75, 1])('quantile %d', share => {
    expectWindows(calculate(quantile, close, { bars: 12, share }), 12, w => {
      const sorted = w.map(i => close[i]).sort((a, b) => a - b);
      const place = 11 * share;
      const below = sorted[Math.floor(place)];
      return below + (place % 1) * ((sorted[Math.floor(place) + 1] ?? below) - below);
    });
  });

  test('volatility from closes and from ranges', () => {
    const deviation = (values: readonly number[]) => {
      const mean = values.reduce((a, b) => a + b) / values.length;
      return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
    };
    const changes = (w: readonly number[]) => w.slice(1).map(i => Math.log(close[i] / close[i - 1]));
    expectWindows(calculate(historicalVolatility, columns, { bars: 20, yearly: 252 }), 21, w =>
      Math.sqrt(deviation(changes(w)) * 252),
    );
    expectWindows(calculate(parkinsonVolatility, columns, { bars: 20, yearly: 1 }), 20, w =>
      Math.sqrt(total(w, i => Math.log(high[i] / low[i]) ** 2) / (4 * Math.LN2 * 20)),
    );
    const garmanKlass = ({ o, h, l, c }: ReturnType<typeof at>) =>
      Math.log(h / l) ** 2 / 2 - (2 * Math.LN2 - 1) * Math.log(c / o) ** 2;
    expectWindows(calculate(garmanKlassVolatility, columns, { bars: 20, yearly: 1 }), 20, w =>
      Math.sqrt(total(w, i => garmanKlass(at(i))) / 20),
    );
    const rogersSatchell = ({ o, h, l, c }: ReturnType<typeof at>) =>
      Math.log(h / c) * Math.log(h / o) + Math.log(l / c) * Math.log(l / o);
    expectWindows(calculate(yangZhangVolatility, columns, { bars: 20, yearly: 1 }), 21, window => {
      const w = window.slice(1);
      const k = 0.34 / (1.34 + 21 / 19);
      const overnight = deviation(w.map(i => Math.log(open[i] / close[i - 1])));
      const day = deviation(w.map(i => Math.log(close[i] / open[i])));
      return Math.sqrt(overnight + k * day + ((1 - k) * total(w, i => rogersSatchell(at(i)))) / 20);
    });
  });

  test('choppiness and ulcerIndex', () => {
    const range = (i: number) => Math.max(high[i], close[i - 1]) - Math.min(low[i], close[i - 1]);
    expectWindows(calculate(choppiness, columns, 14), 15, window => {
      const w = window.slice(1);
      const span = Math.max(...w.map(i => high[i])) - Math.min(...w.map(i => low[i]));
      return Math.min(100, (100 * Math.log10(total(w, range) / span)) / Math.log10(14));
    });
    const fall = (i: number) => {
      const top = Math.max(...close.slice(i - 6, i + 1));
      return ((100 * (close[i] - top)) / top) ** 2;
    };
    expectWindows(calculate(ulcerIndex, close, 7), 13, w => Math.sqrt(total(w.slice(6), fall) / 7));
  });

  test('forceIndex and negativeVolumeIndex', () => {
    expectWindows(
      calculate(forceIndex, columns, 1),
      2,
      ([before, i]) => (close[i] - close[before]) * volume[i],
    );
    let index = 1000;
    const expected = Array.from(close, (price, i) => {
      if (i > 0 && volume[i] < volume[i - 1]) index *= price / close[i - 1];
      return index;
    });
    expectClose(calculate(negativeVolumeIndex, columns), expected);
  });
});

describe('vwap', () => {
  test('begins anew with each day, and its bands are as wide as prices lie around it', () => {
    const long = walk(3000, 5);
    const got = calculate(vwap, long, { width: 2 });
    for (const i of [0, 700, 1439, 1440, 1441, 2879, 2880, 2999]) {
      const first = i - (i % 1440);
      const days = Array.from({ length: i - first + 1 }, (_, k) => first + k);
      const price = (k: number) => (long.high[k] + long.low[k] + long.close[k]) / 3;
      const traded = total(days, k => long.volume[k]);
      const mean = total(days, k => price(k) * long.volume[k]) / traded;
      const variance = total(days, k => long.volume[k] * (price(k) - mean) ** 2) / traded;
      expect(got.vwap[i]).toBeCloseTo(mean, 9);
      expect(got.upper[i] - got.vwap[i]).toBeCloseTo(2 * Math.sqrt(variance), 7);
      expect(got.vwap[i] - got.lower[i]).toBeCloseTo(2 * Math.sqrt(variance), 7);
    }
  });

  test('a day begins when it is told to, and a bar stamped by its close belongs to the day before', () => {
    const long = walk(3000, 5);
    const beginsAt = (options: object) => {
      const { upper, lower } = calculate(vwap, long, options);
      return [...upper.keys()].filter(i => i > 0 && upper[i] === lower[i]);
    };
    expect(beginsAt({})).toEqual([1440, 2880]);
    expect(beginsAt({ startsAt: 8 })).toEqual([480, 1920]);
    expect(beginsAt({ stamps: 'close' })).toEqual([1, 1441, 2881]);
    expect(beginsAt({ anchor: 'week' })).toEqual([]);
    expect(beginsAt({ anchor: 'week', startsAt: 24 })).toEqual([1440]);
  });

  test('is the typical price while nothing has been traded', () => {
    const untraded = { ...columns, volume: new Float64Array(400) };
    expectClose(
      calculate(vwap, untraded).vwap,
      Array.from(close, (_, i) => typical(i)),
    );
  });
});

test('superTrend follows a rise from below, a fall from above, and changes sides when the close breaks it', () => {
  const prices = Array.from({ length: 120 }, (_, i) => (i < 60 ? 100 + i : 160 - (i - 60)));
  const { superTrend: line, direction } = calculate(superTrend, closes(prices), { bars: 5, width: 2 });
  const turn = direction.findIndex((side, i) => i > 60 && side === -1);
  expect(turn).toBeGreaterThan(60);
  for (let i = 5; i < 120; i++) {
    expect(direction[i]).toBe(i < turn ? 1 : -1);
    if (i < turn) expect(line[i]).toBeLessThan(prices[i]);
    else expect(line[i]).toBeGreaterThan(prices[i]);
    // It only ever moves towards the price.
    if (i > 5 && i !== turn) expect(direction[i] * (line[i] - line[i - 1])).toBeGreaterThanOrEqual(0);
  }
  expect(prices[turn]).toBeLessThan(line[turn - 1]);
  expect(prices[turn - 1]).toBeGreaterThanOrEqual(line[turn - 1]);
});

test('of equal extremes the newest, the oldest, or the one that TA-Lib’s search finds', () => {
  const values = [3, 5, 5, 1, 5, 2, 2, 2, 2];
  const places = (options: object) => [...calculate(highestBar, values, { bars: 3, ...options })].slice(2);
  expect(places({})).toEqual([0, 1, 0, 1, 2, 0, 0]);
  expect(places({ ties: 'oldest' })).toEqual([1, 2, 2, 1, 2, 2, 2]);
  // It searches from the oldest on, but takes a value as good that has just come.
  const numbers = (ties: 'oldest' | 'talib') =>
    [...calculate(highestBar, [3, 5, 1, 1, 5, 2, 2], { bars: 4, ties, counted: 'from start' })].slice(3);
  expect(numbers('oldest')).toEqual([1, 1, 4, 4]);
  expect(numbers('talib')).toEqual([1, 4, 4, 4]);
});

describe('cointegration', () => {
  const x = Array.from({ length: 120 }, (_, i) => 100 + 10 * Math.sin(i / 7) + ((i * i) % 17) / 5);
  const y = x.map(
    (value, i) => 50 + 0.5 * value + Math.cos(i) / 2 + ((i * 7) % 11) / 10 + ((i * i) % 23) / 9,
  );

  // From statsmodels 0.15, coint(y, x, trend).
  test.each([
    [60, 'constant', -4.395817635718368, 0.0018070578452443775],
    [60, 'linear', -4.4520329079434955, 0.006614052174109922],
    [60, 'quadratic', -4.450495691456726, 0.021541677020032273],
    [60, 'none', -4.077861077883201, 0.0008151675304339784],
    [120, 'constant', -4.4114618287170515, 0.0017056584906587772],
    [120, 'linear', -4.395751241535816, 0.007999515315658125],
    [120, 'quadratic', -4.328076430024006, 0.030907898869547215],
    [120, 'none', -4.2190723635446, 0.00047536209435324777],
  ] as const)('over %i bars with trend %s is what econometrics has', (bars, trend, score, pValue) => {
    const got = calculate(cointegration, y, x, { bars, trend });
    expect(Math.abs(got.score[119] / score - 1)).toBeLessThan(1e-8);
    expect(Math.abs(got.pValue[119] / pValue - 1)).toBeLessThan(1e-7);
  });

  test('has p-values on all parts of MacKinnon’s surface', () => {
    const expected = [
      [-20, 0],
      [-6, 1.6234924812268292e-6],
      [-3.4, 0.042350470034245406],
      [-2.62, 0.2296596033101832],
      [-2, 0.5285780802451076],
      [-0.5, 0.9643315724544752],
      [0.9, 0.9939524645785258],
      [1, 1],
    ];
    for (const [score, pValue] of expected)
      expect(cointegrationPValue(score, 'constant')).toBeCloseTo(pValue, 12);
  });

  test('knows the normal distribution to the last digits', () => {
    const expected = [
      [-8, 6.22096057427174e-16],
      [-4.5, 3.3976731247300535e-6],
      [-3.9, 4.8096344017602614e-5],
      [-1, 0.15865525393145707],
      [0, 0.5],
      [0.3, 0.6179114221889526],
      [2, 0.9772498680518208],
      [4.2, 0.9999866542509841],
      [6, 0.9999999990134123],
    ];
    for (const [value, share] of expected)
      expect(Math.abs(normalDistribution(value) / share - 1)).toBeLessThan(1e-11);
  });

  test('has no value where one line explains the other, and is not there where a line is flat', () => {
    const twice = calculate(
      cointegration,
      y.map(value => 2 * value + 1),
      y,
      60,
    );
    expect(twice.score[119]).toBeNaN();
    expect(twice.pValue[119]).toBeNaN();
    const flat = calculate(
      cointegration,
      y,
      y.map(() => 7),
      60,
    );
    expect([flat.score[119], flat.pValue[119]]).toEqual([0, 1]);
  });
});

describe("backtrader's functions of lines", () => {
  const { If, And, Or, All, Any, Max, Min, Sum, Reduce, Cmp, CmpEx, DivByZero, DivZeroByZero } =
    backtraderFunctions;
  const a = [1, 2, 0, 5, Number.NaN];
  const b = [1, 3, 0, 0, 1];
  const of = (make: (a: Line, b: Line) => Line) => [...calculate(make, a, b)];

  // What backtrader gives for the same.
  test.each([
    ['If', of((x, y) => If(x, y, -1)), [1, 3, -1, 0]],
    ['And', of((x, y) => And(x, y, 1)), [1, 1, 0, 0]],
    ['Or', of((x, y) => Or(x, y)), [1, 1, 0, 1]],
    ['All', of((x, y) => All(x, y)), [1, 1, 0, 0]],
    ['Any', of((x, y) => Any(x, y, 0)), [1, 1, 0, 1]],
    ['Max', of((x, y) => Max(x, y, 2)), [2, 3, 2, 5]],
    ['Min', of((x, y) => Min(x, y)), [1, 2, 0, 0]],
    ['Sum', of((x, y) => Sum(x, y, 1e16, -1e16)), [2, 5, 0, 5]],
    ['Reduce', of((x, y) => Reduce((made, value) => made - value, x, y, 1)), [-1, -2, -1, 4]],
    ['Cmp', of((x, y) => Cmp(x, y)), [0, -1, 0, 1]],
    ['CmpEx', of((x, y) => CmpEx(x, y, -10, 0.5, 10)), [0.5, -10, 0.5, 10]],
    ['DivByZero', of((x, y) => DivByZero(x, y, 7)), [1, 2 / 3, 7, 7]],
    ['DivZeroByZero', of((x, y) => DivZeroByZero(x, y, 3, 4)), [1, 2 / 3, 4, 3]],
  ])('%s', (_, got, expected) => {
    expect(got).toEqual([...expected, Number.NaN]);
  });

  test('need at least one line', () => {
    expect(() => Max(1, 2)).toThrow(expect.objectContaining({ code: 'NOT_A_LINE' }));
  });
});

test("backtrader's functions of windows take functions", () => {
  const { ApplyN, ReduceN } = backtraderIndicators;
  const range = (line: Line) => ApplyN(line, { period: 3, func: w => Math.max(...w) - Math.min(...w) });
  expect([...calculate(range, [1, 5, 2, 2, 9])]).toEqual([Number.NaN, Number.NaN, 4, 3, 7]);
  const reduced = (line: Line) =>
    ReduceN(line, { period: 3, function: (made, value) => made - value, initializer: 100 });
  expect([...calculate(reduced, [1, 5, 2, 2])].slice(2)).toEqual([92, 91]);
  const wrong = (line: Line) => ApplyN.linesOf([line], { period: 3 }).apply;
  expect(() => calculate(wrong, [1, 2])).toThrow(expect.objectContaining({ code: 'PARAMETER_INVALID' }));
  const unknown = (line: Line) => ApplyN.linesOf([line], { perod: 3 }).apply;
  expect(() => calculate(unknown, [1, 2])).toThrow(expect.objectContaining({ code: 'PARAMETER_UNKNOWN' }));
});
