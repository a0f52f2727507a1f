import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  backtest,
  type DataFeed,
  instrument,
  memoryFeed,
  type Order,
  resample,
  type StrategyClass,
  sma,
  strategy,
} from 'qt-trader';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { SimulatedRun } from '../../src/backtest/run.ts';
import type { SymbolInfo } from '../../src/exchange/exchange-info.ts';
import { inProcessExchange } from '../../src/exchange/in-process.ts';
import { loadMarket } from '../../src/exchange/market.ts';
import { type PaperOptions, runPaper } from '../../src/live/paper.ts';
import { replay } from '../../src/live/replay.ts';
import { recordedFeeds } from '../../src/live/resume.ts';
import type { SessionSettings } from '../../src/live/settings.ts';
import type { Interval } from '../../src/model/interval.ts';
import { VirtualTimers } from '../../src/net/virtual-timers.ts';
import { Journal } from '../../src/store/journal.ts';
import { exchangeInfoInstruments } from '../../src/venues/binance/exchange-info.ts';
import BollingerBreakout from '../../strategies/bollinger-breakout.ts';
import MacdTrend from '../../strategies/macd-trend.ts';
import Rotation from '../../strategies/rotation.ts';
import RsiReversion from '../../strategies/rsi-reversion.ts';
import Sma from '../../strategies/sma.ts';
import { walk } from '../support/bars.ts';
import { outcome, timeless } from '../support/outcome.ts';
import { mulberry32 } from '../support/random-walk.ts';
import { Restless } from '../support/restless.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'qt-lockstep-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Limit orders of all kinds, one at a time. */
class Limits extends strategy() {
  #turn = 0;

