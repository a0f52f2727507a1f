import type { Interval } from './interval.ts';

/** The first day of a week. */
export type Weekday = 'monday' | 'tuesday' | 'wednesday' | 'thursday' | 'friday' | 'saturday' | 'sunday';

/** How a column beyond OHLC of several bars becomes that of the longer bar. */
export type Combination = 'sum' | 'last' | 'first' | 'max' | 'min';

/** How bars are put together to longer ones. */
export interface ResampleOptions {
  /**
   * Moves the boundaries: `8h` lets days begin at 08:00 UTC, `30m` hours at half past. Default: days and longer begin when
   * the trading day of the instrument has ended, shorter bars count from where it begins; midnight UTC without one.
   */
  readonly offset?: string;
  /** Default `monday`. */
  readonly weekStart?: Weekday;
  /**
   * Columns beyond OHLCV, by name. Default: `sum` for names that hold `volume`, `trades` or `taker buy`, however written,
   * `last` for others. Sums carry along what rounding takes away.
   */
  readonly columns?: Readonly<Record<string, Combination>>;
}

/** How a data that others are made of gives rise to one: bars that are given once they have closed, or while they grow. */
export type Derivation = 'closed' | 'growing';

/** Bars of `interval` that are made of the shorter ones of another data. */
export interface DerivedTerms {
  readonly derivation: Derivation;
  readonly interval: Interval;
  readonly options: ResampleOptions;
}
