import { int } from '../../model/parameters.ts';
import type { Line } from '../../series/line.ts';
import { delay, sub } from '../../series/operators.ts';
import { average, averageOf } from '../averages/average-of.ts';
import { indicator, MOST_BARS } from '../definition.ts';
import { pointwise } from '../mathematics/pointwise.ts';
import { trueRangeOf } from '../volatility/true-range.ts';

/** Blau's true strength index, -100 … 100. */
export const tsi = indicator({
  name: 'tsi',
  title: 'True strength index',
  group: 'momentum',
  formula:
    '100 · a ÷ b: the change over `distance` bars, and its size, each averaged over `slow` bars and that over `fast`; 0 where nothing moved',
  source: 'Blau, 1991; backtrader TrueStrengthIndicator',
  inputs: 'line',
  parameters: {
    slow: int(25, { min: 1, max: MOST_BARS }),
    fast: int(13, { min: 1, max: MOST_BARS }),
    distance: int(1, { min: 1, max: MOST_BARS }),
    average: average('ema'),
  },
  lines: ['tsi'],
  build: ({ slow, fast, distance, average }, input) => {
    const twice = (line: Line) =>
      averageOf(average, averageOf(average, line, slow, 'backtrader'), fast, 'backtrader');
    const change = sub(input, delay(input, distance));
    const size = pointwise('Size', [change], Math.abs);
    return {
      tsi: pointwise('TSI', [twice(change), twice(size)], (change, size) =>
        size === 0 ? 0 : 100 * (change / size),
      ),
    };
  },
});

/** Johnson's pretty good oscillator: how many average true ranges a close is from its average. */
export const prettyGoodOscillator = indicator({
  name: 'prettyGoodOscillator',
  label: 'PGO',
  title: 'Pretty good oscillator',
  group: 'momentum',
  formula:
    '(close − its `average` over `bars`) ÷ average true range over `bars` (Wilder’s smoothing, seeded with the simple mean); 0 where there was no range',
  source: 'Johnson; backtrader PrettyGoodOscillator',
  inputs: ['high', 'low', 'close'],
  parameters: { bars: int(14, { min: 1, max: MOST_BARS }), average: average('sma') },
  lines: ['prettyGoodOscillator'],
  build: ({ bars, average }, high, low, close) => {
    const mean = averageOf(average, close, bars, 'backtrader');
    const range = averageOf('smma', trueRangeOf(high, low, close), bars, 'backtrader');
    return {
      prettyGoodOscillator: pointwise('PGO', [close, mean, range], (close, mean, range) =>
        range === 0 ? 0 : (close - mean) / range,
      ),
    };
  },
});
