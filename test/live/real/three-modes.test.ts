import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type BacktestResult,
  backtest,
  type DataFeed,
  memoryFeed,
  type StrategyClass,
  strategy,
} from 'qt-trader';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Keys } from '../../../src/brokers/binance/gateway/keys.ts';
import { openGateway } from '../../../src/brokers/binance/gateway/open-gateway.ts';
import type { SymbolInfo } from '../../../src/exchange/exchange-info.ts';
import { inProcessExchange } from '../../../src/exchange/in-process.ts';
import { loadMarket } from '../../../src/exchange/market.ts';
import { runPaper } from '../../../src/live/paper.ts';
import { runReal } from '../../../src/live/real/real.ts';
import { VirtualTimers } from '../../../src/net/virtual-timers.ts';
import { endpointsOf } from '../../../src/venues/binance/endpoints.ts';
import { exchangeInfoInstruments } from '../../../src/venues/binance/exchange-info.ts';
import BollingerBreakout from '../../../strategies/bollinger-breakout.ts';
import MacdTrend from '../../../strategies/macd-trend.ts';
import Rotation from '../../../strategies/rotation.ts';
import RsiReversion from '../../../strategies/rsi-reversion.ts';
import Sma from '../../../strategies/sma.ts';
import { walk } from '../../support/bars.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'qt-real-lockstep-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A market entry whose exits are a stop that trails by a share of the price, and a target. */
class Trailing extends strategy() {
  #turn = 0;

  next() {
    if (this.position.isOpen || this.openOrders.length > 0 || this.#turn++ % 7 !== 0) return;
    this.buyBracket({
      quote: 0.5 * this.freeCash,
      stopLoss: { trailPercent: 0.004 },
      takeProfit: { percent: 0.02 },
    });
  }
}

/** A limit entry with both exits at prices that are known beforehand: one order list of the exchange. */
class Bracket extends strategy() {
  next() {
    if (this.position.isOpen) return;
    for (const order of this.openOrders) if (this.time - order.createdAt > 300_000) this.cancel(order);
    if (this.openOrders.length > 0) return;
    const { close } = this.bar;
    this.buyBracket({
      size: 2,
      limit: close * 0.999,
      stopLoss: close * 0.995,
      takeProfit: close * 1.004,
    });
  }
}

/** Plain stops, in and out. */
class Stops extends strategy() {
  next() {
    if (this.openOrders.length > 0) {
      for (const order of this.openOrders) if (this.time - order.createdAt > 600_000) this.cancel(order);
      return;
    }
    const { close } = this.bar;
    if (this.position.isOpen) this.sell({ size: this.position.size, stop: close * 0.997 });
    else this.buy({ quote: 0.9 * this.freeCash, stop: close * 1.002 });
  }
}

/** Limit orders of all kinds, one at a time. */
class Limits extends strategy() {
  #turn = 0;

