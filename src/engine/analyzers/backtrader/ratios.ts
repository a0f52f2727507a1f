import type { Analyzer, RunStart } from '../analyzer.ts';
import { FUND, type FundParameters, PERIODS, type TimeFrame, withDefaults } from './parameters.ts';
import { Periods } from './periods.ts';
import { exp } from './precise.ts';
import { AnnualReturn, PERIODS_A_YEAR, Returns, type ReturnsParameters, TimeReturn } from './returns.ts';
import { deviation, mean } from './statistics.ts';
import { Worth } from './worth.ts';

/** Time frame and compression of analyzers that look at whole periods, a year by default. */
export interface YearlyParameters extends FundParameters {
  readonly timeframe?: TimeFrame | null | undefined;
  readonly compression?: number | null | undefined;
}

const YEARLY: { timeframe: TimeFrame | null; compression: number | null; fund: boolean | null } = {
  timeframe: 'Years',
  compression: 1,
  ...FUND,
};

export interface SharpeParameters extends YearlyParameters {
  /** Risk-free rate a year, as a fraction; default 0.01. */
  readonly riskfreerate?: number | undefined;
  /** Periods a year; default 252 days, 52 weeks, 12 months, 1 year. */
  readonly factor?: number | null | undefined;
  /** True (default): the rate is converted to a period's; false: the returns are converted to a year's. */
  readonly convertrate?: boolean | undefined;
  /** Multiply by the root of the periods a year. */
  readonly annualize?: boolean | undefined;
  /** Deviation of a sample in place of the population's. */
  readonly stddev_sample?: boolean | undefined;
  /** Another name for `factor`, for days. */
  readonly daysfactor?: number | null | undefined;
  /** Use {@link AnnualReturn} and the rate as it is. */
  readonly legacyannual?: boolean | undefined;
}

export interface SharpeResult {
  /** null where there is none: fewer than two returns, or returns that do not vary. */
  readonly sharperatio: number | null;
}

/** SharpeRatio: mean excess return of the periods over its standard deviation. */
export class SharpeRatio implements Analyzer<SharpeResult> {
  readonly #p;
  readonly #returns: TimeReturn | AnnualReturn;

  constructor(parameters: SharpeParameters = {}, name = 'SharpeRatio') {
    this.#p = withDefaults(
      name,
      {
        ...YEARLY,
        riskfreerate: 0.01,
        factor: null as number | null,
        convertrate: true,
        annualize: name === 'SharpeRatio_A',
        stddev_sample: false,
        daysfactor: null as number | null,
        legacyannual: false,
      },
      parameters,
    );
    const { timeframe, compression, fund } = this.#p;
    this.#returns = this.#p.legacyannual
      ? new AnnualReturn()
      : new TimeReturn({ timeframe, compression, fund });
  }

  begin(start: RunStart): void {
    this.#returns.begin(start);
  }

  step(time: number, ready: boolean): void {
    this.#returns.step(time, ready);
  }

  end(): SharpeResult {
    const ratio = this.#ratio(Object.values(this.#returns.end()));
    return { sharperatio: Number.isFinite(ratio) ? ratio : null };
  }

  #ratio(returns: number[]): number {
    const { riskfreerate, convertrate, annualize, stddev_sample, legacyannual } = this.#p;
    if (legacyannual) {
      const average = mean(returns);
      return (average - riskfreerate) / deviation(returns, average, false);
    }
    const factor = this.#factor;
    let rate = riskfreerate;
    if (factor !== undefined) {
      if (convertrate) rate = (1 + rate) ** (1 / factor) - 1;
      else returns = returns.map(value => (1 + value) ** factor - 1);
    }
    const excess = returns.map(value => value - rate);
    const average = mean(excess);
    const ratio = average / deviation(excess, average, stddev_sample);
    return factor !== undefined && convertrate && annualize ? Math.sqrt(factor) * ratio : ratio;
  }

  get #factor(): number | undefined {
    const { timeframe, factor, daysfactor } = this.#p;
    if (timeframe === 'Days' && daysfactor !== null) return daysfactor;
    return factor ?? PERIODS_A_YEAR[timeframe ?? ''];
  }
}

