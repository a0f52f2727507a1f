import { AVERAGE_OSCILLATORS } from './backtrader/average-oscillators.ts';
import { MOVING_AVERAGES } from './backtrader/averages.ts';
import { BANDS } from './backtrader/bands.ts';
import { MOMENTUM } from './backtrader/momentum.ts';
import { STATISTICS } from './backtrader/statistics.ts';
import { STRENGTH } from './backtrader/strength.ts';
import { TREND } from './backtrader/trend.ts';

/** backtrader's indicators by its names, with its parameters, defaults and lines. */
export const backtraderIndicators = {
  ...AVERAGE_OSCILLATORS,
  ...BANDS,
  ...MOMENTUM,
  ...MOVING_AVERAGES,
  ...STATISTICS,
  ...STRENGTH,
  ...TREND,
} as const;
