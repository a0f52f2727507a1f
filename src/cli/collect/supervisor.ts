import { type ChildProcess, fork } from 'node:child_process';
import { BackOff } from '../../net/back-off.ts';
import type { Venue } from '../../venues/market-data/contract.ts';
import { CliError, EXIT } from '../output/failure.ts';
import { onInterrupt } from '../output/interrupt.ts';
import { addressFor } from './addresses.ts';
import type { ChildMessage, CollectFlags, CollectWatcher } from './contract.ts';

const SECOND = 1000;
const MICROSECONDS = 1_000_000;
const BACK_OFF = { first: SECOND, most: 60 * SECOND };
/** A process that ran so long makes the next pause a first one again, ms. */
const STABLE_MS = 60 * SECOND;
/** Until a process that was told to end must have done so, ms. */
const GOODBYE_MS = 20 * SECOND;
/** Mistakes of the user's, which starting again does not mend. */
const FINAL: readonly (number | null)[] = [EXIT.ok, EXIT.usage, EXIT.cannotCreate, EXIT.config];

/**
 * A process for each venue. One that dies is started again, with growing pauses, and nobody else notices. Resolves when all
 * have ended, which they do when this one is interrupted, or `signal` says so. Throws CliError when one ended by a mistake of the user's.
 */
export async function superviseVenues(
  venues: readonly Venue[],
  flags: CollectFlags,
  watcher: CollectWatcher,
  signal?: AbortSignal,
): Promise<void> {
  const stop = new AbortController();
  signal?.addEventListener('abort', () => stop.abort(), { once: true });
  const release = onInterrupt(() => stop.abort(), ['SIGINT', 'SIGTERM']);
  try {
    const codes = await Promise.all(
      venues.map((venue, at) => keepAlive(venue, portOf(flags, at), watcher, stop.signal)),
    );
    const failed = venues.filter((_, at) => codes[at] !== EXIT.ok);
    if (failed.length === 0) return;
    const code = codes.find(one => one !== EXIT.ok)!;
    throw new CliError(
      code,
      'VENUES_FAILED',
      `${failed.map(({ id }) => id).join(', ')} could not be collected`,
      {
        fix: 'see the messages above',
      },
    );
  } finally {
    release();
  }
}

/** Each process has a port of its own. */
function portOf(flags: CollectFlags, at: number): CollectFlags {
  const { metricsPort } = flags;
  return metricsPort === undefined || metricsPort === 0 ? flags : { ...flags, metricsPort: metricsPort + at };
}

async function keepAlive(
  venue: Venue,
  flags: CollectFlags,
  watcher: CollectWatcher,
  signal: AbortSignal,
): Promise<number> {
  const back = new BackOff({ ...BACK_OFF, random: Math.random });
  for (;;) {
    const began = Date.now();
    const code = await runOnce(venue, flags, watcher, signal);
    const how = code === null ? 'was killed' : `ended with exit code ${code}`;
    watcher.ended?.(venue.id, how);
    if (signal.aborted || FINAL.includes(code)) return signal.aborted ? EXIT.ok : (code ?? EXIT.ok);
    if (Date.now() - began > STABLE_MS) back.reset();
    const pause = back.next();
    watcher.notice(
      'warning',
      'VENUE_RESTARTED',
      `the process of ${venue.id} ${how}; it is started again in ${(pause / SECOND).toFixed(1)} s`,
    );
    await pauseFor(pause, signal);
    if (signal.aborted) return EXIT.ok;
  }
}

/** Resolves with the exit code; null for one that was killed. */
function runOnce(
  venue: Venue,
  flags: CollectFlags,
  watcher: CollectWatcher,
  signal: AbortSignal,
): Promise<number | null> {
  const child = fork(process.argv[1], ['collect', ...argumentsOf(venue, flags), '--child'], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    // Ctrl-C reaches a whole group: each would end twice.
    detached: true,
  });
  child.on('message', message => {
    const told = message as ChildMessage;
    if (told.type === 'state') watcher.state(told.state);
    else if (told.type === 'records') watcher.records?.(told.records);
    else if (told.type === 'raw') watcher.raw?.(told.records);
    else watcher.notice(told.level, told.code, told.message);
  });
  return new Promise(resolve => {
    const end = () => endGently(child);
    signal.addEventListener('abort', end, { once: true });
    const done = (code: number | null) => {
      signal.removeEventListener('abort', end);
      resolve(code);
    };
    child.once('exit', done);
    child.once('error', () => done(null));
    if (signal.aborted) end();
  });
}

function endGently(child: ChildProcess): void {
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), GOODBYE_MS);
  child.once('exit', () => clearTimeout(timer));
}

function argumentsOf(venue: Venue, flags: CollectFlags): string[] {
  const { capture, channels, interval, metrics, metricsPort, out, raw, rawTo } = flags;
  const { sink = [], symbols, topic } = flags;
  const [rest, stream] = [addressFor(flags.rest, venue.id), addressFor(flags.stream, venue.id)];
  return [
    ...['--venue', venue.id, '--symbols', symbols, '--channels', channels.join(',')],
    ...['--interval', interval, '--out', out],
    ...(sink.length > 0 ? ['--sink', ...sink] : []),
    ...(capture === undefined ? [] : ['--capture', capture]),
    ...(topic === undefined ? [] : ['--topic', topic]),
    ...(rawTo === undefined ? [] : ['--raw-to', rawTo]),
    ...(metricsPort === undefined ? [] : ['--metrics-port', String(metricsPort)]),
    ...(stream === undefined ? [] : ['--stream', stream]),
    ...(rest === undefined ? [] : ['--rest', rest]),
    ...(raw === true ? ['--raw'] : []),
    ...(metrics === undefined ? [] : ['--metrics', `${metrics / MICROSECONDS}s`]),
  ];
}

function pauseFor(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
  });
}
