import { highestBar, lowestBar } from '../../extremes/extreme-bars.ts';
import { highest, lowest } from '../../extremes/extremes.ts';
import { crossDown, crossOver, crossUp, nonZeroDifference } from '../../mathematics/crosses.ts';
import { cumulativeSum, sum } from '../../mathematics/totals.ts';
import { every, some } from '../../mathematics/windows.ts';
import { dialect } from '../dialect.ts';
import { ApplyN, ReduceN } from './window-functions.ts';

/** backtrader's windows have one bar unless said otherwise. */
const PERIOD = { parameters: { period: 'bars' }, defaults: { period: 1 } } as const;
/** The first one that a search from the current bar back comes to, and the last one. */
const FIRST = { ...PERIOD, fixed: { ties: 'newest' }, lines: { index: 'bar' } } as const;
const LAST = { ...PERIOD, fixed: { ties: 'oldest' }, lines: { index: 'bar' } } as const;

/** backtrader's basic operations. */
export const BASICS = {
  Accum: dialect(cumulativeSum, {
    aliases: ['CumSum', 'CumulativeSum'],
    parameters: { seed: 'seed' },
    lines: { accum: 'sum' },
  }),
  AllN: dialect(every, { ...PERIOD, lines: { alln: 'every' } }),
  AnyN: dialect(some, { ...PERIOD, lines: { anyn: 'some' } }),
  ApplyN,
  CrossDown: dialect(crossDown, { parameters: {}, lines: { cross: 'cross' } }),
  CrossOver: dialect(crossOver, { parameters: {}, lines: { crossover: 'cross' } }),
  CrossUp: dialect(crossUp, { parameters: {}, lines: { cross: 'cross' } }),
  FindFirstIndexHighest: dialect(highestBar, FIRST),
  FindFirstIndexLowest: dialect(lowestBar, FIRST),
  FindLastIndexHighest: dialect(highestBar, LAST),
  FindLastIndexLowest: dialect(lowestBar, LAST),
  Highest: dialect(highest, { ...PERIOD, aliases: ['MaxN'], lines: { highest: 'highest' } }),
  Lowest: dialect(lowest, { ...PERIOD, aliases: ['MinN'], lines: { lowest: 'lowest' } }),
  NonZeroDifference: dialect(nonZeroDifference, {
    aliases: ['NZD'],
    parameters: {},
    lines: { nzd: 'difference' },
  }),
  ReduceN,
  SumN: dialect(sum, { ...PERIOD, lines: { sumn: 'sum' } }),
} as const;
