import type { DataFeed } from '../../feeds/feed.ts';
import { InputError } from '../../model/errors.ts';
import type { Market } from '../../model/instrument.ts';
import { configOf } from '../config/config-options.ts';
import { openDataFiles } from '../data/data-files.ts';
import type { DataStoreFlags } from '../data/data-store.ts';
import { openStoredData } from '../data/stored-data.ts';
import { parseTime } from '../options/options.ts';

export interface ReplayFlags extends DataStoreFlags {
  readonly data?: string[];
  readonly symbol?: string[];
  readonly interval?: string[];
  readonly stamps?: 'open' | 'close';
  readonly onBadRow?: 'error' | 'skip';
  readonly venue?: string;
  readonly market?: Market;
  readonly from?: string;
  readonly fromTime?: string;
  readonly to?: string;
}

/** What a local exchange replays. */
export interface Replayed {
  readonly feeds: readonly DataFeed[];
  /** Where the replay begins and before which moment the data ends, epoch ms UTC. */
  readonly from: number | undefined;
  readonly to: number | undefined;
}

/** `--from` may also say where the data is from. */
const STORE = 'store';

/**
 * The files of --data, or the series of the data store that symbols name. Throws `NO_DATA`, `OPTION_INVALID`, and what is wrong
 * with a file or the store.
 */
export async function replayedData(symbols: readonly string[], flags: ReplayFlags): Promise<Replayed> {
  const { data, fromTime } = flags;
  const saysStore = flags.from === STORE;
  if (fromTime !== undefined && flags.from !== undefined && !saysStore) {
    throw new InputError('OPTION_INVALID', '--from and --from-time were both given', {
      value: fromTime,
      limit: flags.from,
      fix: 'give one of them',
    });
  }
  const option = fromTime === undefined ? '--from' : '--from-time';
  const begin = fromTime ?? (saysStore ? undefined : flags.from);
  const from = begin === undefined ? undefined : parseTime(option, begin);
  const to = flags.to === undefined ? undefined : parseTime('--to', flags.to);
  if (data === undefined) {
    // Bars before the beginning are history, which REST gives.
    return { feeds: await storedFeeds([...symbols, ...(flags.symbol ?? [])], flags, to), from, to };
  }
  if (saysStore || symbols.length > 0) {
    const other = saysStore ? '--from store' : symbols[0];
    throw new InputError('OPTION_INVALID', `--data and ${other} were both given`, {
      value: other,
      fix: 'give files with --data, or name series of the data store',
    });
  }
  const feeds = await openDataFiles(
    data.map(file => ({ file })),
    {
      symbols: flags.symbol,
      intervals: flags.interval,
      stamps: flags.stamps,
      market: undefined,
      termsOf: () => ({}),
      onBadRow: flags.onBadRow,
    },
  );
  return { feeds, from, to };
}

async function storedFeeds(
  symbols: readonly string[],
  flags: ReplayFlags,
  to: number | undefined,
): Promise<DataFeed[]> {
  if (symbols.length === 0) {
    throw new InputError('NO_DATA', 'it was not said what to replay', {
      fix: 'give files with --data <file...>, or name symbols of the data store: qt exchange BTCUSDT --interval 1m',
    });
  }
  const { market } = flags;
  const terms = { market, termsOf: () => ({}) };
  const range = { from: undefined, to };
  return openStoredData(symbols, flags, await configOf(flags), terms, range).map(({ feed }) => feed);
}
