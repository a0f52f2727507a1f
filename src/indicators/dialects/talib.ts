import { macd } from '../macd.ts';
import { bollinger } from '../volatility.ts';
import { dialect } from './dialect.ts';
import { MOVING_AVERAGES } from './talib/averages.ts';
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
  ...MOVING_AVERAGES,
  ...MOMENTUM,
  ...MATHEMATICS,
  ...MEASURES,
  ...STATISTICS,
  ...TREND,
  BBANDS: dialect(bollinger, {
    parameters: { timeperiod: 'bars', nbdevup: 'width' },
    defaults: { timeperiod: 5 },
    lines: { upperband: 'upper', middleband: 'middle', lowerband: 'lower' },
  }),
  MACD: dialect(macd, {
    parameters: { fastperiod: 'fast', slowperiod: 'slow', signalperiod: 'signal' },
    lines: { macd: 'macd', macdsignal: 'signal', macdhist: 'histogram' },
  }),
} as const;
