import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bucketsAt, CandlePyramid, RangePyramid } from '../../src/report/html/data/pyramid.ts';
import { isOnPriceScale, restsAtZero } from '../../src/report/html/data/scale.ts';
import {
  chooseLevel,
  chooseWindow,
  clampViewport,
  lastAtOrBefore,
  toLogical,
  type Window,
  wholeRange,
  zoomAround,
} from '../../src/report/html/data/viewport.ts';
import { mulberry32, randomWalk } from '../support/random-walk.ts';

const least = (values: Iterable<number>) =>
  [...values].reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
const most = (values: Iterable<number>) =>
  [...values].reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);

describe('levels of detail', () => {
  it('lose no extreme of a candle, and neither open, close nor volume', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 3000 }),
        fc.integer({ min: 0, max: 12 }),
        fc.nat(),
        (bars, level, pick) => {
          const walk = randomWalk(bars, { seed: bars }) as ConstructorParameters<typeof CandlePyramid>[0];
          const pyramid = new CandlePyramid(walk);
          const buckets = bucketsAt(bars, level);
          const from = pick % buckets;
          const to = Math.min(buckets, from + 5);
          const merged = pyramid.slice(level, from, to);
          expect(merged.time.length).toBe(to - from);
          for (let b = from; b < to; b++) {
            const first = b * 2 ** level;
            const end = Math.min(bars, first + 2 ** level);
            const i = b - from;
            expect(merged.time[i]).toBe(walk.time[first]);
            expect(merged.open[i]).toBe(walk.open[first]);
            expect(merged.close[i]).toBe(walk.close[end - 1]);
            expect(merged.high[i]).toBe(most(walk.high.subarray(first, end)));
            expect(merged.low[i]).toBe(least(walk.low.subarray(first, end)));
            const sum = walk.volume.subarray(first, end).reduce((total, volume) => total + volume, 0);
            expect(merged.volume[i]).toBeCloseTo(sum, 6);
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it('lose no extreme of a line, and pass over its gaps', () => {
    const value = fc.oneof(
      { weight: 4, arbitrary: fc.double({ noNaN: true, noDefaultInfinity: true }) },
      { weight: 1, arbitrary: fc.constant(Number.NaN) },
    );
    fc.assert(
      fc.property(
        fc.array(value, { minLength: 1, maxLength: 900 }),
        fc.integer({ min: 0, max: 10 }),
        (numbers, level) => {
          const values = Float64Array.from(numbers);
          const { low, high, last } = RangePyramid.of(values).slice(
            level,
            0,
            bucketsAt(values.length, level),
          );
          for (let b = 0; b < last.length; b++) {
            const known = [...values.subarray(b * 2 ** level, (b + 1) * 2 ** level)].filter(
              one => !Number.isNaN(one),
            );
            expect(low[b]).toBe(known.length === 0 ? Number.NaN : least(known));
            expect(high[b]).toBe(known.length === 0 ? Number.NaN : most(known));
            expect(last[b]).toBe(known.at(-1) ?? Number.NaN);
          }
        },
      ),
    );
  });

  it('give the values themselves at the finest level', () => {
    const walk = randomWalk(700) as ConstructorParameters<typeof CandlePyramid>[0];
    expect(new CandlePyramid(walk).slice(0, 100, 160).close).toEqual(walk.close.slice(100, 160));
    expect(RangePyramid.of(walk.close).slice(0, 699, 700).last).toEqual(walk.close.slice(699));
  });
});

describe('the view', () => {
  it('shows single bars where they have room, and merges them where they have not', () => {
    expect(chooseLevel({ from: 0, to: 500 }, 900)).toBe(0);
    expect(chooseLevel({ from: 0, to: 1_000_000 }, 900)).toBeGreaterThan(9);
    const level = chooseLevel({ from: 0, to: 1_000_000 }, 900);
    expect((900 / 1_000_000) * 2 ** level).toBeGreaterThanOrEqual(1.6);
  });

  it('does not go back and forth between two levels', () => {
    for (let bars = 100; bars < 1_000_000; bars *= 1.07) {
      const level = chooseLevel({ from: 0, to: bars }, 900);
      expect(chooseLevel({ from: 0, to: bars * 0.97 }, 900, level)).toBe(level);
    }
  });

  it('is always inside the loaded window, as far as there are bars', () => {
    const random = mulberry32(7);
    let window: Window | undefined;
    let view = wholeRange(100_000);
    for (let i = 0; i < 3000; i++) {
      const at = view.from + random() * (view.to - view.from);
      view = clampViewport(zoomAround(view, at, 0.7 + random() * 0.62), 100_000);
      const level = chooseLevel(view, 900, window?.level);
      window = chooseWindow(view, level, 100_000, window);
      const first = Math.max(0, Math.floor((view.from + 0.5) / 2 ** level));
      const last = Math.min(bucketsAt(100_000, level) - 1, Math.floor((view.to + 0.5) / 2 ** level));
      expect(window.level).toBe(level);
      expect(window.from).toBeLessThanOrEqual(first);
      expect(window.to).toBeGreaterThan(last);
      expect(window.to - window.from).toBeLessThan(2200);
    }
  });

  it('keeps the loaded window while it pans inside of it', () => {
    const window = chooseWindow({ from: 5000, to: 5400 }, 0, 100_000);
    expect(chooseWindow({ from: 5200, to: 5600 }, 0, 100_000, window)).toBe(window);
    expect(chooseWindow({ from: 5400, to: 5800 }, 0, 100_000, window)).not.toBe(window);
  });

  it('cannot lose the data', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1e6 }),
        fc.double({ min: -1e7, max: 1e7, noNaN: true }),
        fc.double({ min: 0, max: 1e7, noNaN: true }),
        (bars, from, span) => {
          const view = clampViewport({ from, to: from + span }, bars);
          expect(view.to - view.from).toBeGreaterThan(1);
          expect(view.from).toBeLessThan(bars - 0.5);
          expect(view.to).toBeGreaterThan(-0.5);
        },
      ),
    );
  });

  it('places a bar on the candle that stands for it', () => {
    const window = { level: 3, from: 10, to: 90 };
    for (const bar of [80, 83, 87, 88, 300]) {
      const bucket = Math.floor(bar / 8) - 10;
      expect(Math.abs(toLogical(bar, window) - bucket)).toBeLessThan(0.5);
    }
    expect(toLogical(12, { level: 0, from: 10, to: 20 })).toBe(2);
  });

  it('finds the bar in which something happened', () => {
    const times = Float64Array.of(10, 20, 30);
    expect([9, 10, 19, 20, 30, 99].map(time => lastAtOrBefore(times, time))).toEqual([-1, 0, 0, 1, 2, 2]);
  });
});

