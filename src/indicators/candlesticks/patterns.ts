import { MORE_CANDLES } from './more-candles.ts';
import { ONE_CANDLE } from './one-candle.ts';
import { type PatternIndicator, type PatternSpec, patternIndicator } from './pattern.ts';
import { type CandleSettings, settingTable } from './settings.ts';
import { STARS } from './stars.ts';
import { THREE_CANDLES } from './three-candles.ts';
import { TWO_CANDLES } from './two-candles.ts';

const ALL = { ...ONE_CANDLE, ...TWO_CANDLES, ...STARS, ...THREE_CANDLES, ...MORE_CANDLES } as const;

/** All candlestick patterns by their names. */
export type CandlePatterns = { readonly [K in keyof typeof ALL]: PatternIndicator<(typeof ALL)[K]> };

/**
 * All candlestick patterns, measured by settings of one's own: `candlePatterns({ bodyDoji: { factor: 0.05 } }).doji`. What
 * is not named stays as TA-Lib has it. Throws `CANDLE_SETTING_UNKNOWN` and `CANDLE_SETTING_INVALID`.
 */
export function candlePatterns(settings: CandleSettings = {}): CandlePatterns {
  const table = settingTable(settings);
  const made = Object.entries(ALL as Readonly<Record<string, PatternSpec>>).map(([name, spec]) => [
    name,
    patternIndicator(name, spec, table),
  ]);
  return Object.fromEntries(made);
}

/** How many candles a pattern is made of. */
export const candlesOf = (name: keyof CandlePatterns): number => ALL[name].candles;

/** All candlestick patterns by TA-Lib's settings: 0, or above 0 where it is bullish and below where it is bearish. */
export const patterns: CandlePatterns = candlePatterns();
