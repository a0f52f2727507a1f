import fc from 'fast-check';
import {
  backtest,
  type Data,
  type DataFeed,
  type Line,
  type MemoryOptions,
  memoryFeed,
  strategy,
} from 'qt-trader';
import { expect } from 'vitest';
import { type Columns, chunked, chunkSizes } from './bars.ts';
import { growingFeed, type Look, randomLooks } from './growing.ts';
import { mulberry32 } from './random-walk.ts';

export type Build = (data: Data) => Readonly<Record<string, Line>>;

/** The values of lines at every step, as a strategy reads them with `.now`, and how many bars there were by then. */
export async function readSteps(
  feed: DataFeed,
  build: Build,
): Promise<{ readonly lengths: number[]; readonly values: Record<string, number[]> }> {
  const lengths: number[] = [];
  const values: Record<string, number[]> = {};
  class Reader extends strategy() {
    lines = build(this.data);
    read() {
      lengths.push(this.data.length);
      for (const [name, line] of Object.entries(this.lines)) {
        values[name] ??= [];
        values[name].push(line.now);
      }
    }
    override prenext() {
      this.read();
    }
    next() {
      this.read();
    }
  }
  await backtest({ strategy: Reader, data: feed });
  return { lengths, values };
}

/** The values of lines at every bar of a feed, as a strategy reads them bar by bar with `.now`. */
export async function readLines(feed: DataFeed, build: Build): Promise<Record<string, number[]>> {
  return (await readSteps(feed, build)).values;
}

/** Whole, in chunks of any sizes, and bar by bar: the same bits. */
export async function expectChunksAgree(columns: Columns, build: Build): Promise<void> {
  const whole = await readLines(memoryFeed(columns), build);
  await fc.assert(
    fc.asyncProperty(chunkSizes, async sizes => {
      expect(await readLines(chunked(columns, sizes), build)).toEqual(whole);
    }),
    { numRuns: 10, examples: [[[1]]] },
  );
}

/**
 * Bars that grow in random stages before they close leave the lines, bit by bit, as closed bars alone do; and what the
 * lines show of a stage is what they would show had the data ended with the bar as it was then.
 */
export async function expectGrowingAgrees(columns: Columns, build: Build, options: MemoryOptions = {}) {
  const barMs = columns.time[1] - columns.time[0];
  const closed = await readLines(memoryFeed(columns, options), build);
  for (const seed of [1, 2]) {
    const looks = randomLooks(columns, barMs, seed);
    const { lengths, values } = await readSteps(
      growingFeed(looks, { ...options, sizes: [7, 1, 300] }),
      build,
    );
    expect(lengths).toEqual(looks.map(({ bar }) => bar + 1));
    for (const [name, line] of Object.entries(values)) {
      const last: number[] = [];
      for (const [i, { bar }] of looks.entries()) last[bar] = line[i];
      expect(last).toEqual(closed[name]);
    }
    const next = mulberry32(seed);
    for (let turn = 0; turn < 6; turn++) {
      const at = Math.floor((0.2 + 0.8 * next()) * looks.length);
      const fresh = await readLines(memoryFeed(upTo(columns, looks[at]), options), build);
      for (const [name, line] of Object.entries(values)) expect(line[at]).toEqual(fresh[name].at(-1));
    }
  }
}

/** The columns as they would be had the data ended with that look. */
function upTo(columns: Columns, { bar, row }: Look): Columns {
  const cut = (name: keyof typeof row) => {
    const values = columns[name].slice(0, bar + 1);
    values[bar] = row[name];
    return values;
  };
  return {
    time: cut('time'),
    open: cut('open'),
    high: cut('high'),
    low: cut('low'),
    close: cut('close'),
    volume: cut('volume'),
  };
}
