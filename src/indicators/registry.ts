import { CHOSEN_AVERAGES } from './chosen-average.ts';
import { crossDown, crossOver, crossUp } from './crosses.ts';
import type { Indicator, Inputs } from './definition.ts';
import { stdDev, variance } from './deviation.ts';
import { highest, lowest } from './extremes.ts';
import { macd, rsi } from './momentum.ts';
import { MOVING_AVERAGES } from './moving-averages.ts';
import { atr, bollinger } from './volatility.ts';

/** An indicator whose types have been forgotten. */
export type AnyIndicator = Pick<Indicator<Inputs>, 'definition' | 'linesOf'>;

/** Every indicator of the library; being listed here is what gets one tested and documented. */
export const INDICATORS: readonly AnyIndicator[] = [
  ...MOVING_AVERAGES,
  ...CHOSEN_AVERAGES,
  rsi,
  macd,
  atr,
  bollinger,
  stdDev,
  variance,
  highest,
  lowest,
  crossOver,
  crossUp,
  crossDown,
];
