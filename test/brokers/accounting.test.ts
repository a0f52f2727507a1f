import fc from 'fast-check';
import { backtest, makerTakerCommission, memoryFeed, strategy } from 'qt-trader';
import { expect, test } from 'vitest';
import { walk } from '../support/bars.ts';
import { mulberry32 } from '../support/random-walk.ts';

/** What the instruments and the account may be like. */
interface Terms {
  readonly market: 'spot' | 'usdm';
  readonly lotStep: number;
  readonly minNotional: number;
  readonly tickSize: number;
  readonly feeIn: 'quote' | 'base';
}

const instrumentOf = (symbol: string, { market, lotStep, minNotional, tickSize }: Terms) =>
  ({
    symbol,
    base: symbol,
    quote: 'USDT',
    market,
    tickSize,
    lotStep,
    minSize: lotStep * 2,
    maxSize: 40,
    minNotional,
  }) as const;

/** Random orders on random data, at the market and at limits, in base units and in quote, some of them impossible. */
function gambler(seed: number) {
  const next = mulberry32(seed);
  return class Gambler extends strategy() {
    next() {
      for (const data of this.datas) {
        const dice = next();
        const limit = data.bar.close * (0.98 + next() * 0.04);
        const timeInForce = (['GTC', 'GTC', 'IOC', 'FOK'] as const)[Math.floor(next() * 4)]!;
        const terms = next() < 0.5 ? { data } : { data, limit, timeInForce };
        if (dice < 0.15) this.buy({ ...terms, size: next() * 20 });
        else if (dice < 0.3) this.sell({ ...terms, size: next() * 20 });
        else if (dice < 0.4) this.buy({ ...terms, quote: next() * 2000 });
        else if (dice < 0.43) this.buy(terms);
        else if (dice < 0.48) this.close(terms);
        else if (dice < 0.55 && this.openOrders.length > 0) {
          this.cancel(this.openOrders[Math.floor(next() * this.openOrders.length)]!);
        }
        const marked = this.datas.reduce(
          (sum, one) =>
            sum + (this.positionOf(one).size === 0 ? 0 : this.positionOf(one).size * one.bar.close),
          this.cash,
        );
        expect(Math.abs(marked - this.value)).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(this.value)));
        const spot = data.instrument.market === 'spot';
        // Nobody spends or reserves what is not there, but for a last place.
        if (spot) expect(this.freeCash).toBeGreaterThanOrEqual(-1e-8);
        expect(this.freeCash).toBeLessThanOrEqual(this.cash);
        if (this.openOrders.length === 0) expect(this.freeCash).toBe(this.cash);
      }
    }
  };
}

test.each(['spot', 'usdm'] as const)('%s: the books balance after any orders on any data', async kind => {
  let makers = 0;
  let inBase = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.integer(),
      fc.integer({ min: 1, max: 3 }),
      fc.double({ min: 0, max: 0.01, noNaN: true }),
      fc.double({ min: 0, max: 0.01, noNaN: true }),
      fc.double({ min: 0, max: 0.01, noNaN: true }),
      fc.record({
        market: fc.constant(kind),
        lotStep: fc.constantFrom(0, 0.001, 0.1, 1),
        minNotional: fc.constantFrom(0, 50),
        tickSize: fc.constantFrom(0, 0.01, 0.5),
        feeIn: fc.constantFrom('quote' as const, 'base' as const),
      }),
      async (seed, feeds, maker, taker, slippage, terms) => {
        const data = Array.from({ length: feeds }, (_, i) =>
          memoryFeed(walk(200, seed + i, { gaps: 0.1 }), {
            instrument: instrumentOf(`S${i}`, terms),
            interval: '1m',
          }),
        );
        const result = await backtest({
          strategy: gambler(seed),
          data,
          cash: 10_000,
          commission: makerTakerCommission({ maker, taker }),
          slippage,
          feeIn: terms.feeIn,
        });
        const { fills, trades, openTrades, metrics, recording: _, equity, orders } = result;
        const within = (a: number, b: number) =>
          expect(Math.abs(a - b)).toBeLessThanOrEqual(1e-9 * Math.max(1, metrics.turnover));

        // Cash and positions from the fills alone, and each fill from its order.
        let cash = 10_000;
        let fees = 0;
        const sizes = new Array(feeds).fill(0);
        for (const fill of fills) {
          const { orderId, instrument, side, size, price, fee, feeAsset } = fill;
          const order = orders.at(orderId - 1);
          const buys = side === 'buy';
          cash -= (buys ? size : -size) * price + fee;
          fees += fee;
          sizes[instrument] += buys ? size : -size;
          if (fill.maker) makers++;
          if (feeAsset === 'base') inBase++;
          expect(feeAsset).toBe(terms.feeIn === 'base' && buys && kind === 'spot' ? 'base' : 'quote');
          // What was executed is the size of the order; what its fee took off is the difference.
          within(order.filled, feeAsset === 'base' ? size + fee / price : size);
          within(fee, order.filled * price * (fill.maker ? maker : taker));
          expect(order).toMatchObject({ status: 'completed', price, fees: fee, maker: fill.maker });
          if (order.type === 'limit') {
            expect(buys ? price <= order.limit : price >= order.limit).toBe(true);
            if (fill.maker) expect(price).toBe(order.limit);
          }
        }
        for (const order of orders) {
          if (order.type === 'limit' && order.reason === undefined && terms.tickSize > 0) {
            within(Math.round(order.limit / terms.tickSize) * terms.tickSize, order.limit);
          }
        }
        const value = sizes.reduce((sum, size, i) => sum + size * result.stats.lastPrices[i], cash);
        within(value, metrics.endValue);
        within(equity.value[equity.length - 1], metrics.endValue);
        within(fees, metrics.fees);

        // What was won: closed trades, realised and unrealised parts of open ones, less the fees.
        let results = 0;
        for (const trade of trades) results += trade.pnl;
        for (const trade of openTrades) results += trade.pnl;
        result.positions.forEach((position, i) => {
          if (position.size !== 0) results += position.size * (result.stats.lastPrices[i] - position.price);
        });
        within(metrics.endValue - 10_000, results - fees);
        const tradeFees = [...trades, ...openTrades].reduce((sum, trade) => sum + trade.fees, 0);
        within(tradeFees, fees);
        if (kind === 'spot') for (const size of sizes) expect(size).toBeGreaterThanOrEqual(-1e-9);
      },
    ),
    { numRuns: 60 },
  );
  expect(makers).toBeGreaterThan(100);
  expect(inBase > 100).toBe(kind === 'spot');
});
