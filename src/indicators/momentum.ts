import { StrategyError } from '../model/errors.ts';
import { Kernel, period } from '../series/kernel.ts';
import { type Line, ringOf } from '../series/line.ts';
import { type Convention, ExponentialMean } from './moving-averages.ts';

class Rsi extends Kernel<'rsi'> {
  readonly #up: ExponentialMean;
  readonly #down: ExponentialMean;

  constructor(input: Line, bars: number) {
    super({ label: `RSI(${bars})`, inputs: [input], outputs: ['rsi'], warmup: bars, recursive: true });
    this.#up = new ExponentialMean(bars, 1 / bars);
    this.#down = new ExponentialMean(bars, 1 / bars);
  }

  compute(from: number, to: number): void {
    const x = ringOf(this.inputs[0]);
    const out = ringOf(this.outputs.rsi);
    const { mask } = this.clock;
    for (let i = from; i < to; i++) {
      if (i <= this.start) {
        out[i & mask] = Number.NaN;
        continue;
      }
      const change = x[i & mask] - x[(i - 1) & mask];
      const up = this.#up.next(Math.max(change, 0));
      const down = this.#down.next(Math.max(-change, 0));
      const range = up + down;
      out[i & mask] = range === 0 ? 0 : (100 * up) / range;
    }
  }
}

/**
 * Wilder's relative strength index, 0 … 100: 100 · up / (up + down), both smoothed with 1 / `bars` and seeded with
 * their simple mean ("New Concepts in Technical Trading Systems", 1978). 0 where nothing moved, as TA-Lib has it.
 */
export function rsi(input: Line, bars = 14): Line {
  return new Rsi(input, period('rsi', bars)).outputs.rsi;
}

export interface MacdOptions {
  readonly fast?: number;
  readonly slow?: number;
  readonly signal?: number;
  /**
   * `talib` (default): both averages are seeded at the slow one's first bar, and all lines begin with the signal.
   * `backtrader`: each average is seeded on its own first bars; the histogram is the same difference.
   */
  readonly convention?: Convention;
}

class Macd extends Kernel<'macd' | 'signal' | 'histogram'> {
  readonly #fast: ExponentialMean;
  readonly #slow: ExponentialMean;
  readonly #signal: ExponentialMean;
  /** Values that the fast average skips so that its seed ends where the slow one's does. */
  readonly #skipped: number;
  readonly #slowBars: number;
  readonly #early: boolean;

  constructor(input: Line, fast: number, slow: number, signal: number, convention: Convention) {
    super({
      label: `MACD(${fast}, ${slow}, ${signal})`,
      inputs: [input],
      outputs: ['macd', 'signal', 'histogram'],
      warmup: slow + signal - 2,
      recursive: true,
    });
    this.#fast = new ExponentialMean(fast, 2 / (fast + 1), convention);
    this.#slow = new ExponentialMean(slow, 2 / (slow + 1), convention);
    this.#signal = new ExponentialMean(signal, 2 / (signal + 1), convention);
    this.#skipped = convention === 'talib' ? slow - fast : 0;
    this.#slowBars = slow;
    this.#early = convention === 'backtrader';
  }

  compute(from: number, to: number): void {
    const x = ringOf(this.inputs[0]);
    const macdRing = ringOf(this.outputs.macd);
    const signalRing = ringOf(this.outputs.signal);
    const histogramRing = ringOf(this.outputs.histogram);
    const { mask } = this.clock;
    for (let i = from; i < to; i++) {
      const p = i & mask;
      const seen = i - this.start + 1;
      const fast = seen > this.#skipped ? this.#fast.next(x[p]) : Number.NaN;
      const slow = seen > 0 ? this.#slow.next(x[p]) : Number.NaN;
      const difference = seen >= this.#slowBars ? fast - slow : Number.NaN;
      const signal = seen >= this.#slowBars ? this.#signal.next(difference) : Number.NaN;
      macdRing[p] = this.#early || !Number.isNaN(signal) ? difference : Number.NaN;
      signalRing[p] = signal;
      histogramRing[p] = difference - signal;
    }
  }
}

/** Moving average convergence/divergence: fast EMA − slow EMA, its EMA as signal, and their difference. */
export function macd(
  input: Line,
  options: MacdOptions = {},
): { readonly macd: Line; readonly signal: Line; readonly histogram: Line } {
  const { fast = 12, slow = 26, signal = 9, convention = 'talib' } = options;
  period('macd fast', fast);
  period('macd slow', slow);
  period('macd signal', signal);
  if (fast >= slow) {
    throw new StrategyError('PERIOD_INVALID', `macd was given fast ${fast} and slow ${slow}`, {
      value: fast,
      limit: slow,
      fix: 'the fast period must be below the slow one',
    });
  }
  return new Macd(input, fast, slow, signal, convention).outputs;
}
