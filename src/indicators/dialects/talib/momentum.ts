import { cci } from '../../momentum/channel-index.ts';
import { balanceOfPower, imi, mfi } from '../../momentum/money-flow.ts';
import { momentum, roc } from '../../momentum/rate-of-change.ts';
import { stochastic, stochasticFast, stochasticRsi, williamsR } from '../../momentum/stochastic.ts';
import { cmo, rsi } from '../../momentum/strength.ts';
import { ultimateOscillator } from '../../momentum/ultimate.ts';
import { dialect } from '../dialect.ts';
import { MATYPES } from './matypes.ts';

const PERIOD = { timeperiod: 'bars' } as const;
const RATE = { parameters: PERIOD, lines: { real: 'roc' } } as const;

/** TA-Lib's momentum functions. */
export const MOMENTUM = {
  BOP: dialect(balanceOfPower, { parameters: {}, lines: { real: 'balanceOfPower' } }),
  CCI: dialect(cci, { parameters: PERIOD, fixed: { convention: 'talib' }, lines: { real: 'cci' } }),
  CMO: dialect(cmo, { parameters: PERIOD, lines: { real: 'cmo' } }),
  IMI: dialect(imi, { parameters: PERIOD, fixed: { convention: 'talib' }, lines: { real: 'imi' } }),
  MFI: dialect(mfi, { parameters: PERIOD, fixed: { convention: 'talib' }, lines: { real: 'mfi' } }),
  MOM: dialect(momentum, { parameters: PERIOD, lines: { real: 'momentum' } }),
  ROC: dialect(roc, { ...RATE, fixed: { unit: 'percent' } }),
  ROCP: dialect(roc, { ...RATE, fixed: { unit: 'share' } }),
  ROCR: dialect(roc, { ...RATE, fixed: { unit: 'ratio' } }),
  ROCR100: dialect(roc, { ...RATE, fixed: { unit: 'ratio in percent' } }),
  RSI: dialect(rsi, { parameters: PERIOD, lines: { real: 'rsi' } }),
  STOCH: dialect(stochastic, {
    parameters: {
      fastk_period: 'bars',
      slowk_period: 'smoothing',
      slowk_matype: 'average',
      slowd_period: 'signal',
      slowd_matype: 'signalAverage',
    },
    defaults: { slowd_matype: 0 },
    values: { slowk_matype: MATYPES, slowd_matype: MATYPES },
    fixed: { convention: 'talib' },
    lines: { slowk: 'k', slowd: 'd' },
  }),
  STOCHF: dialect(stochasticFast, {
    parameters: { fastk_period: 'bars', fastd_period: 'signal', fastd_matype: 'average' },
    values: { fastd_matype: MATYPES },
    fixed: { convention: 'talib' },
    lines: { fastk: 'k', fastd: 'd' },
  }),
  STOCHRSI: dialect(stochasticRsi, {
    parameters: {
      timeperiod: 'strength',
      fastk_period: 'bars',
      fastd_period: 'signal',
      fastd_matype: 'average',
    },
    values: { fastd_matype: MATYPES },
    fixed: { convention: 'talib' },
    lines: { fastk: 'k', fastd: 'd' },
  }),
  ULTOSC: dialect(ultimateOscillator, {
    parameters: { timeperiod1: 'fast', timeperiod2: 'middle', timeperiod3: 'slow' },
    lines: { real: 'ultimateOscillator' },
  }),
  WILLR: dialect(williamsR, { parameters: PERIOD, lines: { real: 'williamsR' } }),
} as const;
