/** The same combinations of the SMA cross in what users would pick instead, and in ours: a part of `npm run bench:peers`. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { memoryFeed, optimize } from '../../src/index.ts';
import { STANDARD, TERMS, workload } from '../workload.ts';
import { writeColumns } from './measure.ts';
import { reasonIn, type Setup } from './setup.ts';

const BARS = 100_000;
const FASTS = Array.from({ length: 20 }, (_, i) => 5 + 2 * i);
const SLOWS = Array.from({ length: 50 }, (_, i) => 50 + 3 * i);
const ALL = FASTS.flatMap(fast => SLOWS.map(slow => [fast, slow] as const));

interface Peer {
  readonly name: string;
  readonly package: string;
  readonly file: string;
  /** Fewer where a run takes long: rates are compared. */
  readonly runs: number;
}

const PEERS: readonly Peer[] = [
  { name: 'vectorbt', package: 'vectorbt', file: 'python/sweep_vectorbt.py', runs: 1000 },
  { name: 'grademark', package: 'grademark', file: 'npm/sweep_grademark.js', runs: 10 },
];

interface Ran {
  readonly version: string;
  readonly seconds: number;
  /** The account's final value of each combination. */
  readonly values: readonly number[];
  readonly peakMb: number;
}

/** A Markdown table; a peer that is not there says why. */
export async function sweepPeers(ready: Setup): Promise<string> {
  const dir = mkdtempSync(join(tmpdir(), 'qt-sweep-peers-'));
  try {
    const columns = workload(BARS, STANDARD.seed);
    writeColumns(dir, columns);
    const ours = new Map<number, Ran>();
    const workers = availableParallelism();
    for (const count of new Set([1, workers])) ours.set(count, await runOurs(columns, count));
    const first = ours.get(1)!;
    const rows = [...ours].map(([count, ran]) =>
      row(`**qt-trader**, ${count} ${count === 1 ? 'worker' : 'workers'}`, ran, first, 1000),
    );
    for (const peer of PEERS) {
      const reason = ready.failed[peer.package];
      const ran = reason === undefined ? run(peer, dir, ready.python) : `not installed: ${reason}`;
      rows.push(
        typeof ran === 'string'
          ? `| ${peer.name} | ${ran.replaceAll('|', '/')} | | | | | |`
          : row(peer.name, ran, first, peer.runs),
      );
    }
    return [
      '| 100,000 bars | version | combinations | seconds | combinations a second | peak MB | same final values |',
      '|---|---|--:|--:|--:|--:|--:|',
      ...rows,
    ].join('\n');
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

async function runOurs(columns: ReturnType<typeof workload>, workers: number): Promise<Ran> {
  const { table, elapsedMs } = await optimize({
    strategy: { module: new URL('../sweep-plan.ts', import.meta.url) },
    data: memoryFeed(columns, { interval: '1m' }),
    params: { fast: FASTS, slow: SLOWS },
    workers,
  });
  return {
    version: JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8')).version,
    seconds: elapsedMs / 1000,
    values: [...table.runs()].map(({ figures }) => figures!.endValue),
    peakMb: process.resourceUsage().maxRSS / 1024,
  };
}

function run(peer: Peer, dir: string, interpreter: string): Ran | string {
  console.error(`running a sweep of ${peer.runs} in ${peer.name} …`);
  const combinations = ALL.filter((_, i) => i % (ALL.length / peer.runs) === 0);
  const text = JSON.stringify({ dir, bars: BARS, runs: 1, trades: '', terms: TERMS, mode: '', combinations });
  const python = peer.file.endsWith('.py');
  const args = [...(python ? [] : ['--expose-gc']), join(import.meta.dirname, peer.file), text];
  const { status, stdout, stderr, error } = spawnSync(python ? interpreter : process.execPath, args, {
    encoding: 'utf8',
    timeout: 600_000,
    maxBuffer: 2 ** 26,
  });
  if (error !== undefined || status !== 0) {
    return `failed: ${reasonIn(stderr ?? '', error?.message ?? `exit code ${status}`).replaceAll(import.meta.dirname, 'bench/peers')}`;
  }
  return JSON.parse(stdout.trimEnd().split('\n').at(-1)!) as Ran;
}

function row(name: string, { version, seconds, values, peakMb }: Ran, ours: Ran, runs: number): string {
  const expected = ours.values.filter((_, i) => i % (ALL.length / runs) === 0);
  const same = values.filter((value, i) => Math.abs(value / expected[i] - 1) < 1e-9).length;
  const cells = [
    ...[name, version, runs, seconds.toPrecision(3), (runs / seconds).toPrecision(3)],
    ...[peakMb.toFixed(0), `${same} of ${runs}`],
  ];
  return `| ${cells.join(' | ')} |`;
}
