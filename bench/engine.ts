/**
 * The engine against the same work by hand: `node bench/engine.ts [--runs 15] [--bars 1000000]`.
 * Speed in one process, run by run in turn; memory and garbage in a process of their own for each.
 */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { GCProfiler, getHeapStatistics } from 'node:v8';
import {
  type BacktestResult,
  backtest,
  type DataFeed,
  fixedSize,
  memoryFeed,
  type StrategyClass,
} from '../src/index.ts';
import { median } from './median.ts';
import { Cross, Quiet } from './strategy.ts';
import { type Columns, STANDARD, TERMS, workload } from './workload.ts';
import { differences, type YardstickResult, yardstick } from './yardstick.ts';

/** `quiet`: the engine with a strategy that looks at the same lines and never orders. */
type Who = 'hand' | 'engine' | 'quiet';
type Timed = Exclude<Who, 'quiet'>;

interface Memory {
  /** Peak resident set with the bars in memory and nothing run, MB. */
  readonly before: number;
  /** Peak resident set after one run, MB. */
  readonly after: number;
  /** The first run in a fresh process, before the compiler has warmed up, ms. */
  readonly firstMs: number;
}

/** One run, with Node's own settings. */
interface Garbage {
  /** Allocated on the JavaScript heap, bytes a bar; typed arrays live outside it and are in the peak. */
  readonly heapPerBar: number;
  readonly collections: number;
  /** What the collections took together, ms. */
  readonly pausedMs: number;
}

export interface EngineBench {
  readonly bars: number;
  readonly runs: number;
  readonly ms: Readonly<Record<Timed, readonly number[]>>;
  /** The check of the columns when the feed is made, which the runs do not contain, ms. */
  readonly checkMs: number;
  readonly fills: number;
  readonly differences: readonly string[];
  readonly memory: Readonly<Record<Timed, Memory>>;
  /** Of the first run in a process, and of one whose code is compiled. */
  readonly garbage: Readonly<Record<Who, { readonly first: Garbage; readonly warm: Garbage }>>;
}

/** Runs everything; takes some 20 seconds. */
export function engineBench(bars: number = STANDARD.bars, runs = 15): EngineBench {
  const speed = child<Pick<EngineBench, 'ms' | 'checkMs' | 'fills' | 'differences'>>('speed', bars, runs);
  return {
    bars,
    runs,
    ...speed,
    memory: {
      hand: child<Memory>('memory-hand', bars, 1),
      engine: child<Memory>('memory-engine', bars, 1),
    },
    garbage: {
      hand: child<EngineBench['garbage']['hand']>('garbage-hand', bars, 1),
      engine: child<EngineBench['garbage']['engine']>('garbage-engine', bars, 1),
      quiet: child<EngineBench['garbage']['quiet']>('garbage-quiet', bars, 1),
    },
  };
}

/** One run of ours as a user would make it: default analyzers, nothing recorded. */
export function runEngine(feed: DataFeed, strategy: StrategyClass = Cross): Promise<BacktestResult> {
  const { cash, fee, size, fast, slow } = TERMS;
  const params = { fast, slow };
  return backtest({ strategy, data: feed, params, cash, commission: fee, sizer: fixedSize(size) });
}

function child<R>(task: string, bars: number, runs: number): R {
  const file = fileURLToPath(import.meta.url);
  const args = [file, '--task', task, '--bars', String(bars), '--runs', String(runs)];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' })) as R;
}

async function once(who: Who, columns: Columns, feed: DataFeed) {
  const before = performance.now();
  const result = who === 'hand' ? yardstick(columns) : await runEngine(feed, who === 'quiet' ? Quiet : Cross);
  return { ms: performance.now() - before, result };
}

const peakMb = () => process.resourceUsage().maxRSS / 1024;

const TASKS: Readonly<
  Record<string, (columns: Columns, feed: DataFeed, runs: number) => unknown | Promise<unknown>>
> = {
  async speed(columns, _, runs) {
    const before = performance.now();
    const feed = memoryFeed(columns, { interval: '1m' });
    const checkMs = performance.now() - before;
    const ms = { hand: [] as number[], engine: [] as number[] };
    let hand: YardstickResult | undefined;
    let ours: BacktestResult | undefined;
    // Three rounds to warm up. No collection is forced in between: a full one with no engine alive throws away the
    // hidden classes that the compiled code stands on, and what is then timed is the compiler.
    for (let i = -3; i < runs; i++) {
      const byHand = await once('hand', columns, feed);
      hand = byHand.result as YardstickResult;
      const byEngine = await once('engine', columns, feed);
      ours = byEngine.result as BacktestResult;
      if (i < 0) continue;
      ms.hand.push(byHand.ms);
      ms.engine.push(byEngine.ms);
    }
    return { ms, checkMs, fills: hand!.fills, differences: differences(columns, hand!, ours!) };
  },
  'memory-hand': (columns, feed) => memory('hand', columns, feed),
  'memory-engine': (columns, feed) => memory('engine', columns, feed),
  'garbage-hand': (columns, feed) => garbage('hand', columns, feed),
  'garbage-engine': (columns, feed) => garbage('engine', columns, feed),
  'garbage-quiet': (columns, feed) => garbage('quiet', columns, feed),
};

