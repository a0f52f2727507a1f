import { AVERAGE_TRUE_RANGE } from './average-true-range.ts';
import { BAND_INDICATORS } from './bands.ts';
import { patterns } from './candlesticks/patterns.ts';
import { CHANNELS } from './channels.ts';
import { CHOSEN_AVERAGES } from './chosen-average.ts';
import { COINTEGRATION } from './cointegration.ts';
import { CORRELATION } from './correlation.ts';
import { CROSSES } from './crosses.ts';
import { CYCLE } from './cycle/family.ts';
import type { Indicator, Inputs } from './definition.ts';
import { DEVIATION } from './deviation.ts';
import { EXTREME_BARS } from './extreme-bars.ts';
import { EXTREMES } from './extremes.ts';
import { LAG_AVERAGES } from './lag-averages.ts';
import { MACD_INDICATORS } from './macd.ts';
import { MATHEMATICS } from './mathematics.ts';
import { MEAN_DEVIATION } from './mean-deviation.ts';
import { MIDPOINTS } from './midpoints.ts';
import { MOMENTUM } from './momentum/family.ts';
import { MOVING_AVERAGES } from './moving-averages.ts';
import { PARABOLIC } from './parabolic-sar.ts';
import { PRICE } from './price.ts';
import { PRICE_OSCILLATORS } from './price-oscillators.ts';
import { QUANTILES } from './quantiles.ts';
import { RANGE_VOLATILITY } from './range-volatility.ts';
import { RATE_OSCILLATORS } from './rate-oscillators.ts';
import { REGIMES } from './regimes.ts';
import { REGRESSION } from './regression.ts';
import { SMOOTHING } from './smoothing.ts';
import { TOTALS } from './totals.ts';
import { TREND } from './trend/family.ts';
import { TRUE_RANGE } from './true-range.ts';
import { VOLUME } from './volume.ts';
import { VOLUME_STUDIES } from './volume-studies.ts';
import { VOLUME_WEIGHTED } from './volume-weighted.ts';
import { VWAP } from './vwap.ts';
import { WINDOWS } from './windows.ts';
import { Z_SCORE } from './z-score.ts';

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
