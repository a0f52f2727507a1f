import { durationMs } from '../../model/duration.ts';
import { InputError } from '../../model/errors.ts';
import { type Interval, intervalMs, isFixed } from '../../model/interval.ts';
import type { ResampleOptions, Weekday } from '../../model/resampling.ts';
import type { TradingDay } from '../feed.ts';

const DAY = 86_400_000;
const MONDAY = Date.UTC(1970, 0, 5);
const WEEKDAYS: readonly Weekday[] = [
  ...(['monday', 'tuesday', 'wednesday', 'thursday'] as const),
  ...(['friday', 'saturday', 'sunday'] as const),
];

/** Where the bars of an interval begin and end: periods without gaps, each from its start to the start of the next. */
export class Periods {
  /** By how much the boundaries are off those of the clock and the calendar in UTC, ms. */
  readonly phase: number;
  readonly #length: number;
  /** A fixed boundary, or NaN where lengths vary. */
  readonly #anchor: number;
  /** Months of a period of varying length. */
  readonly #months: number;

  constructor(interval: Interval, { offset, weekStart = 'monday' }: ResampleOptions, day?: TradingDay) {
    const unit = interval.at(-1)!;
    const isIntraday = unit === 's' || unit === 'm' || unit === 'h';
    this.#length = intervalMs(interval);
    this.phase = offset === undefined ? phaseOf(isIntraday, day) : offsetOf(offset);
    const weekday = WEEKDAYS.indexOf(weekStart);
    if (weekday < 0) {
      throw new InputError('RESAMPLE_INVALID', `weekStart was ${String(weekStart)}`, {
        value: weekStart,
        limit: WEEKDAYS,
        fix: 'name a weekday in English, in lower case',
      });
    }
    const count = Number.parseInt(interval, 10);
    this.#months = unit === 'y' ? 12 * count : count;
    if (!isFixed(interval)) this.#anchor = Number.NaN;
    else this.#anchor = this.phase + (unit === 'w' ? MONDAY + weekday * DAY : 0);
  }

  /** The start of the period that holds `time` (epoch ms UTC). */
  start(time: number): number {
    if (!Number.isNaN(this.#anchor)) {
      return Math.floor((time - this.#anchor) / this.#length) * this.#length + this.#anchor;
    }
    const date = new Date(time - this.phase);
    const month = date.getUTCFullYear() * 12 + date.getUTCMonth();
    return this.#monthStart(Math.floor(month / this.#months) * this.#months);
  }

  /** The end of the period that starts at `start`: exclusive, the next one's start. */
  end(start: number): number {
    if (!Number.isNaN(this.#anchor)) return start + this.#length;
    const date = new Date(start - this.phase);
    return this.#monthStart(date.getUTCFullYear() * 12 + date.getUTCMonth() + this.#months);
  }

  /** `month`: counted from January of the year 0. */
  #monthStart(month: number): number {
    return Date.UTC(Math.floor(month / 12), month % 12) + this.phase;
  }
}

/** What ends at 21:00 is followed by what belongs to the next day. A day until the last moment before midnight is a whole one. */
function phaseOf(isIntraday: boolean, day: TradingDay | undefined): number {
  if (day === undefined) return 0;
  if (isIntraday) return Math.round(day.start) % DAY;
  const end = Math.round(day.end) % DAY;
  return end === 0 ? 0 : end - DAY;
}

function offsetOf(text: string): number {
  const offset = durationMs(text);
  if (offset !== undefined && Number.isInteger(offset)) return offset;
  throw new InputError('RESAMPLE_INVALID', `the offset of the boundaries was "${text}"`, {
    value: text,
    fix: "write a duration: '8h', '30m', '-3h'",
  });
}

/** Throws `RESAMPLE_INDIVISIBLE` unless bars of `target` consist of whole bars of `base`. */
export function checkDivides(base: Interval, target: Interval): void {
  if (bars(base, target)) return;
  const isLonger = intervalMs(base) > intervalMs(target);
  const problem = isLonger
    ? `bars of ${base} cannot be cut into bars of ${target}`
    : `bars of ${target} do not consist of whole bars of ${base}`;
  throw new InputError('RESAMPLE_INDIVISIBLE', problem, {
    value: target,
    limit: base,
    fix: isLonger
      ? `give data finer than ${target}`
      : `use a multiple of ${base}, or data that divides ${target}`,
  });
}

function bars(base: Interval, target: Interval): boolean {
  const length = intervalMs(base);
  if (isFixed(target)) return isFixed(base) && intervalMs(target) % length === 0;
  if (isFixed(base)) return DAY % length === 0;
  const months = (interval: Interval) => Number.parseInt(interval, 10) * (interval.endsWith('y') ? 12 : 1);
  return months(target) % months(base) === 0;
}

/** The most bars of `base` that one of `target` consists of. */
export function mostBars(base: Interval, target: Interval): number {
  const longest = (interval: Interval) => {
    const count = Number.parseInt(interval, 10);
    if (interval.endsWith('y')) return count * 366 * DAY;
    return interval.endsWith('M') ? count * 31 * DAY : intervalMs(interval);
  };
  // Months and years consist of months without a remainder.
  const exact = isFixed(base) ? longest(target) / intervalMs(base) : intervalMs(target) / intervalMs(base);
  return isFixed(base) ? Math.ceil(exact) : Math.round(exact);
}
