import type { PeriodSeries } from './returns.ts';
import { changesOf } from './risk.ts';

/**
 * The run beside a benchmark, from the returns of the same periods (UTC days, or steps where those are longer): r of the
 * account, b of the benchmark; risk-free rate 0. Deviations and covariances are those of samples. The last four figures are NaN
 * with fewer than two periods, when the account or the benchmark was worth nothing or less, and where they would divide
 * by a deviation of 0.
 */
export interface BenchmarkComparison {
  /** `buy & hold`, or the data that was given. */
  readonly name: string;
  /** What the benchmark returned over the run, as a fraction. */
  readonly return: number;
  /** Annualised: (mean r − beta × mean b) × periods a year (Jensen, "The Performance of Mutual Funds", 1968). */
  readonly alpha: number;
  /** Covariance of r and b over the variance of b (Sharpe, "Capital Asset Prices", 1964). */
  readonly beta: number;
  /** Of r and b (Pearson), −1 … 1. */
  readonly correlation: number;
  /** Mean of r − b over its deviation, annualised by the root of the periods a year (Grinold and Kahn, 1995). */
  readonly informationRatio: number;
}

export function compareWith(
  name: string,
  { values, benchmark, periodsAYear }: PeriodSeries,
): BenchmarkComparison {
  const whole = benchmark.length === 0 ? Number.NaN : benchmark[benchmark.length - 1] / benchmark[0] - 1;
  const account = changesOf(values);
  const other = changesOf(benchmark);
  const alive = (value: number) => value > 0;
  if (account.length < 2 || !values.subarray(1).every(alive) || !benchmark.every(alive)) {
    const none = Number.NaN;
    return { name, return: whole, alpha: none, beta: none, correlation: none, informationRatio: none };
  }
  const meanAccount = mean(account);
  const meanOther = mean(other);
  const covariance = product(account, meanAccount, other, meanOther);
  const variance = product(other, meanOther, other, meanOther);
  const ownVariance = product(account, meanAccount, account, meanAccount);
  const beta = variance > 0 ? covariance / variance : Number.NaN;
  const active = account.map((value, i) => value - other[i]);
  const meanActive = mean(active);
  const tracking = Math.sqrt(product(active, meanActive, active, meanActive));
  const both = Math.sqrt(variance * ownVariance);
  return {
    name,
    return: whole,
    alpha: (meanAccount - beta * meanOther) * periodsAYear,
    beta,
    correlation: both > 0 ? covariance / both : Number.NaN,
    informationRatio: tracking > 0 ? (meanActive / tracking) * Math.sqrt(periodsAYear) : Number.NaN,
  };
}

function mean(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}

/** The sample covariance. */
function product(a: Float64Array, meanA: number, b: Float64Array, meanB: number): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] - meanA) * (b[i] - meanB);
  return sum / (a.length - 1);
}
