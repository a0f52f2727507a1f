import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { NO_FAULTS } from '../support/venue-simulator/faults.ts';
import { PROTOCOLS } from '../support/venue-simulator/index.ts';
import type { VenueProtocol } from '../support/venue-simulator/protocol.ts';
import { refusalOfAddress, refusalsOf, type Why } from '../support/venue-simulator/refusing.ts';
import { venueRun } from '../support/venue-simulator/run.ts';

const folder = mkdtempSync(join(tmpdir(), 'qt-refused-'));
afterAll(() => rmSync(folder, { recursive: true }));

const NAMED = PROTOCOLS.map(one => [[one.venue, one.kind].filter(Boolean).join(' '), one] as const);

const refusal = (protocol: VenueProtocol, text: string, why: Why) =>
  text.startsWith('ws')
    ? [refusalOfAddress(protocol, why)].flatMap(one => one ?? [])
    : refusalsOf(protocol, text, why);

test.each(NAMED)(
  '%s: what is refused a few times is asked for again until it is granted, without a new socket where requests are texts',
  async (name, protocol) => {
    let refused = 0;
    const run = await venueRun(
      {
        ...protocol,
        refuses: text => {
          const answers = refused < 4 ? refusal(protocol, text, 'later') : [];
          if (answers === undefined || answers.length === 0) return undefined;
          refused++;
          return answers;
        },
      },
      5,
      NO_FAULTS,
      join(folder, `${name}.jsonl`),
    );
    expect(run.wrong).toEqual([]);
    expect(refused).toBe(4);
    expect(run.gaps.filter(text => text.includes('REFUSED')).length).toBeGreaterThan(1);
    expect(run.open).toEqual([]);
    if (name.startsWith('binance')) return;
    // Books of HTX have a socket of their own.
    expect(run.sockets).toBe(name === 'htx' ? 2 : 1);
  },
);

/** These have one stream for several symbols, or a request for all of them that fails whole. */
const SHARED = new Set([
  'binance-spot',
  'binance-us',
  'binance-usdm',
  'binance-coinm',
  'independent-reserve',
]);

test.each(NAMED.filter(([name]) => !SHARED.has(name)))(
  '%s: what is refused for good is told once and asked for rarely, while the others flow',
  async (name, protocol) => {
    const [first, ...others] = protocol.symbols;
    const run = await venueRun(
      { ...protocol, forbidden: first },
      5,
      NO_FAULTS,
      join(folder, `${name}.jsonl`),
    );
    const away = `${first} is not valid again`;
    expect(run.wrong.filter(text => !text.includes(away) && !text.includes(`${first}: no trade`))).toEqual(
      [],
    );
    // Two channels, at the beginning, alone, and once more within eight minutes and a half.
    expect(run.faults).toBeGreaterThanOrEqual(2);
    expect(run.faults).toBeLessThanOrEqual(6);
    const told = (symbol: string) => run.gaps.filter(text => text.startsWith(`${symbol} `)).length;
    expect(told(first)).toBe(2);
    for (const symbol of others) expect(run.open.filter(text => text.startsWith(symbol))).toEqual([]);
    expect(run.refusals.length).toBeLessThanOrEqual(2 * protocol.symbols.length);
  },
);
