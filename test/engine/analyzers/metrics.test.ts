import fc from 'fast-check';
import { backtest, type DataFeed, instrument, memoryFeed, strategy } from 'qt-trader';
import { describe, expect, test } from 'vitest';
import { compareWith } from '../../../src/engine/analyzers/benchmark.ts';
import { longestFlat } from '../../../src/engine/analyzers/flat-time.ts';
import type { PeriodSeries } from '../../../src/engine/analyzers/returns.ts';
import { riskOf } from '../../../src/engine/analyzers/risk.ts';
import { type Columns, chunked, chunkSizes, closes, walk } from '../../support/bars.ts';

const DAY = 86_400_000;
const YEAR = 365 * DAY;

function series(values: number[], benchmark: number[] = values.map(() => 1)): PeriodSeries {
  return {
    periodsAYear: 365,
    values: Float64Array.from(values),
    benchmark: Float64Array.from(benchmark),
  };
}

function daily(prices: readonly number[], market: 'spot' | 'usdm' = 'spot', symbol = 'X'): DataFeed {
  const time = prices.map((_, i) => Date.UTC(2024, 0, 1 + i));
  return memoryFeed(
    { ...closes(prices), time },
    { instrument: instrument(symbol, { market }), interval: '1d' },
  );
}

/** The values that these returns make of `start`, itself first. */
function compounded(returns: readonly number[], start: number): number[] {
  const values = [start];
  for (const r of returns) values.push(values[values.length - 1] * (1 + r));
  return values;
}

describe('risk, by hand', () => {
  // Values whose returns are +10 %, −10 %, +20 %, −5 %.
  const values = [100, 110, 99, 118.8, 112.86];

  test('omega is the sum of gains over the sum of losses', () => {
    expect(riskOf(series(values), 0, 0).omega).toBeCloseTo((0.1 + 0.2) / (0.1 + 0.05), 12);
    expect(riskOf(series([100, 110, 120]), 0, 0).omega).toBe(Number.POSITIVE_INFINITY);
    expect(riskOf(series([100, 100, 100]), 0, 0).omega).toBeNaN();
  });

  test('the value at risk is the interpolated 5 % quantile, the conditional one the mean of what lies at or below it', () => {
    // Sorted: −0.1, −0.05, 0.1, 0.2; the quantile stands at 0.05 × 3 = 0.15 of the way from the first to the second.
    const risk = riskOf(series(values), 0, 0);
    expect(risk.valueAtRisk).toBeCloseTo(0.1 - 0.15 * 0.05, 12);
    expect(risk.conditionalValueAtRisk).toBeCloseTo(0.1, 12);
    const many = Array.from({ length: 41 }, (_, i) => i);
    // Returns −0.2, −0.19 … 0.2 in a scrambled order: the quantile is the third, and the worst three are averaged.
    const returns = many.map(i => ((i * 17) % 41) / 100 - 0.2);
    const wealth = compounded(returns, 100);
    const tail = riskOf(series(wealth), 0, 0);
    expect(tail.valueAtRisk).toBeCloseTo(0.18, 9);
    expect(tail.conditionalValueAtRisk).toBeCloseTo(0.19, 9);
  });

  test('the ulcer index is the root mean square of the distance below the peak, the start being one', () => {
    const { ulcerIndex } = riskOf(series([100, 90, 100, 120, 108]), 0, 0);
    expect(ulcerIndex).toBeCloseTo(Math.sqrt((0.1 ** 2 + 0 + 0 + 0.1 ** 2) / 4), 12);
  });

  test('Calmar is the annual return over the deepest fall: Infinity without one, 0 when nothing moved', () => {
    expect(riskOf(series(values), 0.3, 0.1).calmar).toBeCloseTo(3, 12);
    expect(riskOf(series(values), 0.3, 0).calmar).toBe(Number.POSITIVE_INFINITY);
    expect(riskOf(series([100, 100, 100]), 0, 0).calmar).toBe(0);
  });

  test('one period, or an account worth nothing at the end of one, has no risk figures', () => {
    const none = { omega: NaN, valueAtRisk: NaN, conditionalValueAtRisk: NaN, ulcerIndex: NaN, calmar: NaN };
    expect(riskOf(series([100, 110]), 0.1, 0)).toEqual(none);
    expect(riskOf(series([100, 0, 110]), 0.1, 1)).toEqual(none);
    expect(riskOf(series([100, -5, -10]), 0.1, 1)).toEqual(none);
  });
});

