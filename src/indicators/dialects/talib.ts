import { rsi } from '../momentum.ts';
import { dialect } from './dialect.ts';
import { AVERAGE_OSCILLATORS } from './talib/average-oscillators.ts';
import { MOVING_AVERAGES } from './talib/averages.ts';
import { BANDS } from './talib/bands.ts';
import { STATISTICS } from './talib/statistics.ts';

const PERIOD = { timeperiod: 'bars' } as const;

/** TA-Lib's functions by its names, with the parameter names, defaults and outputs of its Python package. */
export const talib = {
  ...AVERAGE_OSCILLATORS,
  ...BANDS,
  ...MOVING_AVERAGES,
  ...STATISTICS,
  RSI: dialect(rsi, { parameters: PERIOD, lines: { real: 'rsi' } }),
} as const;
