import type { Download } from '../../net/download.ts';
import type { Network } from '../../net/network.ts';
import type { BarStore, SeriesKey, TimeRange } from '../../store/bars.ts';
import type { HistoryMarket } from '../../venues/binance/history.ts';

/** What the user should know of while it happens. */
export interface HistoryNotice {
  /**
   * `ARCHIVE_RETRY`, `REST_RETRY`, `UNREACHABLE`: it is tried again. `ARCHIVE_FAILED`: REST is asked instead.
   * `VENUE_GAP`: the venue has no bars there.
   */
  readonly code: string;
  readonly message: string;
}

/** How far a fetch is. */
export interface HistoryProgress {
  /**
   * About how many bars have come, of about `expected`: those that the venue does not have count as well, and what is there of an
   * archive that is on its way.
   */
  readonly done: number;
  readonly expected: number;
  /** Of archives, packed. */
  readonly bytes: number;
}

export interface HistoryOptions {
  readonly store: Pick<BarStore, 'put' | 'noteEmpty' | 'coverage'>;
  readonly key: SeriesKey;
  readonly market: HistoryMarket;
  /** Open times, epoch ms UTC: inclusive. */
  readonly from: number;
  /** Exclusive; default: what has closed. */
  readonly to?: number | undefined;
  /** Asks for what is there as well, and takes what has come to differ. */
  readonly replace?: boolean | undefined;
  readonly network: Network;
  readonly download: Download;
  /** Where archives lie while they are needed. */
  readonly folder: string;
  readonly signal?: AbortSignal | undefined;
  readonly onNotice?: ((notice: HistoryNotice) => void) | undefined;
  readonly onProgress?: ((progress: HistoryProgress) => void) | undefined;
}

export interface HistoryReport {
  /** What was asked for, by the venue's bars and clock, epoch ms UTC. */
  readonly range: TimeRange;
  /** Bars put into the store that it did not have, that it had, and that it had with other values. */
  readonly added: number;
  readonly same: number;
  readonly different: number;
  /** Archives that were read. */
  readonly archives: number;
  /** Of which the venue has no bars; the store knows now. */
  readonly empty: readonly TimeRange[];
  /** Of which the venue has no bars yet, or will never have: too early to say. */
  readonly pending: readonly TimeRange[];
}
