import {
  backtraderIndicators,
  balanceOfPower,
  calculate,
  cci,
  cmo,
  dv2,
  fall,
  hurst,
  imi,
  laguerreRsi,
  mfi,
  momentum,
  percentRank,
  prettyGoodOscillator,
  rise,
  roc,
  rsi,
  stochastic,
  stochasticFast,
  stochasticFull,
  stochasticRsi,
  talib,
  tsi,
  ultimateOscillator,
  williamsAd,
  williamsR,
} from 'qt-trader';
import { describe, expect, test } from 'vitest';
import { walk } from '../support/bars.ts';
import { expectClose, mean, smooth, total, type Values, windows } from '../support/plain.ts';

const columns = walk(300, 21);
const open = [...columns.open];
const high = [...columns.high];
const low = [...columns.low];
const close = [...columns.close];
const volume = [...columns.volume];
const bar = { open, high, low, close, volume };

const earlier = (source: Values, bars: number) => source.map((_, i) => source[i - bars] ?? Number.NaN);
const changes = close.map((value, i) => value - earlier(close, 1)[i]);
const ups = changes.map(change => (Number.isNaN(change) ? change : Math.max(change, 0)));
const downs = changes.map(change => (Number.isNaN(change) ? change : Math.max(-change, 0)));
const typical = close.map((value, i) => (high[i] + low[i] + value) / 3);
const zip = (a: Values, b: Values, of: (a: number, b: number) => number) => a.map((x, i) => of(x, b[i]));
const ranges = high.map((top, i) => Math.max(top, close[i - 1]) - Math.min(low[i], close[i - 1]));

const highest = (bars: number) => windows(high, bars, window => Math.max(...window));
const lowest = (bars: number) => windows(low, bars, window => Math.min(...window));
const position = (bars: number) => {
  const bottoms = lowest(bars);
  return highest(bars).map((top, i) => (100 * (close[i] - bottoms[i])) / (top - bottoms[i]));
};
const from = (line: Values, first: number) => line.map((value, i) => (i < first ? Number.NaN : value));