  next() {
    for (const order of this.openOrders) if (this.time - order.createdAt > 180_000) this.cancel(order);
    if (this.openOrders.length > 0) return;
    const timeInForce = (['GTC', 'IOC', 'FOK'] as const)[this.#turn++ % 3]!;
    const { close } = this.bar;
    if (this.position.size === 0) {
      this.buy({ quote: 5000, limit: close * (0.996 + 0.002 * (this.#turn % 4)), timeInForce });
    } else this.sell({ size: this.position.size, limit: close * 1.003, timeInForce });
  }
}

const DOCUMENT = {
  symbols: ['BTCUSDT', 'ETHUSDT'].map(symbol => ({
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

function feeds(bars: number, count: number, filters: boolean): DataFeed[] {
  const terms = exchangeInfoInstruments(DOCUMENT);
  return ['BTCUSDT', 'ETHUSDT'].slice(0, count).map((symbol, i) =>
    memoryFeed(walk(bars, 21 + i, { gaps: i * 0.03 }), {
      instrument: filters ? terms.get(symbol)! : instrument(symbol),
      interval: '1m',
    }),
  );
}

const COSTS = { cash: 10_000, commission: 0.001, slippage: 0.0003 };

interface Scene {
  readonly strategy: StrategyClass;
  readonly data: readonly DataFeed[];
  readonly filters?: boolean;
  readonly from?: number;
  readonly intervals?: readonly Interval[];
  readonly more?: Partial<PaperOptions>;
}

/** The run on paper, on the in-process exchange in lockstep. */
async function paper({ strategy, data, filters, from, more }: Scene) {
  const timers = new VirtualTimers(Date.UTC(2030, 0, 1));
  const market = await loadMarket(data);
  const symbols = new Map(DOCUMENT.symbols.map(info => [info.symbol, info as unknown as SymbolInfo]));
  const exchange = inProcessExchange({
    market,
    timers,
    pace: 'lockstep',
    from,
    ...(filters ? { symbols } : {}),
  });
  let over = false;
  const run = runPaper({
    strategy,
    ...COSTS,
    codeHash: 'code',
    store: join(folder, 'store.sqlite'),
    series: data.map(feed => ({ symbol: feed.instrument.symbol, interval: feed.interval })),
    exchange: 'local',
    network: exchange.network(),
    ...more,
  }).finally(() => {
    over = true;
  });
  await timers.run({ done: () => over });
  exchange.close();
  return run;
}

test.each([
  ['sma', Sma, 1, {}],
  ['bollinger', BollingerBreakout, 1, {}],
  ['macd', MacdTrend, 1, {}],
  ['rsi', RsiReversion, 1, { low: 45, trend: 50 }],
  ['rotation', Rotation, 2, {}],
  ['random orders', Restless, 2, {}],
] as const)(
  'in lockstep %s places, fills and earns on paper exactly what it does in the backtest, with fees and filters',
  async (_, strategy, count, params) => {
    const data = feeds(2500, count, true);
    const expected = await backtest({ strategy, params, data, ...COSTS });
    const { result, ended, lateOrders } = await paper({ strategy, data, filters: true, more: { params } });
    expect({ ended, lateOrders }).toEqual({ ended: true, lateOrders: 0 });
    expect(result.fills.length).toBeGreaterThan(1);
    expect(outcome(result)).toEqual(outcome(expected));
  },
);

test('without filters given, neither side has any', async () => {
  const data = feeds(500, 2, false);
  const expected = await backtest({ strategy: Restless, data, ...COSTS });
  const { result } = await paper({ strategy: Restless, data });
  expect(outcome(result)).toEqual(outcome(expected));
});

test('limit orders get the same prices and sizes in the same bars; only inside a bar paper knows the time', async () => {
  const data = feeds(1500, 1, true);
  const expected = await backtest({ strategy: Limits, data, ...COSTS });
  const { result } = await paper({ strategy: Limits, data, filters: true });
  const kinds = new Set([...result.orders].map(({ status }: Order) => status));
  expect([...kinds].sort()).toEqual(expect.arrayContaining(['canceled', 'completed', 'expired']));
  expect(timeless(outcome(result))).toEqual(timeless(outcome(expected)));
  expect([...result.fills].some(({ maker }) => maker)).toBe(true);
});

/** Whenever flat, a bracket of some kind; now and then a stop, a trail or an order that expires beside it. */
function protectedEntries(seed: number): StrategyClass {
  return class Protected extends strategy() {
    readonly #random = mulberry32(seed);

    next() {
      const random = this.#random;
      const { close } = this.bar;
      const near = () => (random() - 0.5) * 0.02;
      if (this.openOrders.length > 0 && random() < 0.1) {
        this.cancel(this.openOrders[Math.floor(random() * this.openOrders.length)]!);
      }
      if (this.openOrders.length > 6) return;
      const dice = random();
      const valid = random() < 0.3 ? { valid: `${Math.ceil(random() * 30)}m` } : {};
      if (this.position.isOpen) {
        if (dice < 0.2) this.sell({ size: 1, trailPercent: 0.002 + random() * 0.01, ...valid });
        else if (dice < 0.3) this.close({ stop: close * (1 - random() * 0.01), ...valid });
        else if (dice < 0.4)
          this.sell({ size: 1, stop: close * 0.995, limit: close * (1 + near()), ...valid });
        else if (dice < 0.45) this.close();
        return;
      }
      const exits = {
        stopLoss:
          random() < 0.5 ? { percent: 0.001 + random() * 0.01 } : { trailPercent: 0.001 + random() * 0.01 },
        takeProfit: { percent: 0.001 + random() * 0.01 },
        ...valid,
      };
      if (dice < 0.2) this.buyBracket({ size: 3, ...exits });
      else if (dice < 0.4) this.buyBracket({ quote: 1000, limit: close * (1 + near()), ...exits });
      else if (dice < 0.6) this.buyBracket({ size: 2, stop: close * (1 + random() * 0.01), ...exits });
      else if (dice < 0.8) {
        const low = this.buy({ size: 1, limit: close * 0.996, ...valid });
        this.buy({ quote: 500, stop: close * 1.004, oco: low, ...valid });
      }
    }
  };
}

test('in lockstep brackets, stops, trails and expiry do on paper what they do in a backtest that goes the way of the replayed bars', async () => {
  let fills = 0;
  for (let seed = 1; seed <= 12; seed++) {
    const data = [
      memoryFeed(walk(600, seed), {
        instrument: exchangeInfoInstruments(DOCUMENT).get('BTCUSDT')!,
        interval: '1m',
      }),
    ];
    // The local exchange takes the price to the nearer extreme first; in a backtest that is the policy `nearest`.
    const scene = { strategy: protectedEntries(seed), ...COSTS, intrabar: 'nearest' as const };
    const expected = await backtest({ ...scene, data });
    const { result } = await paper({
      strategy: scene.strategy,
      data,
      filters: true,
      more: { intrabar: 'nearest', fresh: true },
    });
    const plain = ({ fills, trades, metrics, ...rest }: ReturnType<typeof outcome>) => ({
      ...rest,
      // History knows of what happens within a bar at its close.
      fills: fills.map(({ time, ...fill }) => ({ ...fill, bar: Math.ceil(time / 60_000) })),
      trades: trades.map(({ entryTime, exitTime, ...trade }) => trade),
      endValue: metrics.endValue,
    });
    const [is, was] = [plain(outcome(result)), plain(outcome(expected))];
    const row = was.fills.findIndex((one, i) => JSON.stringify(one) !== JSON.stringify(is.fills[i]));
    if (row >= 0) expect({ seed, row, is: is.fills[row] }).toEqual({ seed, row, is: was.fills[row] });
    expect(is).toEqual(was);
    fills += result.fills.length;
    // Whoever saw every price did not have to guess.
    expect(result.metrics.orders.pathDependent).toBeLessThanOrEqual(expected.metrics.orders.pathDependent);
  }
  expect(fills).toBeGreaterThan(500);
});

test('a run that begins within the data warms up by REST as the backtest warms up from the file', async () => {
  const data = feeds(1200, 1, false);
  const from = Date.UTC(2024, 0, 1) + 700 * 60_000;
  for (const strategy of [Sma, MacdTrend]) {
    const expected = await backtest({ strategy, data, ...COSTS, from });
    const { result } = await paper({ strategy, data, from, more: { fresh: true } });
    expect(result.stats.warmupBars).toBe(expected.stats.warmupBars);
    expect(outcome(result)).toEqual(outcome(expected));
  }
});

/** Orders on every data by its own longer bars and those of the other. */
class Longer extends strategy() {
  sides = this.datas.map(data => {
    const five = data.resample('5m');
    return { data, five, hour: data.resample('1h'), average: sma(five.close, 4) };
  });

  next() {
    for (const { data, five, hour, average } of this.sides) {
      if (this.openOrders.some(order => order.symbol === data.instrument.symbol)) continue;
      const rises = five.close.now > average.now && hour.close.now > hour.open.now * 0.99;
      if (rises && !this.positionOf(data).isOpen) this.buy({ data, quote: this.cash / 3 });
      else if (!rises && this.positionOf(data).isOpen) this.close({ data });
    }
  }
}

test.each([1, 2])(
  'in lockstep a strategy on longer bars of %i symbols, with holes in the data, does on paper what it does in the backtest',
  async count => {
    const data = feeds(1500, count, true);
    const from = Date.UTC(2024, 0, 1) + 333 * 60_000;
    const begin = count === 1 ? { from } : {};
    const expected = await backtest({ strategy: Longer, data, ...COSTS, ...begin });
    const { result, ended } = await paper({ strategy: Longer, data, filters: true, ...begin });
    expect(ended).toBe(true);
    expect(result.stats.warmupBars).toBe(expected.stats.warmupBars);
    expect(result.fills.length).toBeGreaterThan(20);
    expect(outcome(result)).toEqual(outcome(expected));
  },
);

test('a session on longer bars lives through its journal again as it was', async () => {
  const data = feeds(700, 2, true);
  const store = join(folder, 'store.sqlite');
  const { id, result } = await paper({ strategy: Longer, data, filters: true });
  const journal = new Journal(store);
  const { settings } = journal.sessions<SessionSettings>().find(one => one.id === id)!;
  const recorded = recordedFeeds(data, settings);
  const again = new SimulatedRun(recorded, { strategy: Longer, ...COSTS });
  const lived = replay(journal.entries(id), again, recorded);
  expect(lived.steps).toBeGreaterThan(700);
  expect(lived.divergences).toEqual([]);
  expect(outcome(again.result(again.engine.finish(), 0)).fills).toEqual(outcome(result).fills);
  journal.close();
});

test('klines resampled on their way to the strategy give on paper what resampled data give in the backtest', async () => {
  const data = feeds(3000, 1, true);
  const longer = data.map(feed => resample(feed, '5m'));
  const expected = await backtest({ strategy: Sma, data: longer, ...COSTS });
  const { result } = await paper({ strategy: Sma, data, filters: true, more: { resample: '5m' } });
  expect(result.fills.length).toBeGreaterThan(5);
  expect(outcome(result)).toEqual(outcome(expected));
});
