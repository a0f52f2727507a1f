import { AVERAGE_OSCILLATORS } from './talib/average-oscillators.ts';
import { MOVING_AVERAGES } from './talib/averages.ts';
import { BANDS } from './talib/bands.ts';
import { CANDLESTICK_PATTERNS } from './talib/candlestick-patterns.ts';
import { CYCLE } from './talib/cycle.ts';
import { MATHEMATICS } from './talib/mathematics.ts';
import { MEASURES } from './talib/measures.ts';
import { MOMENTUM } from './talib/momentum.ts';
import { STATISTICS } from './talib/statistics.ts';
import { TREND } from './talib/trend.ts';

/** TA-Lib's functions by its names, with the parameter names, defaults and outputs of its Python package. */
export const talib = {
  ...CANDLESTICK_PATTERNS,
  ...CYCLE,
  ...AVERAGE_OSCILLATORS,
  ...BANDS,
  ...MOVING_AVERAGES,
  ...MOMENTUM,
  ...MATHEMATICS,
  ...MEASURES,
  ...STATISTICS,
  ...TREND,
} as const;
