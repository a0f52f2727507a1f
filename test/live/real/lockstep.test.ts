import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type BacktestResult,
  backtest,
  memoryFeed,
  type Order,
  openLiveKlines,
  type StrategyClass,
  strategy,
} from 'qt-trader';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Keys } from '../../../src/brokers/binance/gateway/keys.ts';
import { openGateway } from '../../../src/brokers/binance/gateway/open-gateway.ts';
import { inProcessExchange } from '../../../src/exchange/in-process.ts';
import { loadMarket } from '../../../src/exchange/market.ts';
import { examine } from '../../../src/live/examine.ts';
import type { AccountNotice } from '../../../src/live/real/notice.ts';
import { tradeForReal } from '../../../src/live/real/session.ts';
import type { SessionSettings } from '../../../src/live/settings.ts';
import { VirtualTimers } from '../../../src/net/virtual-timers.ts';
import { Journal } from '../../../src/store/journal.ts';
import { endpointsOf } from '../../../src/venues/binance/endpoints.ts';
import BollingerBreakout from '../../../strategies/bollinger-breakout.ts';
import Rotation from '../../../strategies/rotation.ts';
import Sma from '../../../strategies/sma.ts';
import { walk } from '../../support/bars.ts';
import { mulberry32 } from '../../support/random-walk.ts';
import { SECRETS, SYMBOLS, terms } from './support/symbols.ts';
import { UNLIMITED } from './support/world.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'qt-real-lockstep-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function feeds(bars: number, count: number, seed: number) {
  return ['BTCUSDT', 'ETHUSDT'].slice(0, count).map((symbol, i) =>
    memoryFeed(walk(bars, seed + i, { gaps: i * 0.03 }), {
      instrument: terms(symbol),
      interval: '1m',
    }),
  );
}

/** A session with real orders on the local exchange in lockstep. */
async function real(strategy: StrategyClass, data: ReturnType<typeof feeds>) {
  const timers = new VirtualTimers(Date.UTC(2030, 0, 1));
  const exchange = inProcessExchange({
    market: await loadMarket(data),
    timers,
    pace: 'lockstep',
    symbols: SYMBOLS,
    accounts: [
      {
        ...SECRETS,
        balances: { USDT: '20000' },
        commission: { standard: { maker: '0.001', taker: '0.001' } },
      },
    ],
  });
  const network = exchange.network();
  const endpoints = endpointsOf('local');
  const notices: AccountNotice[] = [];
  const run = async () => {
    const klines = await openLiveKlines({
      endpoints,
      series: data.map(feed => ({ symbol: feed.instrument.symbol, interval: feed.interval })),
      network,
      forming: true,
    });
    const gateway = openGateway({ endpoints, keys: new Keys(SECRETS), network });
    try {
      return await tradeForReal(klines, gateway, {
        strategy,
        cash: 10_000,
        limits: UNLIMITED,
        codeHash: 'code',
        exchange: endpoints.name,
        store: join(folder, 'store.sqlite'),
        lockFolder: folder,
        simulatedTime: true,
        timers,
        random: network.random,
        onNotice: notice => notices.push(notice),
      });
    } finally {
      gateway.close();
      await klines.close();
    }
  };
  let over = false;
  const running = run().finally(() => {
    over = true;
  });
  running.catch(() => {});
  await timers.run({ done: () => over });
  exchange.close();
  if (!over) throw new Error(`nothing happens any more: ${JSON.stringify(notices.slice(-5))}`);
  return { result: await running, notices, exchange: exchange.exchange };
}

const plain = ({ id, symbol, side, type, size, limit, status, filled, price, createdAt }: Order) => ({
  ...{ id, symbol, side, type, status, createdAt },
  numbers: [size, limit, filled, price].map(value => Number(value.toPrecision(10))),
});

/** Market and limit orders, now and then cancelled. */
function mixed(seed: number): StrategyClass {
  return class Mixed extends strategy() {
    readonly #random = mulberry32(seed);

    next() {
      const random = this.#random;
      const { close } = this.bar;
      for (const order of this.openOrders) if (random() < 0.2) this.cancel(order);
      if (this.openOrders.length > 2) return;
      const dice = random();
      if (dice < 0.2) this.buy({ size: 1 });
      else if (dice < 0.4) this.buy({ size: 1.5, limit: Math.round(close * 99.5) / 100 });
      else if (dice < 0.6 && this.position.size > 0.1) this.close();
    }
  };
}

