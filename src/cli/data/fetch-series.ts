import { rmdirSync } from 'node:fs';
import type { HistoryProgress, HistoryReport } from '../../feeds/history/contract.ts';
import { fetchHistory } from '../../feeds/history/fetch.ts';
import { OutputError } from '../../model/errors.ts';
import { realDownload } from '../../net/download.ts';
import { realNetwork } from '../../net/real.ts';
import { paint } from '../../report/console/format.ts';
import { seriesName } from '../../store/bar-series.ts';
import type { BarStore, SeriesKey } from '../../store/bars.ts';
import { takeLock } from '../../store/lock.ts';
import type { HistoryMarket } from '../../venues/binance/history.ts';
import { StatusLine } from '../output/status-line.ts';
import { styleOf } from '../output/terminal.ts';
import { fetchLine } from './fetch-bar.ts';

export interface FetchSeries {
  readonly store: BarStore;
  readonly key: SeriesKey;
  readonly market: HistoryMarket;
  readonly from: number;
  readonly to: number | undefined;
  readonly replace?: boolean;
  /** No progress, and of what happens only errors. */
  readonly quiet: boolean;
  readonly signal: AbortSignal;
}

/**
 * Downloads a series, with a progress bar and what happens on stderr. Throws `FETCH_LOCKED` while another process downloads the
 * same series to the same store, and what `fetchHistory` throws.
 */
export async function fetchSeries(request: FetchSeries): Promise<HistoryReport> {
  const { store, key, quiet, ...options } = request;
  const folder = `${store.file}.fetch-${key.market}-${key.symbol}-${key.interval.replace('M', 'mo')}`;
  const lock = takeLock(`${folder}.lock`);
  if (lock === undefined) {
    throw new OutputError('FETCH_LOCKED', `another process is downloading ${seriesName(key)}`, {
      value: store.file,
      fix: 'wait for its end, or give another --data-store',
    });
  }
  const style = styleOf(process.stderr);
  const line = new StatusLine(process.stderr);
  const started = performance.now();
  let now: HistoryProgress = { done: 0, expected: 0, bytes: 0 };
  try {
    return await fetchHistory({
      ...options,
      store,
      key,
      folder,
      network: realNetwork,
      download: realDownload,
      onProgress: progress => {
        now = progress;
        if (!quiet) line.show(() => fetchLine(now, performance.now() - started, style));
      },
      onNotice: ({ code, message }) => {
        // What the venue lacks is told at the end, all at once.
        if (!quiet && code !== 'VENUE_GAP') line.print(paint(style, 'yellow', message));
      },
    });
  } finally {
    line.close();
    removeIfEmpty(folder);
    lock.release();
  }
}

function removeIfEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // What a stopped download left is gone on with.
  }
}
