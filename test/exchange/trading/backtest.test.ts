import fc from 'fast-check';
import { backtest, instrument, memoryFeed, type Order, strategy } from 'qt-trader';
import { expect, test } from 'vitest';
import { symbolInfo } from '../../../src/exchange/exchange-info.ts';
import { loadMarket } from '../../../src/exchange/market.ts';
import { mulberry32, randomWalk } from '../../support/random-walk.ts';
import { MINUTE, START } from '../support.ts';
import { scene } from './scene.ts';
import { account, type Payload } from './support.ts';

const RUNS = 30;
const BARS = 40;
const TERMS = instrument('BTCUSDT', { tickSize: 0.01, lotStep: 0.001 });

/** What is ordered at the close of a bar; prices in ticks, sizes in lots. */
type Plan =
  | {
      readonly kind: 'market' | 'limit' | 'stop' | 'stopLimit';
      readonly side: 'buy' | 'sell';
      readonly price: number;
      readonly limit: number;
      readonly lots: number;
    }
  | { readonly kind: 'oco'; readonly stop: number; readonly limit: number; readonly lots: number }
  | {
      readonly kind: 'bracket';
      readonly entry: number;
      readonly stop: number;
      readonly target: number;
      readonly lots: number;
    }
  | { readonly kind: 'cancel'; readonly which: number };

const text = (units: number, places: number) => (units / 10 ** places).toFixed(places);

/** A walk whose bars open elsewhere than the last one closed. */
function bars(seed: number) {
  const random = mulberry32(seed);
  const walk = randomWalk(BARS, { seed, start: START, step: MINUTE, price: 1000, volatility: 0.004 });
  const columns = [walk.open, walk.high, walk.low, walk.close] as Float64Array[];
  for (let row = 0; row < BARS; row++) {
    const shift = random() < 0.5 ? 0 : Math.round((random() - 0.5) * 600) / 100;
    for (const column of columns) column[row] = Math.round((column[row]! + shift) * 100) / 100;
  }
  return walk;
}

/** At most one decision a bar, and none that an exchange would refuse because the price is beyond its trigger. */
function planOf(seed: number, data: ReturnType<typeof bars>): (Plan | undefined)[] {
  const random = mulberry32(seed * 7 + 1);
  const near = (price: number, spread: number) => Math.round(price * 100 * (1 + (random() - 0.5) * spread));
  return Array.from({ length: BARS - 1 }, (_, row) => {
    // Enough for all that is sold later: which of two orders at one open comes first must not decide who gets what is left.
    if (row === 0) return { kind: 'market', side: 'buy', price: 0, limit: 0, lots: 100_000 };
    const next = data.open[row + 1]!;
    const [kind, side] = [Math.floor(random() * 8), random() < 0.6 ? 'buy' : 'sell'] as const;
    const lots = 1 + Math.floor(random() * 2000);
    const price = near(next, 0.01);
    const ticks = Math.round(next * 100);
    const isBeyond = side === 'buy' ? price <= ticks : price >= ticks;
    if (random() < 0.4) return undefined;
    if (kind < 2) return { kind: 'market', side, price, limit: 0, lots };
    if (kind < 4) return { kind: 'limit', side, price, limit: price, lots };
    if (kind === 4) return isBeyond ? undefined : { kind: 'stop', side, price, limit: 0, lots };
    if (kind === 5)
      return isBeyond ? undefined : { kind: 'stopLimit', side, price, limit: near(price / 100, 0.004), lots };
    if (kind === 6) {
      const stop = Math.floor(next * 100 * (1 - random() * 0.006)) - 1;
      const limit = Math.ceil(next * 100 * (1 + random() * 0.006)) + 1;
      if (random() < 0.5) return { kind: 'oco', stop, limit, lots };
      const entry = Math.floor(next * 100 * (1 - random() * 0.004));
      return {
        kind: 'bracket',
        entry,
        stop: Math.floor(entry * 0.996),
        target: Math.ceil(next * 100 * 1.002),
        lots,
      };
    }
    return { kind: 'cancel', which: random() };
  });
}

/** The fills of a backtest, as `[price, size, side]` by the order in which the orders were placed. */
async function history(data: ReturnType<typeof bars>, plan: readonly (Plan | undefined)[]) {
  class Planned extends strategy() {
    #placed: Order[] = [];
    next() {
      const one = plan[this.data.length - 1];
      if (one === undefined) return;
      if (one.kind === 'cancel') {
        const open = this.#placed.filter(order => this.openOrders.includes(order));
        const order = open[Math.floor(one.which * open.length)];
        if (order !== undefined) this.cancel(order);
        return;
      }
      const size = Number(text(one.lots, 3));
      if (one.kind === 'oco') {
        const first = this.sell({ type: 'stop', stop: Number(text(one.stop, 2)), size });
        this.sell({ limit: Number(text(one.limit, 2)), size, oco: first });
        this.#placed.push(first);
      } else if (one.kind === 'bracket') {
        const [entry] = Object.values(
          this.buyBracket({
            ...{ limit: Number(text(one.entry, 2)), size },
            ...{ stopLoss: Number(text(one.stop, 2)), takeProfit: Number(text(one.target, 2)) },
          }) as unknown as Record<string, Order>,
        );
        this.#placed.push(entry!);
      } else {
        const [stop, limit] = [Number(text(one.price, 2)), Number(text(one.limit, 2))];
        const terms =
          one.kind === 'market'
            ? {}
            : one.kind === 'limit'
              ? { limit }
              : one.kind === 'stop'
                ? { type: 'stop' as const, stop }
                : { type: 'stopLimit' as const, stop, limit };
        this.#placed.push(one.side === 'buy' ? this.buy({ size, ...terms }) : this.sell({ size, ...terms }));
      }
    }
  }
  const feed = memoryFeed(data, { instrument: TERMS, interval: '1m' });
  const result = await backtest({
    ...{ strategy: Planned, data: feed, cash: 1_000_000, commission: 0, slippage: 0, intrabar: 'nearest' },
  });
  return {
    fills: [...result.fills].map(
      ({ price, size, side, maker }) =>
        `${side} ${size.toFixed(3)} at ${price.toFixed(2)} ${maker ? 'maker' : 'taker'}`,
    ),
    cash: result.metrics.endValue,
  };
}