describe('against its definition', () => {
  test.each([1, 3, 14])('rsi and cmo over %i bars', bars => {
    const up = smooth(ups, bars, 1 / bars);
    const down = smooth(downs, bars, 1 / bars);
    expectClose(
      calculate(rsi, close, bars),
      zip(up, down, (up, down) => (100 * up) / (up + down || 1)),
    );
    expectClose(
      calculate(cmo, close, bars),
      zip(up, down, (up, down) => (100 * (up - down)) / (up + down || 1)),
    );
  });

  test('rsi over a distance and with another average', () => {
    const far = close.map((value, i) => value - earlier(close, 5)[i]);
    const up = windows(
      far.map(change => (Number.isNaN(change) ? change : Math.max(change, 0))),
      10,
      mean,
    );
    const down = windows(
      far.map(change => (Number.isNaN(change) ? change : Math.max(-change, 0))),
      10,
      mean,
    );
    expectClose(
      calculate(rsi, close, { bars: 10, distance: 5, average: 'sma' }),
      zip(up, down, (up, down) => (100 * up) / (up + down)),
    );
  });

  test('momentum, rise, fall and the rate of change in its four units', () => {
    const then = earlier(close, 7);
    const difference = zip(close, then, (now, then) => now - then);
    expectClose(calculate(momentum, close, 7), difference);
    expectClose(
      calculate(momentum, close, { bars: 7, direction: 'down' }),
      difference.map(x => -x),
    );
    expectClose(calculate(rise, close), ups);
    expectClose(calculate(fall, close), downs);
    expectClose(
      calculate(rise, close, { counted: true }),
      ups.map(up => (up > 0 ? 1 : up)),
    );
    const ratio = zip(close, then, (now, then) => now / then);
    expectClose(
      calculate(roc, close, 7),
      ratio.map(x => 100 * (x - 1)),
    );
    expectClose(
      calculate(roc, close, { bars: 7, unit: 'share' }),
      ratio.map(x => x - 1),
    );
    expectClose(calculate(roc, close, { bars: 7, unit: 'ratio' }), ratio);
    expectClose(
      calculate(roc, close, { bars: 7, unit: 'ratio in percent' }),
      ratio.map(x => 100 * x),
    );
  });

  test.each([1, 2, 14, 40])('the stochastics and Williams %%R over %i bars', bars => {
    const fast = position(bars);
    const k = windows(fast, 3, mean);
    const d = windows(k, 4, mean);
    const smoothed = calculate(stochastic, bar, { bars, smoothing: 3, signal: 4 });
    expectClose(smoothed.k, from(k, bars + 4));
    expectClose(smoothed.d, d);
    const early = calculate(stochastic, bar, { bars, smoothing: 3, signal: 4, convention: 'backtrader' });
    expectClose(early.k, k);
    expectClose(early.d, d);
    const raw = calculate(stochasticFast, bar, { bars, signal: 3 });
    expectClose(raw.k, from(fast, bars + 1));
    expectClose(raw.d, k);
    const full = calculate(stochasticFull, bar, { bars, smoothing: 3, signal: 4 });
    expectClose(full.k, fast);
    expectClose(full.d, k);
    expectClose(full.slow, d);
    const tops = highest(bars);
    expectClose(
      calculate(williamsR, bar, bars),
      lowest(bars).map((bottom, i) => (-100 * (tops[i] - close[i])) / (tops[i] - bottom)),
    );
  });

  test('the stochastic of an rsi, and other averages', () => {
    const strength = [...calculate(rsi, close, 14)];
    const k = windows(strength, 9, window => {
      const bottom = Math.min(...window);
      return (100 * (window[8] - bottom)) / (Math.max(...window) - bottom);
    });
    const d = smooth(k, 3, 0.5);
    const lines = calculate(stochasticRsi, close, { strength: 14, bars: 9, signal: 3, average: 'ema' });
    expectClose(lines.d, d);
    expectClose(
      lines.k,
      k.map((value, i) => (Number.isNaN(d[i]) ? Number.NaN : value)),
    );
    const mixed = calculate(stochastic, bar, {
      bars: 9,
      smoothing: 5,
      average: 'ema',
      signal: 4,
      signalAverage: 'sma',
    });
    expectClose(mixed.d, windows(smooth(position(9), 5, 2 / 6), 4, mean));
  });

  test('cci by both conventions', () => {
    const distance = (window: Values) => mean(window.map(x => Math.abs(x - mean(window))));
    expectClose(
      calculate(cci, bar, 14),
      windows(typical, 14, window => (window[13] - mean(window)) / (0.015 * distance(window))),
    );
    const means = windows(typical, 14, mean);
    const moving = windows(
      zip(typical, means, (x, mean) => Math.abs(x - mean)),
      14,
      mean,
    );
    expectClose(
      calculate(cci, bar, { bars: 14, convention: 'backtrader' }),
      typical.map((x, i) => (x - means[i]) / (0.015 * moving[i])),
    );
  });

  test('mfi, imi and the balance of power', () => {
    const moves = typical.map((price, i) => Math.sign(price - typical[i - 1]) * price * volume[i]);
    const share = (window: Values) => {
      const up = total(window.map(x => Math.max(x, 0)));
      return (100 * up) / total(window.map(Math.abs));
    };
    expectClose(calculate(mfi, bar, 14), windows(moves, 14, share));
    const bodies = zip(close, open, (close, open) => close - open);
    expectClose(calculate(imi, bar, 14), windows(bodies, 14, share));
    expectClose(
      calculate(balanceOfPower, bar),
      bodies.map((body, i) => body / (high[i] - low[i])),
    );
  });

  test('the ultimate oscillator, in whatever order its periods come', () => {
    const pressures = close.map((value, i) => value - Math.min(low[i], close[i - 1]));
    const part = (bars: number) =>
      zip(windows(pressures, bars, total), windows(ranges, bars, total), (a, b) => a / b);
    const [a, b, c] = [part(7), part(14), part(28)];
    const expected = a.map((value, i) => (100 * (4 * value + 2 * b[i] + c[i])) / 7);
    expectClose(calculate(ultimateOscillator, bar), expected);
    expectClose(calculate(ultimateOscillator, bar, { fast: 28, middle: 7, slow: 14 }), expected);
    expectClose(
      calculate(ultimateOscillator, bar, { fast: 28, middle: 14, slow: 7, convention: 'backtrader' }),
      a.map((value, i) => (100 * (4 * c[i] + 2 * b[i] + value)) / 7),
    );
  });

  test('tsi, the pretty good oscillator and Williams’ accumulation', () => {
    const twice = (line: Values) => smooth(smooth(line, 25, 2 / 26), 13, 2 / 14);
    expectClose(
      calculate(tsi, close),
      zip(twice(changes), twice(changes.map(Math.abs)), (a, b) => (100 * a) / b),
    );
    const range = smooth(ranges, 14, 1 / 14);
    expectClose(
      calculate(prettyGoodOscillator, bar),
      windows(close, 14, mean).map((mean, i) => (close[i] - mean) / range[i]),
    );
    let sum = 0;
    expectClose(
      calculate(williamsAd, bar),
      changes.map((change, i) => {
        if (change > 0) sum += close[i] - Math.min(low[i], close[i - 1]);
        if (change < 0) sum += close[i] - Math.max(high[i], close[i - 1]);
        return i === 0 ? Number.NaN : sum;
      }),
    );
  });

  test('the percent rank, and dv2, which is one', () => {
    const rank = (window: Values) => window.filter(x => x < window[window.length - 1]).length / window.length;
    expectClose(calculate(percentRank, close, 30), windows(close, 30, rank));
    const place = close.map((value, i) => value / ((high[i] + low[i]) / 2));
    expectClose(
      calculate(dv2, bar, { bars: 20 }),
      windows(windows(place, 2, mean), 20, rank).map(x => 100 * x),
    );
  });

  test('the Hurst exponent, as the slope of a fitted line', () => {
    const exponent = (window: Values) => {
      const points = [2, 3, 4, 5, 6, 7, 8, 9].map(lag => {
        const gaps = window.slice(lag).map((value, i) => value - window[i]);
        const variance = mean(gaps.map(gap => (gap - mean(gaps)) ** 2));
        return [Math.log10(lag), Math.log10(Math.sqrt(Math.sqrt(variance)))];
      });
      const x = mean(points.map(([x]) => x));
      const y = mean(points.map(([, y]) => y));
      return (
        (2 * total(points.map(([px, py]) => (px - x) * (py - y)))) /
        total(points.map(([px]) => (px - x) ** 2))
      );
    };
    expectClose(calculate(hurst, close, 20), windows(close, 20, exponent));
  });

  test('the Hurst exponent refuses fewer than two lags', () => {
    expect(() => calculate(hurst, close, { bars: 20, shortest: 5, end: 6 })).toThrow(/two lags/);
  });
});