describe('the benchmark, by hand', () => {
  test('an account that moves twice as much as the benchmark has a beta of 2, no alpha and a correlation of 1', () => {
    const moves = [0.01, -0.02, 0.03, 0.01];
    const wealth = (scale: number) =>
      compounded(
        moves.map(r => scale * r),
        1,
      );
    const result = compareWith('twice', series(wealth(2), wealth(1)));
    expect(result.beta).toBeCloseTo(2, 9);
    expect(result.correlation).toBeCloseTo(1, 9);
    expect(result.alpha).toBeCloseTo(0, 9);
    // r − b is b: mean 0.0075; deviations 0.0025, −0.0275, 0.0225, 0.0025.
    const deviation = Math.sqrt((0.0025 ** 2 + 0.0275 ** 2 + 0.0225 ** 2 + 0.0025 ** 2) / 3);
    expect(result.informationRatio).toBeCloseTo((0.0075 / deviation) * Math.sqrt(365), 9);
    expect(result.return).toBeCloseTo(1.01 * 0.98 * 1.03 * 1.01 - 1, 12);
  });

  test('a benchmark that does not move leaves beta, alpha and correlation open', () => {
    const result = compareWith('still', series([1, 1.1, 1, 1.2]));
    expect([result.alpha, result.beta, result.correlation]).toEqual([NaN, NaN, NaN]);
    expect(result.informationRatio).toBeGreaterThan(0);
  });

  test('buying and holding the data compares as the data itself does', async () => {
    class Hold extends strategy() {
      next() {
        if (this.data.length === 1) this.buy();
      }
    }
    const prices = [100, 110, 105, 120, 90, 130, 125];
    const run = { strategy: Hold, data: daily(prices), commission: 0 };
    const { metrics } = await backtest(run);
    const other = await backtest({ ...run, data: daily(prices), benchmark: daily(prices, 'spot', 'Y') });
    expect(metrics.benchmark.name).toBe('buy & hold');
    expect(other.metrics.benchmark).toEqual({ ...metrics.benchmark, name: 'Y 1d' });
    expect(metrics.benchmark.return).toBe(metrics.buyAndHold);
  });

  test('a benchmark of another calendar counts with its last known close; one without bars is an error', async () => {
    class Idle extends strategy() {
      next() {}
    }
    const time = [0, 2, 4].map(day => Date.UTC(2024, 0, 1 + day));
    const benchmark = () =>
      memoryFeed({ ...closes([100, 110, 99]), time }, { instrument: instrument('B'), interval: '1d' });
    const prices = [1, 1, 1, 1, 1];
    const { metrics } = await backtest({ strategy: Idle, data: daily(prices), benchmark: benchmark() });
    expect(metrics.benchmark.return).toBeCloseTo(99 / 100 - 1, 12);
    const none = {
      ...benchmark(),
      async *events() {},
    };
    await expect(backtest({ strategy: Idle, data: daily(prices), benchmark: none })).rejects.toMatchObject({
      code: 'BENCHMARK_EMPTY',
    });
  });
});

