import { InputError } from './errors.ts';

/** A bar's length: a count and a unit (seconds, minutes, hours, days, weeks, Months, years), as in `15m`, `1M`. */
export type Interval = `${number}${'s' | 'm' | 'h' | 'd' | 'w' | 'M' | 'y'}`;

const MILLISECONDS = { s: 1e3, m: 6e4, h: 3.6e6, d: 8.64e7, w: 6.048e8 } as const;
const PATTERN = /^([1-9]\d{0,5})([smhdwMy])$/;

/** Reads an interval; throws `INTERVAL_INVALID`. */
export function parseInterval(text: string): Interval {
  if (!PATTERN.test(text)) {
    throw new InputError('INTERVAL_INVALID', `"${text}" is not an interval`, {
      value: text,
      limit: '<count><unit>, unit one of s m h d w M y',
      fix: 'write it as 1m, 15m, 4h, 1d, 1w or 1M (m is minutes, M is months)',
    });
  }
  return text as Interval;
}

function parts(interval: Interval): { count: number; unit: 's' | 'm' | 'h' | 'd' | 'w' | 'M' | 'y' } {
  const [, count, unit] = PATTERN.exec(parseInterval(interval))!;
  return { count: Number(count), unit: unit as 's' };
}

/** Lengths by text: those who ask for every bar must not read the text every time. */
const lengths = new Map<Interval, number>();
/** Nobody has more intervals than this; texts that a caller makes up do not pile up. */
const MOST_LENGTHS = 1000;

/** The length in milliseconds; months and years, which vary, as their mean (30.44 and 365.25 days). */
export function intervalMs(interval: Interval): number {
  let length = lengths.get(interval);
  if (length === undefined) {
    length = readLength(interval);
    if (lengths.size < MOST_LENGTHS) lengths.set(interval, length);
  }
  return length;
}

function readLength(interval: Interval): number {
  const { count, unit } = parts(interval) as { count: number; unit: string };
  if (unit === 'M') return count * 2_629_746_000;
  if (unit === 'y') return count * 31_556_952_000;
  return count * MILLISECONDS[unit as keyof typeof MILLISECONDS];
}

/** True when every bar of this interval has the same length. */
export function isFixed(interval: Interval): boolean {
  return !interval.endsWith('M') && !interval.endsWith('y');
}

/** The end of the bar that opens at `open` (epoch ms UTC): exclusive, the next bar's open. */
export function barEnd(open: number, interval: Interval): number {
  return shift(open, interval, 1);
}

/** The open of the bar that ends at `end` (epoch ms UTC, exclusive). */
export function barStart(end: number, interval: Interval): number {
  return shift(end, interval, -1);
}

function shift(time: number, interval: Interval, sign: 1 | -1): number {
  if (isFixed(interval)) return time + sign * intervalMs(interval);
  const { count, unit } = parts(interval) as { count: number; unit: string };
  const date = new Date(time);
  const day = date.getUTCDate();
  date.setUTCDate(1);
  date.setUTCMonth(date.getUTCMonth() + sign * (unit === 'y' ? 12 * count : count));
  // A stamp on the 31st stays inside the shorter month.
  const days = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  date.setUTCDate(Math.min(day, days));
  return date.getTime();
}

/** The interval whose length is nearest to `ms`, in its largest whole unit: 3 600 000 → `1h`. */
export function intervalOf(ms: number): Interval {
  if (ms >= 27.5 * MILLISECONDS.d && ms <= 31.5 * MILLISECONDS.d) return '1M';
  if (ms >= 89 * MILLISECONDS.d && ms <= 92.5 * MILLISECONDS.d) return '3M';
  if (ms >= 364.5 * MILLISECONDS.d && ms <= 366.5 * MILLISECONDS.d) return '1y';
  for (const unit of ['w', 'd', 'h', 'm', 's'] as const) {
    if (ms % MILLISECONDS[unit] === 0) return `${ms / MILLISECONDS[unit]}${unit}`;
  }
  return `${Math.max(1, Math.round(ms / 1e3))}s`;
}
