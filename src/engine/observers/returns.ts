import type { RunStart } from '../analyzers/analyzer.ts';
import {
  FUND,
  type FundParameters,
  PERIODS,
  type PeriodParameters,
  withDefaults,
} from '../analyzers/backtrader/parameters.ts';
import { TimeReturn as Analysis, LogReturnsRolling } from '../analyzers/backtrader/returns.ts';
import type { Observer } from './observer.ts';

export type ReturnParameters = Omit<PeriodParameters, '_doprenext'> & FundParameters;

const { _doprenext: _, ...PERIOD } = PERIODS;
const RETURN = { ...PERIOD, ...FUND };

/** TimeReturn: the current period's return so far. */
export class TimeReturn implements Observer {
  readonly name = 'TimeReturn';
  readonly #analysis: Analysis;

  constructor(parameters: ReturnParameters = {}) {
    this.#analysis = new Analysis(withDefaults('TimeReturn', RETURN, parameters));
  }

  begin(start: RunStart): readonly string[] {
    this.#analysis.begin(start);
    return ['timereturn'];
  }

  step(values: Float64Array, time: number, ready: boolean): void {
    this.#analysis.step(time, ready);
    values[0] = this.#analysis.now;
  }
}

/** LogReturns: the first data's logarithmic return over the last `compression` periods. */
export class LogReturns implements Observer {
  readonly name: string = 'LogReturns';
  readonly #analyses: readonly LogReturnsRolling[];

  /** `datas`: of how many datas, from the first. */
  constructor(parameters: ReturnParameters = {}, datas = 1) {
    const p = withDefaults(datas === 1 ? 'LogReturns' : 'LogReturns2', RETURN, parameters);
    this.#analyses = Array.from({ length: datas }, (_, data) => new LogReturnsRolling({ ...p, data }));
  }

  begin(start: RunStart): readonly string[] {
    return this.#analyses.map((analysis, i) => {
      analysis.begin(start);
      return `logret${i + 1}`;
    });
  }

  step(values: Float64Array, time: number, ready: boolean): void {
    for (const [i, analysis] of this.#analyses.entries()) {
      analysis.step(time, ready);
      values[i] = analysis.now;
    }
  }
}

/** LogReturns2: the same of the first two datas. */
export class LogReturns2 extends LogReturns {
  override readonly name = 'LogReturns2';

  constructor(parameters: ReturnParameters = {}) {
    super(parameters, 2);
  }
}

export interface BenchmarkParameters extends PeriodParameters, FundParameters {
  /** Number of the data to compare with; default the first. */
  readonly data?: number | null | undefined;
  /** True: the first period starts from the open of the data's first bar; default: from its close. */
  readonly firstopen?: boolean | undefined;
}

/** Benchmark: the account's return in the current period beside a data's; by default from the minimum period on. */
export class Benchmark implements Observer {
  readonly name = 'Benchmark';
  readonly #account: Analysis;
  readonly #data: Analysis;

  constructor(parameters: BenchmarkParameters = {}) {
    const defaults = { ...RETURN, _doprenext: false, data: null as number | null, firstopen: false };
    const { data, firstopen, fund, ...periods } = withDefaults('Benchmark', defaults, parameters);
    this.#account = new Analysis({ ...periods, fund });
    this.#data = new Analysis({ ...periods, data: data ?? 0, firstopen });
  }

  begin(start: RunStart): readonly string[] {
    this.#account.begin(start);
    this.#data.begin(start);
    return ['timereturn', 'benchmark'];
  }

  step(values: Float64Array, time: number, ready: boolean): void {
    this.#account.step(time, ready);
    this.#data.step(time, ready);
    values[0] = this.#account.now;
    values[1] = this.#data.now;
  }
}
