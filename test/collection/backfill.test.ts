import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { NO_FAULTS } from '../support/venue-simulator/faults.ts';
import { PROTOCOLS } from '../support/venue-simulator/index.ts';
import { venueRun } from '../support/venue-simulator/run.ts';

const folder = mkdtempSync(join(tmpdir(), 'qt-backfill-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Venues that cannot be asked for trades of the past. */
const WITHOUT = new Set(['independent-reserve', 'kraken-v1']);

test.each(PROTOCOLS.filter(({ venue }) => !WITHOUT.has(venue)).map(one => [one.venue, one] as const))(
  '%s: trades of interruptions of any length come by REST, each once and none is missing',
  async (venue, protocol) => {
    let sockets = 0;
    for (const seed of [31, 32]) {
      const faults = { ...NO_FAULTS, closed: 0.1, refused: 0.6, silent: 0.02, failed: 0.3, limited: 0.1 };
      const run = await venueRun(protocol, seed, faults, join(folder, `${venue}.jsonl`));
      expect(run.wrong).toEqual([]);
      expect(run.missing, `of ${run.trades}`).toBe(0);
      sockets += run.sockets;
    }
    expect(sockets).toBeGreaterThan(10);
  },
);

test.each(PROTOCOLS.filter(({ venue }) => !WITHOUT.has(venue)).map(one => [one.venue, one] as const))(
  '%s: what a mute socket did not bring before it was replaced comes by REST',
  async (venue, protocol) => {
    const faults = { ...NO_FAULTS, silent: 0.1, oldestMs: 15_000 };
    const run = await venueRun(protocol, 77, faults, join(folder, `${venue}-mute.jsonl`));
    expect(run.wrong).toEqual([]);
    expect(run.missing, `of ${run.trades}`).toBe(0);
  },
);
