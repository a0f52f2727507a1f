import {
  adx,
  adxr,
  aroon,
  calculate,
  demarkPivotPoints,
  directionalIndicator,
  directionalMovement,
  directionalSystem,
  dmi,
  dx,
  fibonacciPivotPoints,
  fractal,
  heikinAshi,
  heikinAshiDelta,
  ichimoku,
  pivotPoints,
  plotShiftOf,
  plotted,
  vortex,
} from 'qt-trader';
import { describe, expect, test } from 'vitest';
import { walk } from '../support/bars.ts';
import { expectClose, mean, smooth, total, type Values, windows } from '../support/plain.ts';

const columns = walk(300, 33);
const open = [...columns.open];
const high = [...columns.high];
const low = [...columns.low];
const close = [...columns.close];
const bar = { open, high, low, close };
const missing = Number.NaN;

const ups = high.map((top, i) => top - high[i - 1]);
const downs = low.map((bottom, i) => low[i - 1] - bottom);
const plusMoves = ups.map((up, i) => (i === 0 ? missing : up > downs[i] && up > 0 ? up : 0));
const minusMoves = downs.map((down, i) => (i === 0 ? missing : down > ups[i] && down > 0 ? down : 0));
const ranges = high.map((top, i) => Math.max(top, close[i - 1]) - Math.min(low[i], close[i - 1]));
const from = (line: Values, first: number) => line.map((value, i) => (i < first ? missing : value));

/** Wilder's sums: of the first bars − 1 values, then sum − sum ÷ bars + value. */
function wilder(source: Values, bars: number): number[] {
  let sum = 0;
  return source.map((value, i) => {
    if (i === 0) return missing;
    sum = (i < bars ? sum : sum - sum / bars) + value;
    return i < Math.max(1, bars - 1) ? missing : sum;
  });
}