describe('trades and time, by hand', () => {
  /** Buys and sells one unit at the opens of the given days, counted from 0. */
  const scripted = (buys: number[], sells: number[]) =>
    class Scripted extends strategy() {
      next() {
        const day = this.data.length;
        if (buys.includes(day)) this.buy({ size: 1 });
        if (sells.includes(day)) this.close();
      }
    };
  // Each day opens where the one before closed.
  const prices = [100, 100, 110, 110, 100, 100, 120, 120, 120, 120];

  test('expectancy is the mean result by what was put in, SQN the root of the trades times mean over deviation', async () => {
    // 100 → 110, then 100 → 120, then 120 → 120.
    const run = scripted([1, 5, 8], [3, 7, 9]);
    const { metrics } = await backtest({ strategy: run, data: daily([...prices, 120]), commission: 0 });
    expect(metrics.trades.total).toBe(3);
    expect(metrics.trades.expectancy).toBeCloseTo((0.1 + 0.2 + 0) / 3, 12);
    expect(metrics.trades.sqn).toBeCloseTo((Math.sqrt(3) * 10) / 10, 12);
  });

  test('the longest time without a trade counts from the first bar and to the last', async () => {
    const longest = async (buys: number[], sells: number[]) =>
      (await backtest({ strategy: scripted(buys, sells), data: daily(prices) })).metrics.longestFlatMs / DAY;
    expect(await longest([], [])).toBe(10);
    // In at the open of day 1, out at that of day 3: seven days are left.
    expect(await longest([1], [3])).toBe(7);
    expect(await longest([6], [])).toBe(6);
    expect(await longest([1, 5], [2, 9])).toBe(3);
  });

  test('drawdowns are counted, and their times averaged', async () => {
    const hold = scripted([1], []);
    const closing = [100, 100, 110, 100, 110, 105, 100, 112, 110];
    const { metrics } = await backtest({ strategy: hold, data: daily(closing), commission: 0, cash: 100 });
    // Below the peak of day 2 until day 4, below that of day 4 until day 7, below that of day 7 to the end.
    expect(metrics.drawdown.count).toBe(3);
    expect(metrics.drawdown.averageMs / DAY).toBeCloseTo((2 + 3 + 1) / 3, 12);
    expect(metrics.drawdown.longestMs / DAY).toBe(3);
  });

  test('turnover a year is over the mean value of the account', async () => {
    const { metrics } = await backtest({
      strategy: scripted([1], [2]),
      data: daily([100, 100, 100, 100]),
      commission: 0,
      cash: 1000,
    });
    expect(metrics.turnover).toBe(200);
    expect(metrics.annualTurnover).toBeCloseTo((200 / 1000) * (365 / 4), 9);
  });

  test('years compound their months', async () => {
    const long = Array.from({ length: 800 }, (_, i) => 100 + 30 * Math.sin(i / 40));
    const { metrics } = await backtest({ strategy: scripted([1], []), data: daily(long), cash: 200 });
    const { months, years, total } = metrics.returns;
    expect(years.map(({ year }) => year)).toEqual([2024, 2025, 2026]);
    for (const { year, return: result } of years) {
      const own = months.filter(one => one.month.startsWith(String(year)));
      expect(own.reduce((growth, one) => growth * (1 + one.return), 1)).toBeCloseTo(1 + result, 12);
    }
    expect(years.reduce((growth, one) => growth * (1 + one.return), 1)).toBeCloseTo(1 + total, 12);
  });

  test('trades that overlap leave no time between them', () => {
    const book = (trades: [number, number][]) =>
      ({
        length: trades.length,
        entryTime: (i: number) => trades[i][0],
        exitTime: (i: number) => trades[i][1],
      }) as Parameters<typeof longestFlat>[0];
    // Closed in another order than opened: 10–50 and 20–30, then 60–70, and one open since 90.
    expect(
      longestFlat(
        book([
          [20, 30],
          [10, 50],
          [60, 70],
        ]),
        [90],
        0,
        100,
      ),
    ).toBe(20);
    expect(
      longestFlat(
        book([
          [20, 30],
          [10, 50],
        ]),
        [],
        5,
        100,
      ),
    ).toBe(50);
  });
});

/** Trades now and then, on both sides. */
class Restless extends strategy() {
  next() {
    const turn = (this.data.length * 7919) % 23;
    if (turn === 3) this.buy({ size: 0.5 });
    else if (turn === 11) this.sell({ size: 0.4 });
    else if (turn === 17) this.close();
  }
}

