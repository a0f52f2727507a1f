import type { Clock, ClockKernel } from './clock.ts';
import { type Line, ringOf } from './line.ts';

/** Keys that were met once; beyond this the oldest are forgotten, and count as new. */
const MOST_MET = 20_000;

/** Columns that were given up and may be filled anew: about as many as one run records. */
const MOST_SPARE = 2;

/**
 * Lines computed in earlier runs over the same bars, by what they were computed from. Bounded: what was used least recently gives
 * way. A line is kept from its second use on, for most that come once never come again.
 */
export class LineMemory {
  readonly #most: number;
  #bytes = 0;
  /** In the order in which they were used. */
  readonly #columns = new Map<string, Float64Array>();
  readonly #met = new Set<string>();
  /** The lines of one sweep are all of one length: what is given up has room for what comes next. */
  readonly #spare: Float64Array[] = [];
  /** How often a line was found, and computed, and given up for others. */
  readonly counts = { found: 0, computed: 0, dropped: 0 };

  /** `most`: bytes. */
  constructor(most: number) {
    this.#most = most;
  }

  /** The values of all bars, from the first. */
  find(key: string): Float64Array | undefined {
    const column = this.#columns.get(key);
    if (column === undefined) {
      this.counts.computed++;
      return undefined;
    }
    this.counts.found++;
    this.#columns.delete(key);
    this.#columns.set(key, column);
    return column;
  }

  /** True for what is worth keeping: it has been met before, and there is room for it. */
  wants(key: string, bytes: number): boolean {
    if (this.#met.has(key)) return bytes <= this.#most;
    if (this.#met.size >= MOST_MET) this.#met.delete(this.#met.values().next().value!);
    this.#met.add(key);
    return false;
  }

  /** A column to fill. */
  room(length: number): Float64Array {
    const spare = this.#spare.pop();
    return spare?.length === length ? spare : new Float64Array(length);
  }

  keep(key: string, column: Float64Array): void {
    if (this.#columns.has(key)) return;
    this.#columns.set(key, column);
    this.#bytes += column.byteLength;
    for (const [oldest, given] of this.#columns) {
      if (this.#bytes <= this.#most) break;
      this.#columns.delete(oldest);
      this.#bytes -= given.byteLength;
      if (this.#spare.length < MOST_SPARE) this.#spare.push(given);
      this.counts.dropped++;
    }
  }
}

/** A kernel of a run, with the columns that it is copied from, or that are filled for the next run. */
interface Remembered {
  readonly kernel: ClockKernel;
  readonly way: 'copy' | 'record' | 'compute';
  readonly keys: readonly string[];
  readonly lines: readonly Line[];
  readonly columns: readonly Float64Array[];
}

/** One run's use of a {@link LineMemory}. */
export class Recall {
  readonly #memory: LineMemory;
  readonly #mask: number;
  readonly #kernels: readonly Remembered[];
  #computed = 0;

  /** `first`: the stamp of the first bar, for a line depends on where it began; `bars`: how many there are at most. */
  constructor(
    memory: LineMemory,
    clock: Clock,
    kernels: readonly ClockKernel[],
    first: number,
    bars: number,
  ) {
    this.#memory = memory;
    this.#mask = clock.mask;
    this.#kernels = kernels.map(kernel => {
      const names = Object.keys(kernel.outputs);
      const keys = kernel.key === undefined ? [] : names.map(name => `${first} ${kernel.key}.${name}`);
      const lines = Object.values(kernel.outputs) as Line[];
      const found = keys.map(key => memory.find(key));
      if (keys.length > 0 && found.every(column => column !== undefined)) {
        return { kernel, way: 'copy', keys, lines, columns: found };
      }
      // Each is asked, also when the first is not wanted: all of them have been met by then.
      const wanted = keys.map(key => memory.wants(key, bars * 8));
      const way = keys.length > 0 && wanted.every(one => one) ? 'record' : 'compute';
      const columns = way === 'record' ? keys.map(() => memory.room(bars)) : [];
      return { kernel, way, keys, lines, columns };
    });
  }

  /** Makes bars `from` to `to` of every line, in the order of the kernels. */
  compute(from: number, to: number, run: (kernel: ClockKernel, from: number, to: number) => void): void {
    for (const { kernel, way, lines, columns } of this.#kernels) {
      if (way === 'copy') {
        for (let i = 0; i < lines.length; i++) unroll(columns[i], ringOf(lines[i]), this.#mask, from, to);
        continue;
      }
      run(kernel, from, to);
      if (way === 'compute') continue;
      for (let i = 0; i < lines.length; i++) rollUp(ringOf(lines[i]), columns[i], this.#mask, from, to);
    }
    this.#computed = to;
  }

  /** Keeps what was recorded: the run has come to the end of its bars. */
  keep(): void {
    for (const { way, keys, columns } of this.#kernels) {
      if (way !== 'record') continue;
      for (let i = 0; i < keys.length; i++) {
        const whole = columns[i].length === this.#computed ? columns[i] : columns[i].slice(0, this.#computed);
        this.#memory.keep(keys[i], whole);
      }
    }
  }
}

function unroll(column: Float64Array, ring: Float64Array, mask: number, from: number, to: number): void {
  const at = from & mask;
  const room = Math.min(to - from, ring.length - at);
  ring.set(column.subarray(from, from + room), at);
  if (room < to - from) ring.set(column.subarray(from + room, to), 0);
}

function rollUp(ring: Float64Array, column: Float64Array, mask: number, from: number, to: number): void {
  const at = from & mask;
  const room = Math.min(to - from, ring.length - at);
  column.set(ring.subarray(at, at + room), from);
  if (room < to - from) column.set(ring.subarray(0, to - from - room), from + room);
}
