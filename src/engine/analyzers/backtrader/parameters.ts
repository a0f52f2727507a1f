import { InputError, suggestion } from '../../../model/errors.ts';

/** backtrader's time frames, shortest first; `NoTimeFrame` is the whole run. */
export const TIME_FRAMES = [
  'Ticks',
  'MicroSeconds',
  'Seconds',
  'Minutes',
  'Days',
  'Weeks',
  'Months',
  'Years',
  'NoTimeFrame',
] as const;

export type TimeFrame = (typeof TIME_FRAMES)[number];

/** How a run is cut into periods. */
export interface PeriodParameters {
  /** Default: the first data's. */
  readonly timeframe?: TimeFrame | null | undefined;
  /** Periods below a day have this many units; longer ones ignore it. Default: the first data's. */
  readonly compression?: number | null | undefined;
  /** False leaves out the steps before the strategy's minimum period; default true. */
  readonly _doprenext?: boolean | undefined;
}

/** What is measured. */
export interface FundParameters {
  /** True: the worth of a share; false: the account's value. Default: as the account's fund mode says. */
  readonly fund?: boolean | null | undefined;
}

/** The given parameters over their defaults; throws `PARAMETER_UNKNOWN`, `TIMEFRAME_UNKNOWN` or `COMPRESSION_INVALID`. */
export function withDefaults<D extends object>(
  analyzer: string,
  defaults: D,
  given: { readonly [K in keyof D]?: D[K] | undefined },
): D {
  const values = { ...defaults };
  for (const [name, value] of Object.entries(given)) {
    if (!(name in defaults)) {
      throw new InputError('PARAMETER_UNKNOWN', `${analyzer} has no parameter "${name}"`, {
        value: name,
        fix: suggestion(name, Object.keys(defaults)),
      });
    }
    if (value === undefined) continue;
    if (name === 'timeframe') checkTimeFrame(analyzer, value);
    if (name === 'compression') checkCompression(analyzer, value);
    values[name as keyof D] = value as D[keyof D];
  }
  return values;
}

function checkTimeFrame(analyzer: string, value: unknown): void {
  if (value === null || TIME_FRAMES.includes(value as TimeFrame)) return;
  throw new InputError('TIMEFRAME_UNKNOWN', `${analyzer}: there is no time frame "${value}"`, {
    value,
    limit: TIME_FRAMES,
    fix: suggestion(String(value), TIME_FRAMES),
  });
}

function checkCompression(analyzer: string, value: unknown): void {
  if (value === null || (Number.isInteger(value) && (value as number) > 0)) return;
  throw new InputError('COMPRESSION_INVALID', `${analyzer}: compression was ${value}`, {
    value,
    limit: 'a whole number from 1 on',
    fix: 'leave it out, or give how many units a period has',
  });
}

/** A parameter that does not change a value's type when it is left open. */
export const PERIODS: {
  timeframe: TimeFrame | null;
  compression: number | null;
  _doprenext: boolean;
} = { timeframe: null, compression: null, _doprenext: true };

export const FUND: { fund: boolean | null } = { fund: null };