/** The figures again, the plain way: from the whole equity curve, in arrays. */
function plainly(equity: { time: Float64Array; value: Float64Array }, start: number, columns: Columns) {
  const byDay = new Map<number, { value: number; close: number }>();
  for (let i = 0; i < equity.time.length; i++) {
    byDay.set(Math.ceil(equity.time[i] / DAY), { value: equity.value[i], close: columns.close[i] });
  }
  const values = [start, ...[...byDay.values()].map(one => one.value)];
  const held = [1, ...[...byDay.values()].map(one => one.close / columns.open[0])];
  const changes = (list: number[]) => list.slice(1).map((value, i) => value / list[i] - 1);
  const mean = (list: number[]) => list.reduce((sum, value) => sum + value, 0) / list.length;
  const cov = (a: number[], b: number[]) =>
    a.reduce((sum, value, i) => sum + (value - mean(a)) * (b[i] - mean(b)), 0) / (a.length - 1);
  const r = changes(values);
  const b = changes(held);
  const sorted = [...r].sort((x, y) => x - y);
  const place = 0.05 * (sorted.length - 1);
  const quantile = sorted[Math.floor(place)] * (1 - (place % 1)) + sorted[Math.ceil(place)] * (place % 1);
  const falls = values.slice(1).map((value, i) => 1 - value / Math.max(...values.slice(0, i + 2)));
  const gain = mean(r.map(value => Math.max(value, 0)));
  const loss = mean(r.map(value => Math.max(-value, 0)));
  const active = r.map((value, i) => value - b[i]);
  return {
    omega: gain / loss,
    valueAtRisk: -quantile,
    conditionalValueAtRisk: -mean(sorted.filter((value, i) => i === 0 || value <= quantile)),
    ulcerIndex: Math.sqrt(mean(falls.map(fall => fall ** 2))),
    beta: cov(r, b) / cov(b, b),
    alpha: (mean(r) - (cov(r, b) / cov(b, b)) * mean(b)) * 365,
    correlation: cov(r, b) / Math.sqrt(cov(r, r) * cov(b, b)),
    informationRatio: (mean(active) / Math.sqrt(cov(active, active))) * Math.sqrt(365),
    averageValue: mean(values.slice(1)),
  };
}

test('a second, plain implementation of every figure agrees, on any walk', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 1e6 }),
      fc.integer({ min: 100, max: 900 }),
      async (seed, bars) => {
        const columns = walk(bars, seed, { stepMs: 3_600_000, gaps: 0.02 });
        const data = memoryFeed(columns, { instrument: instrument('X', { market: 'usdm' }), interval: '1h' });
        const { metrics, equity, stats, trades } = await backtest({ strategy: Restless, data });
        const { averageValue, ...wanted } = plainly(equity, metrics.startValue, columns);
        const { risk, benchmark } = metrics;
        for (const [name, value] of Object.entries(wanted)) {
          const actual = ({ ...risk, ...benchmark } as unknown as Record<string, number>)[name];
          // A few periods without a single loss: infinite, or undefined, in both.
          if (Object.is(actual, value)) continue;
          expect(Math.abs(actual - value), `${name}: ${actual}, not ${value}`).toBeLessThan(
            1e-7 * Math.max(1, Math.abs(value)),
          );
        }
        expect(risk.calmar).toBeCloseTo(metrics.returns.cagr / metrics.drawdown.max, 9);
        const years = (stats.to - stats.from) / YEAR;
        expect(metrics.annualTurnover).toBeCloseTo(metrics.turnover / averageValue / years, 9);
        const nets = [...trades].map(trade => trade.net);
        const average = nets.reduce((sum, net) => sum + net, 0) / nets.length;
        const variance = nets.reduce((sum, net) => sum + (net - average) ** 2, 0) / (nets.length - 1);
        expect(metrics.trades.sqn).toBeCloseTo((Math.sqrt(nets.length) * average) / Math.sqrt(variance), 7);
      },
    ),
    { numRuns: 25 },
  );
});

test('every figure keeps its bits however the data is cut, and when the run goes step by step', async () => {
  const columns = walk(3000, 11, { stepMs: 3_600_000 });
  const options = { instrument: instrument('X', { market: 'usdm' }), interval: '1h' as const };
  const metricsOf = async (data: DataFeed, stepwise = false) => {
    const analyzers = stepwise ? { each: { step() {}, end: () => undefined } } : {};
    return (await backtest({ strategy: Restless, data, analyzers })).metrics;
  };
  const whole = await metricsOf(memoryFeed(columns, options));
  expect(whole.trades.total).toBeGreaterThan(50);
  expect(await metricsOf(memoryFeed(columns, options), true)).toEqual(whole);
  await fc.assert(
    fc.asyncProperty(chunkSizes, async sizes => {
      expect(await metricsOf(chunked(columns, sizes, options))).toEqual(whole);
    }),
    { numRuns: 10, examples: [[[1]], [[1024]]] },
  );
});
