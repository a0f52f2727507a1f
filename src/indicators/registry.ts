import type { Data } from '../series/data.ts';
import type { Line } from '../series/line.ts';
import { crossDown, crossOver, crossUp } from './crosses.ts';
import { highest, lowest } from './extremes.ts';
import { macd, rsi } from './momentum.ts';
import { ema, sma, wma } from './moving-averages.ts';
import { atr, bollinger, stdDev } from './volatility.ts';

/** One indicator as tests and generated documents see it; being listed here is what gets it tested. */
export interface IndicatorEntry {
  readonly name: string;
  /** Whole-number parameters with values that suit a short series. */
  readonly parameters: Readonly<Record<string, number>>;
  build(data: Data, parameters: Readonly<Record<string, number>>): Readonly<Record<string, Line>>;
}

/** Every indicator of the library. */
export const INDICATORS: readonly IndicatorEntry[] = [
  { name: 'sma', parameters: { bars: 10 }, build: (data, { bars }) => ({ sma: sma(data.close, bars) }) },
  { name: 'ema', parameters: { bars: 10 }, build: (data, { bars }) => ({ ema: ema(data.close, bars) }) },
  { name: 'wma', parameters: { bars: 10 }, build: (data, { bars }) => ({ wma: wma(data.close, bars) }) },
  { name: 'rsi', parameters: { bars: 14 }, build: (data, { bars }) => ({ rsi: rsi(data.close, bars) }) },
  {
    name: 'macd',
    parameters: { fast: 5, slow: 9, signal: 4 },
    build: (data, given) => macd(data.close, given),
  },
  { name: 'atr', parameters: { bars: 14 }, build: (data, { bars }) => ({ atr: atr(data, bars) }) },
  { name: 'bollinger', parameters: { bars: 20 }, build: (data, { bars }) => bollinger(data.close, bars) },
  {
    name: 'stdDev',
    parameters: { bars: 20 },
    build: (data, { bars }) => ({ stdDev: stdDev(data.close, bars) }),
  },
  {
    name: 'highest',
    parameters: { bars: 7 },
    build: (data, { bars }) => ({ highest: highest(data.high, bars) }),
  },
  {
    name: 'lowest',
    parameters: { bars: 7 },
    build: (data, { bars }) => ({ lowest: lowest(data.low, bars) }),
  },
  {
    name: 'crossOver',
    parameters: { fast: 3, slow: 8 },
    build: ({ close }, { fast, slow }) => ({ cross: crossOver(sma(close, fast), sma(close, slow)) }),
  },
  {
    name: 'crossUp',
    parameters: { fast: 3, slow: 8 },
    build: ({ close }, { fast, slow }) => ({ cross: crossUp(sma(close, fast), sma(close, slow)) }),
  },
  {
    name: 'crossDown',
    parameters: { fast: 3, slow: 8 },
    build: ({ close }, { fast, slow }) => ({ cross: crossDown(sma(close, fast), sma(close, slow)) }),
  },
];
