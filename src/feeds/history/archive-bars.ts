import type { Bars } from '../../model/bars.ts';
import { DataError, NetworkError } from '../../model/errors.ts';
import type { Interval } from '../../model/interval.ts';
import type { Archive } from '../../venues/binance/history.ts';
import { KLINE_COLUMNS } from '../../venues/binance/kline.ts';
import { csvFeed } from '../csv/csv.ts';

/**
 * The bars of an archive in chunks, with the columns of klines. Its times may be in milliseconds or microseconds, with a
 * header or without. Throws `ARCHIVE_UNREADABLE` when it holds something else than it should.
 */
export async function* archiveBars(
  file: string,
  archive: Archive,
  { symbol, interval }: { readonly symbol: string; readonly interval: Interval },
  signal: AbortSignal,
): AsyncGenerator<Bars> {
  try {
    const feed = await csvFeed(file, { symbol, interval });
    const lacking = KLINE_COLUMNS.find(name => !feed.columns.includes(name));
    if (lacking !== undefined) throw unreadable(archive, `it has no column ${lacking}`);
    for await (const event of feed.events({ signal, warmup: 0 })) {
      if (event.kind !== 'bars') continue;
      const { bars } = event;
      if (bars.time[0] < archive.from || bars.time[bars.length - 1] >= archive.to) {
        throw unreadable(archive, `it has bars of another ${archive.period}`);
      }
      const extra = Object.fromEntries(KLINE_COLUMNS.map(name => [name, bars.extra[name]]));
      yield { ...bars, extra };
    }
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    // Nothing was traded on that day.
    if (error.code === 'CSV_NO_ROWS' || error.code === 'CSV_EMPTY') return;
    throw unreadable(archive, error.message, error);
  }
}

function unreadable(archive: Archive, problem: string, cause?: unknown): NetworkError {
  return new NetworkError('ARCHIVE_UNREADABLE', problem, { value: archive.name, retriable: false, cause });
}