/** Whenever flat, a bracket; what it leaves is closed by a stop or a trail, now and then something is cancelled. */
function protectedEntries(seed: number, trails: boolean): StrategyClass {
  return class Protected extends strategy() {
    readonly #random = mulberry32(seed);

    next() {
      const random = this.#random;
      const { close } = this.bar;
      const near = (share: number) => Math.round(close * share * 100) / 100;
      if (this.openOrders.length > 0 && random() < 0.1) {
        this.cancel(this.openOrders[Math.floor(random() * this.openOrders.length)]!);
      }
      const dice = random();
      if (this.position.isOpen) {
        if (this.openOrders.length > 0) return;
        if (trails && dice < 0.4) this.close({ trailPercent: 0.002 + Math.round(random() * 100) / 10_000 });
        else if (dice < 0.7) this.close({ stop: near(1 - random() * 0.01) });
        else this.close();
        return;
      }
      if (this.openOrders.length > 0) return;
      const [down, up] = [0.97 - random() * 0.01, 1.03 + random() * 0.01];
      if (dice < 0.3) {
        const exits = {
          stopLoss: { percent: 0.03 + random() * 0.01 },
          takeProfit: { percent: random() * 0.02 + 0.01 },
        };
        this.buyBracket({ size: 3, ...exits });
      } else if (dice < 0.6) {
        this.buyBracket({ size: 2, limit: near(0.995), stopLoss: near(down), takeProfit: near(up) });
      } else if (dice < 0.8) {
        const low = this.buy({ size: 1, limit: near(0.996) });
        this.buy({ size: 1, stop: near(1.004), oco: low });
      }
    }
  };
}

const COSTS = { cash: 10_000, commission: 0.001, feeIn: 'base', intrabar: 'nearest' } as const;

test.each([
  ['market and limit orders, seed 1', mixed(1), 1],
  ['sma', Sma, 1],
  ['bollinger', BollingerBreakout, 1],
  ['rotation', Rotation, 2, 450],
  ['brackets, stops and pairs, seed 1', protectedEntries(1, false), 1],
  ['brackets, stops and pairs, seed 2', protectedEntries(2, false), 1],
] as const)(
  'in lockstep, %s: the exchange gets the orders that the backtest has, and fills them as it does',
  async (_, strategy, count, bars?: number) => {
    const data = feeds(bars ?? 300, count, 7);
    const expected = await backtest({ strategy, data, ...COSTS });
    const { result, notices } = await real(strategy, data);
    expect(notices.filter(({ level }) => level === 'alarm')).toEqual([]);
    expect([...result.result.orders].map(plain)).toEqual([...expected.orders].map(plain));
    const executed = ({ fills }: BacktestResult) =>
      [...fills]
        .map(({ orderId, size, price }) => `${orderId} ${size.toFixed(6)} ${price.toFixed(6)}`)
        .sort();
    // Within a bar the exchange may fill exits in another order than they were placed in.
    expect(executed(result.result)).toEqual(executed(expected));
    // The exchange takes fees in eight digits.
    expect(result.result.metrics.fees).toBeCloseTo(expected.metrics.fees, 4);
    expect(expected.fills.length).toBeGreaterThan(0);
    const journal = new Journal(join(folder, 'store.sqlite'), { mustExist: true });
    const session = journal.session<SessionSettings>('last');
    const found = await examine(journal, session, { strategy, codeHash: 'code', intrabar: 'nearest' });
    journal.close();
    expect(found.replay).toMatchObject({ identical: true, divergent: 0 });
    expect(found.backtest).toMatchObject({ identical: true, differences: [] });
    expect(found.backtest.slippage).toMatchObject({ cost: 0, worse: 0, better: 0 });
  },
);

test('in lockstep a stop that trails fills within a tick of where it does in the backtest: the exchange trails in whole ticks', async () => {
  const data = feeds(300, 1, 7);
  const strategy = protectedEntries(3, true);
  const expected = await backtest({ strategy, data, ...COSTS });
  const { result } = await real(strategy, data);
  const orders = [...result.result.orders];
  expect(orders.filter(({ type }) => type === 'stopTrail').length).toBeGreaterThan(3);
  for (const [i, order] of [...expected.orders].entries()) {
    const { status, type, side, createdAt } = order;
    expect(orders[i]).toMatchObject({ status, type, side, createdAt });
    if (!Number.isNaN(order.price)) expect(Math.abs(orders[i]!.price - order.price)).toBeLessThan(0.0101);
  }
});
