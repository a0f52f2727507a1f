import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { faultPlan, faultRun } from '../../support/fault-run.ts';

/**
 * Runs with all faults mixed by a seed. The first seed follows from the date, so that every day's runs are others;
 * QT_SEED names another one, QT_RUNS how many. `npm run test:soak` (QT_SOAK=1) runs a thousand.
 */
const count = Number(process.env.QT_RUNS ?? (process.env.QT_SOAK === '1' ? 1000 : 60));
const DAY = 86_400_000;
const first = Number(process.env.QT_SEED ?? (Math.floor(Date.now() / DAY) % 10_000) * 1000);

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

function heap(): number {
  collect();
  return process.memoryUsage().heapUsed;
}

test(
  `${count} runs with faults deliver the true bars, once and in order, and leave nothing (seeds from ${first})`,
  async () => {
    const failures: string[] = [];
    let faults = 0;
    let bars = 0;
    let settled = 0;
    for (let seed = first; seed < first + count; seed++) {
      const plan = faultPlan(seed);
      try {
        const run = await faultRun(plan);
        faults += run.faults;
        bars += run.bars;
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        failures.push(`QT_SEED=${seed} QT_RUNS=1: ${reason}\n${JSON.stringify(plan)}`);
        if (failures.length >= 5) break;
      }
      if (seed === first + Math.floor(count / 3)) settled = heap();
    }
    console.log(`seeds ${first} to ${first + count - 1}: ${bars} bars delivered, ${faults} faults injected`);
    expect(failures).toEqual([]);
    if (count >= 60) {
      expect(faults).toBeGreaterThan(count * 10);
      expect(heap() - settled, 'bytes of heap gained over the last two thirds').toBeLessThan(8 * 2 ** 20);
    }
  },
  Math.max(60_000, count * 5000),
);
