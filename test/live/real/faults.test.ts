import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { ExchangeBroker } from '../../../src/brokers/binance/commands.ts';
import { isOpen } from './support/exchange.ts';
import type { Faults } from './support/faulty-port.ts';
import { Life } from './support/life.ts';
import { trader } from './support/trader.ts';
import { MINUTE, World } from './support/world.ts';

/** More under QT_SOAK=1. */
const SEEDS = process.env.QT_SOAK === '1' ? 1000 : 40;
const FIRST = Number(process.env.QT_SEED ?? 1);

const TROUBLE: Faults = {
  ...{ lostBefore: 0.04, lostAfter: 0.07, late: 0.05, broken: 0.04, limits: 0.04, time: 0.03 },
  ...{ unseen: 0.2, deaf: 0.1, duplicate: 0.2, drop: 0.2, cuts: 0.2 },
};

async function inFolder<T>(run: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'qt-real-'));
  try {
    return await run(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What is true when all is said: the session and the exchange have the same orders, fills, position and cash. */
function agree({ exchange, start }: World): { fills: number; orders: number } {
  const { broker } = start!.run;
  const { account } = broker;
  const doubled = [...exchange.accepted].filter(([, times]) => times > 1);
  expect(doubled).toEqual([]);
  expect(account.fills.length).toBe(exchange.trades.length);
  expect(account.sizes[0]).toBeCloseTo(exchange.balances.get('BTC')!.toNumber(), 8);
  expect(account.cash - 5000).toBeCloseTo(exchange.balances.get('USDT')!.toNumber() - 10_000, 6);
  const alive = [...(broker as ExchangeBroker).known()].filter(({ state }) => state !== 'ended');
  expect(alive.map(({ clientOrderId }) => clientOrderId).sort()).toEqual(
    exchange.orders
      .filter(isOpen)
      .map(({ asked }) => asked.clientOrderId)
      .sort(),
  );
  return { fills: exchange.trades.length, orders: exchange.orders.length };
}

test('in an exchange that loses, delays, hides and repeats, a session that is killed again and again ends with its truth', async () => {
  const total = { lives: 0, orders: 0, fills: 0, unknown: 0, notFound: 0, halted: 0 };
  for (let seed = FIRST; seed < FIRST + SEEDS; seed++) {
    await inFolder(async folder => {
      try {
        const world = new World({ seed, bars: 60, faults: TROUBLE, folder, strategy: trader(seed) });
        for (;;) {
          const isLast = world.timers.now() > world.end - 10 * MINUTE || world.random() < 0.1;
          const life = new Life(isLast ? undefined : 1 + Math.floor(world.random() * 200));
          const result = await world.live(life);
          total.lives++;
          if (result !== undefined) {
            total.unknown += result.counts.doubts.opened;
            total.notFound += result.counts.doubts.notFound;
            break;
          }
          await world.timers.run({ until: world.timers.now() + world.random() * 90_000 });
        }
        const { fills, orders } = agree(world);
        total.fills += fills;
        total.orders += orders;
        total.halted += world.notices.filter(({ code }) => code === 'HALTED').length;
      } catch (error) {
        throw new Error(`seed ${seed}: ${(error as Error).message}`, { cause: error });
      }
    });
  }
  console.log(JSON.stringify({ seeds: SEEDS, ...total }));
  expect(total.orders).toBeGreaterThan(SEEDS * 5);
  expect(total.unknown).toBeGreaterThan(SEEDS / 2);
}, 3_600_000);
