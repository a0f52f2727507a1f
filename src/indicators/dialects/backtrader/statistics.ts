import { stdDev } from '../../deviation.ts';
import { dialect } from '../dialect.ts';

/** backtrader's measures of how values spread. */
export const STATISTICS = {
  StandardDeviation: dialect(stdDev, {
    aliases: ['StdDev'],
    parameters: { period: 'bars' },
    ignored: { safepow: true },
    fixed: { convention: 'backtrader' },
    lines: { stddev: 'stdDev' },
  }),
} as const;
