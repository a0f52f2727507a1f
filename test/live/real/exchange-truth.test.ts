import { expect, test } from 'vitest';
import { tradingPlan } from './support/exchange-plan.ts';
import { type TradingRun, tradingRun } from './support/exchange-run.ts';

/**
 * Whole sessions with real orders against the local exchange, with all its faults mixed by a seed, and crashes. The first
 * seed follows from the date, so that every day's runs are others; QT_SEED names another one, QT_RUNS how many.
 * `npm run test:soak` (QT_SOAK=1) runs a thousand. QT_TRACE=BTCUSDT tells the story of a symbol, or of an id.
 */
const count = Number(process.env.QT_RUNS ?? (process.env.QT_SOAK === '1' ? 1000 : 40));
const DAY = 86_400_000;
const first = Number(process.env.QT_SEED ?? (Math.floor(Date.now() / DAY) % 10_000) * 1000);

const runs: TradingRun[] = [];

test(
  `${count} sessions end with the exchange’s truth, whatever the exchange does and however they die (seeds from ${first})`,
  async () => {
    const failures: string[] = [];
    const begun = performance.now();
    for (let seed = first; seed < first + count; seed++) {
      const plan = tradingPlan(seed);
      try {
        runs.push(await tradingRun(plan));
      } catch (error) {
        const reason =
          error instanceof Error ? (process.env.QT_RUNS === '1' ? error.stack : error.message) : error;
        failures.push(`QT_SEED=${seed} QT_RUNS=1: ${reason}\n${JSON.stringify(plan)}`);
        if (failures.length >= 5) break;
      }
    }
    console.log(JSON.stringify({ ...totals(), seconds: Math.round((performance.now() - begun) / 1000) }));
    expect(failures).toEqual([]);
    if (count >= 40) {
      const { orders, fills, crashes, gaps } = totals();
      expect(orders).toBeGreaterThan(count * 10);
      expect(fills).toBeGreaterThan(count * 10);
      expect(crashes).toBeGreaterThan(count / 4);
      expect(gaps).toBeGreaterThan(count / 2);
    }
  },
  Math.max(120_000, count * 10_000),
);

test('keys and signatures are in nothing that these sessions wrote', () => {
  const all = (of: (run: TradingRun) => number) => runs.reduce((sum, run) => sum + of(run), 0);
  expect(runs.flatMap(({ leaks }) => leaks).slice(0, 10)).toEqual([]);
  expect(all(run => run.signatures)).toBeGreaterThan(runs.length * 20);
  expect(all(run => run.searched)).toBeGreaterThan(runs.length * 10_000);
});

function totals() {
  const all = (of: (run: TradingRun) => number) => runs.reduce((sum, run) => sum + of(run), 0);
  const most = (of: (run: TradingRun) => number) => Math.max(0, ...runs.map(of));
  const byKind = (of: (run: TradingRun) => Readonly<Record<string, number>>) => {
    const counts: Record<string, number> = {};
    for (const run of runs)
      for (const [kind, n] of Object.entries(of(run))) counts[kind] = (counts[kind] ?? 0) + n;
    return counts;
  };
  const exclusive = runs.flatMap(run => run.exclusiveGaps);
  return {
    ...{ runs: runs.length, lives: all(run => run.lives), crashes: all(run => run.crashes) },
    ...{ orders: all(run => run.orders), fills: all(run => run.fills), brackets: all(run => run.brackets) },
    ...{ gaps: all(run => run.gaps), longestGapMs: most(run => run.longestGap) },
    longestOpenGapMs: most(run => run.longestOpenGap),
    exclusive: {
      gaps: exclusive.length,
      longestGapMs: Math.max(0, ...exclusive.map(({ length }) => length)),
      longestOpenGapMs: Math.max(0, ...exclusive.map(({ open }) => open)),
      openOver3s: exclusive.filter(({ open }) => open > 3000).length,
      openOver10s: exclusive.filter(({ open }) => open > 10_000).length,
      openOver30s: exclusive.filter(({ open }) => open > 30_000).length,
    },
    longestGapWithoutTroubleMs: most(run => run.longestCalmGap),
    ...{ halts: all(run => run.halts), alarms: byKind(run => run.alarms), faults: byKind(run => run.faults) },
    ...{ signatures: all(run => run.signatures), charactersSearched: all(run => run.searched) },
  };
}