describe('where a divisor is 0', () => {
  const flat = new Array(60).fill(10);
  const still = { open: flat, high: flat, low: flat, close: flat, volume: flat };
  const rising = flat.map((value, i) => value + i);
  const last = (line: ArrayLike<number>) => line[line.length - 1];

  test('the value that the formula tells takes its place', () => {
    expect(last(calculate(rsi, flat))).toBe(0);
    expect(last(calculate(rsi, flat, { still: 50 }))).toBe(50);
    expect(last(calculate(rsi, rising))).toBe(100);
    expect(last(calculate(rsi, rising, { rising: 90 }))).toBe(90);
    expect(last(calculate(cmo, flat))).toBe(0);
    expect(last(calculate(roc, new Array(30).fill(0)))).toBe(0);
    expect(last(calculate(stochastic, still).k)).toBe(0);
    expect(last(calculate(stochastic, still, { still: 0.5 }).d)).toBe(50);
    expect(last(calculate(williamsR, still))).toBe(0);
    expect(last(calculate(cci, still))).toBe(0);
    expect(last(calculate(mfi, still))).toBe(0);
    expect(last(calculate(imi, still))).toBe(0);
    expect(last(calculate(balanceOfPower, still))).toBe(0);
    expect(last(calculate(ultimateOscillator, still))).toBe(0);
    expect(last(calculate(tsi, flat))).toBe(0);
    expect(last(calculate(prettyGoodOscillator, still))).toBe(0);
    expect(last(calculate(hurst, flat))).toBe(0.5);
    expect(last(calculate(laguerreRsi, new Array(10).fill(0)))).toBe(1);
    expect(last(calculate(stochasticRsi, flat).d)).toBe(0);
  });

  test('other libraries’ names give what those do', () => {
    expect(last(calculate(talib.IMI, still))).toBeNaN();
    expect(last(calculate(backtraderIndicators.RSI_Safe, flat))).toBe(50);
    const safe = calculate(backtraderIndicators.StochasticFast, still, { safediv: true, safezero: 0.25 });
    expect(last(safe.percK)).toBe(25);
  });

  test('an index that has come to rest has no stochastic, whatever rounding leaves', () => {
    const resting = [...close, ...new Array(80).fill(close[299])];
    const lines = calculate(stochasticRsi, resting, { strength: 3, bars: 14 });
    expect([...lines.k.slice(-20)]).toEqual(new Array(20).fill(0));
  });

  test('a flat window of prices that thirds do not represent has no channel index', () => {
    const price = new Array(40).fill(3600.1);
    const [high, low] = [price.map(x => x + 0.7), price.map(x => x - 0.3)];
    expect(last(calculate(cci, { high, low, close: price }, 14))).toBe(0);
  });
});