describe('the scale that a line belongs on', () => {
  const walk = (price: number, volatility: number) =>
    randomWalk(800, { price, volatility, digits: price < 1 ? 6 : 2 }).close as Float64Array;
  const average = (values: Float64Array, length: number) =>
    values.map((_, i) =>
      i < length
        ? Number.NaN
        : values.subarray(i - length, i).reduce((sum, value) => sum + value, 0) / length,
    );
  const oscillator = (seed: number) => {
    const random = mulberry32(seed);
    let value = 50;
    return Float64Array.from({ length: 800 }, () => {
      value += (50 - value) * 0.1 + (random() - 0.5) * 16;
      return value;
    });
  };

  it.each([30_000, 50, 0.07])('is the price for averages and bands of a price of %d', price => {
    const close = walk(price, 0.01);
    for (const length of [10, 50, 200]) {
      expect(isOnPriceScale(average(close, length), close)).toBe(true);
      expect(
        isOnPriceScale(
          average(close, length).map(value => value * 1.02),
          close,
        ),
      ).toBe(true);
    }
    expect(
      isOnPriceScale(
        close.map(() => (least(close) + most(close)) / 2),
        close,
      ),
    ).toBe(true);
  });

  it('is its own for an oscillator from 0 to 100, even where the price is near 50', () => {
    for (const price of [30_000, 0.5, 50]) {
      for (const volatility of [0.0005, 0.004, 0.01]) {
        const close = walk(price, volatility);
        expect(isOnPriceScale(oscillator(3), close), `${price} ${volatility}`).toBe(false);
      }
    }
  });

  it('is its own for differences around 0, and for a line without values', () => {
    const close = walk(30_000, 0.01);
    expect(
      isOnPriceScale(
        close.map((value, i) => value - close[Math.max(0, i - 5)]),
        close,
      ),
    ).toBe(false);
    expect(
      isOnPriceScale(
        close.map(() => Number.NaN),
        close,
      ),
    ).toBe(false);
  });

  it('tells signals that rest at 0 from curves', () => {
    expect(restsAtZero(Float64Array.of(Number.NaN, 0, 0, 1, 0, -1, 0))).toBe(true);
    expect(restsAtZero(oscillator(1))).toBe(false);
  });
});
