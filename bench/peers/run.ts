/**
 * The same strategy on the same bars in what users would pick instead, and in ours, in one run:
 * `npm run bench:peers [-- --write] [-- --setup] [-- --only backtrader,vectorbt]`. See README.md.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { writeSection } from '../document.ts';
import { median } from '../median.ts';
import { STANDARD, TERMS, workload } from '../workload.ts';
import { bookPeers } from './books/run.ts';
import { indicatorPeers } from './indicators/run.ts';
import { type Job, type Outcome, writeColumns } from './measure.ts';
import { reasonIn, type Setup, setup } from './setup.ts';
import { sweepPeers } from './sweep.ts';

interface Peer {
  /** As the table names it. */
  readonly name: string;
  /** The package it needs. */
  readonly package: string;
  readonly file: string;
  readonly mode?: string;
  /** Fewer where a run would take long: speeds are compared as bars a second. */
  readonly bars: number;
  readonly runs: number;
  /** Why its trades differ, where they do so by its design. */
  readonly differs?: string;
}

const OURS: Peer = { name: '**qt-trader**', package: '', file: 'ours.ts', bars: STANDARD.bars, runs: 6 };

const PEERS: readonly Peer[] = [
  {
    name: 'vectorbt',
    package: 'vectorbt',
    file: 'python/run_vectorbt.py',
    bars: STANDARD.bars,
    runs: 9,
  },
  {
    name: 'backtesting.py',
    package: 'backtesting',
    file: 'python/run_backtesting.py',
    bars: STANDARD.bars,
    runs: 4,
  },
  {
    name: 'backtrader',
    package: 'backtrader',
    file: 'python/run_backtrader.py',
    bars: 100_000,
    runs: 4,
  },
  {
    name: 'nautilus_trader',
    package: 'nautilus_trader',
    file: 'python/run_nautilus.py',
    mode: 'opens',
    bars: 100_000,
    runs: 4,
  },
  {
    name: 'nautilus_trader, bars only',
    package: 'nautilus_trader',
    file: 'python/run_nautilus.py',
    mode: 'bars',
    bars: 100_000,
    runs: 4,
    differs: "on bars alone it fills at the signal bar's close",
  },
  {
    name: 'grademark',
    package: 'grademark',
    file: 'npm/run_grademark.js',
    bars: 100_000,
    runs: 4,
    differs: 'it calls no rule on the bar of a fill',
  },
  {
    name: 'technicalindicators, own loop',
    package: 'technicalindicators',
    file: 'npm/run_loop.js',
    mode: 'technicalindicators',
    bars: STANDARD.bars,
    runs: 9,
  },
  {
    name: 'trading-signals, own loop',
    package: 'trading-signals',
    file: 'npm/run_loop.js',
    mode: 'trading-signals',
    bars: STANDARD.bars,
    runs: 9,
  },
];

interface Ran extends Outcome {
  /** Entry time, entry price, exit time, exit price of each closed trade, one after another. */
  readonly trades: Float64Array;
}

const HERE = import.meta.dirname;
const HEADER = [
  '| | version | bars | seconds | bars a second | ours / it | first run, s | peak MB | closed trades | final value | same trades |',
  '|---|---|--:|--:|--:|--:|--:|--:|--:|--:|---|',
];

