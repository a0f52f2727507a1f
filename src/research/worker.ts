import { parentPort, workerData } from 'node:worker_threads';
import type { TermsOptions } from '../backtest/terms.ts';
import type { ParameterValue } from '../model/parameters.ts';
import { Evaluator, type Outcome, type SharedHistory, told } from './evaluate.ts';
import { loadPlan, type PlanSource } from './plan.ts';

/** What a worker thread is started with. */
export interface WorkerSetup {
  readonly plan: PlanSource;
  /** Beside those of the plan, and before them. */
  readonly terms: TermsOptions;
  readonly history: SharedHistory;
  /** One number that says which combination is being computed; -1 for none. It outlives a thread that dies. */
  readonly current: SharedArrayBuffer;
}

export type Batch = readonly { readonly index: number; readonly params: Record<string, ParameterValue> }[];

/** What a worker says. */
export type WorkerMessage =
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string }
  | { readonly kind: 'done'; readonly outcomes: readonly Outcome[]; readonly ms: number };

const { plan, terms, history, current } = workerData as WorkerSetup;
const port = parentPort!;
const say = (message: WorkerMessage) => port.postMessage(message);
const marker = new Int32Array(current);

try {
  const loaded = await loadPlan(plan);
  const found = { ...loaded, terms: { ...loaded.terms, ...terms } };
  const evaluator = new Evaluator(found, history);
  let last = Promise.resolve();
  port.on('message', (batch: Batch) => {
    last = last.then(() => work(evaluator, batch));
  });
  say({ kind: 'ready' });
} catch (error) {
  say({ kind: 'failed', ...told(error) });
}

async function work(evaluator: Evaluator, batch: Batch): Promise<void> {
  const before = performance.now();
  const outcomes: Outcome[] = [];
  for (const { index, params } of batch) {
    Atomics.store(marker, 0, index);
    outcomes.push(await evaluator.evaluate(index, params));
  }
  Atomics.store(marker, 0, -1);
  say({ kind: 'done', outcomes, ms: performance.now() - before });
}
