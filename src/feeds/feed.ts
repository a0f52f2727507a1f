import type { Bar, Bars, Growth } from '../model/bars.ts';
import type { Instrument } from '../model/instrument.ts';
import type { Interval } from '../model/interval.ts';
import type { LineMemory } from '../series/line-memory.ts';

/** What a feed says, in the order in which it became known. */
export type FeedEvent =
  /**
   * Closed bars. `warmup` bars only feed indicators; `late` ones arrived after their step was released. With `growth`, which
   * feeds with {@link DataFeed.growsBy} give with every chunk and others never, rows are bars that grow: a step each.
   */
  | {
      readonly kind: 'bars';
      readonly bars: Bars;
      readonly phase: 'warmup' | 'run';
      readonly late: boolean;
      readonly growth?: Growth | undefined;
    }
  /** The open bar, revised; `bar.close` is the last price, `time` when the source said so (epoch ms UTC). */
  | { readonly kind: 'forming'; readonly bar: Bar; readonly time: number }
  /** Nothing more will be known at or before `upTo` (epoch ms UTC). */
  | { readonly kind: 'clock'; readonly upTo: number }
  | { readonly kind: 'gap'; readonly from: number; readonly to: number; readonly cause: string }
  | { readonly kind: 'status'; readonly status: 'live' | 'disconnected' };

export interface FeedRequest {
  readonly signal: AbortSignal;
  /** Bars that the strategy's indicators need before the first bar of the run. */
  readonly warmup: number;
  /**
   * Stamp of the last bar that the consumer has already: the run goes on with the next one, without warm-up. Where bars grow:
   * of the last one that cannot grow on; of the next the consumer may have the beginning, and leaves that out itself.
   */
  readonly after?: number | undefined;
}

/** When the trading day of a feed begins and ends, ms after midnight UTC, fractions included. */
export interface TradingDay {
  readonly start: number;
  readonly end: number;
}

/**
 * Where bars come from: history and live data alike. One feed is one instrument at one interval.
 * Closing the iterator (break, return, abort) frees everything the feed holds.
 */
export interface DataFeed {
  readonly instrument: Instrument;
  readonly interval: Interval;
  /**
   * For bars that are given while they grow: how long the parts are of which they grow, one row each. Orders on the
   * instrument are matched on them as on a feed of that interval. Absent where a bar is given once, closed.
   */
  readonly growsBy?: Interval | undefined;
  /** What a bar's time means in this source. */
  readonly stamps: 'open' | 'close';
  /** Names of the columns beyond OHLCV. */
  readonly columns: readonly string[];
  /** Absent where trading goes on around the clock. Orders at the close, timers and orders of the day may ask for it. */
  readonly tradingDay?: TradingDay;
  /** About how many bars it will give, for allocating; absent where nobody can know. */
  readonly length?: number;
  /**
   * True for a source that says by `clock` when all that was known at a moment has been given: no consumer need guess
   * by the time of day whether something is still to come.
   */
  readonly clocked?: boolean;
  /**
   * Where lines that were computed over these bars are kept for later runs over the same ones. Only for a feed that gives the
   * same bars each time, `length` of them at most, up to the same last one.
   */
  readonly lines?: LineMemory;
  events(request: FeedRequest): AsyncIterable<FeedEvent>;
  /** How much of the source has been read, 0 … 1; absent or NaN where nobody can know. */
  progress?(): number;
  /** Sentences about the data that the user should see at the end: "3 rows skipped: …". */
  notes?(): readonly string[];
}
