import { macd, macdExtended, macdFixed } from '../../momentum/macd.ts';
import { percentOscillator, priceOscillator } from '../../momentum/price-oscillators.ts';
import { trix } from '../../momentum/rate-oscillators.ts';
import { dialect } from '../dialect.ts';
import { MATYPES } from './matypes.ts';

const PAIR = { fastperiod: 'fast', slowperiod: 'slow', matype: 'average' } as const;
const RUNNING = { convention: 'running' } as const;
const MACD_LINES = { macd: 'macd', macdsignal: 'signal', macdhist: 'histogram' } as const;

/** TA-Lib's differences of moving averages. */
export const AVERAGE_OSCILLATORS = {
  APO: dialect(priceOscillator, {
    parameters: PAIR,
    values: { matype: MATYPES },
    fixed: RUNNING,
    lines: { real: 'difference' },
  }),
  MACD: dialect(macd, {
    parameters: { fastperiod: 'fast', slowperiod: 'slow', signalperiod: 'signal' },
    lines: MACD_LINES,
  }),
  MACDEXT: dialect(macdExtended, {
    parameters: {
      fastperiod: 'fast',
      fastmatype: 'fastAverage',
      slowperiod: 'slow',
      slowmatype: 'slowAverage',
      signalperiod: 'signal',
      signalmatype: 'signalAverage',
    },
    values: { fastmatype: MATYPES, slowmatype: MATYPES, signalmatype: MATYPES },
    fixed: RUNNING,
    lines: MACD_LINES,
  }),
  MACDFIX: dialect(macdFixed, { parameters: { signalperiod: 'signal' }, lines: MACD_LINES }),
  PPO: dialect(percentOscillator, {
    parameters: PAIR,
    values: { matype: MATYPES },
    fixed: RUNNING,
    lines: { real: 'percent' },
  }),
  TRIX: dialect(trix, { parameters: { timeperiod: 'bars' }, lines: { real: 'trix' } }),
} as const;
