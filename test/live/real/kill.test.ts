import { expect, test } from 'vitest';
import { folderWith } from '../../cli/qt.ts';
import { type KilledSession, type KillPlan, killedSession } from './support/killed-session.ts';

/** Two hundred kills under QT_SOAK=1; QT_SEED names the first seed. */
const IS_SOAK = process.env.QT_SOAK === '1';
const SESSIONS = Number(process.env.QT_RUNS ?? (IS_SOAK ? 20 : 1));
const KILLS = IS_SOAK ? 10 : 6;
const FIRST = Number(process.env.QT_SEED ?? Math.floor(Date.now() / 86_400_000) % 10_000);

const sessions: KilledSession[] = [];

test(
  `real sessions that are killed ${SESSIONS * KILLS} times at random moments end with the exchange’s truth`,
  async () => {
    const begun = performance.now();
    for (let i = 0; i < SESSIONS; i++) {
      const plan: KillPlan = {
        seed: FIRST + i,
        kills: KILLS,
        pace: IS_SOAK && i % 2 === 1 ? 'lockstep' : 300,
        // Half of each pace, the first of them.
        faults: i % 4 === 0 || i % 4 === 3,
      };
      try {
        sessions.push(await killedSession(plan, await folderWith()));
      } catch (error) {
        throw new Error(`${JSON.stringify(plan)}: ${(error as Error).message}`, { cause: error });
      }
    }
    const all = (of: (session: KilledSession) => number) => sessions.reduce((sum, one) => sum + of(one), 0);
    const moments: Record<string, number> = {};
    for (const session of sessions)
      for (const [name, count] of Object.entries(session.moments))
        moments[name] = (moments[name] ?? 0) + count;
    const kills = all(one => one.kills);
    console.log(
      JSON.stringify({
        ...{ sessions: sessions.length, kills, moments, orders: all(one => one.orders) },
        ...{
          fills: all(one => one.fills),
          brackets: all(one => one.brackets),
          faults: all(one => one.faults),
        },
        longestGapMs: Math.max(...sessions.map(one => one.longestGap)),
        ...{ signatures: all(one => one.signatures), charactersSearched: all(one => one.searched) },
        seconds: Math.round((performance.now() - begun) / 1000),
      }),
    );
    expect(kills).toBeGreaterThan((SESSIONS * KILLS) / 2);
    // How far a few sessions come depends on the machine.
    expect(all(one => one.fills)).toBeGreaterThan(IS_SOAK ? kills : 0);
  },
  60_000 + SESSIONS * KILLS * 20_000,
);

test('keys and signatures are in nothing that these processes wrote, and not among their arguments', () => {
  expect(sessions.flatMap(({ leaks }) => leaks).slice(0, 10)).toEqual([]);
  for (const { signatures, searched } of sessions) {
    expect(signatures).toBeGreaterThan(20);
    expect(searched).toBeGreaterThan(10_000);
  }
});
