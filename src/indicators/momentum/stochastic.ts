import { choice, float, int } from '../../model/parameters.ts';
import type { Line } from '../../series/line.ts';
import { AVERAGES, type Average, average, averageOf } from '../averages/average-of.ts';
import { CONVENTIONS, type Convention, indicator, MOST_BARS } from '../definition.ts';
import { RangePosition } from './range-position.ts';
import { StochasticOfMeans, Where } from './stochastic-kernel.ts';
import { rsi } from './strength.ts';

const LANE = 'Lane, 1957';
const POSITION =
  '100 · (close − lowest low) ÷ (highest high − lowest low) of the last `bars` bars, `still` where that range is 0';
const TOGETHER = '`talib` begins all lines with the last one, `backtrader` each as soon as it can';

const bars = (value: number) => int(value, { min: 1, max: MOST_BARS });

interface FastOptions {
  readonly bars: number;
  readonly signal: number;
  readonly average: Average;
  readonly still: number;
  readonly convention: Convention;
}

function fastLines(high: Line, low: Line, close: Line, options: FastOptions): { k: Line; d: Line } {
  const { bars, signal, average, still, convention } = options;
  if (average === 'sma' && convention === 'talib')
    return new StochasticOfMeans(high, low, close, bars, 1, signal, still).outputs;
  const k = new RangePosition(`%K(${bars})`, high, low, close, bars, still, false).outputs.value;
  const d = averageOf(average, k, signal, convention);
  return { k: convention === 'talib' ? new Where(k, d).outputs.value : k, d };
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
    convention: choice(CONVENTIONS),
  },
  lines: ['k', 'd'],
  build: ({ bars, smoothing, signal, average, signalAverage, still, convention }, high, low, close) => {
    const last = signalAverage === 'same' ? average : signalAverage;
    if (average === 'sma' && last === 'sma' && convention === 'talib')
      return new StochasticOfMeans(high, low, close, bars, smoothing, signal, still).outputs;
    const position = new RangePosition(`%K(${bars})`, high, low, close, bars, still, false).outputs.value;
    const k = averageOf(average, position, smoothing, convention);
    const d = averageOf(last, k, signal, convention);
    return { k: convention === 'talib' ? new Where(k, d).outputs.value : k, d };
  },
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
    convention: choice(CONVENTIONS),
  },
  lines: ['k', 'd'],
  build: (options, high, low, close) => fastLines(high, low, close, options),
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
    const k = new RangePosition(`%K(${bars})`, high, low, close, bars, still, false).outputs.value;
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
    'k: where the relative strength index over `strength` bars stands in its range of the last `bars` bars, 100 · (value − lowest) ÷ (highest − lowest), 0 where that range is 0; d: the average of k over `signal` bars; both lines begin together',
  source: 'Chande and Kroll, 1993; TA-Lib STOCHRSI',
  inputs: 'line',
  parameters: { strength: bars(14), bars: bars(5), signal: bars(3), average: average('sma') },
  lines: ['k', 'd'],
  build: ({ strength, bars, signal, average }, input) => {
    const line = rsi(input, strength);
    return fastLines(line, line, line, { bars, signal, average, still: 0, convention: 'talib' });
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
    williamsR: new RangePosition(`%R(${bars})`, high, low, close, bars, 0, true).outputs.value,
  }),
});
