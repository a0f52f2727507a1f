import { type Arrays, NEW_ARRAYS } from '../model/array-pool.ts';
import { QtError, StrategyError } from '../model/errors.ts';

/** The most bars that kernels compute ahead of the strategy at a time: small enough to stay in the cache. */
export const BLOCK = 2048;

/** Bars that `ago` reaches back unless a strategy declares more. */
export const DEFAULT_LOOKBACK = 1000;

/** A buffer that a clock allocates once its depth is known. */
export interface ClockBuffer {
  allocate(capacity: number): void;
}

/** What a clock drives: see `Kernel`, which is the only one there is. */
export interface ClockKernel {
  readonly label: string;
  role: 'indicator' | 'operator';
  readonly minPeriod: number;
  readonly settling: number;
  readonly outputs: Readonly<Record<string, object>>;
  /** True when it reads, by however many others, lines of another clock: it is computed when its step is made. */
  readonly crosses: boolean;
  /** Grows with every kernel that is made. */
  readonly order: number;
  /** What it computes, of which inputs: kernels of one thread with the same key compute the same. Undefined where nobody knows. */
  key: string | undefined;
  /** The number of the first bar, counted from 0, at which the outputs have a value; Infinity while nobody knows. */
  readonly firstBar: number;
  compute(from: number, to: number): void;
  mark(): void;
  reset(): void;
}

/** See `Recall`, which is the only one there is. */
export interface ClockRecall {
  compute(from: number, to: number, run: (kernel: ClockKernel, from: number, to: number) => void): void;
  keep(): void;
}

/**
 * One data's clock: which bar is current, and the geometry that all lines on it share. Lines are rings; bar number
 * b stands at `b & mask` in each of them. Kernels may be up to {@link BLOCK} bars ahead of `bar`, which is why
 * nothing outside this folder and the kernels ever sees a ring.
 */
export class Clock {
  /** The current bar's number, counted from 0; -1 before the first. */
  bar = -1;
  /** Where the current bar stands in every ring: `bar & mask`. */
  position = 0;
  /** Ring size minus one; ring sizes are powers of two. */
  mask = 0;
  readonly name: string;
  /** The length of a bar, ms, on average where it varies; NaN where bars have none. */
  readonly barMs: number;
  readonly lookback: number;
  readonly kernels: ClockKernel[] = [];
  /** Those of them that can be computed ahead: they depend on nothing but this clock's bars. */
  readonly #ahead: ClockKernel[] = [];
  /** Those that depend on other clocks too, and are computed step by step. */
  readonly crossing: ClockKernel[] = [];
  /** The first bar (counted from 1) at which every line on this clock has a value. */
  minPeriod = 1;
  /** Bars to feed before a run so that every line has a value, and one that has forgotten how it was seeded. */
  warmup = 0;
  /** How many of these need lines of other clocks. */
  crossingWarmup = 0;
  /** Lines of earlier runs over the same bars. */
  #recall: ClockRecall | undefined;
  #sealed = false;
  #depth: number;
  readonly #buffers: ClockBuffer[] = [];

  /** Of the rings. */
  readonly arrays: Arrays;

  constructor(
    name: string,
    lookback: number = DEFAULT_LOOKBACK,
    barMs = Number.NaN,
    arrays: Arrays = NEW_ARRAYS,
  ) {
    this.arrays = arrays;
    this.name = name;
    this.barMs = barMs;
    this.lookback = lookback;
    this.#depth = lookback;
  }

  get sealed(): boolean {
    return this.#sealed;
  }

  /** Registers a ring; allocated at once when the clock already runs. */
  add(buffer: ClockBuffer): void {
    if (this.#sealed) buffer.allocate(this.mask + 1);
    else this.#buffers.push(buffer);
  }

  /** Registers a kernel, which reads up to `depth` bars back. Kernels run in the order they were added. */
  addKernel(kernel: ClockKernel, depth: number): void {
    if (this.#sealed) {
      throw new StrategyError(
        'INDICATOR_OUTSIDE_INIT',
        `${kernel.label} was created while the strategy runs`,
        {
          value: kernel.label,
          fix: 'create indicators and line operations in a field initialiser or in init(), and read them in next()',
        },
      );
    }
    this.kernels.push(kernel);
    (kernel.crosses ? this.crossing : this.#ahead).push(kernel);
    this.#depth = Math.max(this.#depth, depth);
    this.minPeriod = Math.max(this.minPeriod, kernel.minPeriod);
    const warmup = kernel.minPeriod - 1 + kernel.settling;
    this.warmup = Math.max(this.warmup, warmup);
    if (kernel.crosses) this.crossingWarmup = Math.max(this.crossingWarmup, warmup);
  }

  /**
   * Ends construction: from here on bars flow and nothing can be added. `block`: the most bars that will be computed at
   * a time.
   */
  seal(block = BLOCK): void {
    this.#sealed = true;
    let capacity = 1;
    while (capacity < this.#depth + block + 1) capacity *= 2;
    this.mask = capacity - 1;
    // Before the first bar nothing is current, also when bars have been computed ahead.
    this.position = this.bar & this.mask;
    for (const buffer of this.#buffers) buffer.allocate(capacity);
  }

  /** True when every line on this clock has a value at the current bar. */
  get isReady(): boolean {
    if (this.bar + 1 < this.minPeriod) return false;
    for (const kernel of this.crossing) if (kernel.firstBar > this.bar) return false;
    return true;
  }

  /** Makes bar number `bar` current. */
  move(bar: number): void {
    this.bar = bar;
    this.position = bar & this.mask;
  }

  /** Runs the kernels that depend on this clock alone over bars `from` (inclusive) to `to` (exclusive). */
  compute(from: number, to: number): void {
    if (this.#recall !== undefined) this.#recall.compute(from, to, run);
    else for (const kernel of this.#ahead) run(kernel, from, to);
  }

  /** Takes from now on, before the first bar, lines that were computed before from where they are kept. */
  recall(make: (kernels: readonly ClockKernel[]) => ClockRecall): void {
    this.#recall = make(this.#ahead);
  }

  /** All bars have been computed: what is new among the lines may be kept. */
  keep(): void {
    this.#recall?.keep();
  }

  /** Remembers every kernel's state: the next bar may be revised. */
  mark(): void {
    for (const kernel of this.kernels) kernel.mark();
  }

  /** Takes every kernel back to the last {@link mark}: the bar computed since then is computed anew. */
  reset(): void {
    for (const kernel of this.kernels) kernel.reset();
  }
}

/** Computes a kernel; what its own code throws names it. */
export function run(kernel: ClockKernel, from: number, to: number): void {
  try {
    kernel.compute(from, to);
  } catch (error) {
    throw threw(kernel.label, `between bars ${from} and ${to - 1}`, error);
  }
}

/** What the code of an indicator has thrown, with the indicator's name and `when` it was; errors of ours are told as they are. */
export function threw(label: string, when: string, error: unknown): QtError {
  if (error instanceof QtError) return error;
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return new StrategyError('INDICATOR_THREW', `${label} threw ${when}: ${message}`, {
    value: message,
    fix: 'look at the code of the indicator; --debug shows where it threw',
    cause: error,
  });
}
