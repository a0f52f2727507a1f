import { type Command, Option } from 'commander';
import { InputError, suggestion } from '../../model/errors.ts';
import type { Market } from '../../model/instrument.ts';
import { parseInterval } from '../../model/interval.ts';
import { seriesKey } from '../../store/bar-series.ts';
import type { BarStore, SeriesKey, StoredSeries, TimeRange } from '../../store/bars.ts';
import { parseTime } from '../options/options.ts';

/** Whose bars they are, if nothing else is said. */
export const DEFAULT_VENUE = 'binance';

/** What made-up bars are said to be traded at, so that they are never taken for others. */
export const SYNTHETIC_VENUE = 'synthetic';

export interface SeriesFlags {
  readonly venue?: string;
  readonly market?: Market;
}

export interface RangeFlags {
  readonly from?: string;
  readonly to?: string;
}

export function addSeriesOptions(command: Command): Command {
  return command
    .addOption(new Option('--market <market>', 'of the symbol (default: spot)').choices(['spot', 'usdm']))
    .option('--venue <name>', `who traded it (default: ${DEFAULT_VENUE})`);
}

export function addRangeOptions(command: Command): Command {
  return command
    .option(
      '--from <time>',
      'from this moment on: ISO date or date-time, UTC unless it names a zone, or epoch ms',
    )
    .option('--to <time>', 'before this moment');
}

/** Throws `RANGE_EMPTY`. */
export function rangeOf({ from, to }: RangeFlags): Partial<TimeRange> {
  const range = {
    ...(from === undefined ? {} : { from: parseTime('--from', from) }),
    ...(to === undefined ? {} : { to: parseTime('--to', to) }),
  };
  if (range.from !== undefined && range.to !== undefined && range.from >= range.to) {
    throw new InputError('RANGE_EMPTY', `the range from ${from} to ${to} holds nothing`, {
      value: from,
      limit: to,
      fix: 'let --from be earlier than --to',
    });
  }
  return range;
}

/** The symbol as the venue writes it: `btc/usdt` is `BTCUSDT` at Binance, `BTC-USDT` elsewhere. */
export function symbolAt(venue: string, text: string): string {
  const upper = text.toUpperCase();
  return venue === DEFAULT_VENUE ? upper.replace(/[-/_]/g, '') : upper.replace('/', '-');
}

/** However a symbol is written. */
function bare(symbol: string): string {
  return symbol.toUpperCase().replace(/[-/_]/g, '');
}

export function keyOf(symbol: string, interval: string, flags: SeriesFlags): SeriesKey {
  const { venue = DEFAULT_VENUE, market = 'spot' } = flags;
  return seriesKey({ venue, market, symbol: symbolAt(venue, symbol), interval: parseInterval(interval) });
}

/** The series of a store that symbol, interval, venue and market name, whatever of these is said; all without any. */
export function chosenSeries(
  store: BarStore,
  symbol: string | undefined,
  interval: string | undefined,
  { venue, market }: SeriesFlags,
): StoredSeries[] {
  const wanted = interval === undefined ? undefined : keyOf('X', interval, {}).interval;
  return store
    .list()
    .filter(
      one =>
        (symbol === undefined || bare(one.symbol) === bare(symbol)) &&
        (wanted === undefined || one.interval === wanted) &&
        (venue === undefined || one.venue === venue) &&
        (market === undefined || one.market === market),
    );
}

/**
 * The one series of a store that is meant. Where `venue` or `market` is not said, the usual ones go first, and what is the only
 * one that there is will do. Throws `SERIES_UNKNOWN`, `SERIES_AMBIGUOUS`.
 */
export function oneSeries(
  store: BarStore,
  symbol: string,
  interval: string | undefined,
  flags: SeriesFlags,
): StoredSeries {
  const found = chosenSeries(store, symbol, interval, flags);
  const usual = found.filter(
    ({ venue, market }) => venue === (flags.venue ?? DEFAULT_VENUE) && market === (flags.market ?? 'spot'),
  );
  if (usual.length === 1) return usual[0];
  if (found.length === 1) return found[0];
  const said = [flags.venue, flags.market, symbol, interval].filter(word => word !== undefined).join(' ');
  if (found.length === 0) throw unknownSeries(store, symbol, said);
  const names = found.map(one => `${one.venue} ${one.market} ${one.symbol} ${one.interval}`);
  throw new InputError('SERIES_AMBIGUOUS', `"${said}" could be ${names.join(', ')}`, {
    value: said,
    limit: names,
    fix: 'say which one with an interval, --market and --venue',
  });
}

function unknownSeries(store: BarStore, symbol: string, said: string): InputError {
  const all = store.list();
  const same = all.filter(one => bare(one.symbol) === bare(symbol));
  const fix =
    same.length > 0
      ? `of ${same[0].symbol} there is ${same.map(one => `${one.venue} ${one.market} ${one.interval}`).join(', ')}`
      : all.length === 0
        ? 'it is empty: qt data import FILE fills it'
        : suggestion(symbol, new Set(all.map(one => one.symbol)));
  return new InputError('SERIES_UNKNOWN', `the store ${store.file} has no bars of ${said}`, {
    value: said,
    fix,
  });
}
