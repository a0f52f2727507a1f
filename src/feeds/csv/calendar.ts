import { COLON, MINUS, PLUS, SPACE, ZERO } from './bytes.ts';

const DAY = 86_400_000;
const DAYS_IN_MONTH = [0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Epoch milliseconds of a UTC day; NaN when the calendar has no such day. */
export function dayStart(year: number, month: number, day: number): number {
  if (year < 1 || month < 1 || month > 12 || day < 1 || day > DAYS_IN_MONTH[month]) {
    if (month !== 2 || day !== 29 || !isLeap(year)) return Number.NaN;
  }
  // Years that begin in March have their leap day last.
  const y = month <= 2 ? year - 1 : year;
  const dayOfYear = (((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) | 0) + day - 1;
  const leapDays = ((y / 4) | 0) - ((y / 100) | 0) + ((y / 400) | 0);
  return (y * 365 + leapDays + dayOfYear - 719_468) * DAY;
}

function isLeap(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

/** Milliseconds of a time of day; NaN when there is no such time. */
export function timeOfDay(hour: number, minute: number, second: number): number {
  return hour >= 0 && hour < 24 && minute >= 0 && minute < 60 && second >= 0 && second < 60
    ? hour * 3_600_000 + minute * 60_000 + second * 1000
    : Number.NaN;
}

/** Milliseconds ahead of UTC of `Z`, ` UTC`, `+02`, `+0200` or `+02:00`; NaN for anything else. */
export function zoneOffset(bytes: Uint8Array, from: number, to: number): number {
  let at = from;
  while (at < to && bytes[at] === SPACE) at++;
  const length = to - at;
  if (length === 1 && (bytes[at] | 32) === 122) return 0;
  if (length === 3 && (bytes[at] | 32) === 117 && (bytes[at + 1] | 32) === 116 && (bytes[at + 2] | 32) === 99)
    return 0;
  if (bytes[at] !== PLUS && bytes[at] !== MINUS) return Number.NaN;
  if (length !== 3 && length !== 5 && (length !== 6 || bytes[at + 3] !== COLON)) return Number.NaN;
  const minutes = length === 3 ? 0 : two(bytes, to - 2);
  const ahead = timeOfDay(two(bytes, at + 1), minutes, 0);
  return bytes[at] === PLUS ? ahead : -ahead;
}

/** Two digits as a number; so far below zero when they are none that no sum makes it a date or a time. */
export function two(bytes: Uint8Array, at: number): number {
  const tens = bytes[at] - ZERO;
  const ones = bytes[at + 1] - ZERO;
  return tens >>> 0 <= 9 && ones >>> 0 <= 9 ? tens * 10 + ones : -10_000;
}
