import { beta, correlation } from '../../statistics/correlation.ts';
import { stdDev, variance } from '../../statistics/deviation.ts';
import { meanDeviation } from '../../statistics/mean-deviation.ts';
import {
  linearRegression,
  regressionAngle,
  regressionIntercept,
  regressionSlope,
  timeSeriesForecast,
} from '../../statistics/regression.ts';
import { dialect } from '../dialect.ts';

const PERIOD = { timeperiod: 'bars' } as const;
const TALIB = { convention: 'talib' } as const;

/** TA-Lib's statistic functions. */
export const STATISTICS = {
  AVGDEV: dialect(meanDeviation, { parameters: PERIOD, lines: { real: 'meanDeviation' } }),
  BETA: dialect(beta, { parameters: PERIOD, fixed: TALIB, lines: { real: 'beta' } }),
  CORREL: dialect(correlation, { parameters: PERIOD, fixed: TALIB, lines: { real: 'correlation' } }),
  LINEARREG: dialect(linearRegression, { parameters: PERIOD, fixed: TALIB, lines: { real: 'value' } }),
  LINEARREG_ANGLE: dialect(regressionAngle, { parameters: PERIOD, fixed: TALIB, lines: { real: 'angle' } }),
  LINEARREG_INTERCEPT: dialect(regressionIntercept, {
    parameters: PERIOD,
    fixed: TALIB,
    lines: { real: 'intercept' },
  }),
  LINEARREG_SLOPE: dialect(regressionSlope, { parameters: PERIOD, fixed: TALIB, lines: { real: 'slope' } }),
  STDDEV: dialect(stdDev, {
    parameters: { timeperiod: 'bars', nbdev: 'width' },
    defaults: { timeperiod: 5 },
    fixed: TALIB,
    lines: { real: 'stdDev' },
  }),
  TSF: dialect(timeSeriesForecast, { parameters: PERIOD, fixed: TALIB, lines: { real: 'forecast' } }),
  VAR: dialect(variance, {
    parameters: PERIOD,
    ignored: { nbdev: 1 },
    fixed: TALIB,
    lines: { real: 'variance' },
  }),
} as const;
