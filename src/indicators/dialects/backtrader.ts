import { AVERAGE_OSCILLATORS } from './backtrader/average-oscillators.ts';
import { MOVING_AVERAGES } from './backtrader/averages.ts';
import { BANDS } from './backtrader/bands.ts';
import { STATISTICS } from './backtrader/statistics.ts';

/** backtrader's indicators by its names, with its parameters, defaults and lines. */
export const backtraderIndicators = {
  ...AVERAGE_OSCILLATORS,
  ...BANDS,
  ...MOVING_AVERAGES,
  ...STATISTICS,
} as const;
