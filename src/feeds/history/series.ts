import type { Bars } from '../../model/bars.ts';

/** What a series of bars is of. */
export interface SeriesKey {
  readonly venue: string;
  readonly market: string;
  readonly symbol: string;
  readonly interval: string;
}
export interface TimeRange {
  readonly from: number;
  readonly to: number;
}
export interface Coverage {
  readonly stretches: readonly (TimeRange & { readonly bars: number })[];
  readonly empty: readonly TimeRange[];
}
export interface BarStore {
  put(
    key: SeriesKey,
    bars: Bars,
    options?: { replace?: boolean },
  ): { added: number; same: number; different: number };
  noteEmpty(key: SeriesKey, range: TimeRange): void;
  coverage(key: SeriesKey, range?: Partial<TimeRange>): Coverage;
}
