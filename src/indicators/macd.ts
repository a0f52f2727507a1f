import { StrategyError } from '../model/errors.ts';
import { choice, int } from '../model/parameters.ts';
import { Kernel } from '../series/kernel.ts';
import { type Line, ringOf } from '../series/line.ts';
import { CONVENTIONS, type Convention, indicator, MOST_BARS } from './definition.ts';
import { ExponentialMean } from './moving-averages.ts';

class Macd extends Kernel<'macd' | 'signal' | 'histogram'> {
  private readonly fast: ExponentialMean;
  private readonly slow: ExponentialMean;
  private readonly signal: ExponentialMean;
  /** Values that the fast average skips so that its seed ends where the slow one's does. */
  private readonly skipped: number;
  private readonly slowBars: number;
  private readonly early: boolean;

  constructor(input: Line, fast: number, slow: number, signal: number, convention: Convention) {
    super({
      label: `MACD(${fast}, ${slow}, ${signal})`,
      inputs: [input],
      outputs: ['macd', 'signal', 'histogram'],
      warmup: slow + signal - 2,
      recursive: true,
    });
    this.fast = new ExponentialMean(fast, 2 / (fast + 1), convention);
    this.slow = new ExponentialMean(slow, 2 / (slow + 1), convention);
    this.signal = new ExponentialMean(signal, 2 / (signal + 1), convention);
    this.skipped = convention === 'talib' ? slow - fast : 0;
    this.slowBars = slow;
    this.early = convention === 'backtrader';
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
      const fast = seen > this.skipped ? this.fast.next(x[p]) : Number.NaN;
      const slow = seen > 0 ? this.slow.next(x[p]) : Number.NaN;
      const difference = seen >= this.slowBars ? fast - slow : Number.NaN;
      const signal = seen >= this.slowBars ? this.signal.next(difference) : Number.NaN;
      macdRing[p] = this.early || !Number.isNaN(signal) ? difference : Number.NaN;
      signalRing[p] = signal;
      histogramRing[p] = difference - signal;
    }
  }
}

/** Moving average convergence/divergence, in the units of its input. */
export const macd = indicator({
  name: 'macd',
  title: 'Moving average convergence/divergence',
  group: 'momentum',
  formula:
    'EMA(`fast`) − EMA(`slow`), its EMA(`signal`), and their difference; `talib` seeds both averages at the slow one’s first bar and begins all lines with the signal, `backtrader` seeds each on its own first bars',
  source: 'Appel, 1979; TA-Lib MACD, backtrader MACDHisto',
  inputs: 'line',
  parameters: {
    fast: int(12, { min: 1, max: MOST_BARS }),
    slow: int(26, { min: 2, max: MOST_BARS }),
    signal: int(9, { min: 1, max: MOST_BARS }),
    convention: choice(CONVENTIONS),
  },
  lines: ['macd', 'signal', 'histogram'],
  build: ({ fast, slow, signal, convention }, input) => {
    if (fast >= slow) {
      throw new StrategyError('PARAMETER_INVALID', `macd was given fast ${fast} and slow ${slow}`, {
        value: fast,
        limit: slow,
        fix: 'the fast period must be below the slow one',
      });
    }
    return new Macd(input, fast, slow, signal, convention).outputs;
  },
});
