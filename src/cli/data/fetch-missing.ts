import { resolve } from 'node:path';
import { type InputError, NetworkError, QtError } from '../../model/errors.ts';
import type { Market } from '../../model/instrument.ts';
import { barEnd, intervalMs, parseInterval } from '../../model/interval.ts';
import { realNetwork } from '../../net/real.ts';
import { sleep } from '../../net/sleep.ts';
import { number, utcTime } from '../../report/console/format.ts';
import { missingOf } from '../../store/bar-series.ts';
import { BarStore, type SeriesKey } from '../../store/bars.ts';
import { BINANCE_INTERVALS } from '../../venues/binance/intervals.ts';
import type { LoadedConfig } from '../config/config.ts';
import { type FetchFlags, historyMarketOf } from '../options/fetch-options.ts';
import { CliError, EXIT } from '../output/failure.ts';
import { onInterrupt } from '../output/interrupt.ts';
import { type DataStoreFlags, dataStoreOf } from './data-store.ts';
import { fetchSeries } from './fetch-series.ts';
import { DEFAULT_VENUE, keyOf, oneSeries } from './series-options.ts';

export interface FetchMissingFlags extends DataStoreFlags, FetchFlags {
  readonly venue?: string;
  readonly interval?: string[];
  /** Nothing is downloaded. */
  readonly offline?: boolean;
  readonly quiet?: boolean;
}

export interface RunRange {
  readonly from: number | undefined;
  readonly to: number | undefined;
  readonly warmup: number | undefined;
}

const DAY = 86_400_000;
/** Bars before the run that are downloaded with it, where nobody has said how many the indicators need. */
const LEAD_BARS = 500;
const LOCKED_PAUSE_MS = 500;

/**
 * Downloads what the store lacks of the series of a run: from its beginning to its end, or to the last midnight (UTC), so that
 * the same command gives the same all day. It says so on stderr, and when it cannot: then what is missing is for the reader of
 * the store to tell. Throws `SYMBOL_UNKNOWN`, `STORE_*`, and `INTERRUPTED` after Ctrl-C.
 */
export async function fetchMissing(
  symbols: readonly string[],
  flags: FetchMissingFlags,
  loaded: LoadedConfig,
  market: Market | undefined,
  range: RunRange,
): Promise<void> {
  const { interval: intervals = [], offline, venue = DEFAULT_VENUE } = flags;
  const wanted = symbols.flatMap((symbol, i) => {
    const interval = intervals[intervals.length === 1 ? 0 : i];
    return interval === undefined ? [] : [keyOf(symbol, interval, market === undefined ? {} : { market })];
  });
  const { from } = range;
  if (offline === true || venue !== DEFAULT_VENUE || from === undefined || wanted.length === 0) return;
  const known: readonly string[] = BINANCE_INTERVALS;
  const controller = new AbortController();
  const release = onInterrupt(() => controller.abort());
  let store: BarStore | undefined;
  try {
    store = new BarStore(resolve(dataStoreOf(flags, loaded)));
    for (const key of wanted.filter(({ interval }) => known.includes(interval))) {
      if (isOthers(store, key, flags)) continue;
      await untilFree(controller.signal, () =>
        fetchOne(store!, key, flags, loaded, { ...range, from }, controller.signal),
      );
    }
  } catch (error) {
    if (!controller.signal.aborted) throw error;
    throw new CliError(EXIT.interrupted, 'INTERRUPTED', 'stopped while downloading', {
      fix: 'what has come is stored; run the same command again, and it goes on',
    });
  } finally {
    store?.close();
    release();
  }
}

/** Tries again while another process downloads the same: afterwards less is missing, or nothing. */
async function untilFree(signal: AbortSignal, act: () => Promise<void>): Promise<void> {
  for (;;) {
    try {
      await act();
      return;
    } catch (error) {
      if (!(error instanceof QtError) || error.code !== 'FETCH_LOCKED') throw error;
      await sleep(realNetwork.timers, LOCKED_PAUSE_MS, signal);
      signal.throwIfAborted();
    }
  }
}

/** Whether what the symbol means in this store was traded elsewhere, or is made up. */
function isOthers(store: BarStore, { symbol, interval }: SeriesKey, flags: FetchMissingFlags): boolean {
  try {
    return oneSeries(store, symbol, interval, flags).venue !== DEFAULT_VENUE;
  } catch (error) {
    if ((error as InputError).code === 'SERIES_UNKNOWN') return false;
    throw error;
  }
}

async function fetchOne(
  store: BarStore,
  key: SeriesKey,
  flags: FetchMissingFlags,
  loaded: LoadedConfig,
  { from, to, warmup = LEAD_BARS }: RunRange & { readonly from: number },
  signal: AbortSignal,
): Promise<void> {
  const interval = parseInterval(key.interval);
  const now = Date.now();
  const end = Math.min(to ?? Math.floor(now / DAY) * DAY, now);
  if (!(from < end)) return;
  const whole = { from, to: end };
  const missing = missingOf(store.coverage(key, whole), whole).filter(
    hole => barEnd(hole.from, interval) <= hole.to,
  );
  if (missing.length === 0) return;
  const say = (text: string) => {
    if (flags.quiet !== true) process.stderr.write(`${key.symbol} ${key.interval}: ${text}\n`);
  };
  say(
    `downloading what is missing from ${utcTime(missing[0].from)} to ${utcTime(missing[missing.length - 1].to)} UTC`,
  );
  try {
    const { added } = await fetchSeries({
      store,
      key,
      market: historyMarketOf(key.market as Market, flags, loaded),
      from: from - warmup * intervalMs(interval),
      to: end,
      quiet: flags.quiet === true,
      signal,
    });
    say(`${number(added, 0)} bars downloaded`);
  } catch (error) {
    if (signal.aborted || !(error instanceof NetworkError)) throw error;
    const { cause } = error;
    // The whole message names ranges, which whoever reads the store tells in its own words.
    say(`not all could be downloaded: ${cause instanceof QtError ? cause.message : error.message}`);
  }
}
