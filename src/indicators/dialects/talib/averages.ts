import { movingAverage, variableAverage } from '../../averages/chosen-average.ts';
import { dema, tema } from '../../averages/lag-averages.ts';
import { ema, kama, sma, t3, trima, wma } from '../../averages/moving-averages.ts';
import { dialect } from '../dialect.ts';
import { MATYPES } from './matypes.ts';

const PERIOD = { timeperiod: 'bars' } as const;

/** TA-Lib's moving averages. */
export const MOVING_AVERAGES = {
  DEMA: dialect(dema, { parameters: PERIOD, lines: { real: 'dema' } }),
  EMA: dialect(ema, { parameters: PERIOD, lines: { real: 'ema' } }),
  KAMA: dialect(kama, { parameters: PERIOD, lines: { real: 'kama' } }),
  MA: dialect(movingAverage, {
    parameters: { timeperiod: 'bars', matype: 'average' },
    values: { matype: MATYPES },
    fixed: { convention: 'running' },
    lines: { real: 'average' },
  }),
  MAVP: dialect(variableAverage, {
    parameters: { minperiod: 'shortest', maxperiod: 'longest', matype: 'average' },
    values: { matype: MATYPES },
    fixed: { convention: 'running' },
    lines: { real: 'average' },
  }),
  SMA: dialect(sma, { parameters: PERIOD, lines: { real: 'sma' } }),
  T3: dialect(t3, { parameters: { timeperiod: 'bars', vfactor: 'factor' }, lines: { real: 't3' } }),
  TEMA: dialect(tema, { parameters: PERIOD, lines: { real: 'tema' } }),
  TRIMA: dialect(trima, { parameters: PERIOD, lines: { real: 'trima' } }),
  WMA: dialect(wma, { parameters: PERIOD, lines: { real: 'wma' } }),
} as const;
