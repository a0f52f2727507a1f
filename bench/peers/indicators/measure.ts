/** One library in a process of its own: `node measure.ts '{"library": "trading-signals", …}'`. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Times, timeWorks, type Work } from '../../indicator-work.ts';
import { type Columns, STANDARD, workload } from '../../workload.ts';

export type { Work };

export interface Job {
  readonly library: string;
  readonly bars: number;
  readonly runs: number;
  /** Where TA-Lib's lines are. */
  readonly dir: string;
  /** Whether to compare values with them. */
  readonly compare: boolean;
}

export interface Measured {
  readonly version: string;
  readonly times: Readonly<Record<string, Times>>;
  readonly agrees: Readonly<Record<string, Agreement>>;
}

/** How far a library's lines are from TA-Lib's: the largest difference, relative to the value, or to a thousandth of the largest. */
export interface Agreement {
  /** Over all bars that both have. */
  readonly all: number;
  /** Over the last nine tenths, where seeds are forgotten. */
  readonly late: number;
}

/** The same bars in the forms that libraries want, made before the clock starts. */
export interface Given {
  readonly columns: Columns;
  readonly lists: Readonly<Record<keyof Columns, readonly number[]>>;
  readonly bars: readonly Readonly<Record<'open' | 'high' | 'low' | 'close' | 'volume', number>>[];
}

const FILES: Readonly<Record<string, string>> = {
  '@ixjb94/indicators': 'ixjb94.js',
  'qt-trader': 'qt-trader.ts',
};
const HERE = import.meta.dirname;

if (import.meta.main) {
  const job = JSON.parse(process.argv[2]) as Job;
  const { works } = (await import(join(HERE, FILES[job.library] ?? `${job.library}.js`))) as {
    works: (given: Given) => Record<string, Work>;
  };
  const all = works(given(job.bars));
  const agrees: Record<string, Agreement> = {};
  if (job.compare) for (const [name, work] of Object.entries(all)) agrees[name] = agreement(job, name, work);
  const outcome: Measured = { version: versionOf(job.library), times: timeWorks(all, job.runs), agrees };
  console.log(JSON.stringify(outcome));
}

function given(length: number): Given {
  const columns = workload(length, STANDARD.seed);
  const { open, high, low, close, volume } = columns;
  const lists = Object.fromEntries(
    Object.entries(columns).map(([name, values]) => [name, Array.from(values)]),
  ) as unknown as Given['lists'];
  const bars = Array.from(close, (value, i) => ({
    open: open[i],
    high: high[i],
    low: low[i],
    close: value,
    volume: volume[i],
  }));
  return { columns, lists, bars };
}

function agreement(job: Job, name: string, { batch, lines }: Work): Agreement {
  const result = batch!();
  const named = lines === undefined ? (result as Record<string, ArrayLike<number>>) : lines(result as never);
  let all = 0;
  let late = 0;
  for (const [line, values] of Object.entries(named)) {
    const path = join(job.dir, `${name}.${line}.f64`);
    if (!existsSync(path)) continue;
    const expected = new Float64Array(new Uint8Array(readFileSync(path)).buffer);
    // What has no value at the beginning is shorter: the last values belong together.
    const shift = expected.length - values.length;
    // Near 0 nothing is left but the rounding of sums.
    const least = expected.reduce((most, value) => Math.max(most, Math.abs(value) || 0), 0) / 1000;
    for (let i = Math.max(0, shift); i < expected.length; i++) {
      const value = values[i - shift];
      if (Number.isNaN(value) || Number.isNaN(expected[i])) continue;
      const scale = Math.max(Math.abs(expected[i]), least);
      const distance = Math.abs(value - expected[i]) / scale;
      all = Math.max(all, distance);
      if (i > expected.length / 10) late = Math.max(late, distance);
    }
  }
  return { all, late };
}

function versionOf(library: string): string {
  const path = library === 'qt-trader' ? '../../..' : `node_modules/${library}`;
  return JSON.parse(readFileSync(join(HERE, path, 'package.json'), 'utf8')).version;
}
