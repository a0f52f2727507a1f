import { choice, type Parameter } from '../../model/parameters.ts';
import type { Line } from '../../series/line.ts';
import { add, delay, mul, sub } from '../../series/operators.ts';
import type { Convention } from '../definition.ts';
import { Kama } from './adaptive.ts';
import { Ema, NestedEma, t3Weights } from './exponential.ts';
import { Sma } from './simple.ts';
import { Hull, Wma } from './weighted.ts';
import { ErrorCorrecting, Zlema } from './zero-lag.ts';

/** The moving averages that need no more than a number of bars. */
export const AVERAGES = [
  'sma',
  'ema',
  'smma',
  'wma',
  'dema',
  'tema',
  'trima',
  'kama',
  't3',
  'hma',
  'zlema',
  'zeroLag',
  'dickson',
] as const;

/** A moving average by its name. */
export type Average = (typeof AVERAGES)[number];

type Build = (input: Line, bars: number, convention: Convention) => Line;

const BUILD: Readonly<Record<Average, Build>> = {
  sma: (input, bars) => new Sma(input, bars).outputs.sma,
  ema: (input, bars, convention) => new Ema(input, bars, 2 / (bars + 1), convention).outputs.ema,
  smma: (input, bars, convention) => new Ema(input, bars, 1 / bars, convention).outputs.ema,
  wma: (input, bars) => new Wma(input, bars).outputs.wma,
  dema: (input, bars, convention) => demaOf('ema', input, bars, convention),
  tema: (input, bars, convention) => temaOf('ema', input, bars, convention),
  trima: (input, bars) => trimaOf(input, bars),
  kama: (input, bars, convention) => new Kama(input, bars, 2, 30, convention).outputs.kama,
  t3: (input, bars, convention) => new NestedEma('T3', input, bars, t3Weights(0.7), convention).outputs.value,
  hma: (input, bars, convention) => hmaOf('wma', input, bars, convention),
  zlema: (input, bars, convention) => zlemaOf('ema', input, bars, convention),
  zeroLag: (input, bars, convention) => zeroLagOf('ema', input, bars, 5, convention),
  dickson: (input, bars, convention) => dicksonOf('ema', 'hma', input, bars, 7, 5, convention),
};

/** A parameter that chooses a moving average. */
export function average(byDefault: Average): Parameter<Average> {
  return choice<Average>([byDefault, ...AVERAGES.filter(one => one !== byDefault)]);
}

/**
 * The moving average `kind` of a line over `bars` bars, with its usual further settings: KAMA's 2 and 30, T3's 0.7.
 * For indicators that let their user choose: `parameters: { average: average('sma') }`.
 */
export function averageOf(kind: Average, input: Line, bars: number, convention: Convention = 'talib'): Line {
  // TA-Lib: over one bar every average is the value itself, also one that would need a second.
  if (bars === 1 && convention === 'talib') return new Sma(input, 1).outputs.sma;
  return BUILD[kind](input, bars, convention);
}

/** 2 · average − average of the average. */
export function demaOf(kind: Average, input: Line, bars: number, convention: Convention): Line {
  if (kind === 'ema') return new NestedEma('DEMA', input, bars, [2, -1], convention).outputs.value;
  const first = averageOf(kind, input, bars, convention);
  return sub(mul(2, first), averageOf(kind, first, bars, convention));
}

/** 3 · average − 3 · average of the average + average of that. */
export function temaOf(kind: Average, input: Line, bars: number, convention: Convention): Line {
  if (kind === 'ema') return new NestedEma('TEMA', input, bars, [3, -3, 1], convention).outputs.value;
  const first = averageOf(kind, input, bars, convention);
  const second = averageOf(kind, first, bars, convention);
  return add(sub(mul(3, first), mul(3, second)), averageOf(kind, second, bars, convention));
}

/** The simple average of a simple average: weights that rise to the middle of the window and fall again. */
export function trimaOf(input: Line, bars: number): Line {
  const inner = Math.floor(bars / 2) + 1;
  return new Sma(new Sma(input, inner).outputs.sma, bars + 1 - inner).outputs.sma;
}

/** The average over √bars of 2 · average over half the bars − average over all. */
export function hmaOf(kind: Average, input: Line, bars: number, convention: Convention): Line {
  const half = Math.max(1, Math.floor(bars / 2));
  const last = Math.floor(Math.sqrt(bars));
  if (kind === 'wma') return new Hull(input, bars, half, last).outputs.hma;
  const raw = sub(mul(2, averageOf(kind, input, half, convention)), averageOf(kind, input, bars, convention));
  return averageOf(kind, raw, last, convention);
}

/** The average of 2 · value − value (bars − 1) ÷ 2 bars ago. */
export function zlemaOf(kind: Average, input: Line, bars: number, convention: Convention): Line {
  const lag = Math.floor((bars - 1) / 2);
  if (kind === 'ema') return new Zlema(input, bars, lag, convention).outputs.zlema;
  return averageOf(kind, sub(mul(2, input), delay(input, lag)), bars, convention);
}

/** The average corrected towards the value, with gains up to `limit`. */
export function zeroLagOf(
  kind: Average,
  input: Line,
  bars: number,
  limit: number,
  convention: Convention,
): Line {
  const smooth = averageOf(kind, input, bars, convention);
  return new ErrorCorrecting(input, smooth, bars, Math.round(limit * 10)).outputs.zeroLag;
}

/** The mean of the zero-lag average and a Hull average. */
export function dicksonOf(
  kind: Average,
  hull: Average,
  input: Line,
  bars: number,
  hullBars: number,
  limit: number,
  convention: Convention,
): Line {
  const corrected = zeroLagOf(kind, input, bars, limit, convention);
  return mul(add(corrected, averageOf(hull, input, hullBars, convention)), 0.5);
}
