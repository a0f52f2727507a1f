import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { NO_FAULTS } from '../support/venue-simulator/faults.ts';
import { PROTOCOLS } from '../support/venue-simulator/index.ts';
import type { VenueProtocol } from '../support/venue-simulator/protocol.ts';
import { venueRun } from '../support/venue-simulator/run.ts';

const folder = mkdtempSync(join(tmpdir(), 'qt-resync-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Changes of the first symbol that never come, now and then. */
function losing(protocol: VenueProtocol): VenueProtocol {
  const [first] = protocol.symbols;
  return {
    ...protocol,
    book: (session, change, after) =>
      change.symbol === first && change.version % 200 >= 195 ? [] : protocol.book(session, change, after),
  };
}

/** A missing message of these takes the whole connection, or shows by a checksum whose message takes it. */
const OF_CONNECTIONS = new Set(['bitfinex', 'coinbase', 'kraken level3', 'bitfinex R0']);

test.each(
  PROTOCOLS.map(one => [[one.venue, one.kind].filter(Boolean).join(' '), one] as const).filter(
    ([name]) => !OF_CONNECTIONS.has(name),
  ),
)('%s: a book that is asked for again leaves the others as they are', async (name, protocol) => {
  const run = await venueRun(losing(protocol), 12, NO_FAULTS, join(folder, `${name}.jsonl`));
  const [first, ...others] = protocol.symbols;
  const symbols = run.gaps.map(text => text.split(' ')[0]);
  // Only whole books prove those of Phemex, one a minute.
  if (!protocol.provesByWholeBooks) expect(run.wrong).toEqual([]);
  expect(symbols).toContain(first);
  for (const symbol of others) expect(symbols).not.toContain(symbol);
});
