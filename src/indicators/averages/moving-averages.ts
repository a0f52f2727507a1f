import { choice, float, int } from '../../model/parameters.ts';
import { CONVENTIONS, indicator, MOST_BARS } from '../definition.ts';
import { Kama } from './adaptive.ts';
import { averageOf, trimaOf } from './average-of.ts';
import { Ema, T3 } from './exponential.ts';
import { Sma } from './simple.ts';

/** Simple moving average, in the units of its input. */
export const sma = indicator({
  name: 'sma',
  title: 'Simple moving average',
  group: 'moving averages',
  formula: 'the exact sum of the last `bars` values ÷ `bars`',
  source: 'TA-Lib SMA, backtrader MovingAverageSimple',
  inputs: 'line',
  parameters: { bars: int(30, { min: 1, max: MOST_BARS }) },
  lines: ['sma'],
  build: ({ bars }, input) => new Sma(input, bars).outputs,
});

/** Exponential moving average, in the units of its input. */
export const ema = indicator({
  name: 'ema',
  title: 'Exponential moving average',
  group: 'moving averages',
  formula:
    'α · value + (1 − α) · ema before, α = 2 ÷ (`bars` + 1), seeded with the simple mean of the first `bars` values; a NaN is passed over. The conventions differ in rounding only',
  source: 'TA-Lib EMA, backtrader ExponentialMovingAverage',
  inputs: 'line',
  parameters: { bars: int(30, { min: 1, max: MOST_BARS }), convention: choice(CONVENTIONS) },
  lines: ['ema'],
  build: ({ bars, convention }, input) => new Ema(input, bars, 2 / (bars + 1), convention).outputs,
});

/** Wilder's smoothed moving average, in the units of its input. */
export const smma = indicator({
  name: 'smma',
  title: 'Smoothed moving average',
  group: 'moving averages',
  formula:
    'α · value + (1 − α) · smma before, α = 1 ÷ `bars`, seeded with the simple mean of the first `bars` values; a NaN is passed over. The conventions differ in rounding only',
  source:
    'Wilder, New Concepts in Technical Trading Systems, 1978; backtrader SmoothedMovingAverage (WilderMA, ModifiedMovingAverage)',
  inputs: 'line',
  parameters: { bars: int(30, { min: 1, max: MOST_BARS }), convention: choice(CONVENTIONS) },
  lines: ['smma'],
  build: ({ bars, convention }, input) => ({
    smma: new Ema(input, bars, 1 / bars, convention).outputs.ema,
  }),
});

/** Linearly weighted moving average, in the units of its input. */
export const wma = indicator({
  name: 'wma',
  title: 'Linearly weighted moving average',
  group: 'moving averages',
  formula:
    'Σ k · value ÷ Σ k, with weights k = 1 … `bars`, the newest value weighing most. The conventions differ in rounding only; `backtrader` takes `bars` steps a bar',
  source: 'TA-Lib WMA, backtrader WeightedMovingAverage',
  inputs: 'line',
  parameters: { bars: int(30, { min: 1, max: MOST_BARS }), convention: choice(CONVENTIONS) },
  lines: ['wma'],
  build: ({ bars, convention }, input) => ({ wma: averageOf('wma', input, bars, convention) }),
});

/** Triangular moving average, in the units of its input. */
export const trima = indicator({
  name: 'trima',
  title: 'Triangular moving average',
  group: 'moving averages',
  formula:
    'the simple average over ⌈(`bars` + 1) ÷ 2⌉ of the simple average over the rest of `bars` + 1, so that weights rise to the middle of the window and fall again',
  source: 'TA-Lib TRIMA',
  inputs: 'line',
  parameters: { bars: int(30, { min: 1, max: MOST_BARS }) },
  lines: ['trima'],
  build: ({ bars }, input) => ({ trima: trimaOf(input, bars) }),
});

/** Kaufman's adaptive moving average, in the units of its input. */
export const kama = indicator({
  name: 'kama',
  title: "Kaufman's adaptive moving average",
  group: 'moving averages',
  formula:
    'α · value + (1 − α) · kama before, α = (e · (f − s) + s)², f = 2 ÷ (`fast` + 1), s = 2 ÷ (`slow` + 1); e, the efficiency, is the move over `bars` bars ÷ the path of all single moves, 1 where nothing moved. `talib` begins from the value before the first, `backtrader` with the simple mean',
  source: 'Kaufman, Smarter Trading, 1995; TA-Lib KAMA, backtrader AdaptiveMovingAverage',
  inputs: 'line',
  parameters: {
    bars: int(30, { min: 1, max: MOST_BARS }),
    fast: int(2, { min: 1, max: MOST_BARS }),
    slow: int(30, { min: 1, max: MOST_BARS }),
    convention: choice(CONVENTIONS),
  },
  lines: ['kama'],
  build: ({ bars, fast, slow, convention }, input) => new Kama(input, bars, fast, slow, convention).outputs,
});

/** Tillson's T3 moving average, in the units of its input. */
export const t3 = indicator({
  name: 't3',
  title: 'T3 moving average',
  group: 'moving averages',
  formula:
    'c₃ · e₃ + c₄ · e₄ + c₅ · e₅ + c₆ · e₆ of six nested EMAs e₁ … e₆ over `bars`, with v = `factor`: c₆ = −v³, c₅ = 3v² + 3v³, c₄ = −6v² − 3v − 3v³, c₃ = 1 + 3v + v³ + 3v²',
  source: 'Tillson, Smoothing Techniques for More Accurate Signals, 1998; TA-Lib T3',
  inputs: 'line',
  parameters: { bars: int(5, { min: 1, max: MOST_BARS }), factor: float(0.7, { min: 0 }) },
  lines: ['t3'],
  build: ({ bars, factor }, input) => new T3(input, bars, factor).outputs,
});

/** This family, for the registry. */
export const MOVING_AVERAGES = [sma, ema, smma, wma, trima, kama, t3] as const;
