import { CHOSEN_AVERAGES } from './averages/chosen-average.ts';
import { LAG_AVERAGES } from './averages/lag-averages.ts';
import { MOVING_AVERAGES } from './averages/moving-averages.ts';
import { SMOOTHING } from './averages/smoothing.ts';
import { BAND_INDICATORS } from './bands/bands.ts';
import { CHANNELS } from './bands/channels.ts';
import { patterns } from './candlesticks/patterns.ts';
import { CYCLE } from './cycle/family.ts';
import type { Indicator, Inputs } from './definition.ts';
import { EXTREME_BARS } from './extremes/extreme-bars.ts';
import { EXTREMES } from './extremes/extremes.ts';
import { MIDPOINTS } from './extremes/midpoints.ts';
import { CROSSES } from './mathematics/crosses.ts';
import { MATHEMATICS } from './mathematics/mathematics.ts';
import { PRICE } from './mathematics/price.ts';
import { TOTALS } from './mathematics/totals.ts';
import { WINDOWS } from './mathematics/windows.ts';
import { MOMENTUM } from './momentum/family.ts';
import { MACD_INDICATORS } from './momentum/macd.ts';
import { PRICE_OSCILLATORS } from './momentum/price-oscillators.ts';
import { RATE_OSCILLATORS } from './momentum/rate-oscillators.ts';
import { COINTEGRATION } from './statistics/cointegration.ts';
import { CORRELATION } from './statistics/correlation.ts';
import { DEVIATION } from './statistics/deviation.ts';
import { MEAN_DEVIATION } from './statistics/mean-deviation.ts';
import { QUANTILES } from './statistics/quantiles.ts';
import { REGRESSION } from './statistics/regression.ts';
import { Z_SCORE } from './statistics/z-score.ts';
import { TREND } from './trend/family.ts';
import { PARABOLIC } from './trend/parabolic-sar.ts';
import { AVERAGE_TRUE_RANGE } from './volatility/average-true-range.ts';
import { RANGE_VOLATILITY } from './volatility/range-volatility.ts';
import { REGIMES } from './volatility/regimes.ts';
import { TRUE_RANGE } from './volatility/true-range.ts';
import { VOLUME } from './volume/volume.ts';
import { VOLUME_STUDIES } from './volume/volume-studies.ts';
import { VOLUME_WEIGHTED } from './volume/volume-weighted.ts';
import { VWAP } from './volume/vwap.ts';

/** An indicator whose types have been forgotten. */
export type AnyIndicator = Pick<Indicator<Inputs>, 'definition' | 'linesOf'>;

/** Every indicator of the library; being listed here is what gets one tested and documented. */
export const INDICATORS: readonly AnyIndicator[] = [
  ...MOVING_AVERAGES,
  ...CHOSEN_AVERAGES,
  ...LAG_AVERAGES,
  ...SMOOTHING,
  ...BAND_INDICATORS,
  ...PARABOLIC,
  ...MIDPOINTS,
  ...MACD_INDICATORS,
  ...PRICE_OSCILLATORS,
  ...RATE_OSCILLATORS,
  ...MOMENTUM,
  ...TREND,
  ...CHANNELS,
  ...AVERAGE_TRUE_RANGE,
  ...RANGE_VOLATILITY,
  ...REGIMES,
  ...TRUE_RANGE,
  ...VOLUME,
  ...VOLUME_STUDIES,
  ...VOLUME_WEIGHTED,
  ...VWAP,
  ...PRICE,
  ...DEVIATION,
  ...MEAN_DEVIATION,
  ...REGRESSION,
  ...QUANTILES,
  ...Z_SCORE,
  ...CORRELATION,
  ...COINTEGRATION,
  ...EXTREMES,
  ...EXTREME_BARS,
  ...CROSSES,
  ...CYCLE,
  ...MATHEMATICS,
  ...TOTALS,
  ...WINDOWS,
  ...Object.values(patterns),
];
