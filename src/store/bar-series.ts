import { InputError } from '../model/errors.ts';
import { barEnd, type Interval, intervalMs, isFixed, parseInterval } from '../model/interval.ts';

/** What a series of bars is of. */
export interface SeriesKey {
  /** Who traded it: `binance`; `synthetic` for what is made up. */
  readonly venue: string;
  /** `spot`, `usdm`. */
  readonly market: string;
  /** As the venue writes it, in capitals. */
  readonly symbol: string;
  /** How long a bar is: `1m`. One length has one name: `60m` is `1h`. */
  readonly interval: string;
}

/** Open times, epoch ms UTC; `from` inclusive, `to` exclusive. */
export interface TimeRange {
  readonly from: number;
  readonly to: number;
}

/** A range without a hole: from the open of its first bar to the end of its last. */
export interface Stretch extends TimeRange {
  readonly bars: number;
}

/** What a store has of a series. */
export interface Coverage {
  /** Oldest first. */
  readonly stretches: readonly Stretch[];
  /** Ranges between them of which the venue itself says that it has no bars there, so that nobody asks again. */
  readonly empty: readonly TimeRange[];
}

/** The key with its interval under its one name. Throws `INTERVAL_INVALID`, `SERIES_INVALID`. */
export function seriesKey(key: SeriesKey): SeriesKey & { readonly interval: Interval } {
  const { venue, market, symbol } = key;
  for (const [name, text] of Object.entries({ venue, market, symbol })) {
    if (typeof text === 'string' && /^[^\s/]+$/u.test(text)) continue;
    throw new InputError('SERIES_INVALID', `the ${name} of a series was ${JSON.stringify(text)}`, {
      value: text,
      fix: 'give a word without blanks and slashes, as in binance, spot, BTCUSDT',
    });
  }
  return { venue, market, symbol, interval: canonical(parseInterval(key.interval)) };
}

/** `binance spot BTCUSDT 1m`: the series, for messages. */
export function seriesName({ venue, market, symbol, interval }: SeriesKey): string {
  return `${venue} ${market} ${symbol} ${interval}`;
}

/** `2024-01-01T00:00Z to 2024-01-02T00:00Z`, for messages. */
export function rangeName(from: number, to: number): string {
  return `${iso(from)} to ${iso(to)}`;
}

function iso(time: number): string {
  return new Date(time).toISOString().replace(/(:00)?\.000Z$/, 'Z');
}

const UNITS = ['w', 'd', 'h', 'm', 's'] as const;

function canonical(interval: Interval): Interval {
  const ms = intervalMs(interval);
  if (!isFixed(interval)) {
    const months = interval.endsWith('y')
      ? 12 * Number.parseInt(interval, 10)
      : Number.parseInt(interval, 10);
    return months % 12 === 0 ? `${months / 12}y` : `${months}M`;
  }
  const unit = UNITS.find(one => ms % intervalMs(`1${one}`) === 0)!;
  return `${ms / intervalMs(`1${unit}`)}${unit}`;
}

/** Appends stretches of ascending open times, joining what touches. */
export class Stretches {
  readonly #interval: Interval;
  readonly #list: { from: number; to: number; bars: number }[] = [];

  constructor(interval: Interval) {
    this.#interval = interval;
  }

  /** Bars without a hole between them, the last one opening at `last`. */
  add(first: number, last: number, bars: number): void {
    const to = barEnd(last, this.#interval);
    const before = this.#list.at(-1);
    // Bars that overlap leave no hole either; a check tells of them.
    if (before !== undefined && first <= before.to) {
      before.to = Math.max(before.to, to);
      before.bars += bars;
    } else this.#list.push({ from: first, to, bars });
  }

  /** Bars at any ascending open times. */
  addAll(time: Float64Array): void {
    let first = 0;
    for (let i = 1; i <= time.length; i++) {
      if (i < time.length && time[i] <= barEnd(time[i - 1], this.#interval)) continue;
      this.add(time[first], time[i - 1], i - first);
      first = i;
    }
  }

  get list(): readonly Stretch[] {
    return this.#list;
  }
}

/** The ranges between stretches for which the venue does not account. */
export function holesOf({ stretches, empty }: Coverage): readonly TimeRange[] {
  const holes: TimeRange[] = [];
  for (let i = 1; i < stretches.length; i++) {
    holes.push(...without({ from: stretches[i - 1].to, to: stretches[i].from }, empty));
  }
  return holes;
}

/** What of a range is neither covered nor known to be empty. */
export function missingOf({ stretches, empty }: Coverage, range: TimeRange): readonly TimeRange[] {
  return without(
    range,
    [...stretches, ...empty].sort((a, b) => a.from - b.from),
  );
}

/** What is left of a range without others, which are sorted by their beginnings. */
function without({ from, to }: TimeRange, others: readonly TimeRange[]): TimeRange[] {
  const left: TimeRange[] = [];
  let at = from;
  for (const other of others) {
    if (other.to <= at) continue;
    if (other.from >= to) break;
    if (other.from > at) left.push({ from: at, to: other.from });
    at = other.to;
  }
  if (at < to) left.push({ from: at, to });
  return left;
}