async function main(): Promise<void> {
  const only = argument('only')?.split(',');
  if (only !== undefined && process.argv.includes('--write')) {
    throw new Error('--only with --write would drop the other peers from the document');
  }
  const peers = PEERS.filter(peer => only === undefined || only.includes(peer.package));
  const ready = setup(process.argv.includes('--setup'));
  const load = loadavg()[0];
  const dir = mkdtempSync(join(tmpdir(), 'qt-peers-'));
  try {
    writeColumns(dir, workload(STANDARD.bars, STANDARD.seed));
    // What the trades must be, for each number of bars.
    const expected = new Map<number, Ran>();
    for (const { bars } of [OURS, ...peers]) {
      if (!expected.has(bars)) expected.set(bars, runOurs(bars, 1, ready, dir));
    }
    // Ours runs before and after each peer: what slows the machine for a while, slows both.
    const ours = [runOurs(OURS.bars, OURS.runs, ready, dir)];
    const rows = peers.map(peer => {
      const reason = ready.failed[peer.package];
      const ran = reason === undefined ? run(peer, ready, dir) : `not installed: ${reason}`;
      if (typeof ran === 'string') {
        return `| ${peer.name} | ${ran.replaceAll('|', '/')} |${' |'.repeat(9)}`;
      }
      ours.push(runOurs(OURS.bars, OURS.runs, ready, dir));
      const speed = OURS.bars / median(ours.slice(-2).flatMap(warm));
      return row(peer, ran, speed, verdict(peer, ran, expected.get(peer.bars)!));
    });
    const whole = { ...ours[0], seconds: [ours[0].seconds[0], ...ours.flatMap(warm)] };
    rows.unshift(row(OURS, whole, OURS.bars / median(warm(whole)), 'reference'));
    const section = [...HEADER, ...rows, '', ...footer(ready, load)].join('\n');
    console.log(section);
    if (process.argv.includes('--write')) writeSection('peers', section);
    if (only !== undefined) return;
    const sweep = [await sweepPeers(ready), '', ...footer(ready, load)].join('\n');
    console.log(`\n${sweep}`);
    if (process.argv.includes('--write')) writeSection('sweep-peers', sweep);
    const books = await bookPeers(process.argv.includes('--setup'));
    console.log(`\n${books}`);
    if (process.argv.includes('--write')) writeSection('book-peers', books);
    const indicators = indicatorPeers(process.argv.includes('--setup'));
    console.log(`\n${indicators}`);
    if (process.argv.includes('--write')) writeSection('indicator-peers', indicators);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** A peer's outcome, or why there is none. */
function run(peer: Peer, ready: Setup, dir: string): Ran | string {
  if (peer.package !== '') console.error(`running ${peer.name} on ${grouped(peer.bars)} bars …`);
  const job: Job = {
    dir,
    bars: peer.bars,
    runs: peer.runs,
    trades: join(dir, 'trades.f64'),
    terms: TERMS,
    mode: peer.mode ?? '',
  };
  rmSync(job.trades, { force: true });
  const python = peer.file.endsWith('.py');
  const args = [...(python ? [] : ['--expose-gc']), join(HERE, peer.file), JSON.stringify(job)];
  const { status, stdout, stderr, error } = spawnSync(python ? ready.python : process.execPath, args, {
    encoding: 'utf8',
    timeout: 240_000,
  });
  if (error !== undefined || status !== 0) {
    const reason = reasonIn(stderr ?? '', error?.message ?? `exit code ${status}`);
    return `failed: ${reason.replaceAll(HERE, 'bench/peers')}`;
  }
  const outcome = JSON.parse(stdout.trimEnd().split('\n').at(-1)!) as Outcome;
  const bytes = readFileSync(job.trades);
  return { ...outcome, trades: new Float64Array(new Uint8Array(bytes).buffer) };
}

function runOurs(bars: number, runs: number, ready: Setup, dir: string): Ran {
  const ran = run({ ...OURS, bars, runs }, ready, dir);
  if (typeof ran === 'string') throw new Error(`${OURS.name}: ${ran}`);
  return ran;
}

/** The runs after the first, when the process is warm. */
function warm({ seconds }: Outcome): readonly number[] {
  return seconds.slice(1);
}

function row(peer: Peer, ran: Ran, speed: number, same: string): string {
  const seconds = median(warm(ran));
  const cells = [
    peer.name,
    ran.version,
    grouped(peer.bars),
    seconds.toPrecision(3),
    grouped(Number((peer.bars / seconds).toPrecision(3))),
    times((speed * seconds) / peer.bars),
    ran.seconds[0].toPrecision(3),
    ran.peakMb.toFixed(0),
    grouped(ran.trades.length / 4),
    ran.equity.toFixed(2),
    same,
  ];
  return `| ${cells.join(' | ')} |`;
}

/** Trade by trade: the bars and prices of entry and exit, and the final value to nine digits. */
function verdict(peer: Peer, theirs: Ran, ours: Ran): string {
  const keys = (trades: Float64Array, fields: readonly number[]) => {
    const found = new Set<string>();
    for (let i = 0; i < trades.length; i += 4) found.add(fields.map(f => trades[i + f].toFixed(6)).join());
    return found;
  };
  const equal = (fields: readonly number[]) => {
    const known = keys(ours.trades, fields);
    return [...keys(theirs.trades, fields)].filter(key => known.has(key)).length;
  };
  const count = ours.trades.length / 4;
  const whole = equal([0, 1, 2, 3]);
  const value = Math.abs(theirs.equity / ours.equity - 1) < 1e-9;
  if (whole === count && theirs.trades.length === ours.trades.length && value) return 'yes, all';
  const parts = [
    `no: ${grouped(whole)} of ${grouped(count)} agree, ${grouped(equal([0, 2]))} in their times`,
    peer.differs ?? 'not explained',
    ...(value ? [] : [`ours ends at ${ours.equity.toFixed(2)}`]),
  ];
  return parts.join('; ');
}

function footer({ python }: Setup, load: number): string[] {
  const { model } = cpus()[0];
  const machine = `${model} (${cpus().length} cores), ${(totalmem() / 2 ** 30).toFixed(0)} GB, ${process.platform}`;
  let snake = 'no Python';
  try {
    snake = execFileSync(python, ['--version'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    // The rows say what is not installed.
  }
  const busy =
    load > cpus().length / 2
      ? ` The machine was busy (load ${load.toFixed(1)} before the run): seconds are too long, ratios are rough.`
      : '';
  return [
    `Measured ${new Date().toISOString().slice(0, 10)} with \`npm run bench:peers -- --write\` on ${machine}; Node ${process.versions.node}, ${snake}.${busy}`,
  ];
}

/** Two digits: 0.34 ×, 7.8 ×, 140 ×. */
function times(ratio: number): string {
  return `${grouped(Number(ratio.toPrecision(2)))} ×`;
}

function grouped(value: number): string {
  return value.toLocaleString('en-US');
}

function argument(name: string): string | undefined {
  const index = process.argv.indexOf(`--${name}`);
  return index < 0 ? undefined : process.argv[index + 1];
}

await main();
