import type { Analyzer, RunStart } from '../analyzer.ts';
import { FUND, type FundParameters, PERIODS, type PeriodParameters, withDefaults } from './parameters.ts';
import { Periods } from './periods.ts';
import type { ByPeriod } from './returns.ts';
import { Worth } from './worth.ts';

export interface DrawDownResult {
  /** Steps since the last peak. */
  len: number;
  /** Percent below the last peak. */
  drawdown: number;
  /** The same in quote. */
  moneydown: number;
  /** The largest of each. */
  readonly max: { len: number; drawdown: number; moneydown: number };
}

/** DrawDown: how far the value lies below its highest value after a step. */
export class DrawDown implements Analyzer<DrawDownResult> {
  readonly now: DrawDownResult = {
    len: 0,
    drawdown: 0,
    moneydown: 0,
    max: { len: 0, drawdown: 0, moneydown: 0 },
  };
  readonly #p;
  #worth!: Worth;
  #peak = Number.NEGATIVE_INFINITY;

  constructor(parameters: FundParameters = {}) {
    this.#p = withDefaults('DrawDown', FUND, parameters);
  }

  begin(start: RunStart): void {
    this.#worth = new Worth(start, this.#p.fund);
  }

  step(): void {
    const { now } = this;
    const { value } = this.#worth;
    this.#peak = Math.max(this.#peak, value);
    now.moneydown = this.#peak - value;
    now.drawdown = (100 * now.moneydown) / this.#peak;
    now.len = now.drawdown > 0 ? now.len + 1 : 0;
    const { max } = now;
    max.moneydown = Math.max(max.moneydown, now.moneydown);
    max.drawdown = Math.max(max.drawdown, now.drawdown);
    max.len = Math.max(max.len, now.len);
  }

  end(): DrawDownResult {
    return this.now;
  }
}

export interface TimeDrawDownResult {
  /** The largest fall below a peak, percent. */
  maxdrawdown: number;
  /** The most periods from one peak to the next. */
  maxdrawdownperiod: number;
}

/** TimeDrawDown: the same, looking only at the first step of each period. */
export class TimeDrawDown implements Analyzer<TimeDrawDownResult> {
  readonly now: TimeDrawDownResult = { maxdrawdown: 0, maxdrawdownperiod: 0 };
  readonly #p;
  #periods!: Periods;
  #worth!: Worth;
  #peak = Number.NEGATIVE_INFINITY;
  #length = 0;

  constructor(parameters: PeriodParameters & FundParameters = {}) {
    this.#p = withDefaults('TimeDrawDown', { ...PERIODS, ...FUND }, parameters);
  }

  begin(start: RunStart): void {
    this.#periods = new Periods(start, this.#p);
    this.#worth = new Worth(start, this.#p.fund);
  }

  step(time: number, ready: boolean): void {
    this.#periods.take(time, ready, () => this.#look());
  }

  #look(): void {
    const { value } = this.#worth;
    if (value > this.#peak) {
      this.#peak = value;
      this.#length = 0;
    }
    const fall = (100 * (this.#peak - value)) / this.#peak;
    if (fall > 0) this.#length++;
    this.now.maxdrawdown = Math.max(this.now.maxdrawdown, fall);
    this.now.maxdrawdownperiod = Math.max(this.now.maxdrawdownperiod, this.#length);
  }

  end(): TimeDrawDownResult {
    return this.now;
  }
}

export interface CalmarParameters extends PeriodParameters, FundParameters {
  /** Over how many periods; default 36. */
  readonly period?: number | undefined;
}

/**
 * Calmar: the logarithmic return a period over the last `period` periods, over the largest TimeDrawDown so far in percent;
 * NaN until there are as many periods, 0 without a drawdown. Taken at the first step of each period, and at the end.
 */
export class Calmar implements Analyzer<ByPeriod> {
  readonly #p;
  #periods!: Periods;
  #worth!: Worth;
  readonly #drawdown: TimeDrawDown;
  readonly #ratios: ByPeriod = {};
  #values: number[] = [];
  #worst = 0;

  constructor(parameters: CalmarParameters = {}) {
    const defaults = { ...PERIODS, timeframe: 'Months' as const, ...FUND, period: 36 };
    this.#p = withDefaults<CalmarParameters>('Calmar', defaults, parameters);
    const { timeframe, compression } = this.#p;
    this.#drawdown = new TimeDrawDown({ timeframe, compression });
  }

  begin(start: RunStart): void {
    this.#periods = new Periods(start, this.#p);
    this.#worth = new Worth(start, this.#p.fund);
    this.#drawdown.begin(start);
    this.#values = new Array(this.#p.period).fill(Number.NaN);
    this.#push(this.#worth.value);
  }

  step(time: number, ready: boolean): void {
    this.#drawdown.step(time, ready);
    this.#periods.take(time, ready, () => this.#look());
  }

  #push(value: number): void {
    this.#values.push(value);
    this.#values.shift();
  }

  #look(): void {
    this.#worst = Math.max(this.#worst, this.#drawdown.now.maxdrawdown);
    this.#push(this.#worth.value);
    const values = this.#values;
    const growth = Math.log(values[values.length - 1] / values[0]) / values.length;
    this.#ratios[this.#periods.key] = growth / (this.#worst === 0 ? Number.POSITIVE_INFINITY : this.#worst);
  }

  end(): ByPeriod {
    if (this.#periods !== undefined && this.#periods.key !== '') this.#look();
    return this.#ratios;
  }
}
