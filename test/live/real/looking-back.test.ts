import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StrategyClass } from 'qt-trader';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { CAUSES } from '../../../src/live/comparison/causes.ts';
import { type Examination, type ExamineOptions, examine } from '../../../src/live/examine.ts';
import { Journal } from '../../../src/store/journal.ts';
import type { Faults } from './support/faulty-port.ts';
import { Life } from './support/life.ts';
import { trader } from './support/trader.ts';
import { MINUTE, World } from './support/world.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'qt-looking-back-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function look(
  store: string,
  strategy: StrategyClass,
  changes: Partial<ExamineOptions> = {},
): Promise<Examination> {
  const journal = new Journal(store, { mustExist: true });
  try {
    return await examine(journal, journal.session('last'), { strategy, codeHash: 'code', ...changes });
  } finally {
    journal.close();
  }
}

const TROUBLE: Faults = {
  ...{ lostBefore: 0.04, lostAfter: 0.07, late: 0.05, broken: 0.04, limits: 0.04, time: 0.03 },
  ...{ unseen: 0.2, deaf: 0.1, duplicate: 0.2, drop: 0.2, cuts: 0.2 },
};

test('whatever goes wrong, a session with real orders comes out to the same bits, and each difference has a cause', async () => {
  const causes = new Map<string, number>();
  const odd: unknown[] = [];
  let differences = 0;
  const seeds = Number(process.env.QT_SEEDS ?? 25);
  for (let seed = 1; seed <= seeds; seed++) {
    const inside = mkdtempSync(join(folder, 'seed-'));
    const strategy = trader(seed);
    const faults = seed % 4 === 0 ? {} : TROUBLE;
    const world = new World({ seed, bars: 60, faults, folder: inside, strategy });
    for (;;) {
      const isLast = world.timers.now() > world.end - 10 * MINUTE || world.random() < 0.1;
      const life = new Life(isLast ? undefined : 1 + Math.floor(world.random() * 200));
      if ((await world.live(life)) !== undefined) break;
      await world.timers.run({ until: world.timers.now() + world.random() * 90_000 });
    }
    const found = await look(world.store, strategy);
    expect(found.replay).toMatchObject({ identical: true, divergent: 0 });
    for (const one of found.backtest.differences) {
      causes.set(one.cause, (causes.get(one.cause) ?? 0) + 1);
      if (one.cause === 'unexplained') odd.push({ seed, ...one });
    }
    differences += found.backtest.differences.length;
  }
  console.log(JSON.stringify({ differences, ...Object.fromEntries(causes) }));
  if (odd.length > 0) console.log(JSON.stringify(odd.slice(0, 6), null, 1));
  for (const cause of causes.keys()) expect(CAUSES).toContain(cause);
  expect(odd).toHaveLength(0);
}, 600_000);
