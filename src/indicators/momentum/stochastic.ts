import { choice, float, int } from '../../model/parameters.ts';
import type { Line } from '../../series/line.ts';
import { AVERAGES, type Average, average, averageOf } from '../averages/average-of.ts';
import { CONVENTIONS, indicator, MOST_BARS } from '../definition.ts';
import { type RangeOptions, RangePosition } from './range-position.ts';
import { StochasticOfMeans, Where } from './stochastic-kernel.ts';
import { rsi, talibStrength } from './strength.ts';

const LANE = 'Lane, 1957';
const POSITION =
  '100 · (close − lowest low) ÷ (highest high − lowest low) of the last `bars` bars, 100 · `still` where that range is 0';
const TOGETHER =
  'all lines begin with the last one; `talib` rounds the simple averages as TA-Lib, whose running sums keep a rest of what has left; `backtrader` begins each line as soon as it can';

const bars = (value: number) => int(value, { min: 1, max: MOST_BARS });

const STOCHASTICS = ['exact', 'talib', 'backtrader'] as const;

type Convention = (typeof STOCHASTICS)[number];

/** Ranges of relative strength below this are what rounding leaves of none. */
const ROUNDING = 1e-9;

interface FastOptions {
  readonly signal: number;
  readonly average: Average;
  readonly convention: Convention;
}

interface SmoothOptions extends FastOptions {
  readonly smoothing: number;
  readonly signalAverage: Average;
}

/** A position, its average, and the average of that. */
function smoothLines(
  [high, low, close]: readonly [Line, Line, Line],
  range: RangeOptions,
  { smoothing, signal, average, signalAverage, convention }: SmoothOptions,
): { k: Line; d: Line } {
  const together = convention !== 'backtrader';
  if (average === 'sma' && signalAverage === 'sma' && together) {
    const exact = convention === 'exact';
    return new StochasticOfMeans(high, low, close, range, smoothing, signal, exact).outputs;
  }
  const seed = together ? 'talib' : 'backtrader';
  const position = new RangePosition(`%K(${range.bars})`, high, low, close, range).outputs.value;
  const k = averageOf(average, position, smoothing, seed);
  const d = averageOf(signalAverage, k, signal, seed);
  return { k: together ? new Where(k, d).outputs.value : k, d };
}

/** A position and its average. */
function fastLines(
  lines: readonly [Line, Line, Line],
  range: RangeOptions,
  { signal, average, convention }: FastOptions,
): { k: Line; d: Line } {
  if (average === 'sma' && convention !== 'backtrader')
    return smoothLines(lines, range, { smoothing: 1, signal, average, signalAverage: average, convention });
  const seed = convention === 'backtrader' ? convention : 'talib';
  const k = new RangePosition(`%K(${range.bars})`, ...lines, range).outputs.value;
  const d = averageOf(average, k, signal, seed);
  return { k: seed === 'talib' ? new Where(k, d).outputs.value : k, d };
}

/** The stochastic oscillator, smoothed, 0 … 100. */
export const stochastic = indicator({
  name: 'stochastic',
  title: 'Stochastic oscillator',
  group: 'momentum',
  formula: `k: the average over \`smoothing\` bars of ${POSITION}; d: the average of k over \`signal\` bars, by \`signalAverage\` or the same; ${TOGETHER}`,
  source: `${LANE}; TA-Lib STOCH, backtrader Stochastic`,
  inputs: ['high', 'low', 'close'],
  parameters: {
    bars: bars(5),
    smoothing: bars(3),
    signal: bars(3),
    average: average('sma'),
    signalAverage: choice(['same', ...AVERAGES]),
    still: float(0),
    convention: choice(STOCHASTICS),
  },
  lines: ['k', 'd'],
  build: ({ bars, smoothing, signal, average, signalAverage, still, convention }, high, low, close) =>
    smoothLines(
      [high, low, close],
      { bars, still },
      {
        smoothing,
        signal,
        average,
        signalAverage: signalAverage === 'same' ? average : signalAverage,
        convention,
      },
    ),
});

/** The stochastic oscillator without smoothing, 0 … 100. */
export const stochasticFast = indicator({
  name: 'stochasticFast',
  title: 'Fast stochastic oscillator',
  group: 'momentum',
  formula: `k: ${POSITION}; d: the average of k over \`signal\` bars; ${TOGETHER}`,
  source: `${LANE}; TA-Lib STOCHF, backtrader StochasticFast`,
  inputs: ['high', 'low', 'close'],
  parameters: {
    bars: bars(5),
    signal: bars(3),
    average: average('sma'),
    still: float(0),
    convention: choice(STOCHASTICS),
  },
  lines: ['k', 'd'],
  build: ({ bars, still, ...options }, high, low, close) =>
    fastLines([high, low, close], { bars, still }, options),
});

/** The stochastic oscillator with all its lines, 0 … 100. */
export const stochasticFull = indicator({
  name: 'stochasticFull',
  title: 'Full stochastic oscillator',
  group: 'momentum',
  formula: `k: ${POSITION}; d: the average of k over \`smoothing\` bars; slow: the average of d over \`signal\` bars; each begins as soon as it can`,
  source: `${LANE}; backtrader StochasticFull`,
  inputs: ['high', 'low', 'close'],
  parameters: {
    bars: bars(14),
    smoothing: bars(3),
    signal: bars(3),
    average: average('sma'),
    still: float(0),
    convention: choice(CONVENTIONS),
  },
  lines: ['k', 'd', 'slow'],
  build: ({ bars, smoothing, signal, average, still, convention }, high, low, close) => {
    const k = new RangePosition(`%K(${bars})`, high, low, close, { bars, still }).outputs.value;
    const d = averageOf(average, k, smoothing, convention);
    return { k, d, slow: averageOf(average, d, signal, convention) };
  },
});

/** The fast stochastic oscillator of the relative strength index, 0 … 100. */
export const stochasticRsi = indicator({
  name: 'stochasticRsi',
  title: 'Stochastic relative strength index',
  group: 'momentum',
  formula:
    'k: where the relative strength index over `strength` bars stands in its range of the last `bars` bars, 100 · (value − lowest) ÷ (highest − lowest), 0 where that range is below 1e-9, which is what rounding leaves of none (`talib`: 0); d: the average of k over `signal` bars; both lines begin together; `talib` rounds the simple average as TA-Lib',
  source: 'Chande and Kroll, 1993; TA-Lib STOCHRSI',
  inputs: 'line',
  parameters: {
    strength: bars(14),
    bars: bars(5),
    signal: bars(3),
    average: average('sma'),
    convention: choice(['exact', 'talib']),
  },
  lines: ['k', 'd'],
  build: ({ strength, bars, ...options }, input) => {
    const exact = options.convention === 'exact';
    const line = exact ? rsi(input, strength) : talibStrength(input, strength);
    const nothing = exact ? ROUNDING : 0;
    return fastLines([line, line, line], { bars, nothing }, options);
  },
});

/** Williams' %R, -100 … 0. */
export const williamsR = indicator({
  name: 'williamsR',
  label: '%R',
  title: 'Williams %R',
  group: 'momentum',
  formula:
    '-100 · (highest high − close) ÷ (highest high − lowest low) of the last `bars` bars; 0 where that range is 0',
  source: 'Williams, 1973; TA-Lib WILLR, backtrader WilliamsR',
  inputs: ['high', 'low', 'close'],
  parameters: { bars: bars(14) },
  lines: ['williamsR'],
  build: ({ bars }, high, low, close) => ({
    williamsR: new RangePosition(`%R(${bars})`, high, low, close, { bars }, true).outputs.value,
  }),
});