  next() {
    for (const order of this.openOrders) if (this.time - order.createdAt > 180_000) this.cancel(order);
    if (this.openOrders.length > 0) return;
    const timeInForce = (['GTC', 'IOC', 'FOK'] as const)[this.#turn++ % 3]!;
    const { close } = this.bar;
    if (this.position.size === 0) {
      this.buy({ size: 5, limit: close * (0.996 + 0.002 * (this.#turn % 4)), timeInForce });
    } else this.sell({ size: this.position.size, limit: close * 1.003, timeInForce });
  }
}

const DOCUMENT = {
  symbols: ['BTCUSDT', 'ETHUSDT'].map(symbol => ({
    symbol,
    status: 'TRADING',
    baseAsset: symbol.slice(0, 3),
    baseAssetPrecision: 8,
    quoteAsset: 'USDT',
    quotePrecision: 8,
    quoteAssetPrecision: 8,
    orderTypes: [
      'LIMIT',
      'LIMIT_MAKER',
      'MARKET',
      'STOP_LOSS',
      'STOP_LOSS_LIMIT',
      'TAKE_PROFIT',
      'TAKE_PROFIT_LIMIT',
    ],
    ocoAllowed: true,
    otoAllowed: true,
    opoAllowed: true,
    quoteOrderQtyMarketAllowed: true,
    allowTrailingStop: true,
    isSpotTradingAllowed: true,
    filters: [
      { filterType: 'PRICE_FILTER', minPrice: '0.01', maxPrice: '1000000', tickSize: '0.01' },
      { filterType: 'LOT_SIZE', minQty: '0.001', maxQty: '9000', stepSize: '0.001' },
      {
        filterType: 'NOTIONAL',
        minNotional: '5',
        applyMinToMarket: true,
        maxNotional: '9000000',
        applyMaxToMarket: false,
        avgPriceMins: 5,
      },
      {
        filterType: 'TRAILING_DELTA',
        minTrailingAboveDelta: 10,
        maxTrailingAboveDelta: 2000,
        minTrailingBelowDelta: 10,
        maxTrailingBelowDelta: 2000,
      },
    ],
  })),
};

const LIMITS = {
  maxOrderNotional: Number.MAX_VALUE,
  maxPositionNotional: Number.MAX_VALUE,
  maxOpenOrders: 100,
  maxOrdersPerMinute: 1000,
  maxDailyLoss: Number.MAX_VALUE,
  maxPriceDistance: 1,
};
const KEY = { apiKey: 'rehearsalKey12345', apiSecret: 'rehearsalSecret12345' };
const CASH = 10_000;

function feeds(bars: number, count: number): DataFeed[] {
  const terms = exchangeInfoInstruments(DOCUMENT);
  return ['BTCUSDT', 'ETHUSDT']
    .slice(0, count)
    .map((symbol, i) => memoryFeed(walk(bars, 21 + i), { instrument: terms.get(symbol)!, interval: '1m' }));
}

/** A run on the in-process exchange in lockstep, on paper or with real orders. */
async function live(mode: 'paper' | 'real', strategy: StrategyClass, params: object, data: DataFeed[]) {
  const timers = new VirtualTimers(Date.UTC(2030, 0, 1));
  const market = await loadMarket(data);
  const exchange = inProcessExchange({
    market,
    timers,
    pace: 'lockstep',
    symbols: new Map(DOCUMENT.symbols.map(info => [info.symbol, info as unknown as SymbolInfo])),
    accounts: [{ ...KEY, balances: { USDT: String(CASH) } }],
  });
  const network = exchange.network();
  const port = openGateway({ endpoints: endpointsOf('local'), keys: new Keys(KEY), network });
  const common = {
    strategy,
    params: params as Record<string, unknown>,
    cash: CASH,
    codeHash: 'code',
    store: join(folder, `${mode}.sqlite`),
    series: data.map(feed => ({ symbol: feed.instrument.symbol, interval: feed.interval })),
    exchange: 'local',
    network,
  };
  let over = false;
  const run =
    mode === 'paper'
      ? runPaper({ ...common, commission: 0.001, feeIn: 'base' })
      : runReal({ ...common, port, limits: LIMITS, lockFolder: join(folder, 'locks') });
  const ending = run.finally(() => {
    over = true;
  });
  await timers.run({ done: () => over });
  const { result, ended } = await ending;
  port.close();
  const [account] = exchange.exchange.accounts;
  exchange.close();
  return { result, ended, account: account! };
}

/** What was decided, and what came of it: sides, types, sizes, prices and ends of all orders and executions. */
function deeds(result: BacktestResult) {
  const near = (value: number) => (Number.isNaN(value) ? 'none' : Number(value.toPrecision(9)));
  return {
    orders: [...result.orders].map(({ id, symbol, side, type, status, filled, price, createdAt, tag }) => ({
      ...{ id, symbol, side, type, status, createdAt, tag },
      ...{ filled: near(filled), price: near(price) },
    })),
    fills: [...result.fills].map(({ orderId, side, size, price, maker }) => ({
      ...{ orderId, side, maker },
      ...{ size: near(size), price: near(price) },
    })),
    trades: [...result.trades].map(({ side, size, entryPrice, exitPrice }) => ({
      ...{ side, size: near(size), entryPrice: near(entryPrice), exitPrice: near(exitPrice) },
    })),
  };
}

test.each([
  ['sma', Sma, 1, {}, 400],
  ['bollinger', BollingerBreakout, 1, {}, 400],
  ['macd', MacdTrend, 1, {}, 1500],
  ['rsi', RsiReversion, 1, { low: 48, trend: 20 }, 1500],
  ['rotation', Rotation, 2, {}, 900],
  ['a trailing stop and a target after a market entry', Trailing, 1, {}, 400],
  ['a bracket in one list', Bracket, 1, {}, 400],
  ['stops', Stops, 1, {}, 400],
  ['limits', Limits, 1, {}, 400],
] as const)(
  'in lockstep %s sends the same orders for real as on paper and in the backtest, and ends with the exchange’s balances',
  async (_, strategy, count, params, bars) => {
    const past = await backtest({
      ...{ strategy, params, cash: CASH, commission: 0.001, feeIn: 'base' },
      // The way that the local exchange takes through a bar.
      intrabar: 'nearest',
      data: feeds(bars, count),
    });
    const paper = await live('paper', strategy, params, feeds(bars, count));
    const real = await live('real', strategy, params, feeds(bars, count));
    expect(real.ended).toBe(true);
    expect(real.result.fills.length).toBeGreaterThan(1);
    expect(deeds(real.result), 'real (received), paper (expected)').toEqual(deeds(paper.result));
    expect(deeds(paper.result), 'paper (received), backtest (expected)').toEqual(deeds(past));
    const value = real.result.metrics.endValue;
    expect(Math.abs(value / past.metrics.endValue - 1)).toBeLessThan(1e-6);
    for (const { symbol, size } of real.result.positions) {
      const { free, locked } = real.account.balances.find(({ asset }) => asset === symbol.slice(0, 3)) ?? {
        free: '0',
        locked: '0',
      };
      expect(Math.abs(Number(free) + Number(locked) - size)).toBeLessThan(1e-7);
    }
  },
);
