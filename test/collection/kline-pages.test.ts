import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { NO_FAULTS } from '../support/venue-simulator/faults.ts';
import { PROTOCOLS } from '../support/venue-simulator/index.ts';
import { rowWords } from '../support/venue-simulator/kline-words.ts';
import { venueRun } from '../support/venue-simulator/run.ts';

const folder = mkdtempSync(join(tmpdir(), 'qt-kline-pages-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** It has no klines of the past. */
const WITHOUT = 'kraken-v1';

const NAMED = PROTOCOLS.filter(
  one => one.kind === undefined && one.venue !== WITHOUT && rowWords(one) !== undefined,
).map(one => [one.venue, { ...one, channels: ['klines'] as const }] as const);

const LONG_AWAY = { ...NO_FAULTS, closed: 0.02, refused: 0.95, limited: 0.3 };

test.each(NAMED)(
  '%s: klines of long interruptions come by REST, also from a server that is busy',
  async (venue, protocol) => {
    const run = await venueRun(protocol, 3, LONG_AWAY, join(folder, `${venue}.jsonl`));
    expect(run.wrong).toEqual([]);
    expect(run.breaks).toBeGreaterThan(1);
    expect(run.wrongEnds).toBe(0);
    expect(run.open).toEqual([]);
  },
);

test.each(NAMED)(
  '%s: where pages of past klines are empty, short, or have others in them, what is missing is told by a gap',
  async (venue, protocol) => {
    for (const seed of [3, 4]) {
      const faults = { ...LONG_AWAY, pages: 0.6 };
      const run = await venueRun(protocol, seed, faults, join(folder, `${venue}-pages.jsonl`));
      expect(run.wrong).toEqual([]);
      expect(run.open).toEqual([]);
    }
  },
);