describe('against its definition', () => {
  test.each([1, 2, 14])('directional movement and its indicators over %i bars', bars => {
    const plus = wilder(plusMoves, bars);
    const minus = wilder(minusMoves, bars);
    const range = wilder(ranges, bars);
    const movement = calculate(directionalMovement, bar, bars);
    expectClose(movement.plus, plus);
    expectClose(movement.minus, minus);
    const factor = bars === 1 ? 1 : 100;
    const lines = calculate(directionalIndicator, bar, bars);
    expectClose(
      lines.plus,
      from(
        plus.map((sum, i) => (factor * sum) / range[i]),
        bars,
      ),
    );
    expectClose(
      lines.minus,
      from(
        minus.map((sum, i) => (factor * sum) / range[i]),
        bars,
      ),
    );
  });

  test.each([2, 14])('dx, adx and adxr over %i bars', bars => {
    const plus = wilder(plusMoves, bars);
    const minus = wilder(minusMoves, bars);
    let last = 0;
    const index = plus.map((plus, i) => {
      const both = plus + minus[i];
      if (i < bars) return missing;
      if (both > 0) last = (100 * Math.abs(plus - minus[i])) / both;
      return last;
    });
    expectClose(calculate(dx, bar, bars), index);
    // Where nothing moved the mean stays, and the seed is a sum over fewer.
    let value = 0;
    const average = index.map((index, i) => {
      const both = plus[i] + minus[i];
      if (i < 2 * bars) {
        if (i >= bars && both > 0) value += index / bars;
        return i === 2 * bars - 1 ? value : missing;
      }
      if (both > 0) value += (index - value) / bars;
      return value;
    });
    const expected = calculate(adx, bar, bars);
    expectClose(expected, average);
    const rated = calculate(adxr, bar, bars);
    expectClose(rated.adx, average);
    expectClose(
      rated.adxr,
      average.map((value, i) => (value + (average[i - bars + 1] ?? missing)) / 2),
    );
  });

  test('the same with another average, or begun as backtrader does', () => {
    const by = (average: (line: Values) => number[]) => {
      const range = average(ranges);
      const plus = average(plusMoves).map((sum, i) => (100 * sum) / range[i]);
      const minus = average(minusMoves).map((sum, i) => (100 * sum) / range[i]);
      const index = plus.map((plus, i) => (100 * Math.abs(plus - minus[i])) / (plus + minus[i]));
      return { plus, minus, adx: average(index) };
    };
    const wilders = by(line => smooth(line, 14, 1 / 14));
    const lines = calculate(directionalSystem, bar, { convention: 'backtrader' });
    expectClose(lines.plus, wilders.plus);
    expectClose(lines.minus, wilders.minus);
    expectClose(lines.adx, wilders.adx);
    expectClose(
      lines.adxr,
      wilders.adx.map((value, i) => (value + (wilders.adx[i - 14] ?? missing)) / 2),
    );
    const simple = by(line => windows(line, 10, mean));
    const other = calculate(dmi, bar, { bars: 10, average: 'sma' });
    expectClose(other.plus, simple.plus);
    expectClose(other.adx, simple.adx);
  });

  test('one that has all lines agrees with those that have one', () => {
    const all = calculate(directionalSystem, bar);
    expect(all.plus).toEqual(calculate(directionalIndicator, bar).plus);
    expect(all.adx).toEqual(calculate(adx, bar));
    expect(all.adxr).toEqual(calculate(adxr, bar).adxr);
  });

  test.each([1, 3, 25])('aroon over %i bars, of equal extremes the newest', bars => {
    // Whole prices, so that ties are many.
    const whole = { high: high.map(Math.round), low: low.map(Math.round) };
    const since = (source: Values, of: (window: Values) => number) =>
      windows(source, bars + 1, window => (100 * window.lastIndexOf(of(window))) / bars);
    const up = since(whole.high, window => Math.max(...window));
    const down = since(whole.low, window => Math.min(...window));
    const lines = calculate(aroon, whole, bars);
    expectClose(lines.up, up);
    expectClose(lines.down, down);
    expectClose(
      lines.oscillator,
      up.map((value, i) => value - down[i]),
    );
  });

  test('vortex', () => {
    const lines = calculate(vortex, bar, 14);
    const range = windows(ranges, 14, total);
    const sum = (a: Values, b: Values) =>
      windows(
        a.map((x, i) => Math.abs(x - b[i - 1])),
        14,
        total,
      ).map((sum, i) => sum / range[i]);
    expectClose(lines.plus, sum(high, low));
    expectClose(lines.minus, sum(low, high));
  });

  test('Heikin-Ashi candles and their bodies', () => {
    const ends = close.map((value, i) => (open[i] + high[i] + low[i] + value) / 4);
    const begins: number[] = [];
    for (let i = 0; i < ends.length; i++)
      begins.push(i === 0 ? (open[0] + close[0]) / 2 : (begins[i - 1] + ends[i - 1]) / 2);
    const candles = calculate(heikinAshi, bar);
    expectClose(candles.open, begins);
    expectClose(candles.close, ends);
    expectClose(
      candles.high,
      high.map((top, i) => Math.max(top, begins[i], ends[i])),
    );
    expectClose(
      candles.low,
      low.map((bottom, i) => Math.min(bottom, begins[i], ends[i])),
    );
    const delta = ends.map((end, i) => end - begins[i]);
    const lines = calculate(heikinAshiDelta, bar);
    expectClose(lines.delta, delta);
    expectClose(lines.smoothed, windows(delta, 3, mean));
    const bodies = close.map((value, i) => value - open[i]);
    expectClose(calculate(heikinAshiDelta, bar, { candles: false }).delta, bodies);
  });

  test('pivot points of all kinds', () => {
    const span = high.map((top, i) => top - low[i]);
    const pivot = close.map((value, i) => (high[i] + low[i] + value) / 3);
    const plain = calculate(pivotPoints, bar);
    expectClose(plain.pivot, pivot);
    expectClose(
      plain.s1,
      pivot.map((p, i) => 2 * p - high[i]),
    );
    expectClose(
      plain.r2,
      pivot.map((p, i) => p + span[i]),
    );
    const withOpen = close.map((value, i) => (high[i] + low[i] + value + open[i]) / 4);
    const levels = calculate(fibonacciPivotPoints, bar, { withOpen: true, level2: 0.5 });
    expectClose(
      levels.r2,
      withOpen.map((p, i) => p + 0.5 * span[i]),
    );
    expectClose(
      calculate(pivotPoints, bar, { closeTwice: true }).pivot,
      close.map((value, i) => (high[i] + low[i] + 2 * value) / 4),
    );
    const sums = close.map((value, i) => {
      if (value < open[i]) return high[i] + 2 * low[i] + value;
      return value > open[i] ? 2 * high[i] + low[i] + value : high[i] + low[i] + 2 * value;
    });
    const demark = calculate(demarkPivotPoints, bar);
    expectClose(
      demark.pivot,
      sums.map(x => x / 4),
    );
    expectClose(
      demark.r1,
      sums.map((x, i) => x / 2 - low[i]),
    );
  });

  test('Ichimoku’s lines know nothing of the future; charts draw chikou back', () => {
    const middle = (bars: number) => {
      const bottoms = windows(low, bars, window => Math.min(...window));
      return windows(high, bars, window => Math.max(...window)).map((top, i) => (top + bottoms[i]) / 2);
    };
    const delayed = (line: Values, bars: number) => line.map((_, i) => line[i - bars] ?? missing);
    const lines = calculate(ichimoku, bar);
    expectClose(lines.tenkan, middle(9));
    expectClose(lines.kijun, middle(26));
    const slow = middle(26);
    expectClose(
      lines.spanA,
      delayed(
        middle(9).map((value, i) => (value + slow[i]) / 2),
        26,
      ),
    );
    expectClose(lines.spanB, delayed(middle(52), 26));
    expectClose(lines.chikou, close);
    const shift = plotShiftOf(ichimoku.definition, 'chikou', { chikou: 5 });
    expect(shift).toBe(-5);
    expect(plotShiftOf(ichimoku.definition, 'chikou')).toBe(-26);
    expect(plotShiftOf(ichimoku.definition, 'kijun')).toBe(0);
    expectClose(plotted(lines.chikou, shift), [...close.slice(5), ...new Array(5).fill(missing)]);
    expectClose(plotted([1, 2, 3], 1), [missing, 1, 2]);
  });

  test('fractals, proved two bars later; of equal tops the first', () => {
    const tops = [1, 2, 5, 3, 4, 5, 5, 1, 0];
    const lines = calculate(fractal, { high: tops, low: tops.map(x => x - 1) }, { distance: 0 });
    expectClose(lines.bearish, [...new Array(4).fill(missing), 5, missing, missing, 5, missing]);
    const low = [9, 8, 3, 4, 5];
    const bottom = calculate(fractal, { high: [10, 9, 8, 8, 9], low }, { distance: 0.5 });
    expectClose(bottom.bullish, [missing, missing, missing, missing, 1.5]);
    expect(() => calculate(fractal, bar, { bars: 5, centre: 5 })).toThrow(/within the window/);
  });
});

