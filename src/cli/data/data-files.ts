import { setImmediate } from 'node:timers/promises';
import { csvFeed } from '../../feeds/csv/csv.ts';
import type { DataFeed, FeedEvent } from '../../feeds/feed.ts';
import { isSynthetic, syntheticSymbol } from '../../feeds/synthetic/file.ts';
import { sliceBars } from '../../model/bars.ts';
import { InputError } from '../../model/errors.ts';
import type { Market } from '../../model/instrument.ts';
import { parseInterval } from '../../model/interval.ts';
import type { DataFile, InstrumentTerms } from '../config/define-config.ts';
import { requireFile } from '../files/input-file.ts';
import { shown } from '../files/shown.ts';

/** What flags say about all data files, or about each in turn. */
export interface DataFlags {
  /** One a file, in their order. */
  readonly symbols: readonly string[] | undefined;
  /** One for all files, or one a file. */
  readonly intervals: readonly string[] | undefined;
  readonly stamps: 'open' | 'close' | undefined;
  readonly market: Market | undefined;
  /** The rules of a symbol. */
  readonly termsOf: (symbol: string) => InstrumentTerms;
  readonly onBadRow: 'error' | 'skip' | undefined;
}

/** Ctrl-C and the progress bar are to be served this often, ms. */
const BREATH = 50;
const FIRST_STRIDE = 256;
const LONGEST_STRIDE = 65_536;

/** A feed a file, in their order. */
export async function openDataFiles(files: readonly DataFile[], flags: DataFlags): Promise<DataFeed[]> {
  const { symbols, intervals } = flags;
  if (symbols !== undefined && symbols.length !== files.length) throw count('--symbol', symbols, files);
  if (intervals !== undefined && intervals.length !== 1 && intervals.length !== files.length) {
    throw count('--interval', intervals, files);
  }
  const paths: string[] = [];
  for (const { file } of files) {
    if (/\.[cm]?[jt]s$/.test(file)) {
      throw new InputError('DATA_IS_CODE', `"${shown(file)}" was given as a data file`, {
        value: file,
        fix: 'name the strategy before --data: qt backtest strategy.ts --data file.csv',
      });
    }
    paths.push(await requireFile(file, 'data file'));
  }
  return Promise.all(
    files.map(async (entry, i) => {
      const path = paths[i];
      const symbol = symbols?.[i] ?? entry.symbol ?? (isSynthetic(path) ? syntheticSymbol(path) : undefined);
      const interval = intervals?.[intervals.length === 1 ? 0 : i] ?? entry.interval;
      const stamps = flags.stamps ?? entry.stamps;
      const feed = await csvFeed(shown(path), {
        ...(symbol === undefined ? {} : { symbol }),
        ...(interval === undefined ? {} : { interval: parseInterval(interval) }),
        ...(stamps === undefined ? {} : { stamps }),
        ...(flags.onBadRow === undefined ? {} : { onBadRow: flags.onBadRow }),
      });
      return servedFeed(feed, flags, isSynthetic(path));
    }),
  );
}

/** The feed on the market asked for and under its rules, in strides short enough for Ctrl-C to work, with a note when it is made up. */
export function servedFeed(
  feed: DataFeed,
  { market, termsOf }: Pick<DataFlags, 'market' | 'termsOf'>,
  madeUp: boolean,
): DataFeed {
  const { symbol } = feed.instrument;
  const instrument = { ...feed.instrument, ...termsOf(symbol) };
  const note = `${symbol} ${feed.interval} is synthetic: generated at random, never traded`;
  return {
    instrument: market === undefined ? instrument : { ...instrument, market },
    interval: feed.interval,
    stamps: feed.stamps,
    columns: feed.columns,
    ...(feed.length === undefined ? {} : { length: feed.length }),
    progress: () => feed.progress?.() ?? Number.NaN,
    notes: () => [...(madeUp ? [note] : []), ...(feed.notes?.() ?? [])],
    async *events(request): AsyncGenerator<FeedEvent> {
      let stride = FIRST_STRIDE;
      for await (const event of feed.events(request)) {
        if (event.kind !== 'bars') {
          yield event;
          continue;
        }
        const { bars } = event;
        for (let from = 0; from < bars.length; ) {
          const to = Math.min(bars.length, from + stride);
          const before = performance.now();
          yield { ...event, bars: sliceBars(bars, from, to) };
          // The generator goes on when the run has been through the stride, and wants more.
          const pace = BREATH / Math.max(0.01, performance.now() - before);
          stride = Math.round(Math.min(LONGEST_STRIDE, Math.max(1, stride * Math.min(4, pace))));
          from = to;
          await setImmediate();
        }
      }
    },
  };
}

function count(option: string, given: readonly string[], files: readonly DataFile[]): InputError {
  return new InputError(
    'OPTION_INVALID',
    `${option} was given ${given.length} times for ${files.length} data files`,
    {
      value: given,
      limit: files.length,
      fix: `give one ${option} a file, in the order of the files`,
    },
  );
}
