import type { StrategyClass } from 'qt-trader';
import { type Examination, type ExamineOptions, examine } from '../../src/live/examine.ts';
import { type PaperSessionOptions, type PaperStart, tradeOnPaper } from '../../src/live/session.ts';
import { VirtualTimers } from '../../src/net/virtual-timers.ts';
import { Journal } from '../../src/store/journal.ts';
import { walk } from './bars.ts';
import type { ScriptedSeries } from './scripted-exchange.ts';
import { TimedExchange, type TimedScript } from './timed-exchange.ts';

export const MINUTE = 60_000;
/** The open of the first bar. */
export const START = Date.UTC(2024, 0, 1);

/** One process of a session. */
export interface Life {
  readonly script?: TimedScript;
  readonly options?: Partial<PaperSessionOptions>;
  readonly onStart?: (start: PaperStart, timers: VirtualTimers) => void;
  /** The moment it begins, minutes after the first bar's open; default the end of the warm-up. */
  readonly begin?: number;
}

export function minutes(bars: number, count = 1): ScriptedSeries[] {
  return Array.from({ length: count }, (_, i) => ({
    symbol: ['BTCUSDT', 'ETHUSDT'][i]!,
    interval: '1m',
    columns: walk(bars, 11 + i),
  }));
}

export const terms = (strategy: StrategyClass): ExamineOptions => ({
  strategy,
  cash: 10_000,
  commission: 0.001,
  slippage: 0.0002,
  codeHash: 'code',
});

/** A session on an exchange with the given faults, in one life or several, in virtual time. */
export async function timedSession(
  store: string,
  strategy: StrategyClass,
  all: ScriptedSeries[],
  ...lives: Life[]
): Promise<void> {
  for (const { script = {}, options, onStart, begin = script.warmup ?? 0 } of lives.length === 0
    ? [{}]
    : lives) {
    const timers = new VirtualTimers(START + begin * MINUTE);
    const exchange = new TimedExchange(all, timers, script);
    let done = false;
    const paper = tradeOnPaper(exchange.connect(), {
      ...terms(strategy),
      exchange: 'timed',
      store,
      timers,
      onStart: start => onStart?.(start, timers),
      ...options,
    }).finally(() => {
      done = true;
    });
    await Promise.all([paper, timers.run({ done: () => done })]);
  }
}

/** Looks back at the newest session of the store. */
export async function lookBack(
  store: string,
  strategy: StrategyClass,
  changes: Partial<ExamineOptions> = {},
): Promise<Examination> {
  const journal = new Journal(store, { mustExist: true });
  try {
    return await examine(journal, journal.session('last'), { ...terms(strategy), ...changes });
  } finally {
    journal.close();
  }
}