describe('a missing value', () => {
  const gap = [...close];
  gap[100] = Number.NaN;
  const bars = { ...bar, close: gap, high: high.map((x, i) => (i === 100 ? Number.NaN : x)) };
  const missing = (line: ArrayLike<number>) =>
    Array.from(line).flatMap((x, i) => (i > 60 && Number.isNaN(x) ? [i] : []));
  const run = (first: number, length: number) => Array.from({ length }, (_, i) => first + i);

  test('is missing from windows for as long as it is inside them', () => {
    expect(missing(calculate(stochasticFast, bars, { bars: 5, signal: 3 }).k)).toEqual(run(100, 5));
    expect(missing(calculate(stochastic, bars, { bars: 5 }).d)).toEqual(run(100, 9));
    expect(missing(calculate(stochastic, bars, { bars: 40 }).k)).toEqual(run(100, 42));
    expect(missing(calculate(williamsR, bars, 5))).toEqual(run(100, 5));
    expect(missing(calculate(cci, bars, 5))).toEqual(run(100, 5));
    expect(missing(calculate(mfi, bars, 5))).toEqual(run(100, 6));
    expect(missing(calculate(imi, bars, 5))).toEqual(run(100, 5));
    expect(missing(calculate(percentRank, gap, 5))).toEqual(run(100, 5));
    expect(missing(calculate(hurst, gap, 20))).toEqual(run(100, 20));
    expect(missing(calculate(ultimateOscillator, bars))).toEqual(run(100, 29));
  });

  test('is passed over by what has no window', () => {
    expect(missing(calculate(rsi, gap))).toEqual([100, 101]);
    expect(missing(calculate(cmo, gap))).toEqual([100, 101]);
    expect(missing(calculate(laguerreRsi, gap))).toEqual([100]);
    expect(missing(calculate(williamsAd, bars))).toEqual([100, 101]);
  });
});