export interface PeriodStatsParameters extends YearlyParameters {
  /** Count periods without a change as positive. */
  readonly zeroispos?: boolean | undefined;
}

export interface PeriodStatsResult {
  readonly average: number;
  /** Of the population. */
  readonly stddev: number;
  /** How many periods went up, went down, did neither. */
  readonly positive: number;
  readonly negative: number;
  readonly nochange: number;
  readonly best: number;
  readonly worst: number;
}

/** PeriodStats: the returns of all periods in a few figures. */
export class PeriodStats implements Analyzer<PeriodStatsResult> {
  readonly #p;
  readonly #returns: TimeReturn;

  constructor(parameters: PeriodStatsParameters = {}) {
    this.#p = withDefaults('PeriodStats', { ...YEARLY, zeroispos: false }, parameters);
    const { timeframe, compression, fund } = this.#p;
    this.#returns = new TimeReturn({ timeframe, compression, fund });
  }

  begin(start: RunStart): void {
    this.#returns.begin(start);
  }

  step(time: number, ready: boolean): void {
    this.#returns.step(time, ready);
  }

  end(): PeriodStatsResult {
    const returns = Object.values(this.#returns.end());
    const { zeroispos } = this.#p;
    const zero = returns.filter(value => value === 0).length;
    const average = mean(returns);
    return {
      average,
      stddev: deviation(returns, average, false),
      positive: returns.filter(value => value > 0).length + (zeroispos ? zero : 0),
      negative: returns.filter(value => value < 0).length,
      nochange: zeroispos ? 0 : zero,
      best: returns.reduce((best, value) => Math.max(best, value), Number.NEGATIVE_INFINITY),
      worst: returns.reduce((worst, value) => Math.min(worst, value), Number.POSITIVE_INFINITY),
    };
  }
}

export interface VwrParameters extends ReturnsParameters {
  /** How fast the reward of a return falls with its variability; default 0.2. */
  readonly tau?: number | undefined;
  /** The variability at which nothing is left of it; default 2. */
  readonly sdev_max?: number | undefined;
}

/**
 * VWR, the variability-weighted return: the annualised return in percent, weighted by how closely the value followed
 * steady growth (Norman and Pollard, "A Better Measure of Performance", 2013).
 */
export class VWR implements Analyzer<{ readonly vwr: number }> {
  readonly #p;
  readonly #returns: Returns;
  #periods!: Periods;
  #worth!: Worth;
  /** Values before the run, at the first step of each period, and at the end. */
  readonly #values: number[] = [];
  /** True when the last step was not the first of a period. */
  #within = false;

  constructor(parameters: VwrParameters = {}) {
    const { timeframe, compression, tann } = parameters;
    this.#p = withDefaults(
      'VWR',
      { ...PERIODS, ...FUND, tann: null as number | null, tau: 0.2, sdev_max: 2 },
      parameters,
    );
    this.#returns = new Returns({ timeframe, compression, tann });
  }

  begin(start: RunStart): void {
    this.#returns.begin(start);
    this.#periods = new Periods(start, this.#p);
    this.#worth = new Worth(start, this.#p.fund);
    this.#values.push(this.#worth.value);
  }

  step(time: number, ready: boolean): void {
    this.#returns.step(time, ready);
    this.#within = true;
    this.#periods.take(time, ready, () => {
      this.#values.push(this.#worth.value);
      this.#within = false;
    });
  }

  end(): { readonly vwr: number } {
    const { ravg, rnorm100 } = this.#returns.end();
    const { tau, sdev_max } = this.#p;
    const values = this.#within ? [...this.#values, this.#worth.value] : this.#values;
    const departures = values.slice(1).map((value, i) => value / (values[i] * exp(ravg * (i + 1))) - 1);
    const spread = deviation(departures, mean(departures), true);
    return { vwr: rnorm100 * (1 - (spread / sdev_max) ** tau) };
  }
}
