import { choice, type Parameter } from '../../model/parameters.ts';
import type { Line } from '../../series/line.ts';
import { add, delay, mul, sub } from '../../series/operators.ts';

import { mama } from '../cycle/mama.ts';
import { Kama } from './adaptive.ts';
import type { AverageConvention } from './convention.ts';
import { Ema, NestedEma, T3 } from './exponential.ts';
import { RunningSma, RunningTrima, RunningWma } from './running.ts';
import { Sma } from './simple.ts';
import { Hull, Wma, wholeWma } from './weighted.ts';
import { ErrorCorrecting, Zlema } from './zero-lag.ts';

/** The moving averages that need no more than a number of bars; `mama` needs none. */
export const AVERAGES = [
  'sma',
  'ema',
  'smma',
  'wma',
  'dema',
  'tema',
  'trima',
  'kama',
  'mama',
  't3',
  'hma',
  'zlema',
  'zeroLag',
  'dickson',
] as const;

/** A moving average by its name. */
export type Average = (typeof AVERAGES)[number];

type Build = (input: Line, bars: number, convention: AverageConvention) => Line;

const BUILD: Readonly<Record<Average, Build>> = {
  sma: (input, bars) => new Sma(input, bars).outputs.sma,
  ema: (input, bars, convention) => new Ema(input, bars, 2 / (bars + 1), convention).outputs.ema,
  smma: (input, bars, convention) => new Ema(input, bars, 1 / bars, convention).outputs.ema,
  wma: (input, bars, convention) =>
    convention === 'backtrader' ? wholeWma(input, bars) : new Wma(input, bars).outputs.wma,
  dema: (input, bars, convention) => demaOf('ema', input, bars, convention),
  tema: (input, bars, convention) => temaOf('ema', input, bars, convention),
  trima: (input, bars) => trimaOf(input, bars),
  kama: (input, bars, convention) => new Kama(input, bars, 2, 30, convention).outputs.kama,
  // MESA's average adapts to the cycle, whatever the number of bars.
  mama: (input, _, convention) =>
    mama(input, { convention: convention === 'running' ? 'talib' : 'exact' }).mama,
  t3: (input, bars) => new T3(input, bars, 0.7).outputs.t3,
  hma: (input, bars, convention) => hmaOf('wma', input, bars, convention),
  zlema: (input, bars, convention) => zlemaOf('ema', input, bars, convention),
  zeroLag: (input, bars, convention) => zeroLagOf(input, bars, 50, convention),
  dickson: (input, bars, convention) => dicksonOf('hma', input, bars, 7, 50, convention),
};

/** Those whose sums TA-Lib lets run. */
const RUNNING: Readonly<Partial<Record<Average, (input: Line, bars: number) => Line>>> = {
  sma: (input, bars) => new RunningSma(input, bars).outputs.mean,
  wma: (input, bars) => new RunningWma(input, bars).outputs.mean,
  trima: (input, bars) => new RunningTrima(input, bars).outputs.mean,
};

/** A parameter that chooses a moving average. */
export function average(byDefault: Average): Parameter<Average> {
  return choice<Average>([byDefault, ...AVERAGES.filter(one => one !== byDefault)]);
}

/**
 * The moving average `kind` of a line over `bars` bars, with its usual further settings: KAMA's 2 and 30, T3's 0.7.
 * For indicators that let their user choose: `parameters: { average: average('sma') }`.
 */
export function averageOf(
  kind: Average,
  input: Line,
  bars: number,
  convention: AverageConvention = 'talib',
): Line {
  // TA-Lib: over one bar every average is the value itself, also one that would need a second.
  if (bars === 1 && convention !== 'backtrader') return new Sma(input, 1).outputs.sma;
  const running = convention === 'running' ? RUNNING[kind] : undefined;
  return running === undefined ? BUILD[kind](input, bars, convention) : running(input, bars);
}

/** How many bars beyond its input's {@link averageOf} in TA-Lib's convention needs. */
export function averageWarmup(kind: Average, bars: number): number {
  return bars === 1 ? 0 : WARMUP[kind](bars - 1);
}

const WARMUP: Readonly<Record<Average, (before: number) => number>> = {
  sma: before => before,
  ema: before => before,
  smma: before => before,
  wma: before => before,
  dema: before => 2 * before,
  tema: before => 3 * before,
  trima: before => before,
  kama: before => before + 1,
  mama: () => 32,
  t3: before => 6 * before,
  hma: before => before + Math.floor(Math.sqrt(before + 1)) - 1,
  zlema: before => before + Math.floor(before / 2),
  zeroLag: before => before,
  dickson: before => Math.max(before, 7),
};

/** 2 · average − average of the average. */
export function demaOf(kind: Average, input: Line, bars: number, convention: AverageConvention): Line {
  if (kind === 'ema') return new NestedEma('DEMA', input, bars, [2, -1], convention).outputs.value;
  const first = averageOf(kind, input, bars, convention);
  return sub(mul(2, first), averageOf(kind, first, bars, convention));
}

/** 3 · average − 3 · average of the average + average of that. */
export function temaOf(kind: Average, input: Line, bars: number, convention: AverageConvention): Line {
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
export function hmaOf(kind: Average, input: Line, bars: number, convention: AverageConvention): Line {
  const half = Math.max(1, Math.floor(bars / 2));
  const last = Math.floor(Math.sqrt(bars));
  if (kind === 'wma' && convention !== 'backtrader') return new Hull(input, bars, half, last).outputs.hma;
  const raw = sub(mul(2, averageOf(kind, input, half, convention)), averageOf(kind, input, bars, convention));
  return averageOf(kind, raw, last, convention);
}

/** The average of 2 · value − value (bars − 1) ÷ 2 bars ago. */
export function zlemaOf(kind: Average, input: Line, bars: number, convention: AverageConvention): Line {
  const lag = Math.floor((bars - 1) / 2);
  if (kind === 'ema') return new Zlema(input, bars, lag, convention).outputs.zlema;
  return averageOf(kind, sub(mul(2, input), delay(input, lag)), bars, convention);
}

/** The EMA corrected towards the value, with gains up to `limit` tenths. */
export function zeroLagOf(input: Line, bars: number, limit: number, convention: AverageConvention): Line {
  const ema = averageOf('ema', input, bars, convention);
  return new ErrorCorrecting(input, ema, bars, limit).outputs.zeroLag;
}

/** The mean of the zero-lag average and a Hull average. */
export function dicksonOf(
  hull: Average,
  input: Line,
  bars: number,
  hullBars: number,
  limit: number,
  convention: AverageConvention,
): Line {
  const corrected = zeroLagOf(input, bars, limit, convention);
  return mul(add(corrected, averageOf(hull, input, hullBars, convention)), 0.5);
}
