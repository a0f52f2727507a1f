import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import {
  backtest,
  type DataFeed,
  type Interval,
  instrument,
  makerTakerCommission,
  memoryFeed,
} from 'qt-trader';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { SymbolInfo } from '../../src/exchange/exchange-info.ts';
import { inProcessExchange } from '../../src/exchange/in-process.ts';
import { loadMarket } from '../../src/exchange/market.ts';
import { runPaper } from '../../src/live/paper.ts';
import { intervalMs } from '../../src/model/interval.ts';
import { VirtualTimers } from '../../src/net/virtual-timers.ts';
import { exchangeInfoInstruments } from '../../src/venues/binance/exchange-info.ts';
import { walk } from '../support/bars.ts';
import { chaos } from '../support/chaos.ts';
import { outcome, timeless } from '../support/outcome.ts';

/** More under QT_SOAK=1. */
const RUNS = process.env.QT_SOAK === '1' ? 2000 : 60;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'qt-differential-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const SYMBOLS = ['BTCUSDT', 'ETHUSDT', 'SOLUSDT'];
const DOCUMENT = {
  symbols: SYMBOLS.map(symbol => ({
    symbol,
    status: 'TRADING',
    baseAsset: symbol.slice(0, 3),
    quoteAsset: 'USDT',
    filters: [
      { filterType: 'PRICE_FILTER', minPrice: '0.01', maxPrice: '1000000', tickSize: '0.01' },
      { filterType: 'LOT_SIZE', minQty: '0.001', maxQty: '9000', stepSize: '0.001' },
      { filterType: 'NOTIONAL', minNotional: '5', applyMinToMarket: true },
    ],
  })),
};

/**
 * Each symbol has the finest interval among its series: where it has not, an order that another series' step placed
 * within a bar fills within it on paper, which history cannot know.
 */
const seriesArbitrary = fc
  .tuple(
    fc.constantFrom<Interval>('1m', '1m', '5m', '1h'),
    fc.integer({ min: 1, max: 3 }),
    fc.array(
      fc.record({
        of: fc.nat(2),
        interval: fc.constantFrom<Interval>('5m', '15m', '1h'),
        first: fc.boolean(),
      }),
      { maxLength: 2 },
    ),
  )
  .map(([finest, count, longer]) => {
    const symbols = SYMBOLS.slice(0, count);
    const all: { symbol: string; interval: Interval }[] = symbols.map(symbol => ({
      symbol,
      interval: finest,
    }));
    for (const { of, interval, first } of longer) {
      const one = { symbol: symbols[of % count]!, interval };
      if (intervalMs(interval) <= intervalMs(finest)) continue;
      if (all.some(other => other.symbol === one.symbol && other.interval === interval)) continue;
      if (first) all.unshift(one);
      else all.push(one);
    }
    return all;
  });

const scene = fc.record({
  seed: fc.integer({ min: 1, max: 1e6 }),
  series: seriesArbitrary,
  hours: fc.integer({ min: 1, max: 6 }),
  gaps: fc.constantFrom(0, 0, 0.05, 0.3),
  filters: fc.boolean(),
  maker: fc.constantFrom(0, 0.0005, 0.001),
  feeIn: fc.constantFrom('quote' as const, 'base' as const),
  period: fc.constantFrom(1, 3, 20),
  slippage: fc.constantFrom(0, 0.0003),
  from: fc.option(fc.double({ min: 0.2, max: 0.8, noNaN: true }), { nil: undefined }),
});
type Scene = typeof scene extends fc.Arbitrary<infer One> ? One : never;

const BEGIN = Date.UTC(2024, 0, 1);

function dataOf({ series, hours, gaps, filters, seed }: Scene): DataFeed[] {
  const terms = exchangeInfoInstruments(DOCUMENT);
  return series.map(({ symbol, interval }, i) => {
    const stepMs = intervalMs(interval);
    const bars = Math.max(2, Math.floor((hours * 3_600_000) / stepMs));
    return memoryFeed(walk(bars, seed + i, { stepMs, gaps, start: BEGIN }), {
      instrument: filters ? terms.get(symbol)! : instrument(symbol),
      interval,
    });
  });
}

async function compare(one: Scene) {
  const data = dataOf(one);
  const longest = Math.max(...one.series.map(({ interval }) => intervalMs(interval)));
  const from =
    one.from === undefined
      ? undefined
      : BEGIN + Math.floor((one.from * one.hours * 3_600_000) / longest) * longest;
  const given = {
    strategy: chaos(one.seed, one.period),
    cash: 10_000,
    commission: makerTakerCommission({ taker: 0.001, maker: one.maker }),
    feeIn: one.feeIn,
    slippage: one.slippage,
  };
  const expected = await backtest({ ...given, data, ...(from === undefined ? {} : { from }) });
  // Which of two prices within a bar came first, history does not know.
  const touched = [...expected.fills].filter(({ maker }) => maker).map(({ time }) => time);
  if (new Set(touched).size < touched.length) return 0;
  const timers = new VirtualTimers(Date.UTC(2030, 0, 1));
  const market = await loadMarket(data);
  const symbols = new Map(DOCUMENT.symbols.map(info => [info.symbol, info as unknown as SymbolInfo]));
  const exchange = inProcessExchange({
    market,
    timers,
    pace: 'lockstep',
    from,
    ...(one.filters ? { symbols } : {}),
  });
  let over = false;
  const run = runPaper({
    ...given,
    codeHash: 'code',
    store: join(folder, `${Math.random()}.sqlite`),
    series: one.series,
    exchange: 'local',
    network: exchange.network(),
  }).finally(() => {
    over = true;
  });
  await timers.run({ done: () => over });
  exchange.close();
  const { result, ended, lateOrders, lateBars, releases } = await run;
  expect({ ended, lateOrders, lateBars, releases }).toEqual({
    ended: true,
    lateOrders: 0,
    lateBars: 0,
    releases: 0,
  });
  const [paper, history] = [timeless(outcome(result)), timeless(outcome(expected))];
  for (const key of ['orders', 'fills', 'trades', 'log', 'values', 'times'] as const) {
    // The first difference says more than all of them.
    const [was, is]: [unknown[], unknown[]] = [history[key], paper[key]];
    const row = was.findIndex((one, i) => JSON.stringify(one) !== JSON.stringify(is[i]));
    if (row >= 0) expect({ key, row, is: is[row] }).toEqual({ key, row, is: was[row] });
  }
  expect(paper).toEqual(history);
  return expected.fills.length;
}

test('in lockstep, random orders of all kinds on any series end bit for bit as in the backtest', async () => {
  let fills = 0;
  await fc.assert(
    fc.asyncProperty(scene, async one => {
      fills += await compare(one);
    }),
    { numRuns: RUNS },
  );
  expect(fills).toBeGreaterThan(RUNS);
}, 600_000);
