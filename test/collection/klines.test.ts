import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { NO_FAULTS, venueFaults } from '../support/venue-simulator/faults.ts';
import { PROTOCOLS } from '../support/venue-simulator/index.ts';
import { rowWords } from '../support/venue-simulator/kline-words.ts';
import { venueRun } from '../support/venue-simulator/run.ts';

const isSoak = process.env.QT_SOAK === '1';
const count = Number(process.env.QT_RUNS ?? (isSoak ? 200 : 3));
const DAY = 86_400_000;
const first = Number(process.env.QT_SEED ?? (Math.floor(Date.now() / DAY) % 10_000) * 1000);

const folder = mkdtempSync(join(tmpdir(), 'qt-klines-'));
afterAll(() => rmSync(folder, { recursive: true }));

const NAMED = PROTOCOLS.filter(one => one.kind === undefined && rowWords(one) !== undefined).map(
  one => [one.venue, { ...one, channels: ['klines', 'tickers'] as const }] as const,
);

test.each(NAMED)(
  '%s: under faults every kline ends as it did or a gap tells of it, closes once and in order, every ticker is a true one',
  async (venue, protocol) => {
    const failures: string[] = [];
    const sum = { frames: 0, faults: 0, klines: 0, tickers: 0, wrongEnds: 0, breaks: 0 };
    for (let seed = first; seed < first + count && failures.length < 5; seed++) {
      const faults = venueFaults(seed);
      const run = await venueRun(protocol, seed, faults, join(folder, `${venue}.jsonl`));
      for (const key of Object.keys(sum) as (keyof typeof sum)[]) sum[key] += run[key];
      if (run.wrong.length === 0) continue;
      failures.push(`QT_SEED=${seed} QT_RUNS=1 ${JSON.stringify(faults)}\n${run.wrong.join('\n')}`);
    }
    console.log(`${venue}, seeds ${first} to ${first + count - 1}: ${JSON.stringify(sum)}`);
    expect(failures).toEqual([]);
    expect(sum.klines).toBeGreaterThan(100);
    expect(sum.tickers).toBeGreaterThan(100);
  },
  Math.max(180_000, count * 30_000),
);

test.each(NAMED)('%s: without faults all klines and tickers come, without a gap', async (venue, protocol) => {
  const run = await venueRun(protocol, first, NO_FAULTS, join(folder, `${venue}-calm.jsonl`));
  expect(run.wrong).toEqual([]);
  expect(run.gaps).toEqual([]);
  expect(run.wrongEnds).toBe(0);
});
