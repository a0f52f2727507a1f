import type { Convention } from '../definition.ts';

/** What TA-Lib takes for zero in a divisor: less than this. backtrader takes nothing but 0 for it. */
export const NOTHING = 1e-14;

/** The divisors that an indicator of this convention takes for zero: those up to this. */
export function nothingOf(convention: Convention): number {
  return convention === 'talib' ? NOTHING : 0;
}
