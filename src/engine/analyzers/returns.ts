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
  }

  steps({ length, stamps, first, shift, value }: Steps): void {
    // A step belongs to the day in which its bars ended; one that ends at midnight closes the day before.
    let from = 0;
    while (stamps[first + length - 1] + shift > this.#periodEnd) {
      const i = firstAfter(stamps, first + from, first + length, this.#periodEnd - shift) - first;
      if (i > 0) this.#reach(stamps[first + i - 1] + shift, value[i - 1]);
      this.#endPeriod(stamps[first + i] + shift);
      from = i;
    }
    this.#reach(stamps[first + length - 1] + shift, value[length - 1]);
  }

  #reach(time: number, value: number): void {
    this.#time = time;
    this.#value = value;
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
  }

  #endMonth(next: number): void {
    this.#addMonth();
    this.#monthEnd = nextMonth(next - 1);
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
    };
  }
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
function ratio(reward: number, risk: number): number {
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
