import type { Average } from '../../averages/average-of.ts';

/** TA-Lib's MA_Type by its number. */
export const MATYPES = {
  0: 'sma',
  1: 'ema',
  2: 'wma',
  3: 'dema',
  4: 'tema',
  5: 'trima',
  6: 'kama',
  7: 'mama',
  8: 't3',
} as const satisfies Readonly<Record<number, Average>>;
