import { type Bars, OHLCV, type OhlcvColumn, sliceBars } from '../model/bars.ts';
import { DataError, InputError } from '../model/errors.ts';
import { type Instrument, instrument } from '../model/instrument.ts';
import { type Interval, parseInterval } from '../model/interval.ts';
import type { DataFeed, FeedEvent, TradingDay } from './feed.ts';
import { checkInterval, commonInterval } from './interval.ts';

export interface MemoryOptions {
  /** Default `DATA`. */
  readonly symbol?: string;
  /** Terms of the instrument; overrides `symbol`. */
  readonly instrument?: Instrument;
  /** Default: read off the most common distance between bars. */
  readonly interval?: Interval;
  /** Default `open`. */
  readonly stamps?: 'open' | 'close';
  /** When the trading day begins and ends; default: around the clock. */
  readonly tradingDay?: TradingDay;
  /** Bars a chunk; default 65 536. Results never depend on it. */
  readonly chunk?: number;
}

/** Columns as a caller has them: anything with numbers by index. `volume` may be missing (0). */
export interface ColumnsInput {
  readonly time: ArrayLike<number>;
  readonly open: ArrayLike<number>;
  readonly high: ArrayLike<number>;
  readonly low: ArrayLike<number>;
  readonly close: ArrayLike<number>;
  readonly volume?: ArrayLike<number>;
  readonly extra?: Readonly<Record<string, ArrayLike<number>>>;
}

/**
 * A feed over columns in memory (times in epoch ms UTC, ascending). The columns are checked once: equal lengths,
 * finite prices, high and low around open and close, time going forwards. Float64Arrays are used as they are.
 */
export function memoryFeed(columns: ColumnsInput, options: MemoryOptions = {}): DataFeed {
  return barsFeed(toBars(columns), options);
}

/** The same over bars that are nobody else's; `nameOf`: how the caller's columns are called in messages. */
export function barsFeed(
  bars: Bars,
  options: MemoryOptions,
  nameOf: (column: 'time' | OhlcvColumn) => string = column => column,
): DataFeed {
  checkBars(bars, nameOf);
  const interval = parseInterval(options.interval ?? commonInterval(bars.time));
  checkInterval(interval, bars.time);
  const chunk = options.chunk ?? 65_536;
  if (!Number.isInteger(chunk) || chunk < 1) {
    throw new InputError('CHUNK_INVALID', `chunk was ${chunk}`, {
      value: chunk,
      limit: 1,
      fix: 'use a whole number of bars, 1 or more',
    });
  }
  return {
    instrument: options.instrument ?? instrument(options.symbol ?? 'DATA'),
    interval,
    stamps: options.stamps ?? 'open',
    columns: Object.keys(bars.extra),
    ...(options.tradingDay === undefined ? {} : { tradingDay: options.tradingDay }),
    length: bars.length,
    async *events({ signal }): AsyncGenerator<FeedEvent> {
      for (let from = 0; from < bars.length && !signal.aborted; from += chunk) {
        const to = Math.min(bars.length, from + chunk);
        yield { kind: 'bars', bars: sliceBars(bars, from, to), phase: 'run', late: false };
      }
    },
  };
}

function toBars(columns: ColumnsInput): Bars {
  const length = columns.time.length;
  const column = (name: string, values: ArrayLike<number> | undefined): Float64Array => {
    if (values === undefined) return new Float64Array(length);
    if (values.length !== length) {
      throw new DataError('COLUMN_LENGTH', `has ${values.length} values, time has ${length}`, {
        column: name,
        value: values.length,
        limit: length,
        fix: 'give every column one value a bar',
      });
    }
    return values instanceof Float64Array ? values : Float64Array.from(values);
  };
  const extra: Record<string, Float64Array> = {};
  for (const [name, values] of Object.entries(columns.extra ?? {})) extra[name] = column(name, values);
  return {
    length,
    time: column('time', columns.time),
    open: column('open', columns.open),
    high: column('high', columns.high),
    low: column('low', columns.low),
    close: column('close', columns.close),
    volume: column('volume', columns.volume),
    extra,
  };
}

function checkBars(bars: Bars, nameOf: (column: 'time' | OhlcvColumn) => string): void {
  for (let i = 0; i < bars.length; i++) {
    for (const name of ['time', ...OHLCV] as const) {
      if (!Number.isFinite(bars[name][i])) {
        throw new DataError('VALUE_NOT_FINITE', `row ${i} is ${bars[name][i]}`, {
          column: nameOf(name),
          value: bars[name][i],
          fix: 'give finite numbers; leave out bars that do not exist',
        });
      }
    }
    const high = bars.high[i];
    const low = bars.low[i];
    if (
      high < low ||
      high < bars.open[i] ||
      high < bars.close[i] ||
      low > bars.open[i] ||
      low > bars.close[i]
    ) {
      throw new DataError(
        'BAR_CONTRADICTORY',
        `row ${i} has open ${bars.open[i]}, high ${high}, low ${low}, close ${bars.close[i]}`,
        {
          column: nameOf('high'),
          value: high,
          fix: 'high must be the largest and low the smallest of the four',
        },
      );
    }
    if (i > 0 && bars.time[i] <= bars.time[i - 1]) {
      throw new DataError(
        'TIME_NOT_ASCENDING',
        `row ${i} is stamped ${bars.time[i]}, the row before it ${bars.time[i - 1]}`,
        {
          column: nameOf('time'),
          value: bars.time[i],
          limit: bars.time[i - 1],
          fix: 'sort by time and drop duplicates',
        },
      );
    }
  }
}