async function onExchange(data: ReturnType<typeof bars>, plan: readonly (Plan | undefined)[]) {
  const feed = memoryFeed(data, { instrument: TERMS, interval: '1m' });
  const info = symbolInfo((await loadMarket([feed])).listings.get('BTCUSDT')!);
  const at = await scene(data as never, {
    symbols: [info],
    accounts: [account({ balances: { USDT: '1000000' } })],
  });
  const placed: number[] = [];
  const post = async (path: string, parameters: Payload) =>
    (await at.settle(at.trader.ask('POST', path, { symbol: 'BTCUSDT', ...parameters }))).body;
  for (const [row, one] of plan.entries()) {
    await at.close(row + 1);
    if (one === undefined) continue;
    if (one.kind === 'cancel') {
      const open = placed.filter(id =>
        at.exchange.accounts[0].openOrders.some(({ orderId }) => orderId === id),
      );
      const id = open[Math.floor(one.which * open.length)];
      if (id !== undefined) await at.settle(at.trader.cancel({ orderId: id }));
      continue;
    }
    const quantity = text(one.lots, 3);
    if (one.kind === 'oco') {
      const { orders, code } = await post('/api/v3/orderList/oco', {
        ...{ side: 'SELL', quantity, aboveType: 'LIMIT_MAKER', abovePrice: text(one.limit, 2) },
        ...{ belowType: 'STOP_LOSS', belowStopPrice: text(one.stop, 2) },
      });
      if (code === undefined) placed.push(orders[0].orderId);
    } else if (one.kind === 'bracket') {
      const { orders, code } = await post('/api/v3/orderList/opoco', {
        ...{
          workingType: 'LIMIT',
          workingSide: 'BUY',
          workingTimeInForce: 'GTC',
          workingPrice: text(one.entry, 2),
        },
        ...{ workingQuantity: quantity, pendingSide: 'SELL', pendingAboveType: 'LIMIT_MAKER' },
        ...{ pendingAbovePrice: text(one.target, 2), pendingBelowType: 'STOP_LOSS' },
        pendingBelowStopPrice: text(one.stop, 2),
      });
      expect(code).toBeUndefined();
      placed.push(orders[0].orderId);
    } else {
      const limit = { timeInForce: 'GTC', price: text(one.limit, 2) };
      const terms: Payload =
        one.kind === 'market'
          ? { type: 'MARKET' }
          : one.kind === 'limit'
            ? { type: 'LIMIT', ...limit }
            : one.kind === 'stop'
              ? { type: 'STOP_LOSS', stopPrice: text(one.price, 2) }
              : { type: 'STOP_LOSS_LIMIT', stopPrice: text(one.price, 2), ...limit };
      const { orderId } = await post('/api/v3/order', { side: one.side.toUpperCase(), quantity, ...terms });
      if (orderId !== undefined) placed.push(orderId);
    }
  }
  await at.toEnd();
  const [{ trades }] = at.exchange.accounts;
  const last = data.close[BARS - 1]!;
  const worth = (asset: string, price: number) => at.has(asset).reduce((sum, one) => sum + one, 0) * price;
  return {
    fills: trades.map(
      ({ isBuyer, qty, price, isMaker }) =>
        `${isBuyer ? 'buy' : 'sell'} ${Number(qty).toFixed(3)} at ${Number(price).toFixed(2)} ${isMaker ? 'maker' : 'taker'}`,
    ),
    cash: worth('USDT', 1) + worth('BTC', last),
  };
}

test('random orders, pairs and brackets get the fills that they get in a backtest of the same way through the bars', async () => {
  let fills = 0;
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 1e6 }), async seed => {
      const data = bars(seed);
      const plan = planOf(seed, data);
      const [expected, told] = [await history(data, plan), await onExchange(data, plan)];
      // At one open a new order comes before those that had been waiting; history takes the older ones first.
      expect(told.fills.toSorted()).toEqual(expected.fills.toSorted());
      expect(told.cash).toBeCloseTo(expected.cash, 4);
      fills += told.fills.length;
    }),
    { numRuns: RUNS },
  );
  expect(fills).toBeGreaterThan(RUNS * 3);
}, 120_000);
