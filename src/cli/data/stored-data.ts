import type { DataFeed } from '../../feeds/feed.ts';
import { storeFeed } from '../../feeds/store.ts';
import { DataError, InputError } from '../../model/errors.ts';
import type { Market } from '../../model/instrument.ts';
import { barEnd, barStart, type Interval } from '../../model/interval.ts';
import { utcTime } from '../../report/console/format.ts';
import type { RunOrigin } from '../../report/origin.ts';
import { missingOf, seriesName } from '../../store/bar-series.ts';
import { BarStore, type SeriesKey, type StoredSeries, type TimeRange } from '../../store/bars.ts';
import type { LoadedConfig } from '../config/config.ts';
import { shown } from '../files/shown.ts';
import { type DataFlags, servedFeed } from './data-files.ts';
import { type DataStoreFlags, dataStoreOf } from './data-store.ts';
import { DEFAULT_VENUE, keyOf, oneSeries, SYNTHETIC_VENUE } from './series-options.ts';

export interface StoredDataFlags extends DataStoreFlags {
  readonly venue?: string;
  readonly market?: Market;
  readonly interval?: string[];
}

/** What part of the data a run is to be over, epoch ms UTC. */
export interface StoredRange {
  readonly from: number | undefined;
  readonly to: number | undefined;
}

export interface StoredData {
  readonly feed: DataFeed;
  readonly origin: NonNullable<RunOrigin['files']>[number];
}

/** Trading there never pauses: a range without bars lacks them. */
const AROUND_THE_CLOCK: readonly string[] = [DEFAULT_VENUE, SYNTHETIC_VENUE];

const DAY = 86_400_000;

/** Feeds of series of the store, in the order of the symbols. Throws `DATA_MISSING` with what gets what is not there. */
export function openStoredData(
  symbols: readonly string[],
  flags: StoredDataFlags,
  loaded: LoadedConfig,
  terms: Pick<DataFlags, 'market' | 'termsOf'>,
  range: StoredRange,
): StoredData[] {
  const { interval: intervals } = flags;
  if (intervals !== undefined && intervals.length !== 1 && intervals.length !== symbols.length) {
    throw new InputError(
      'OPTION_INVALID',
      `--interval was given ${intervals.length} times for ${symbols.length} symbols`,
      {
        value: intervals,
        limit: symbols.length,
        fix: 'give one --interval for all symbols, or one a symbol',
      },
    );
  }
  const file = dataStoreOf(flags, loaded);
  const wanted = symbols.map((symbol, i) => ({
    symbol,
    interval: intervals?.[intervals.length === 1 ? 0 : i],
    ...(flags.venue === undefined ? {} : { venue: flags.venue }),
    ...(terms.market === undefined ? {} : { market: terms.market }),
  }));
  const store = openExisting(file, wanted[0], range);
  try {
    return wanted.map(one => {
      const series = findSeries(store, one, range);
      const lacks = lacking(store, series, range);
      const edges = lacks.filter(({ from, to }) => from < series.first || to > series.last);
      if (AROUND_THE_CLOCK.includes(series.venue) && edges.length > 0) throw missing(file, series, edges);
      const feed = storeFeed(file, series, range);
      const holes = lacks.filter(one => !edges.includes(one));
      return {
        feed: servedFeed(withNotes(feed, holeNotes(series, holes)), terms, series.venue === SYNTHETIC_VENUE),
        origin: { file: `${shown(file)} ${seriesName(series)}`, synthetic: series.venue === SYNTHETIC_VENUE },
      };
    });
  } finally {
    store.close();
  }
}

/** The ranges of `range` (its open ends: what there is) that lack a bar for which the venue does not account. */
export function lacking(store: BarStore, series: StoredSeries, range: StoredRange): readonly TimeRange[] {
  const interval = series.interval as Interval;
  // The bar that is open now cannot be there.
  const now = barStart(Date.now(), interval);
  const whole = {
    from: range.from ?? series.first,
    to: Math.min(range.to ?? Number.POSITIVE_INFINITY, Math.max(now, barEnd(series.last, interval))),
  };
  if (range.to === undefined) whole.to = barEnd(series.last, interval);
  return missingOf(store.coverage(series, whole), whole).filter(
    ({ from, to }) => barEnd(from, interval) <= to,
  );
}

