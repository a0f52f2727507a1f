import { cointegration, pairSpread } from '../../statistics/cointegration.ts';
import { pairRegression } from '../../statistics/correlation.ts';
import { stdDev } from '../../statistics/deviation.ts';
import { meanDeviation } from '../../statistics/mean-deviation.ts';
import { atr } from '../../volatility/average-true-range.ts';
import { trueHigh, trueLow, trueRange } from '../../volatility/true-range.ts';
import { dialect } from '../dialect.ts';
import { MOVAVS } from './movavs.ts';

const BACKTRADER = { convention: 'backtrader' } as const;
const AVERAGED = { period: 'bars', movav: 'average' } as const;
const VALUES = { movav: MOVAVS } as const;

/** backtrader's measures of ranges, of how values spread, and of how two lines go together. */
export const MEASURES = {
  AverageTrueRange: dialect(atr, {
    aliases: ['ATR'],
    parameters: AVERAGED,
    values: VALUES,
    fixed: BACKTRADER,
    lines: { atr: 'atr' },
  }),
  CointN: dialect(cointegration, {
    parameters: { period: 'bars', trend: 'trend' },
    defaults: { period: 10 },
    values: { trend: { c: 'constant', ct: 'linear', ctt: 'quadratic', n: 'none' } },
    lines: { score: 'score', pvalue: 'pValue' },
  }),
  MeanDeviation: dialect(meanDeviation, {
    aliases: ['MeanDev'],
    parameters: AVERAGED,
    defaults: { period: 20 },
    values: VALUES,
    fixed: BACKTRADER,
    lines: { meandev: 'meanDeviation' },
  }),
  OLS_BetaN: dialect(pairRegression, { parameters: { period: 'bars' }, lines: { beta: 'slope' } }),
  OLS_Slope_InterceptN: dialect(pairRegression, {
    parameters: { period: 'bars' },
    lines: { slope: 'slope', intercept: 'intercept' },
  }),
  /** Its regression is over 10 bars whatever the period is, which holds for the mean and the deviation. */
  OLS_TransformationN: dialect(pairSpread, {
    parameters: { period: 'meanBars' },
    fixed: { bars: 10 },
    lines: { spread: 'spread', spread_mean: 'mean', spread_std: 'deviation', zscore: 'zScore' },
  }),
  StandardDeviation: dialect(stdDev, {
    aliases: ['StdDev'],
    parameters: AVERAGED,
    values: VALUES,
    ignored: { safepow: true },
    fixed: BACKTRADER,
    lines: { stddev: 'stdDev' },
  }),
  TrueHigh: dialect(trueHigh, { parameters: {}, lines: { truehigh: 'trueHigh' } }),
  TrueLow: dialect(trueLow, { parameters: {}, lines: { truelow: 'trueLow' } }),
  TrueRange: dialect(trueRange, { aliases: ['TR'], parameters: {}, lines: { tr: 'trueRange' } }),
} as const;
