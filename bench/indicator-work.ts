import { median } from './median.ts';

/** The indicators that are measured, with their parameters, as tables name them. */
export const EIGHT = {
  sma: 'SMA(30)',
  ema: 'EMA(30)',
  rsi: 'RSI(14)',
  atr: 'ATR(14)',
  macd: 'MACD(12, 26, 9)',
  bollinger: 'Bollinger(20, 2)',
  adx: 'ADX(14)',
  stochastic: 'Stochastic(14, 3, 3)',
} as const;

export type Name = keyof typeof EIGHT;
export const NAMES = Object.keys(EIGHT) as Name[];

/** How a library computes one of them. */
export interface Work {
  /** Over the whole series. */
  readonly batch?: () => unknown;
  /** The lines in what `batch` returns, by our names; where it is missing that is what `batch` returns. */
  readonly lines?: (result: never) => Readonly<Record<string, ArrayLike<number>>>;
  /** A new one, told one bar after another in a loop of its own, as a program would; returns the sum of what it said. */
  readonly stream?: () => number;
}

/** Milliseconds, one a run. */
export interface Times {
  readonly batch: readonly number[];
  readonly stream: readonly number[];
}

/** Times every work in turn, `runs` times over; the rounds before are not counted. */
export function timeWorks(
  works: { readonly [K in string]?: Work },
  runs: number,
  rounds = 2,
): Record<string, Times> {
  const times: Record<string, { batch: number[]; stream: number[] }> = {};
  for (let round = -rounds; round < runs; round++) {
    for (const [name, work] of Object.entries(works)) {
      times[name] ??= { batch: [], stream: [] };
      for (const kind of ['batch', 'stream'] as const) {
        const run = work?.[kind];
        if (run === undefined) continue;
        // No collection is forced: a full one discards compiled code with the objects of the run before.
        const start = performance.now();
        const result = run();
        const ms = performance.now() - start;
        if (typeof result === 'number' ? Number.isNaN(result) : Object.keys(result as object).length === 0)
          throw new Error(`${name} gave nothing`);
        if (round >= 0) times[name][kind].push(ms);
      }
    }
  }
  return times;
}

/** The middle one, or undefined when there is none. */
export function middle(times: readonly number[]): number | undefined {
  return times.length === 0 ? undefined : median(times);
}
