import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { backtest, instrument, makerTakerCommission, memoryFeed, strategy } from 'qt-trader';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { tradeOnPaper } from '../../src/live/session.ts';
import { VirtualTimers } from '../../src/net/virtual-timers.ts';
import { walk } from '../support/bars.ts';
import { mulberry32 } from '../support/random-walk.ts';
import { ScriptedExchange, type ScriptedSeries } from '../support/scripted-exchange.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'qt-limits-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Orders of all kinds at random, many of which rest, expire, are cancelled or refused. */
function restless(seed: number) {
  return class Restless extends strategy() {
    #random = mulberry32(seed);

    next() {
      const random = this.#random;
      for (let n = Math.floor(random() * 3); n > 0; n--) {
        const data = this.datas[Math.floor(random() * this.datas.length)]!;
        const [dice, amount] = [random(), random()];
        const limit = data.close.now * (0.985 + 0.03 * random());
        const timeInForce = (['GTC', 'GTC', 'IOC', 'FOK'] as const)[Math.floor(random() * 4)]!;
        const atLimit = random() < 0.6 && limit > 0 ? { limit, timeInForce } : {};
        if (dice < 0.3) this.buy({ data, quote: 300 + 2000 * amount, ...atLimit });
        else if (dice < 0.55) this.sell({ data, size: 10 * amount, ...atLimit });
        else if (dice < 0.7) this.close({ data, ...atLimit });
        else if (this.openOrders.length > 0) {
          this.cancel(this.openOrders[Math.floor(amount * this.openOrders.length)]!);
        }
      }
    }
  };
}

test('on paper, limit orders, filters and fees do bit for bit what they do in the backtest', async () => {
  let makers = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 1e6 }),
      fc.integer({ min: 1, max: 3 }),
      fc.constantFrom('quote' as const, 'base' as const),
      async (seed, count, feeIn) => {
        const terms = { tickSize: 0.01, lotStep: 0.001, minSize: 0.01, maxSize: 20, minNotional: 10 };
        const all = Array.from({ length: count }, (_, i): ScriptedSeries => {
          const symbol = ['BTCUSDT', 'ETHUSDT', 'SOLUSDT'][i]!;
          const columns = walk(i === 2 ? 60 : 300, seed + i, {
            stepMs: i === 2 ? 300_000 : 60_000,
            gaps: i === 0 ? 0 : 0.05,
          });
          return {
            symbol,
            interval: i === 2 ? '5m' : '1m',
            columns,
            instrument: instrument(symbol, terms),
          };
        });
        const settings = {
          strategy: restless(seed),
          cash: 10_000,
          commission: makerTakerCommission({ maker: 0.0002, taker: 0.0005 }),
          slippage: 0.0002,
          feeIn,
        };
        const data = all.map(one =>
          memoryFeed(one.columns, { instrument: one.instrument!, interval: one.interval }),
        );
        const expected = await backtest({ ...settings, data });
        const paper = await tradeOnPaper(new ScriptedExchange(all).connect(), {
          ...settings,
          codeHash: 'code',
          exchange: 'scripted',
          store: join(folder, `${seed}-${count}-${feeIn}.sqlite`),
          timers: new VirtualTimers(),
        });
        expect(paper.ended).toBe(true);
        const { result } = paper;
        expect([...result.fills]).toEqual([...expected.fills]);
        expect(JSON.stringify([...result.orders])).toBe(JSON.stringify([...expected.orders]));
        expect([...result.trades]).toEqual([...expected.trades]);
        expect([...result.equity.value]).toEqual([...expected.equity.value]);
        for (const { maker } of expected.fills) if (maker) makers++;
      },
    ),
    { numRuns: 25 },
  );
  expect(makers).toBeGreaterThan(100);
}, 60_000);
