/**
 * A sweep of a thousand combinations of the SMA cross: `node bench/sweep.ts [--bars 100000] [--rounds 3]`. The loop by hand runs the
 * same combinations, one after the other on one thread and on as many threads as there are processors; then ours, on one
 * worker and on one a processor. Each in a process of its own, in turn, so that what slows the machine slows all.
 */
import { execFileSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { backtest, memoryFeed, optimize } from '../src/index.ts';
import { median } from './median.ts';
import plan from './sweep-plan.ts';
import { type Columns, STANDARD, TERMS, workload } from './workload.ts';
import { yardstick } from './yardstick.ts';

const FILE = fileURLToPath(import.meta.url);
const BARS = 100_000;
/** Fast 5 to 43 by 2, slow 50 to 197 by 3. */
const FAST = { from: 5, to: 43, step: 2 };
const SLOW = { from: 50, to: 197, step: 3 };

interface Measured {
  /** Wall time of the whole, from reading the bars to the table, ms. */
  readonly ms: number;
  /** Runs a second once the threads are there and warm: over the second half of the sweep. */
  readonly rate: number;
  readonly peakMb: number;
  /** Sum of the final values of all runs, by which the results are compared. */
  readonly sum: number;
}

export interface SweepBench {
  readonly bars: number;
  readonly threads: number;
  readonly hand: readonly Measured[];
  readonly handAll: readonly Measured[];
  readonly one: readonly Measured[];
  readonly all: readonly Measured[];
  /** Peak of a process that makes one run, MB. */
  readonly single: number;
}

export function sweepBench(bars = BARS, rounds = 3): SweepBench {
  const threads = availableParallelism();
  const found = {
    hand: [] as Measured[],
    handAll: [] as Measured[],
    one: [] as Measured[],
    all: [] as Measured[],
  };
  for (let i = 0; i < rounds; i++) {
    found.hand.push(child('hand', bars, 1));
    found.one.push(child('sweep', bars, 1));
    found.handAll.push(child('hand', bars, threads));
    found.all.push(child('sweep', bars, threads));
  }
  return { bars, threads, ...found, single: child<Measured>('single', bars, 1).peakMb };
}

function child<R = Measured>(task: string, bars: number, threads: number): R {
  const args = [FILE, '--task', task, '--bars', String(bars), '--threads', String(threads)];
  return JSON.parse(
    execFileSync(process.execPath, args, { encoding: 'utf8' }).trimEnd().split('\n').at(-1)!,
  ) as R;
}

const peakMb = () => process.resourceUsage().maxRSS / 1024;

function combinations(): { fast: number; slow: number }[] {
  const found: { fast: number; slow: number }[] = [];
  for (let fast = FAST.from; fast <= FAST.to; fast += FAST.step) {
    for (let slow = SLOW.from; slow <= SLOW.to; slow += SLOW.step) found.push({ fast, slow });
  }
  return found;
}

/** Marks when half of the work was done, to rate the rest. */
class Pace {
  readonly #start = performance.now();
  #half: { ms: number; done: number } | undefined;
  #last = { ms: 0, done: 0 };

  at(done: number, total: number): void {
    this.#last = { ms: performance.now(), done };
    if (done >= total / 2) this.#half ??= this.#last;
  }

  measured(sum: number): Measured {
    const rate = ((this.#last.done - this.#half!.done) * 1000) / (this.#last.ms - this.#half!.ms);
    return { ms: performance.now() - this.#start, rate, peakMb: peakMb(), sum };
  }
}

async function sweep(columns: Columns, workers: number): Promise<Measured> {
  const feed = memoryFeed(columns, { interval: '1m' });
  const pace = new Pace();
  const { table } = await optimize({
    strategy: { module: new URL('./sweep-plan.ts', import.meta.url) },
    data: feed,
    params: { fast: FAST, slow: SLOW },
    workers,
    onProgress: ({ done, total }) => pace.at(done, total),
  });
  let sum = 0;
  for (const { figures } of table.runs()) sum += figures!.endValue;
  return pace.measured(sum);
}

async function byHand(columns: Columns, threads: number): Promise<Measured> {
  const todo = combinations();
  const total = todo.length;
  const pace = new Pace();
  const values = new Float64Array(total);
  let done = 0;
  if (threads === 1) {
    for (const [i, one] of todo.entries()) {
      values[i] = finalValue(columns, one);
      pace.at(++done, total);
    }
  } else {
    await Promise.all(
      Array.from({ length: threads }, async (_, thread) => {
        const worker = new Worker(FILE, { workerData: { columns, thread, threads } });
        await new Promise<void>((resolve, reject) => {
          worker.on('message', ({ i, value }: { i: number; value: number }) => {
            values[i] = value;
            pace.at(++done, total);
          });
          worker.on('error', reject);
          worker.on('exit', () => resolve());
        });
      }),
    );
  }
  return pace.measured(values.reduce((a, b) => a + b, 0));
}

function finalValue(columns: Columns, { fast, slow }: { fast: number; slow: number }): number {
  const { equity } = yardstick(columns, { ...TERMS, fast, slow });
  return equity[equity.length - 1];
}

/** The bench as a Markdown table. */
export function sweepTable({ bars, threads, hand, handAll, one, all, single }: SweepBench): string {
  const rate = (runs: readonly Measured[]) => median(runs.map(run => run.rate));
  const ms = (runs: readonly Measured[]) => median(runs.map(run => run.ms));
  const peak = (runs: readonly Measured[]) => median(runs.map(run => run.peakMb));
  const row = (name: string, runs: readonly Measured[], count: number, yardstick: readonly Measured[]) => {
    const perCore = rate(runs) / count;
    const cells = [
      name,
      count,
      (ms(runs) / 1000).toFixed(2),
      rate(runs).toFixed(0),
      ((1e9 * count) / (rate(runs) * bars)).toFixed(1),
      `${((perCore * 100) / (rate(yardstick) / count)).toFixed(0)} %`,
      peak(runs).toFixed(0),
      (peak(runs) - single).toFixed(0),
    ];
    return `| ${cells.join(' | ')} |`;
  };
  const sums = [hand, handAll, one, all].map(runs => runs[0].sum);
  const same = sums.every(sum => Math.abs(sum / sums[0] - 1) < 1e-12) ? 'the same' : 'DIFFERENT';
  return [
    '| 1,000 combinations | threads | seconds | runs a second | ns a bar and thread | of the loop by hand, thread by thread | peak MB | over one run |',
    '|---|--:|--:|--:|--:|--:|--:|--:|',
    row('loop by hand', hand, 1, hand),
    row('sweep', one, 1, hand),
    row('loop by hand', handAll, threads, handAll),
    row('sweep', all, threads, handAll),
    '',
    `${bars} bars. ${threads} workers make ${(rate(all) / rate(one)).toFixed(2)} times the runs of one (the loop by hand: ${(rate(handAll) / rate(hand)).toFixed(2)}); one run's peak is ${single.toFixed(0)} MB. Final values are ${same}.`,
  ].join('\n');
}

function argument(name: string): string | undefined {
  const index = process.argv.indexOf(`--${name}`);
  return index < 0 ? undefined : process.argv[index + 1];
}

if (!isMainThread && workerData?.columns !== undefined) {
  const { columns, thread, threads } = workerData as { columns: Columns; thread: number; threads: number };
  for (const [i, one] of combinations().entries()) {
    if (i % threads === thread) parentPort!.postMessage({ i, value: finalValue(columns, one) });
  }
} else if (import.meta.main) {
  const bars = Number(argument('bars') ?? BARS);
  const threads = Number(argument('threads') ?? 1);
  const task = argument('task');
  if (task === undefined) console.log(sweepTable(sweepBench(bars, Number(argument('rounds') ?? 3))));
  else {
    const columns = workload(bars, STANDARD.seed);
    if (task === 'hand') console.log(JSON.stringify(await byHand(columns, threads)));
    else if (task === 'sweep') console.log(JSON.stringify(await sweep(columns, threads)));
    else {
      const feed = memoryFeed(columns, { interval: '1m' });
      const { strategy, terms } = plan();
      await backtest({ ...terms, strategy, data: feed });
      console.log(JSON.stringify({ ms: 0, rate: 0, peakMb: peakMb(), sum: 0 }));
    }
  }
}
