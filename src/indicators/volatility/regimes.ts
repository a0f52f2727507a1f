import { int } from '../../model/parameters.ts';
import { indicator, MOST_BARS } from '../definition.ts';
import { highestOf, lowestOf } from '../extremes/extremes.ts';
import { pointwise } from '../mathematics/pointwise.ts';
import { sumOf } from '../mathematics/totals.ts';
import { trueRangeOf } from './true-range.ts';

/** Whether the market trends or goes sideways, 0 … 100: the higher, the more sideways. */
export const choppiness = indicator({
  name: 'choppiness',
  label: 'CHOP',
  title: 'Choppiness index',
  group: 'volatility',
  formula:
    '100 · log(Σ true range ÷ (highest high − lowest low)) ÷ log(`bars`) over the last `bars` bars; 100 where there is no range; NaN while a value of the window is missing',
  source: 'Dreiss, 1993',
  inputs: ['high', 'low', 'close'],
  parameters: { bars: int(14, { min: 2, max: MOST_BARS }) },
  lines: ['choppiness'],
  build: ({ bars }, high, low, close) => {
    const path = sumOf(trueRangeOf(high, low, close), bars);
    const scale = 100 / Math.log(bars);
    const share = (sum: number, top: number, bottom: number) =>
      top > bottom ? scale * Math.log(sum / (top - bottom)) : 100 + 0 * (sum + top + bottom);
    return {
      choppiness: pointwise(
        `CHOP(${bars})`,
        [path, highestOf(high, bars), lowestOf(low, bars)],
        (sum, top, bottom) => Math.min(100, share(sum, top, bottom)),
      ),
    };
  },
});

/** How deep and how long a line has been below its high, in percent. */
export const ulcerIndex = indicator({
  name: 'ulcerIndex',
  label: 'Ulcer',
  title: 'Ulcer index',
  group: 'volatility',
  formula:
    '√ of the mean over the last `bars` bars of (100 · (value − highest of `bars`) ÷ highest)²; 0 where the highest is 0; NaN while a value of a window is missing',
  source: 'Martin and McCann, The Investor’s Guide to Fidelity Funds, 1989',
  inputs: 'line',
  parameters: { bars: int(14, { min: 1, max: MOST_BARS }) },
  lines: ['ulcer'],
  build: ({ bars }, input) => {
    const fall = pointwise('fall', [input, highestOf(input, bars)], (value, top) =>
      top === 0 ? 0 * value : ((100 * (value - top)) / top) ** 2,
    );
    const mean = (sum: number) => Math.sqrt(Math.max(0, sum) / bars);
    return { ulcer: pointwise(`Ulcer(${bars})`, [sumOf(fall, bars)], mean) };
  },
});

export const REGIMES = [choppiness, ulcerIndex] as const;
