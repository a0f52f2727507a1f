/**
 * How averages that one may choose are computed: TA-Lib's or backtrader's seeds, or TA-Lib's down to the rounding of
 * its `running` sums, which shows where averages nearly meet.
 */
export const AVERAGE_CONVENTIONS = ['talib', 'backtrader', 'running'] as const;

export type AverageConvention = (typeof AVERAGE_CONVENTIONS)[number];