async function memory(who: Who, columns: Columns, feed: DataFeed): Promise<Memory> {
  const before = peakMb();
  const { ms } = await once(who, columns, feed);
  return { before, after: peakMb(), firstMs: ms };
}

async function garbage(who: Who, columns: Columns, feed: DataFeed) {
  const first = await measureGarbage(who, columns, feed);
  for (let i = 0; i < 8; i++) await once(who, columns, feed);
  return { first, warm: await measureGarbage(who, columns, feed) };
}

/** The heap's growth from one collection to the next, added up: what was allocated, freed in between or not. */
async function measureGarbage(who: Who, columns: Columns, feed: DataFeed): Promise<Garbage> {
  const profiler = new GCProfiler();
  let used = getHeapStatistics().used_heap_size;
  profiler.start();
  const run = await once(who, columns, feed);
  const end = getHeapStatistics().used_heap_size;
  const { statistics } = profiler.stop();
  let allocated = 0;
  let pausedUs = 0;
  for (const { beforeGC, afterGC, cost } of statistics) {
    allocated += beforeGC.heapStatistics.usedHeapSize - used;
    used = afterGC.heapStatistics.usedHeapSize;
    pausedUs += cost;
  }
  allocated += end - used;
  // The result is alive up to here, as it is for a user.
  if (run.result === undefined) throw new Error('no result');
  return {
    heapPerBar: allocated / columns.close.length,
    collections: statistics.length,
    pausedMs: pausedUs / 1000,
  };
}

/** The bench as a Markdown table. */
export function engineTable({ bars, ms, memory, garbage }: EngineBench): string {
  const row = (name: string, who: Timed) => {
    const mid = median(ms[who]);
    const cells = [
      name,
      mid.toFixed(1),
      Math.min(...ms[who]).toFixed(1),
      ((mid * 1e6) / bars).toFixed(1),
      `${(mid / median(ms.hand)).toFixed(2)} ×`,
      memory[who].firstMs.toFixed(0),
      memory[who].after.toFixed(0),
      (memory[who].after - memory[who].before).toFixed(0),
      garbage[who].first.heapPerBar.toFixed(1),
      garbage[who].warm.heapPerBar.toFixed(1),
    ];
    return `| ${cells.join(' | ')} |`;
  };
  return [
    '| | median ms | best ms | ns a bar | ratio | first run ms | peak MB | of it for the run | heap bytes a bar, first run | warm |',
    '|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|',
    row('loop by hand', 'hand'),
    row('engine', 'engine'),
    '',
    `Heap of a warm run in which the same strategy never orders: ${garbage.quiet.warm.heapPerBar.toFixed(2)} bytes a bar.`,
  ].join('\n');
}

function argument(name: string): string | undefined {
  const index = process.argv.indexOf(`--${name}`);
  return index < 0 ? undefined : process.argv[index + 1];
}

if (import.meta.main) {
  const bars = Number(argument('bars') ?? STANDARD.bars);
  const runs = Number(argument('runs') ?? 15);
  const task = argument('task');
  if (task !== undefined) {
    const columns = workload(bars, STANDARD.seed);
    const feed = memoryFeed(columns, { interval: '1m' });
    console.log(JSON.stringify(await TASKS[task](columns, feed, runs)));
  } else {
    const bench = engineBench(bars, runs);
    const same = bench.differences.length === 0;
    const { warm } = bench.garbage.engine;
    console.log(engineTable(bench));
    console.log(
      `\n${bars} bars, ${runs} runs each in turn, ${bench.fills} fills ${same ? 'identical' : 'DIFFERENT'}, value equal ${same ? 'after every bar' : 'NOT'}.`,
      `\nChecking the columns when the feed is made: ${bench.checkMs.toFixed(1)} ms (not in the runs).`,
      `\nCollections in one warm engine run: ${warm.collections}, ${warm.pausedMs.toFixed(1)} ms.`,
    );
    if (!same) {
      console.log(bench.differences.join('\n'));
      process.exitCode = 1;
    }
  }
}
