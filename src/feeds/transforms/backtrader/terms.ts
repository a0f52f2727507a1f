import { InputError } from '../../../model/errors.ts';
import type { Interval } from '../../../model/interval.ts';

/** backtrader's names for the units of bars. */
export const TIMEFRAMES = [
  ...(['Ticks', 'MicroSeconds', 'Seconds', 'Minutes'] as const),
  ...(['Days', 'Weeks', 'Months', 'Years'] as const),
];
export type BacktraderTimeframe = (typeof TIMEFRAMES)[number];

/** What backtrader's `resampledata` and `replaydata` take, by its names. */
export interface BacktraderResampling {
  /** Default `Days`. */
  readonly timeframe?: BacktraderTimeframe;
  /** Default 1. */
  readonly compression?: number;
  /** Close bars shorter than a day where the clock shows a multiple of them; else count. Default true. */
  readonly bar2edge?: boolean;
  /** Stamp a bar by the boundary after it instead of its last part. Default true, of replay false. */
  readonly adjbartime?: boolean;
  /** Take the boundary behind the bar, not the one before it. Default true. */
  readonly rightedge?: boolean;
  /** Units by which boundaries come early. Default 0. */
  readonly boundoff?: number;
  /** Take in what is stamped at or before the last longer bar, as with `boundoff` happens; else leave it out. Default true. */
  readonly takelate?: boolean;
  /** Accepted; sessions end bars in any case, as in backtrader. Default true. */
  readonly sessionend?: boolean;
}

/** Less than backtrader's stamps, days in doubles, can tell apart, ms. */
export const INSTANT = 0.001;

export type Terms = Required<BacktraderResampling>;

const UNITS: Readonly<Partial<Record<BacktraderTimeframe, string>>> = {
  Seconds: 's',
  Minutes: 'm',
  Days: 'd',
  Weeks: 'w',
  Months: 'M',
  Years: 'y',
};

/** The options with their defaults; throws `RESAMPLE_INVALID`. */
export function termsOf(options: BacktraderResampling, adjbartime: boolean): Terms {
  const terms: Terms = {
    ...{ timeframe: 'Days', compression: 1, bar2edge: true, adjbartime, rightedge: true, boundoff: 0 },
    ...{ takelate: true, sessionend: true },
    ...options,
  };
  if (!TIMEFRAMES.includes(terms.timeframe)) {
    throw new InputError('RESAMPLE_INVALID', `the timeframe was ${String(terms.timeframe)}`, {
      value: terms.timeframe,
      limit: TIMEFRAMES,
      fix: `use one of ${TIMEFRAMES.join(', ')}`,
    });
  }
  for (const name of ['compression', 'boundoff'] as const) {
    const least = name === 'compression' ? 1 : Number.NEGATIVE_INFINITY;
    if (Number.isInteger(terms[name]) && terms[name] >= least) continue;
    throw new InputError('RESAMPLE_INVALID', `${name} was ${terms[name]}`, {
      value: terms[name],
      fix: 'use a whole number',
    });
  }
  return terms;
}

/** The length of bars of these terms; of ticks that of the source. */
export function intervalFor({ timeframe, compression }: Terms, source: Interval): Interval {
  const unit = UNITS[timeframe];
  return unit === undefined ? source : (`${compression}${unit}` as Interval);
}

/** The timeframe that backtrader would call bars of this length. */
export function timeframeOf(interval: Interval): BacktraderTimeframe {
  if (interval.endsWith('h')) return 'Minutes';
  const found = Object.entries(UNITS).find(([, unit]) => interval.endsWith(unit!));
  return found![0] as BacktraderTimeframe;
}
