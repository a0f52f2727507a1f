import { NumberColumn } from '../../model/columns.ts';
import type { Analyzer, RunStart, Steps } from './analyzer.ts';

const DAY = 86_400_000;
const YEAR = 365 * DAY;

export interface Returns {
  /** End value over start value, minus 1. */
  readonly total: number;
  /** The same, compounded to a year of 365 days; NaN for runs shorter than a day. */
  readonly cagr: number;
  /**
   * Mean over sample deviation of the period returns, annualised; risk-free rate 0. NaN with fewer than two periods,
   * and when the account was worth nothing or less at the end of one: what follows is no return on anything.
   */
  readonly sharpe: number;
  /** As Sharpe, over the downside deviation (returns below 0, over all periods); Infinity when there was none. */
  readonly sortino: number;
  /** Sample deviation of the period returns, annualised. */
  readonly volatility: number;
  /** How many period returns there were. */
  readonly periods: number;
  /** The return of each calendar month (UTC) that the run touched. */
  readonly months: readonly { readonly month: string; readonly return: number }[];
  /** The same of each calendar year. */
  readonly years: readonly { readonly year: number; readonly return: number }[];
}

/** The account's value and the benchmark's, period by period. */
export interface PeriodSeries {
  /** Periods in a year of 365 days. */
  readonly periodsAYear: number;
  /** Values before the first period and after each, in quote. */
  readonly values: Float64Array;
  /** What the benchmark had made of 1 at the same moments. */
  readonly benchmark: Float64Array;
}

/** Something to compare a run with. */
export interface BenchmarkSource {
  readonly name: string;
  /**
   * For a run that begins at `from`: what the benchmark had made of 1 by a time; both epoch ms UTC, times ascending.
   */
  growth(from: number): (time: number) => number;
}

/**
 * Returns of the account's value. The ratios use one return a UTC day, or one a step where steps are longer than a
 * day, and a year of 365 days (crypto never closes). A day without a step is no period.
 */
export class ReturnsAnalyzer implements Analyzer<Returns> {
  #start = 0;
  #startTime = 0;
  #value = 0;
  #time = 0;
  #periodMs = DAY;
  #periodEnd = 0;
  #periodValue = 0;
  #count = 0;
  /** Welford's running mean and sum of squared deviations of the period returns. */
  #mean = 0;
  #squares = 0;
  #downside = 0;
  #monthEnd = 0;
  #monthValue = 0;
  readonly #months: { month: string; return: number }[] = [];
  readonly #years: { year: number; return: number }[] = [];
  #yearValue = 0;
  /** What the benchmark had made of 1 by the last step. */
  #growth = 1;
  readonly #source: BenchmarkSource | undefined;
  #benchmark: ((time: number) => number) | undefined;
  readonly #values = new NumberColumn();
  readonly #growths = new NumberColumn();

  /** `benchmark`: what to compare with in place of buying and holding the run's instruments. */
  constructor(benchmark?: BenchmarkSource) {
    this.#source = benchmark;
  }

  begin(start: RunStart): void {
    this.#start = start.value;
    this.#startTime = start.time;
    this.#value = start.value;
    this.#time = start.time;
    this.#periodMs = Math.max(DAY, start.stepMs);
    this.#periodEnd = start.stepMs >= DAY ? start.time : nextDay(start.time);
    this.#periodValue = start.value;
    this.#monthEnd = nextMonth(start.time);
    this.#monthValue = start.value;
    this.#yearValue = start.value;
    this.#benchmark = this.#source?.growth(start.time);
    this.#values.push(start.value);
    this.#growths.push(1);
  }