describe('where nothing moves', () => {
  const flat = new Array(60).fill(10);
  const still = { open: flat, high: flat, low: flat, close: flat };

  test('there is no direction', () => {
    expect(calculate(adx, still).at(-1)).toBe(0);
    expect(calculate(dx, still).at(-1)).toBe(0);
    expect(calculate(directionalIndicator, still).plus.at(-1)).toBe(0);
    expect(calculate(directionalIndicator, still, { convention: 'backtrader' }).plus.at(-1)).toBe(0);
    expect(calculate(adx, still, { convention: 'backtrader' }).at(-1)).toBe(0);
    expect(calculate(vortex, still).minus.at(-1)).toBe(0);
  });

  test('the adx stays where it was', () => {
    const rest = (line: Values) => [...line, ...new Array(700).fill(line[299])];
    const resting = { high: rest(close), low: rest(close), close: rest(close) };
    const line = calculate(adx, resting, 2);
    expect(line.at(-1)).toBe(line.at(-300));
    expect(line.at(-1)).toBeGreaterThan(0);
  });
});

describe('a missing value', () => {
  test('is passed over by Wilder’s smoothing, and by candles', () => {
    const gap = { ...bar, high: high.map((top, i) => (i === 100 ? missing : top)) };
    const lost = (line: ArrayLike<number>) =>
      Array.from(line).flatMap((x, i) => (i > 60 && Number.isNaN(x) ? [i] : []));
    expect(lost(calculate(adx, gap))).toEqual([100, 101]);
    expect(lost(calculate(directionalIndicator, gap).plus)).toEqual([100, 101]);
    expect(lost(calculate(heikinAshi, gap).open)).toEqual([100]);
    expect(lost(calculate(aroon, gap, 5).up)).toEqual([100, 101, 102, 103, 104, 105]);
    expect(lost(calculate(vortex, gap, 5).plus)).toEqual([100, 101, 102, 103, 104]);
    expect(lost(calculate(vortex, gap, 5).minus)).toEqual([100, 101, 102, 103, 104, 105]);
  });
});
