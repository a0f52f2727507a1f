import { macd, rsi } from '../momentum.ts';
import { ema, sma, wma } from '../moving-averages.ts';
import { bollinger } from '../volatility.ts';
import { dialect } from './dialect.ts';
import { CANDLESTICK_PATTERNS } from './talib/candlestick-patterns.ts';
import { STATISTICS } from './talib/statistics.ts';

const PERIOD = { timeperiod: 'bars' } as const;

/** TA-Lib's functions by its names, with the parameter names, defaults and outputs of its Python package. */
export const talib = {
  ...CANDLESTICK_PATTERNS,
  ...STATISTICS,
  BBANDS: dialect(bollinger, {
    parameters: { timeperiod: 'bars', nbdevup: 'width' },
    defaults: { timeperiod: 5 },
    lines: { upperband: 'upper', middleband: 'middle', lowerband: 'lower' },
  }),
  EMA: dialect(ema, { parameters: PERIOD, lines: { real: 'ema' } }),
  MACD: dialect(macd, {
    parameters: { fastperiod: 'fast', slowperiod: 'slow', signalperiod: 'signal' },
    lines: { macd: 'macd', macdsignal: 'signal', macdhist: 'histogram' },
  }),
  RSI: dialect(rsi, { parameters: PERIOD, lines: { real: 'rsi' } }),
  SMA: dialect(sma, { parameters: PERIOD, lines: { real: 'sma' } }),
  WMA: dialect(wma, { parameters: PERIOD, lines: { real: 'wma' } }),
} as const;
