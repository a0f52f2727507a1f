import { closeSync, openSync, readFileSync, readSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Columns, TERMS } from '../workload.ts';

/** What a peer's process is told, as JSON in its first argument. */
export interface Job {
  /** Holds the columns as `time.f64` … `volume.f64`, little-endian doubles. */
  readonly dir: string;
  /** How many bars of the columns to use. */
  readonly bars: number;
  /** How often to run. */
  readonly runs: number;
  /** Where to write the closed trades: entry time, entry price, exit time, exit price as doubles, one after another. */
  readonly trades: string;
  readonly terms: typeof TERMS;
  /** Which of several ways of running the peer. */
  readonly mode: string;
}

/** What a peer's process prints as the last line of its output, as JSON. */
export interface Outcome {
  readonly version: string;
  /** Seconds of each run, the first one included. */
  readonly seconds: readonly number[];
  /** Value of the account at the last close. */
  readonly equity: number;
  readonly peakMb: number;
}

export const COLUMNS = ['time', 'open', 'high', 'low', 'close', 'volume'] as const;

export function currentJob(): Job {
  return JSON.parse(process.argv[2]) as Job;
}

export function writeColumns(dir: string, columns: Columns): void {
  for (const name of COLUMNS) writeFileSync(join(dir, `${name}.f64`), columns[name]);
}

export function readColumns(job: Job): Columns {
  const columns = {} as Record<(typeof COLUMNS)[number], Float64Array>;
  for (const name of COLUMNS) {
    columns[name] = new Float64Array(job.bars);
    const file = openSync(join(job.dir, `${name}.f64`), 'r');
    readSync(file, columns[name]);
    closeSync(file);
  }
  return columns;
}

/** Runs a peer as often as the job says and reports; only `run` is timed. */
export async function measure<R>(
  job: Job,
  version: string,
  run: () => R | Promise<R>,
  read: (result: R) => { equity: number; trades: Iterable<number> },
): Promise<void> {
  const seconds: number[] = [];
  let result: R | undefined;
  for (let i = 0; i < job.runs; i++) {
    result = undefined;
    // Each run pays for its own garbage, not for the one before it; Python's peers do the same.
    globalThis.gc?.();
    const before = performance.now();
    result = await run();
    seconds.push((performance.now() - before) / 1000);
  }
  const peakMb = peak();
  const { equity, trades } = read(result as R);
  writeFileSync(job.trades, Float64Array.from(trades));
  const outcome: Outcome = { version, seconds, equity, peakMb };
  console.log(JSON.stringify(outcome));
}

/** Linux counts in maxRSS what the parent occupied when it forked; VmHWM begins with the program. */
function peak(): number {
  try {
    const line = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'));
    if (line !== null) return Number(line[1]) / 1024;
  } catch {
    // Not Linux.
  }
  return process.resourceUsage().maxRSS / 1024;
}