interface Wanted {
  readonly symbol: string;
  readonly interval: string | undefined;
  readonly venue?: string;
  readonly market?: Market;
}

function openExisting(file: string, wanted: Wanted, range: StoredRange): BarStore {
  try {
    return new BarStore(file, { readOnly: true });
  } catch (error) {
    if (!(error instanceof DataError) || error.code !== 'STORE_NOT_FOUND') throw error;
    throw new DataError('DATA_MISSING', `there is no store with bars of ${wanted.symbol}`, {
      file,
      value: wanted.symbol,
      fix: howToGet(wanted, range),
      cause: error,
    });
  }
}

function findSeries(store: BarStore, wanted: Wanted, range: StoredRange): StoredSeries {
  const { symbol, interval } = wanted;
  try {
    return oneSeries(store, symbol, interval, wanted);
  } catch (error) {
    if (!(error instanceof InputError) || error.code !== 'SERIES_UNKNOWN') throw error;
    const others = store.list().filter(one => one.symbol === keyOf(symbol, '1m', wanted).symbol);
    const there = others.map(one => `${one.venue} ${one.market} ${one.interval}`).join(', ');
    throw new DataError(
      'DATA_MISSING',
      `it has no bars of ${[symbol, interval].filter(word => word !== undefined).join(' ')}${there === '' ? '' : ` (of ${symbol} there is ${there})`}`,
      { file: store.file, value: symbol, fix: howToGet(wanted, range), cause: error },
    );
  }
}

function missing(file: string, series: SeriesKey, lacks: readonly TimeRange[]): DataError {
  const ranges = lacks.map(({ from, to }) => `${utcTime(from)} to ${utcTime(to)}`).join(', ');
  return new DataError('DATA_MISSING', `it has no bars of ${seriesName(series)} from ${ranges} UTC`, {
    file,
    value: lacks,
    fix: `${howToGet(series as Wanted, { from: lacks[0].from, to: lacks[lacks.length - 1].to })}, or change --from and --to`,
  });
}

/** The command that gets bars, as it is to be typed. */
function howToGet({ symbol, interval, venue, market }: Wanted, { from, to }: StoredRange): string {
  if (venue !== undefined && venue !== DEFAULT_VENUE) {
    return `"qt data import FILE --symbol ${symbol} --venue ${venue}" reads them from a file`;
  }
  const words = [
    ...['qt data fetch', keyOf(symbol, '1m', {}).symbol, interval ?? '1h'],
    ...(market === undefined || market === 'spot' ? [] : [`--market ${market}`]),
    // A year is a beginning where nothing was said.
    ...['--from', typedTime(from ?? (to === undefined ? Date.UTC(2024, 0, 1) : to - 365 * DAY))],
    ...(to === undefined ? [] : ['--to', typedTime(to)]),
  ];
  return `"${words.join(' ')}" gets them, "qt data import FILE" reads them from a file`;
}

function typedTime(time: number): string {
  const text = utcTime(time).replace(' ', 'T');
  return text.endsWith('T00:00') ? text.slice(0, 10) : /\.\d+$/.test(text) ? String(time) : text;
}

function holeNotes(series: StoredSeries, holes: readonly TimeRange[]): string[] {
  if (holes.length === 0) return [];
  const [{ from, to }] = holes;
  const ranges = holes.length === 1 ? 'one range' : `${holes.length} ranges, the first`;
  return [
    `${series.symbol} ${series.interval} lacks bars in ${ranges} from ${utcTime(from)} to ${utcTime(to)} UTC: qt data check`,
  ];
}

function withNotes(feed: DataFeed, notes: readonly string[]): DataFeed {
  return { ...feed, notes: () => [...notes, ...(feed.notes?.() ?? [])] };
}
