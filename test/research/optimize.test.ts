import { rmSync } from 'node:fs';
import { join } from 'node:path';
import {
  backtest,
  type DataFeed,
  fixedSize,
  InputError,
  int,
  memoryFeed,
  type OptimizeOptions,
  optimize,
  type SweepResult,
  sma,
  strategy,
} from 'qt-trader';
import { expect, test } from 'vitest';
import { sliceBars } from '../../src/model/bars.ts';
import { FIGURE_NAMES } from '../../src/research/figures.ts';
import { folderWith } from '../cli/qt.ts';
import { walk } from '../support/bars.ts';
import Cross from './support/cross.ts';

/** Threads begin slowly where many of them run, ms. */
const BUSY = 120_000;
const MODULE = { module: join(import.meta.dirname, 'support/cross.ts') };
const feed = () => memoryFeed(walk(3000, 7), { symbol: 'BTCUSDT', interval: '1m' });
const GRID = { fast: { from: 4, to: 12, step: 2 }, slow: { from: 8, to: 40, step: 4 } };

/** Everything that a table says, to the last bit. */
function told({ table }: SweepResult): unknown {
  return [...table.best()].map(({ number, params, figures, error }) => [
    number,
    params,
    error,
    figures &&
      FIGURE_NAMES.map(name => (Number.isFinite(figures[name]) ? figures[name] : String(figures[name]))),
  ]);
}

test('each run of a sweep is the backtest with its parameters', async () => {
  const { table } = await optimize({ strategy: Cross, data: feed(), params: GRID, where: 'fast < slow' });
  expect(table.total).toBe(5 * 9 - 4);
  for (const { params, figures } of [...table.runs()].filter((_, i) => i % 7 === 0)) {
    const { metrics } = await backtest({ strategy: Cross, data: feed(), params });
    expect(figures).toMatchObject({
      return: metrics.returns.total,
      sharpe: metrics.returns.sharpe,
      maxDrawdown: metrics.drawdown.max,
      trades: metrics.trades.total,
      fees: metrics.fees,
    });
  }
});

test('runs that follow each other in the same memory know nothing of each other, whatever the scale of their data', async () => {
  class Pair extends strategy({ bars: int(5), of: int(0, { max: 1 }) }) {
    mean = sma(this.datas[this.params.of].close, this.params.bars);
    next() {
      if (this.datas[this.params.of].close.now > this.mean.now) this.buy({ size: 1 });
      else this.close();
    }
  }
  // All in one block: what is known of a block must not be found again in the next run.
  const bars = walk(900, 3);
  const wild = bars.close.map((value, i) => (i % 3 === 0 ? value * 1e9 : value * 1e-9));
  const data = () => [
    memoryFeed({ ...bars, open: wild, high: wild, low: wild, close: wild }, { symbol: 'A', interval: '1m' }),
    memoryFeed(bars, { symbol: 'B', interval: '1m' }),
  ];
  const { table } = await optimize({
    ...{ strategy: Pair, data: data(), cash: 1e15 },
    params: { bars: { from: 3, to: 9, step: 1 }, of: [1, 0] },
  });
  for (const { params, figures } of table.runs()) {
    const { metrics } = await backtest({ strategy: Pair, data: data(), params, cash: 1e15 });
    expect(figures).toMatchObject({
      endValue: metrics.endValue,
      fees: metrics.fees,
      sharpe: metrics.returns.sharpe,
    });
  }
});

test(
  'the table is the same to the last bit on this thread and on any number of workers',
  async () => {
    const options: OptimizeOptions = { strategy: Cross, data: feed(), params: GRID };
    const alone = told(await optimize(options));
    for (const workers of [1, 3]) {
      expect(told(await optimize({ ...options, strategy: MODULE, workers }))).toEqual(alone);
    }
  },
  BUSY,
);

test(
  'a combination whose run throws is a row with its error, and ranks last',
  async () => {
    const { table } = await optimize({ strategy: MODULE, data: feed(), params: GRID, workers: 2 });
    expect(table.done).toBe(45);
    expect(table.failed).toBe(2);
    const last = table.best().slice(-2);
    expect(last.map(run => run.params)).toEqual([
      { fast: 8, slow: 8 },
      { fast: 12, slow: 12 },
    ]);
    expect(last[0].error).toMatchObject({ code: 'STRATEGY_THREW' });
    expect(last[0].error?.message).toMatch(/Cross threw at .*: Error: never crosses/);
  },
  BUSY,
);

