import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { TermsOptions } from '../backtest/terms.ts';
import { StrategyError } from '../model/errors.ts';
import type { ParameterValue } from '../model/parameters.ts';
import type { Outcome, SharedHistory } from './evaluate.ts';
import type { PlanSource } from './plan.ts';
import type { Batch, WorkerMessage, WorkerSetup } from './worker.ts';

/** Work is handed out in portions of about this long, so that asking costs nothing and stopping loses little, ms. */
const PORTION = 100;
const MOST_IN_PORTION = 256;
/** Portions that a worker has at a time: one it computes, one to go on with. */
const AHEAD = 2;
/** Workers that die without having begun anything; then something is wrong with all of them. */
const MOST_LOST = 3;

/** A run leaves little behind that lives on: more room for it would only be filled with what is dead. */
const resourceLimits = { maxYoungGenerationSizeMb: 4 };

const ENTRY = new URL(`./worker${extname(import.meta.url)}`, import.meta.url);

export interface PoolOptions {
  readonly plan: PlanSource;
  /** Beside those of the plan, and before them. */
  readonly terms: TermsOptions;
  readonly history: SharedHistory;
  readonly workers: number;
  readonly params: (index: number) => Record<string, ParameterValue>;
  /** Called with what has been computed, as it comes. */
  readonly onOutcomes: (outcomes: readonly Outcome[]) => void;
}

/** A thread, and what it has been given and not answered yet. */
interface Thread {
  readonly worker: Worker;
  readonly marker: Int32Array;
  readonly batches: number[][];
}

/**
 * Computes combinations on worker threads. A thread that dies (out of memory, process.exit() in a strategy) costs the combination
 * that it was at, which gets an error for its outcome; a new thread takes what else it had.
 */
export class Pool {
  readonly #options: PoolOptions;
  readonly #threads = new Set<Thread>();
  readonly #waiting: number[];
  #portion = 1;
  #lost = 0;
  #settle: { readonly resolve: () => void; readonly reject: (error: unknown) => void } | undefined;

  /** `indices`: which combinations, in the order in which they are to be computed. */
  constructor(indices: readonly number[], options: PoolOptions) {
    this.#options = options;
    this.#waiting = indices.toReversed();
  }

  /** Resolves when all are computed, or when the signal says stop: what was begun then is given up. */
  async run(signal: AbortSignal): Promise<void> {
    const stop = () => this.#settle?.resolve();
    signal.addEventListener('abort', stop);
    try {
      if (signal.aborted || this.#waiting.length === 0) return;
      await new Promise<void>((resolve, reject) => {
        this.#settle = { resolve, reject };
        const count = Math.min(this.#options.workers, this.#waiting.length);
        for (let i = 0; i < count; i++) this.#start();
      });
    } finally {
      signal.removeEventListener('abort', stop);
      const threads = [...this.#threads];
      this.#threads.clear();
      await Promise.all(threads.map(({ worker }) => worker.terminate()));
    }
  }

  #start(): void {
    const { plan, terms, history } = this.#options;
    const current = new SharedArrayBuffer(4);
    const marker = new Int32Array(current);
    marker[0] = -1;
    const workerData: WorkerSetup = { plan, terms, history, current };
    // What strategies print in a thousand runs is nobody's to read.
    const worker = new Worker(ENTRY, { workerData, stdout: true, stderr: true, resourceLimits });
    worker.stdout.resume();
    worker.stderr.resume();
    const thread: Thread = { worker, marker, batches: [] };
    this.#threads.add(thread);
    let cause = '';
    worker.on('message', (message: WorkerMessage) => this.#guarded(() => this.#hear(thread, message)));
    worker.on('error', error => {
      cause = error instanceof Error ? `: ${error.message}` : '';
    });
    worker.on('exit', code => this.#guarded(() => this.#bury(thread, `${code}${cause}`)));
  }

  #guarded(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.#settle?.reject(error);
    }
  }

  #hear(thread: Thread, message: WorkerMessage): void {
    if (!this.#threads.has(thread)) return;
    if (message.kind === 'failed') {
      throw new StrategyError(message.code, message.message);
    }
    if (message.kind === 'done') {
      const { outcomes, ms } = message;
      thread.batches.shift();
      this.#portion = Math.round(
        Math.min(MOST_IN_PORTION, this.#portion * 2, Math.max(1, (outcomes.length / ms) * PORTION)),
      );
      this.#options.onOutcomes(outcomes);
    }
    while (thread.batches.length < AHEAD && this.#waiting.length > 0) this.#give(thread);
    if (this.#waiting.length === 0 && [...this.#threads].every(one => one.batches.length === 0)) {
      this.#settle?.resolve();
    }
  }

  #give({ worker, batches }: Thread): void {
    // Towards the end portions become small, so that all end together.
    const fair = Math.ceil(this.#waiting.length / (this.#options.workers * AHEAD * 2));
    const count = Math.max(1, Math.min(this.#portion, fair));
    const indices: number[] = [];
    while (indices.length < count && this.#waiting.length > 0) indices.push(this.#waiting.pop()!);
    batches.push(indices);
    const batch: Batch = indices.map(index => ({ index, params: this.#options.params(index) }));
    worker.postMessage(batch);
  }

  #bury(thread: Thread, how: string): void {
    if (!this.#threads.delete(thread)) return;
    const guilty = Atomics.load(thread.marker, 0);
    const rest = thread.batches.flat().filter(index => index !== guilty);
    this.#waiting.push(...rest.reverse());
    if (guilty >= 0) {
      const message = `the thread that computed it ended (${how}): out of memory, or process.exit() in the strategy`;
      this.#options.onOutcomes([{ index: guilty, error: { code: 'WORKER_ENDED', message } }]);
    } else if (++this.#lost >= MOST_LOST) {
      throw new StrategyError('WORKER_ENDED', `worker threads end before they begin (${how})`, {
        value: how,
        fix: 'run one combination with "qt backtest" to see what the strategy does when it is loaded',
      });
    }
    if (this.#waiting.length > 0) this.#start();
    else if ([...this.#threads].every(one => one.batches.length === 0)) this.#settle?.resolve();
  }
}
