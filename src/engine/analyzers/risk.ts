import { type PeriodSeries, ratio } from './returns.ts';

/** The share of periods beyond which the worst ones lie. */
const TAIL = 0.05;

/**
 * Risk, from the returns of the account's periods (UTC days, or steps where those are longer): r = value after a period
 * over value before it, minus 1. All are NaN with fewer than two periods, and when the account was worth nothing or less at the
 * end of one.
 */
export interface Risk {
  /**
   * Sum of all gains over sum of all losses, threshold 0 (Keating and Shadwick, "A Universal Performance Measure", 2002).
   * Infinity without a loss, NaN without any change.
   */
  readonly omega: number;
  /**
   * Historical value at risk, 95 %: the loss that 95 % of the periods did not exceed, as a positive fraction; the 5 % quantile
   * of r with its sign changed, interpolated linearly between neighbours (Hyndman and Fan's type 7). Negative when
   * even there was a gain.
   */
  readonly valueAtRisk: number;
  /**
   * Conditional value at risk, or expected shortfall: the mean loss of the periods at and beyond that quantile (Rockafellar and
   * Uryasev, "Optimization of Conditional Value-at-Risk", 2000).
   */
  readonly conditionalValueAtRisk: number;
  /**
   * Root of the mean square of the distance below the highest value so far, as a fraction of it, at the ends of the periods
   * (Martin and McCann, "The Investor's Guide to Fidelity Funds", 1989). The starting value counts as the first peak.
   */
  readonly ulcerIndex: number;
  /**
   * Compound annual return over maximum drawdown (Young, "Calmar Ratio: A Smoother Tool", 1991, there over 36 months,
   * here over the whole run). Infinity for a gain without a drawdown, 0 for an account that never moved.
   */
  readonly calmar: number;
}

/** `cagr` and `maxDrawdown` as fractions. */
export function riskOf({ values }: PeriodSeries, cagr: number, maxDrawdown: number): Risk {
  const changes = changesOf(values);
  if (changes.length < 2 || values.subarray(1).some(value => !(value > 0))) {
    const none = Number.NaN;
    return { omega: none, valueAtRisk: none, conditionalValueAtRisk: none, ulcerIndex: none, calmar: none };
  }
  let gains = 0;
  let losses = 0;
  let squares = 0;
  let peak = values[0];
  for (let i = 0; i < changes.length; i++) {
    if (changes[i] > 0) gains += changes[i];
    else losses -= changes[i];
    const value = values[i + 1];
    if (value > peak) peak = value;
    squares += ((peak - value) / peak) ** 2;
  }
  const sorted = changes.toSorted();
  const quantile = quantileOf(sorted, TAIL);
  return {
    omega: gains / losses,
    valueAtRisk: -quantile,
    conditionalValueAtRisk: -meanUpTo(sorted, quantile),
    ulcerIndex: Math.sqrt(squares / changes.length),
    calmar: ratio(cagr, maxDrawdown),
  };
}

/** The relative change from each value to the next. */
export function changesOf(values: Float64Array): Float64Array {
  const changes = new Float64Array(Math.max(0, values.length - 1));
  for (let i = 0; i < changes.length; i++) changes[i] = values[i + 1] / values[i] - 1;
  return changes;
}

/** The quantile of ascending values, interpolated linearly. */
function quantileOf(sorted: Float64Array, share: number): number {
  const position = share * (sorted.length - 1);
  const below = Math.floor(position);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (position - below) * (sorted[above] - sorted[below]);
}

/** The mean of the ascending values that are at most `limit`; the first always is. */
function meanUpTo(sorted: Float64Array, limit: number): number {
  let sum = sorted[0];
  let count = 1;
  while (count < sorted.length && sorted[count] <= limit) sum += sorted[count++];
  return sum / count;
}
