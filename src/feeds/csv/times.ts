import { COLON, COMMA, digits, digitsEnd, MINUS, PLUS, POINT, SLASH, SPACE, ZERO } from './bytes.ts';
import { dayStart, timeOfDay, two, zoneOffset } from './calendar.ts';
import type { DatePattern } from './pattern.ts';

/** How a column writes time. `seconds`: epoch seconds whatever their magnitude; `clock`: a time of day. */
export type TimeKind = 'epoch' | 'seconds' | 'iso' | 'compact' | 'clock' | 'pattern';

/** Reads the stamps of one column: epoch milliseconds UTC, or milliseconds since midnight for a `clock`. */
export class TimeReader {
  readonly kind: TimeKind;
  readonly #offset: number;
  readonly #pattern: DatePattern | undefined;

  /** `offset`: milliseconds by which local time is ahead of UTC, for stamps that name no zone. */
  constructor(kind: TimeKind, offset: number, pattern?: DatePattern) {
    this.kind = kind;
    this.#offset = offset;
    this.#pattern = pattern;
  }

  /** NaN when the bytes are not a time of this kind. What is finer than a millisecond is cut off. */
  read(bytes: Uint8Array, from: number, to: number): number {
    switch (this.kind) {
      case 'epoch':
        return epoch(bytes, from, to, false);
      case 'seconds':
        return epoch(bytes, from, to, true);
      case 'iso':
        return iso(bytes, from, to, this.#offset);
      case 'compact':
        return compact(bytes, from, to, this.#offset);
      case 'clock':
        return clock(bytes, from, to);
      case 'pattern':
        return this.#pattern!.read(bytes, from, to, this.#offset);
    }
  }

  /** As {@link read}, for rarer spellings too: `2024/1/2 9:30`, `1.7040672e12`. */
  readLoosely(bytes: Uint8Array, from: number, to: number, text: string): number {
    const time = this.read(bytes, from, to);
    if (!Number.isNaN(time)) return time;
    if (this.kind === 'iso' || this.kind === 'clock') {
      const padded = text.replace(/(?<=^|[-/. T:])\d(?=[-/. T:]|$)/g, '0$&');
      if (padded === text) return Number.NaN;
      const again = Buffer.from(padded);
      return this.read(again, 0, again.length);
    }
    if (this.kind === 'epoch' || this.kind === 'seconds') {
      if (!/^[+-]?\d+(\.\d*)?([eE][+]?\d+)?$/.test(text)) return Number.NaN;
      return byMagnitude(Number(text), this.kind === 'seconds');
    }
    return Number.NaN;
  }
}

const COMPACT = new TimeReader('compact', 0);
const ISO = new TimeReader('iso', 0);
const EPOCH = new TimeReader('epoch', 0);
const CLOCK = new TimeReader('clock', 0);
/** Epoch numbers below this many are no stamps but prices, row numbers or a spreadsheet's days. */
const LEAST_EPOCH = 1e8;

/** How a stamp is written, as far as one can tell it from one value. */
export function timeKindOf(text: string): TimeKind | undefined {
  const bytes = Buffer.from(text);
  const reads = (reader: TimeReader) => !Number.isNaN(reader.readLoosely(bytes, 0, bytes.length, text));
  // 20240102 could be seconds in 1970 as well: eight digits that make a day of these two centuries are a day.
  if (/^(19|20)\d{6}/.test(text) && reads(COMPACT)) return 'compact';
  if (reads(ISO)) return 'iso';
  if (reads(EPOCH) && Math.abs(Number(text)) >= LEAST_EPOCH) return 'epoch';
  return undefined;
}

/** True for a day without a time of day. */
export function isDayOnly(text: string): boolean {
  return /^\d{8}$|^\d{4}[-/.]\d{1,2}[-/.]\d{1,2}$/.test(text);
}

/** True for a time of day without a day. */
export function isClock(text: string): boolean {
  const bytes = Buffer.from(text);
  return !Number.isNaN(CLOCK.readLoosely(bytes, 0, bytes.length, text));
}

/** Seconds, milliseconds, microseconds or nanoseconds, told apart by their digits: as much as 5138 in seconds. */
function epoch(bytes: Uint8Array, from: number, to: number, seconds: boolean): number {
  if (!seconds && to - from <= 14 && bytes[from] !== ZERO) {
    // Seconds and milliseconds in digits alone, as nearly all are.
    const plain = to > from ? digits(bytes, from, to) : -1;
    if (plain >= 0) return to - from <= 11 ? plain * 1000 : plain;
  }
  const negative = bytes[from] === MINUS;
  let start = negative ? from + 1 : from;
  const end = digitsEnd(bytes, start, to);
  if (end === start) return Number.NaN;
  while (start < end - 1 && bytes[start] === ZERO) start++;
  const length = end - start;
  let time: number;
  if (seconds || length <= 11) {
    if (length > 14) return Number.NaN;
    time = digits(bytes, start, end) * 1000 + (end < to ? milliseconds(bytes, end, to) : 0);
  } else {
    if (length > 19 || (end < to && Number.isNaN(milliseconds(bytes, end, to)))) return Number.NaN;
    time = digits(bytes, start, length <= 14 ? end : length <= 17 ? end - 3 : end - 6);
  }
  return negative ? -time : time;
}

function byMagnitude(value: number, seconds: boolean): number {
  const size = Math.abs(value);
  if (seconds || size < 1e11) return Math.trunc(value * 1000);
  if (size < 1e14) return Math.trunc(value);
  if (size < 1e17) return Math.trunc(value / 1e3);
  return size < 1e19 ? Math.trunc(value / 1e6) : Number.NaN;
}

/** `YYYY-MM-DD`, also with / or . between; then, after a T or a blank, a time of day and a zone. */
function iso(bytes: Uint8Array, from: number, to: number, offset: number): number {
  const mark = bytes[from + 4];
  if (to - from < 10 || (mark !== MINUS && mark !== SLASH && mark !== POINT) || bytes[from + 7] !== mark) {
    return Number.NaN;
  }
  const year = two(bytes, from) * 100 + two(bytes, from + 2);
  const day = dayStart(year, two(bytes, from + 5), two(bytes, from + 8));
  if (to - from === 10) return day - offset;
  return day + timeAndZone(bytes, from + 10, to, offset);
}

/** `YYYYMMDD`, then, directly or after a T or a blank, a time of day and a zone. */
function compact(bytes: Uint8Array, from: number, to: number, offset: number): number {
  if (to - from < 8) return Number.NaN;
  const year = two(bytes, from) * 100 + two(bytes, from + 2);
  const day = dayStart(year, two(bytes, from + 4), two(bytes, from + 6));
  if (to - from === 8) return day - offset;
  return day + timeAndZone(bytes, from + 8, to, offset);
}

function timeAndZone(bytes: Uint8Array, from: number, to: number, offset: number): number {
  let at = from;
  if (bytes[at] === 84 || bytes[at] === 116) at++;
  else while (at < to && bytes[at] === SPACE) at++;
  const zone = zoneStart(bytes, at, to);
  const time = clock(bytes, at, zone);
  return zone === to ? time - offset : time - zoneOffset(bytes, zone, to);
}

/** `HH:MM`, `HH:MM:SS`, `HHMM` or `HHMMSS`, with a fraction of the second after a point or a comma. */
function clock(bytes: Uint8Array, from: number, to: number): number {
  const length = to - from;
  if (length < 4) return Number.NaN;
  const width = bytes[from + 2] === COLON ? 3 : 2;
  const hour = two(bytes, from);
  const minute = two(bytes, from + width);
  let at = from + width + 2;
  if (at === to) return timeOfDay(hour, minute, 0);
  if (width === 3 && bytes[at++] !== COLON) return Number.NaN;
  if (to - at < 2) return Number.NaN;
  const second = two(bytes, at);
  at += 2;
  return timeOfDay(hour, minute, second) + (at === to ? 0 : milliseconds(bytes, at, to));
}

/** The milliseconds in a fraction `.123456`; an empty one is 0. */
function milliseconds(bytes: Uint8Array, from: number, to: number): number {
  if (bytes[from] !== POINT && bytes[from] !== COMMA) return Number.NaN;
  if (digitsEnd(bytes, from + 1, to) !== to) return Number.NaN;
  let value = 0;
  for (let i = 1; i <= 3; i++) value = value * 10 + (from + i < to ? bytes[from + i] - ZERO : 0);
  return value;
}

function zoneStart(bytes: Uint8Array, from: number, to: number): number {
  for (let at = from; at < to; at++) {
    const c = bytes[at];
    if (c === PLUS || c === MINUS || c === SPACE || (c | 32) === 122) return at;
  }
  return to;
}
