import { macd } from '../macd.ts';
import { sma } from '../moving-averages.ts';
import { bollinger } from '../volatility.ts';
import { BASICS } from './backtrader/basics.ts';
import { MEASURES } from './backtrader/measures.ts';
import { MOMENTUM } from './backtrader/momentum.ts';
import { STRENGTH } from './backtrader/strength.ts';
import { TREND } from './backtrader/trend.ts';
import { dialect } from './dialect.ts';

/** backtrader's indicators by its names, with its parameters, defaults and lines. */
export const backtraderIndicators = {
  ...BASICS,
  ...MEASURES,
  ...MOMENTUM,
  ...STRENGTH,
  ...TREND,
  BollingerBands: dialect(bollinger, {
    aliases: ['BBands'],
    parameters: { period: 'bars', devfactor: 'width' },
    lines: { mid: 'middle', top: 'upper', bot: 'lower' },
  }),
  MACDHisto: dialect(macd, {
    aliases: ['MACDHistogram'],
    parameters: { period_me1: 'fast', period_me2: 'slow', period_signal: 'signal' },
    fixed: { convention: 'backtrader' },
    lines: { macd: 'macd', signal: 'signal', histo: 'histogram' },
  }),
  MovingAverageSimple: dialect(sma, {
    aliases: ['SMA', 'SimpleMovingAverage'],
    parameters: { period: 'bars' },
    lines: { sma: 'sma' },
  }),
} as const;