test('values beyond a limit, unknown parameters, wrong ranges and wrong objectives are told before any run', async () => {
  let runs = 0;
  class Counting extends strategy({ n: int(5, { min: 2, max: 9 }) }) {
    next() {
      runs++;
    }
  }
  const code = (options: Partial<OptimizeOptions>) =>
    optimize({ strategy: Counting, data: feed(), params: { n: [3] }, ...options }).then(
      () => undefined,
      error => (error instanceof InputError ? error.code : error),
    );
  expect(await code({ params: { n: { from: 2, to: 10 } } })).toBe('PARAMETER_INVALID');
  expect(await code({ params: { n: [2.5] } })).toBe('PARAMETER_INVALID');
  expect(await code({ params: { m: [3] } })).toBe('PARAMETER_UNKNOWN');
  expect(await code({ params: { n: { from: 5, to: 2 } } })).toBe('PARAMETER_RANGE_INVALID');
  expect(await code({ params: { n: { from: 2, to: 5, step: 0 } } })).toBe('PARAMETER_RANGE_INVALID');
  expect(await code({ params: { n: [3, 3] } })).toBe('PARAMETER_RANGE_INVALID');
  expect(await code({ objective: 'sharp' })).toBe('OBJECTIVE_UNKNOWN');
  expect(await code({ where: 'n > 100' })).toBe('SWEEP_EMPTY');
  expect(await code({ where: 'n >' })).toBe('CONDITION_INVALID');
  expect(await code({ workers: 2 })).toBe('WORKERS_NEED_MODULE');
  expect(await code({ strategy: MODULE, params: {}, sizer: fixedSize(1) })).toBe('TERMS_NOT_SHAREABLE');
  expect(runs).toBe(0);
});

test("a strategy's own constraint rules out combinations", async () => {
  class Constrained extends strategy({ a: int(1), b: int(1) }) {
    static constraint({ a, b }: { a: number; b: number }) {
      return a + b === 4;
    }
    next() {}
  }
  const { table } = await optimize({
    strategy: Constrained,
    data: feed(),
    params: { a: { from: 1, to: 5 }, b: [1, 2, 3] },
  });
  expect([...table.runs()].map(run => run.params)).toEqual([
    { a: 1, b: 3 },
    { a: 2, b: 2 },
    { a: 3, b: 1 },
  ]);
});

test(
  'a sweep that is stopped keeps what it has, and goes on to the same table',
  async () => {
    const folder = await folderWith();
    const options: OptimizeOptions = {
      ...{ strategy: MODULE, data: feed(), params: GRID, workers: 2, store: join(folder, 'data.sqlite') },
    };
    const whole = told(await optimize({ ...options, store: undefined }));
    const controller = new AbortController();
    const part = await optimize({
      ...options,
      signal: controller.signal,
      onProgress: ({ done }) => {
        if (done >= 10) controller.abort();
      },
    });
    expect(part.stopped).toBe(true);
    expect(part.table.done).toBeGreaterThanOrEqual(10);
    expect(part.table.done).toBeLessThan(45);
    const rest = await optimize({ ...options, resume: true });
    expect(rest.resumed).toBe(part.table.done);
    expect(rest.id).toBe(part.id);
    expect(told(rest)).toEqual(whole);
    const again = await optimize({ ...options, resume: true });
    expect(again.resumed).toBe(45);
    expect(told(again)).toEqual(whole);
    // What is not the same sweep is begun anew.
    const other = await optimize({ ...options, cash: 5000, resume: true });
    expect(other.resumed).toBe(0);
    expect(other.id).not.toBe(part.id);
    rmSync(folder, { recursive: true });
  },
  BUSY,
);

test('a random search draws the same combinations from the same seed, each once', async () => {
  const options: OptimizeOptions = { strategy: Cross, data: feed(), params: GRID, where: 'fast < slow' };
  const run = (seed: number) => optimize({ ...options, search: { kind: 'random', samples: 12, seed } });
  const first = await run(1);
  expect(told(await run(1))).toEqual(told(first));
  expect(told(await run(2))).not.toEqual(told(first));
  const keys = [...first.table.runs()].map(({ params }) => JSON.stringify(params));
  expect(new Set(keys).size).toBe(12);
  const more = await optimize({ ...options, search: { kind: 'random', samples: 1000, seed: 1 } });
  expect(more.table.total).toBe(41);
});

test('each combination warms up on what its own indicators need, from any feed that has bars before the run', async () => {
  const bars = { ...walk(3000, 7), length: 3000, extra: {} };
  const from = bars.time[1000];
  const whole = () => memoryFeed(bars, { symbol: 'BTCUSDT', interval: '1m' });
  // Gives bars before the run only when it is asked for them, as the store does.
  const asked = (): DataFeed => ({
    ...whole(),
    async *events({ warmup }) {
      const before = { kind: 'bars', phase: 'warmup', late: false } as const;
      if (warmup > 0) yield { ...before, bars: sliceBars(bars, Math.max(0, 1000 - warmup), 1000) };
      yield { kind: 'bars', phase: 'run', late: false, bars: sliceBars(bars, 1000, 3000) };
    },
  });
  for (const data of [whole, asked]) {
    const { table } = await optimize({
      strategy: Cross,
      data: data(),
      from,
      params: GRID,
      where: 'fast < slow',
    });
    for (const { params, figures } of table.best(5)) {
      const { metrics } = await backtest({ strategy: Cross, data: data(), from, params });
      expect(figures?.endValue).toBe(metrics.endValue);
      expect(figures?.trades).toBe(metrics.trades.total);
    }
  }
});
