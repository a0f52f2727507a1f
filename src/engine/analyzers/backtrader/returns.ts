import { InputError } from '../../../model/errors.ts';
import type { Analyzer, RunStart, WatchedData } from '../analyzer.ts';
import { FUND, type FundParameters, PERIODS, type PeriodParameters, withDefaults } from './parameters.ts';
import { Periods } from './periods.ts';
import { log } from './precise.ts';
import { Worth } from './worth.ts';

/** One figure a period, by the period's end: ISO 8601, UTC. */
export type ByPeriod = Record<string, number>;

export interface TimeReturnParameters extends PeriodParameters, FundParameters {
  /** Number of the data whose returns are wanted; default: the account's. */
  readonly data?: number | null | undefined;
  /** With `data`: the first period starts from the open of its first bar (default), or from its close. */
  readonly firstopen?: boolean | undefined;
}

const TIME_RETURN: { data: number | null; firstopen: boolean } = { data: null, firstopen: true };

/** What is followed from period to period: the account, a share of it, or a data's price. */
class Followed {
  readonly #worth: Worth;
  readonly #data: WatchedData | undefined;
  readonly #firstOpen: boolean;
  readonly #fromFirstBar: boolean;
  /** The value a step ago; NaN before the first of a data. */
  #last: number;
  /** The value at the end of the period before. */
  from = Number.NaN;

  /** `fromFirstBar`: periods of a data start from its first bar's open as long as it has no other bar. */
  constructor(name: string, start: RunStart, p: TimeReturnParameters, fromFirstBar = false) {
    this.#fromFirstBar = fromFirstBar;
    this.#worth = new Worth(start, p.fund);
    this.#data = p.data == null ? undefined : dataOf(name, start, p.data);
    this.#firstOpen = p.firstopen !== false;
    this.#last = this.#data === undefined ? this.#worth.value : Number.NaN;
  }

  begin(): void {
    const { bar } = this.#data ?? {};
    const isNew = Number.isNaN(this.#last) || (this.#fromFirstBar && this.#data?.length === 1);
    if (bar !== undefined && isNew) this.from = this.#firstOpen ? bar.open : bar.close;
    else this.from = this.#last;
  }

  step(): number {
    this.#last = this.#data === undefined ? this.#worth.value : this.#data.bar.close;
    return this.#last;
  }
}

function dataOf(name: string, { datas }: RunStart, index: number): WatchedData {
  if (datas[index] !== undefined) return datas[index];
  throw new InputError('DATA_UNKNOWN', `${name}: the run has no data number ${index}`, {
    value: index,
    limit: datas.length - 1,
    fix: `give a number from 0 to ${datas.length - 1}`,
  });
}

/** TimeReturn: value at the end of each period over the value at the end of the one before, minus 1. */
export class TimeReturn implements Analyzer<ByPeriod> {
  periods!: Periods;
  readonly #p;
  readonly #returns: ByPeriod = {};
  #followed!: Followed;
  /** The current period's return so far; NaN before the first. */
  now = Number.NaN;

  constructor(parameters: TimeReturnParameters = {}) {
    this.#p = withDefaults('TimeReturn', { ...PERIODS, ...FUND, ...TIME_RETURN }, parameters);
  }

