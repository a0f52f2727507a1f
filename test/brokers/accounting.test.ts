import fc from 'fast-check';
import { backtest, memoryFeed, strategy } from 'qt-trader';
import { expect, test } from 'vitest';
import { walk } from '../support/bars.ts';
import { mulberry32 } from '../support/random-walk.ts';

const market = (symbol: string, kind: 'spot' | 'usdm') =>
  ({
    symbol,
    base: symbol,
    quote: 'USDT',
    market: kind,
    tickSize: 0,
    lotStep: 0,
    minSize: 0,
    maxSize: 0,
    minNotional: 0,
  }) as const;

/** Random orders on random data, in base units and in quote, some of them impossible. */
function gambler(seed: number) {
  const next = mulberry32(seed);
  return class Gambler extends strategy() {
    next() {
      for (const data of this.datas) {
        const dice = next();
        if (dice < 0.15) this.buy({ data, size: next() * 20 });
        else if (dice < 0.3) this.sell({ data, size: next() * 20 });
        else if (dice < 0.4) this.buy({ data, quote: next() * 2000 });
        else if (dice < 0.45) this.close({ data });
        const marked = this.datas.reduce(
          (sum, one) =>
            sum + (this.positionOf(one).size === 0 ? 0 : this.positionOf(one).size * one.bar.close),
          this.cash,
        );
        expect(Math.abs(marked - this.value)).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(this.value)));
      }
    }
  };
}

test.each(['spot', 'usdm'] as const)('%s: the books balance after any orders on any data', async kind => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer(),
      fc.integer({ min: 1, max: 3 }),
      fc.double({ min: 0, max: 0.01, noNaN: true }),
      fc.double({ min: 0, max: 0.01, noNaN: true }),
      async (seed, feeds, commission, slippage) => {
        const data = Array.from({ length: feeds }, (_, i) =>
          memoryFeed(walk(200, seed + i, { gaps: 0.1 }), {
            instrument: market(`S${i}`, kind),
            interval: '1m',
          }),
        );
        const result = await backtest({ strategy: gambler(seed), data, cash: 10_000, commission, slippage });
        const { fills, trades, openTrades, metrics, recording: _, equity } = result;
        const within = (a: number, b: number) =>
          expect(Math.abs(a - b)).toBeLessThanOrEqual(1e-9 * Math.max(1, metrics.turnover));

        // Cash and positions from the fills alone.
        let cash = 10_000;
        let fees = 0;
        const sizes = new Array(feeds).fill(0);
        for (const { instrument, side, size, price, fee } of fills) {
          const signed = side === 'buy' ? size : -size;
          cash -= signed * price + fee;
          fees += fee;
          sizes[instrument] += signed;
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
});
