import { stdDev, variance } from '../../deviation.ts';
import { dialect } from '../dialect.ts';

/** TA-Lib's statistic functions. */
export const STATISTICS = {
  STDDEV: dialect(stdDev, {
    parameters: { timeperiod: 'bars', nbdev: 'width' },
    defaults: { timeperiod: 5 },
    fixed: { convention: 'talib' },
    lines: { real: 'stdDev' },
  }),
  VAR: dialect(variance, {
    parameters: { timeperiod: 'bars' },
    ignored: { nbdev: 1 },
    fixed: { convention: 'talib' },
    lines: { real: 'variance' },
  }),
} as const;