  begin(start: RunStart): void {
    this.periods = new Periods(start, this.#p);
    this.#followed = new Followed('TimeReturn', start, this.#p);
  }

  step(time: number, ready: boolean): void {
    if (!this.periods.take(time, ready, () => this.#followed.begin())) return;
    const { from } = this.#followed;
    this.now = this.#followed.step() / from - 1;
    this.#returns[this.periods.key] = this.now;
  }

  end(): ByPeriod {
    return this.#returns;
  }
}

/**
 * LogReturnsRolling: the logarithm of the value at the end of a period over the value `compression` periods before; NaN
 * until there are as many.
 */
export class LogReturnsRolling implements Analyzer<ByPeriod> {
  periods!: Periods;
  readonly #p;
  readonly #returns: ByPeriod = {};
  #followed!: Followed;
  #starts: number[] = [];
  now = Number.NaN;

  constructor(parameters: TimeReturnParameters = {}) {
    this.#p = withDefaults('LogReturnsRolling', { ...PERIODS, ...FUND, ...TIME_RETURN }, parameters);
  }

  begin(start: RunStart): void {
    this.periods = new Periods(start, this.#p);
    this.#followed = new Followed('LogReturnsRolling', start, this.#p, true);
    this.#starts = new Array(this.periods.compression).fill(Number.NaN);
  }

  step(time: number, ready: boolean): void {
    if (!this.periods.take(time, ready, () => this.#begin())) return;
    this.now = log(this.#followed.step() / this.#starts[0]);
    this.#returns[this.periods.key] = this.now;
  }

  #begin(): void {
    this.#followed.begin();
    this.#starts.shift();
    this.#starts.push(this.#followed.from);
  }

  end(): ByPeriod {
    return this.#returns;
  }
}

/** Periods a year by which backtrader annualises, by time frame. */
export const PERIODS_A_YEAR: Readonly<Record<string, number>> = {
  Days: 252,
  Weeks: 52,
  Months: 12,
  Years: 1,
};

export interface ReturnsParameters extends PeriodParameters, FundParameters {
  /** Periods a year; default 252 days, 52 weeks, 12 months, 1 year; for other time frames the same of the data's, or 1. */
  readonly tann?: number | null | undefined;
}

export interface ReturnsResult {
  /** The logarithm of end value over start value. */
  readonly rtot: number;
  /** The same, a period. */
  readonly ravg: number;
  /** `ravg` compounded to a year, as a fraction. */
  readonly rnorm: number;
  /** The same in percent. */
  readonly rnorm100: number;
}

/** What an account comes to that has lost everything, or more. */
const RUIN: ReturnsResult = {
  rtot: Number.NEGATIVE_INFINITY,
  ravg: Number.NEGATIVE_INFINITY,
  rnorm: Number.NEGATIVE_INFINITY,
  rnorm100: Number.NEGATIVE_INFINITY,
};

/** Returns: total, average and annualised logarithmic return; all of them -Infinity when nothing is left. */
export class Returns implements Analyzer<ReturnsResult> {
  readonly #p;
  #periods!: Periods;
  #worth!: Worth;
  #from = Number.NaN;
  #to = Number.NaN;
  #count = 0;

  constructor(parameters: ReturnsParameters = {}) {
    this.#p = withDefaults('Returns', { ...PERIODS, ...FUND, tann: null as number | null }, parameters);
  }

  begin(start: RunStart): void {
    this.#periods = new Periods(start, this.#p);
    this.#worth = new Worth(start, this.#p.fund);
    this.#from = this.#worth.value;
    this.#to = this.#from;
  }

  step(time: number, ready: boolean): void {
    this.#to = this.#worth.value;
    this.#periods.take(time, ready, () => this.#count++);
  }

  end(): ReturnsResult {
    if (this.#periods === undefined) return { rtot: NaN, ravg: NaN, rnorm: NaN, rnorm100: NaN };
    const growth = this.#to / this.#from;
    if (growth <= 0) return RUIN;
    const rtot = log(growth);
    const ravg = rtot / this.#count;
    const { timeframe, dataTimeframe } = this.#periods;
    const tann = this.#p.tann ?? PERIODS_A_YEAR[timeframe] ?? PERIODS_A_YEAR[dataTimeframe] ?? 1;
    const rnorm = Math.expm1(ravg * tann);
    return { rtot, ravg, rnorm, rnorm100: rnorm * 100 };
  }
}

/**
 * AnnualReturn: each calendar year's return, from the last value of the year before; the first year's from the value
 * after the first bar. Years are those of the first data's bars. Where that data has fewer bars than the run has steps, its
 * last bar is taken with the last value, the one before it with the value before, and so on.
 */
export class AnnualReturn implements Analyzer<ByPeriod> {
  #datas: readonly WatchedData[] = [];
  #worth!: Worth;
  #periods!: Periods;
  /** Bars seen so far: of the first data, and of all together. */
  #bars = 0;
  #allBars = 0;
  readonly #values: number[] = [];
  readonly #years: number[] = [];

  begin(start: RunStart): void {
    this.#datas = start.datas;
    this.#worth = new Worth(start, undefined);
    this.#periods = new Periods(start, { timeframe: 'Years' });
  }

  step(): void {
    const [data] = this.#datas;
    let bars = 0;
    for (const { length } of this.#datas) bars += length;
    // A step that only revises a bar has no value of its own.
    if (bars === this.#allBars) this.#values.pop();
    this.#allBars = bars;
    this.#values.push(this.#worth.value);
    if (data.length === this.#bars) return;
    this.#bars = data.length;
    this.#periods.begins(data.bar.closeTime);
    this.#years.push(Number(this.#periods.key.slice(0, 4)));
  }

  end(): ByPeriod {
    const years = this.#years;
    const values = this.#values.slice(this.#values.length - years.length);
    const returns: ByPeriod = {};
    let from = values[0];
    for (let i = 0; i < years.length; i++) {
      if (i > 0 && years[i] !== years[i - 1]) from = values[i - 1];
      returns[years[i]] = values[i] / from - 1;
    }
    return returns;
  }
}
