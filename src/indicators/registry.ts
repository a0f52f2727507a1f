import { BAND_INDICATORS } from './bands.ts';
import { CHOSEN_AVERAGES } from './chosen-average.ts';
import { crossDown, crossOver, crossUp } from './crosses.ts';
import type { Indicator, Inputs } from './definition.ts';
import { stdDev, variance } from './deviation.ts';
import { highest, lowest } from './extremes.ts';
import { LAG_AVERAGES } from './lag-averages.ts';
import { MACD_INDICATORS } from './macd.ts';
import { MIDPOINTS } from './midpoints.ts';
import { rsi } from './momentum.ts';
import { MOVING_AVERAGES } from './moving-averages.ts';
import { PARABOLIC } from './parabolic-sar.ts';
import { PRICE_OSCILLATORS } from './price-oscillators.ts';
import { RATE_OSCILLATORS } from './rate-oscillators.ts';
import { SMOOTHING } from './smoothing.ts';
import { atr } from './volatility.ts';

/** An indicator whose types have been forgotten. */
export type AnyIndicator = Pick<Indicator<Inputs>, 'definition' | 'linesOf'>;

/** Every indicator of the library; being listed here is what gets one tested and documented. */
export const INDICATORS: readonly AnyIndicator[] = [
  ...MOVING_AVERAGES,
  ...CHOSEN_AVERAGES,
  ...LAG_AVERAGES,
  ...SMOOTHING,
  ...BAND_INDICATORS,
  ...MACD_INDICATORS,
  ...PRICE_OSCILLATORS,
  ...RATE_OSCILLATORS,
  ...PARABOLIC,
  ...MIDPOINTS,
  rsi,
  atr,
  stdDev,
  variance,
  highest,
  lowest,
  crossOver,
  crossUp,
  crossDown,
];