  steps(steps: Steps): void {
    const { length, stamps, first, shift } = steps;
    // A step belongs to the day in which its bars ended; one that ends at midnight closes the day before.
    let from = 0;
    while (stamps[first + length - 1] + shift > this.#periodEnd) {
      const i = firstAfter(stamps, first + from, first + length, this.#periodEnd - shift) - first;
      if (i > 0) this.#reach(steps, i - 1);
      this.#endPeriod(stamps[first + i] + shift);
      from = i;
    }
    this.#reach(steps, length - 1);
  }

  #reach({ stamps, first, shift, value, buyAndHold }: Steps, i: number): void {
    this.#time = stamps[first + i] + shift;
    this.#value = value[i];
    this.#growth = this.#benchmark === undefined ? buyAndHold(i) : this.#benchmark(this.#time);
  }

  #endPeriod(next: number): void {
    if (this.#time > this.#startTime) this.#addPeriod();
    if (next > this.#monthEnd) this.#endMonth(next);
    this.#periodEnd = this.#periodMs > DAY ? next : nextDay(next - 1);
  }

  #addPeriod(): void {
    const change = this.#value > 0 ? this.#value / this.#periodValue - 1 : Number.NaN;
    this.#count++;
    const deviation = change - this.#mean;
    this.#mean += deviation / this.#count;
    this.#squares += deviation * (change - this.#mean);
    if (change < 0) this.#downside += change * change;
    this.#periodValue = this.#value;
    this.#values.push(this.#value);
    this.#growths.push(this.#growth);
  }

  #endMonth(next: number): void {
    this.#addMonth();
    const end = nextMonth(next - 1);
    if (yearOf(end) !== yearOf(this.#monthEnd)) this.#addYear();
    this.#monthEnd = end;
  }

  #addYear(): void {
    this.#years.push({ year: yearOf(this.#monthEnd), return: this.#value / this.#yearValue - 1 });
    this.#yearValue = this.#value;
  }

  #addMonth(): void {
    const date = new Date(this.#monthEnd - 1);
    const month = `${date.getUTCFullYear()}-${String(date.getUTCMonth() + 1).padStart(2, '0')}`;
    this.#months.push({ month, return: this.#value / this.#monthValue - 1 });
    this.#monthValue = this.#value;
  }

  end(): Returns {
    if (this.#time > this.#startTime) {
      this.#addPeriod();
      this.#addMonth();
      this.#addYear();
    }
    const elapsed = this.#time - this.#startTime;
    const periodsAYear = YEAR / this.#periodMs;
    const deviation = this.#count > 1 ? Math.sqrt(this.#squares / (this.#count - 1)) : Number.NaN;
    const downside = this.#count > 1 ? Math.sqrt(this.#downside / this.#count) : Number.NaN;
    const growth = this.#value / this.#start;
    return {
      total: growth - 1,
      cagr: elapsed >= DAY ? growth ** (YEAR / elapsed) - 1 : Number.NaN,
      sharpe: ratio(this.#mean, deviation) * Math.sqrt(periodsAYear),
      sortino: ratio(this.#mean, downside) * Math.sqrt(periodsAYear),
      volatility: deviation * Math.sqrt(periodsAYear),
      periods: this.#count,
      months: this.#months,
      years: this.#years,
    };
  }

  /** The periods behind the figures; complete after {@link end}. */
  get series(): PeriodSeries {
    return {
      periodsAYear: YEAR / this.#periodMs,
      values: this.#values.view(),
      benchmark: this.#growths.view(),
    };
  }
}

/** The year in which the month that ends at `end` lies. */
function yearOf(end: number): number {
  return new Date(end - 1).getUTCFullYear();
}

/** The first index of `from`..`to` whose time lies after `time`; times ascend. */
function firstAfter(times: Float64Array, from: number, to: number, time: number): number {
  let low = from;
  let high = to;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle] <= time) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** 0 for nothing over nothing: an account that never moved has neither reward nor risk. */
export function ratio(reward: number, risk: number): number {
  return reward === 0 && risk === 0 ? 0 : reward / risk;
}

/** The end of the UTC day that `time` lies in. */
function nextDay(time: number): number {
  return (Math.floor(time / DAY) + 1) * DAY;
}

/** The end of the UTC month that `time` lies in. */
function nextMonth(time: number): number {
  const date = new Date(time);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1);
}
