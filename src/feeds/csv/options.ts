import { InputError } from '../../model/errors.ts';
import type { Instrument } from '../../model/instrument.ts';
import type { Interval } from '../../model/interval.ts';
import type { TradingDay } from '../feed.ts';
import { zoneOffset } from './calendar.ts';

/**
 * Where a column stands: its index from 0, or its name in the header; -1 for "not in this file" (`time`, `volume`)
 * and "leave it out" (any other). Known keys are `datetime` (or `date`), `time`, `open`, `high`, `low`, `close`
 * and `volume`; every other key names an extra column.
 */
export type CsvColumns = Readonly<Record<string, number | string>>;

export interface CsvOptions {
  /** Default: read off the file's name, `btcusdt-5m.csv.gz` → `BTCUSDT`. */
  readonly symbol?: string;
  /** Terms of the instrument; overrides `symbol`. */
  readonly instrument?: Instrument;
  /** Default: the most common distance between the first thousand bars. */
  readonly interval?: Interval;
  /** What a bar's time means in this file. Default `open`. */
  readonly stamps?: 'open' | 'close';
  /** When the trading day begins and ends; default: around the clock. */
  readonly tradingDay?: TradingDay;
  /** `error` (default) ends at the first bad row; `skip` leaves bad rows out and counts them in the notes. */
  readonly onBadRow?: 'error' | 'skip';
  /** Zone of stamps that name none: `+02:00`, `-0500`. Default UTC. */
  readonly utcOffset?: string;
  /** Where the columns stand. Default: by the header's names, or by one of the layouts known without header. */
  readonly columns?: CsvColumns;
  /** strptime pattern of the date column, `%Y-%m-%d %H:%M:%S`; 1 or 2 for epoch seconds (whole, with fraction). */
  readonly dateFormat?: string | 1 | 2;
  /** strptime pattern of a separate time column, `%H:%M:%S`. */
  readonly timeFormat?: string;
  /** One character. Default: comma, semicolon, tab or bar, whichever divides the first rows. */
  readonly separator?: string;
  /**
   * The decimal mark. Default: a comma if the first rows have it and the separator is another one. Between commas,
   * numbers with decimal commas must be quoted, and this must say so.
   */
  readonly decimal?: '.' | ',';
  /** Whether the first row names the columns. Default: when it does not look like a bar. */
  readonly headers?: boolean;
  /** The number that stands for an empty field. Default: an empty OHLCV field is an error, any other is NaN. */
  readonly nullValue?: number;
  /**
   * The file begins with the newest bar. It is then read into memory as a whole, so it must not have more than
   * {@link REVERSE_LIMIT} rows.
   */
  readonly reverse?: boolean;
}

/** The most rows of a file that is read newest first. */
export const REVERSE_LIMIT = 5_000_000;

/** Sizes that results never depend on; tests vary them. */
export interface CsvInternals {
  /** The most bytes that are read at once. */
  readonly step: number;
  /** Bars a chunk. */
  readonly chunk: number;
  /** False sends every row through the general parser. */
  readonly fast: boolean;
  readonly reverseLimit: number;
}

export const INTERNALS: CsvInternals = {
  step: 1 << 20,
  chunk: 32_768,
  fast: true,
  reverseLimit: REVERSE_LIMIT,
};

/** Throws an InputError for an option that cannot work, whatever the file. */
export function checkOptions(options: CsvOptions): void {
  const { separator, onBadRow, stamps, nullValue, decimal, columns, dateFormat } = options;
  if (separator !== undefined && !/^[\t\x20-\x7e]$/.test(separator)) {
    invalid('separator', separator, 'one ASCII character', "use one of , ; | or '\\t'");
  }
  if (separator !== undefined && /[\w"'.+-]/.test(separator)) {
    invalid('separator', separator, 'no character of a number, name or quote', "use one of , ; | or '\\t'");
  }
  if (onBadRow !== undefined && onBadRow !== 'error' && onBadRow !== 'skip') {
    invalid('onBadRow', onBadRow, 'error | skip', 'use "error" or "skip"');
  }
  if (stamps !== undefined && stamps !== 'open' && stamps !== 'close') {
    invalid('stamps', stamps, 'open | close', 'use "open" or "close"');
  }
  if (decimal !== undefined && decimal !== '.' && decimal !== ',') {
    invalid('decimal', decimal, '. | ,', 'use "." or ","');
  }
  if (nullValue !== undefined && !Number.isFinite(nullValue)) {
    invalid('nullValue', nullValue, 'a finite number', 'use 0, or leave it out to refuse empty fields');
  }
  if (typeof dateFormat === 'number' && dateFormat !== 1 && dateFormat !== 2) {
    invalid('dateFormat', dateFormat, 'a pattern, 1 or 2', 'use 1 or 2 for epoch seconds');
  }
  for (const [name, place] of Object.entries(columns ?? {})) {
    if (typeof place !== 'string' && (!Number.isInteger(place) || place < -1)) {
      invalid(`columns.${name}`, place, 'an index from 0, -1 or a name', 'count the columns from 0');
    }
  }
  utcOffsetMs(options);
}

/** `utcOffset` in milliseconds. */
export function utcOffsetMs(options: CsvOptions): number {
  const { utcOffset } = options;
  if (utcOffset === undefined) return 0;
  const bytes = Buffer.from(utcOffset);
  const offset = zoneOffset(bytes, 0, bytes.length);
  if (Number.isNaN(offset)) invalid('utcOffset', utcOffset, '±HH:MM', 'write it as +02:00, -05:00 or Z');
  return offset;
}

function invalid(option: string, value: unknown, limit: string, fix: string): never {
  throw new InputError('CSV_OPTION', `the option ${option} was ${JSON.stringify(value)}`, {
    value,
    limit,
    fix,
  });
}
