import { int } from '../../model/parameters.ts';
import type { Line } from '../../series/line.ts';
import { add, mul } from '../../series/operators.ts';
import { indicator, MOST_BARS } from '../definition.ts';
import { highest, lowest } from './extremes.ts';

function midOf(high: Line, low: Line, bars: number): Line {
  return mul(add(highest(high, bars), lowest(low, bars)), 0.5);
}

/** The middle of the values' range, in the units of its input. */
export const midpoint = indicator({
  name: 'midpoint',
  title: 'Midpoint of the range',
  group: 'extremes',
  formula: '(highest + lowest of the last `bars` values) ÷ 2; NaN while one of them is missing',
  source: 'TA-Lib MIDPOINT',
  inputs: 'line',
  parameters: { bars: int(14, { min: 1, max: MOST_BARS }) },
  lines: ['midpoint'],
  build: ({ bars }, input) => ({ midpoint: midOf(input, input, bars) }),
});

/** The middle of the price range, a price. */
export const midprice = indicator({
  name: 'midprice',
  title: 'Midpoint of the price range',
  group: 'extremes',
  formula: '(highest high + lowest low of the last `bars` bars) ÷ 2; NaN while one of them is missing',
  source: 'TA-Lib MIDPRICE',
  inputs: ['high', 'low'],
  parameters: { bars: int(14, { min: 1, max: MOST_BARS }) },
  lines: ['midprice'],
  build: ({ bars }, high, low) => ({ midprice: midOf(high, low, bars) }),
});

/** This family, for the registry. */
export const MIDPOINTS = [midpoint, midprice] as const;
