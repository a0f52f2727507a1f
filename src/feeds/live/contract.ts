import type { Bars } from '../../model/bars.ts';
import type { Interval } from '../../model/interval.ts';
import type { Network } from '../../net/network.ts';
import type { Endpoints } from '../../venues/binance/endpoints.ts';
import type { DataFeed } from '../feed.ts';

/** One stream of klines. */
export interface Series {
  readonly symbol: string;
  readonly interval: Interval;
}

export interface LiveKlinesOptions {
  readonly endpoints: Endpoints;
  /** One or more; a series may be there once only. */
  readonly series: readonly Series[];
  readonly network: Network;
  /** Give every update of the open bars as `forming` events, too; default false. */
  readonly forming?: boolean;
  /** A closed bar that is delivered longer than this after its close is late, ms of the market's time; default: its interval. */
  readonly lateMs?: number;
  /** Fail instead of trying again and again when the exchange cannot be reached at the start; default false. */
  readonly once?: boolean;
  /** Where warm-up is taken from, as far as it goes and the exchange agrees with it, before REST is asked for it. */
  readonly past?: PastBars;
  /** Gives up opening; once open, `close` ends it. */
  readonly signal?: AbortSignal;
  /** What happens to the connections, as it happens. */
  readonly onNotice?: (notice: LiveNotice) => void;
}

/** Bars of the past that are at hand. */
export interface PastBars {
  /** The newest `count` bars that open before `before` (epoch ms UTC), oldest first; fewer, or none, where there are no more. */
  last(symbol: string, interval: Interval, count: number, before: number): Bars;
}

/** Something that a person who watches should know. */
export interface LiveNotice {
  /** Epoch ms UTC. */
  readonly time: number;
  readonly level: 'info' | 'warning';
  /** Stable; docs/data.md lists them. */
  readonly code: string;
  /** One line. */
  readonly message: string;
}

/** How the connections are, for a display. */
export interface LiveStatus {
  readonly connections: readonly {
    readonly url: string;
    readonly state: 'connecting' | 'open' | 'waiting';
  }[];
  readonly series: readonly (Series & {
    readonly state: 'syncing' | 'live' | 'disconnected' | 'ended';
    /** Open time of the last bar that was delivered, epoch ms UTC; NaN before the first. */
    readonly last: number;
  })[];
  /** The market's time as well as it can be told, epoch ms UTC. */
  readonly time: number;
  readonly counters: {
    /** Messages that came on the streams. */
    readonly frames: number;
    /** Closed bars that came once more. */
    readonly duplicates: number;
    /** Of them, those that came with other values; the first ones stand. */
    readonly revised: number;
    /** Sockets opened after the first of each connection, those that replace an old one included. */
    readonly reconnects: number;
    /** Bars of the run that the streams did not bring in time and REST did. */
    readonly gapsFilled: number;
    /** Forming updates that were left out because the consumer was behind. */
    readonly dropped: number;
  };
}

/**
 * Klines of several symbols and intervals as they come about: one feed a series. Every closed bar is delivered exactly
 * once, in order, none missing, across whatever happens to the connections.
 */
export interface LiveKlines {
  /** In the order of the series. Each one's `events` may be called once. */
  readonly feeds: readonly DataFeed[];
  status(): LiveStatus;
  /** Ends all feeds and frees every socket and timer. */
  close(): Promise<void>;
}
