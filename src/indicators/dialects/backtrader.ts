import { AVERAGE_OSCILLATORS } from './backtrader/average-oscillators.ts';
import { MOVING_AVERAGES } from './backtrader/averages.ts';
import { BANDS } from './backtrader/bands.ts';
import { BASICS } from './backtrader/basics.ts';
import { MEASURES } from './backtrader/measures.ts';
import { MOMENTUM } from './backtrader/momentum.ts';
import { STRENGTH } from './backtrader/strength.ts';
import { TREND } from './backtrader/trend.ts';

/** backtrader's indicators by its names, with its parameters, defaults and lines. */
export const backtraderIndicators = {
  ...AVERAGE_OSCILLATORS,
  ...BANDS,
  ...BASICS,
  ...MEASURES,
  ...MOMENTUM,
  ...MOVING_AVERAGES,
  ...STRENGTH,
  ...TREND,
} as const;
