import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { NO_FAULTS, venueFaults } from '../support/venue-simulator/faults.ts';
import { PROTOCOLS } from '../support/venue-simulator/index.ts';
import { venueRun } from '../support/venue-simulator/run.ts';

/**
 * Each venue's protocol by a simulator, through the collector, with faults by a seed: a few, other ones each day.
 * `npm run test:soak` (QT_SOAK=1) runs two hundred a venue, those of the day among them. QT_SEED names another first one,
 * QT_RUNS how many; a failure prints both.
 */
const isSoak = process.env.QT_SOAK === '1';
const count = Number(process.env.QT_RUNS ?? (isSoak ? 200 : 3));
const DAY = 86_400_000;
const first = Number(process.env.QT_SEED ?? (Math.floor(Date.now() / DAY) % 10_000) * 1000);

const folder = mkdtempSync(join(tmpdir(), 'qt-venue-'));
afterAll(() => rmSync(folder, { recursive: true }));

const NAMED = PROTOCOLS.map(one => [[one.venue, one.kind].filter(Boolean).join(' '), one] as const);

test.each(NAMED)(
  '%s: under faults every valid book is the true one, every trade comes once or a gap tells of it, a replay is equal',
  async (venue, protocol) => {
    const failures: string[] = [];
    const sum = { frames: 0, faults: 0, trades: 0, valid: 0, invalid: 0, breaks: 0, wholes: 0 };
    for (let seed = first; seed < first + count && failures.length < 5; seed++) {
      const faults = venueFaults(seed);
      const run = await venueRun(protocol, seed, faults, join(folder, `${venue}.jsonl`));
      for (const key of Object.keys(sum) as (keyof typeof sum)[]) sum[key] += run[key];
      if (run.wrong.length === 0) continue;
      failures.push(`QT_SEED=${seed} QT_RUNS=1 ${JSON.stringify(faults)}\n${run.wrong.join('\n')}`);
    }
    console.log(`${venue}, seeds ${first} to ${first + count - 1}: ${JSON.stringify(sum)}`);
    expect(failures).toEqual([]);
    expect(sum.valid).toBeGreaterThan(sum.frames);
    if (count >= 10) expect(sum.faults).toBeGreaterThan(count);
  },
  Math.max(180_000, count * 30_000),
);

test.each(NAMED)(
  '%s: replacing sockets that grow old leaves no book invalid, loses no trade and doubles none',
  async (venue, protocol) => {
    const faults = { ...NO_FAULTS, oldestMs: 20_000 };
    const run = await venueRun(protocol, first + 7, faults, join(folder, `${venue}-rotation.jsonl`));
    expect(run.wrong).toEqual([]);
    expect(run.sockets).toBeGreaterThan(10);
    expect(run.gaps).toEqual([]);
  },
  60_000,
);
