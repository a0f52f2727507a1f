import { DataError } from '../../model/errors.ts';
import { isClock, isDayOnly, type TimeKind, TimeReader, timeKindOf } from '../csv/times.ts';
import { shownValue, type Values } from './table.ts';

/** Milliseconds in one of an epoch number's units. */
type Unit = 1000 | 1 | 1e-3 | 1e-6;

/** How a column writes time. */
type StampKind = { readonly epoch: Unit } | { readonly text: TimeKind } | 'date';

/** A column that holds times. `clock` are times of day that belong to the days of `values`. */
export interface StampColumn {
  readonly name: string;
  readonly values: Values;
  readonly clock?: { readonly name: string; readonly values: Values } | undefined;
}

/** Epoch numbers below this many are prices or row numbers. */
const LEAST_EPOCH = 1e8;

/** How the first value that says something writes time; undefined when it is none. */
export function stampKind(values: Values): StampKind | undefined {
  const first = firstValue(values);
  if (isDate(first)) return 'date';
  if (typeof first === 'string') {
    const text = timeKindOf(first.trim());
    return text === undefined ? undefined : { text };
  }
  if (typeof first !== 'number' && typeof first !== 'bigint') return undefined;
  const epoch = unitOf(Number(first));
  return epoch === undefined ? undefined : { epoch };
}

/** True for a column of days without times of day. */
export function holdsDays(values: Values): boolean {
  const first = firstValue(values);
  return typeof first === 'string' && isDayOnly(first.trim());
}

/** True for a column of times of day. */
export function holdsClocks(values: Values): boolean {
  const first = firstValue(values);
  return typeof first === 'string' && isClock(first.trim());
}

/** The times as epoch ms UTC, cut to whole ms. Throws `FRAME_TIME_INVALID`, `FRAME_TIME_MIXED`, `FRAME_FLOAT32`. */
export function readStamps({ name, values, clock }: StampColumn): Float64Array {
  const kind = stampKind(values);
  if (kind === undefined) throw notATime(name, 0, firstValue(values));
  const time = new Float64Array(values.length);
  const read = readerOf(kind);
  const readClock = clock && readerOf({ text: 'clock' });
  for (let row = 0; row < time.length; row++) {
    time[row] = read(values[row]);
    if (Number.isNaN(time[row])) throw unread(name, row, values[row], firstValue(values));
    if (readClock === undefined) continue;
    const ofDay = readClock(clock!.values[row]);
    if (Number.isNaN(ofDay)) throw unread(clock!.name, row, clock!.values[row], firstValue(clock!.values));
    time[row] += ofDay;
  }
  if (typeof kind === 'object' && 'epoch' in kind) checkPrecision(name, values, kind.epoch);
  return time;
}

/** Reads one value, NaN where it is no time of this kind. */
function readerOf(kind: StampKind): (value: unknown) => number {
  if (kind === 'date') return value => (isDate(value) ? value.getTime() : Number.NaN);
  if ('epoch' in kind) {
    const { epoch } = kind;
    // A double holds seconds to 0.24 µs and nanoseconds to 256 of them: what is that near a millisecond is meant to be it.
    const slack = epoch === 1000 || epoch === 1e-6 ? 1e-3 : 0;
    const read = (value: number) => {
      if (unitOf(value) !== epoch) return Number.NaN;
      return epoch === 1000 ? Math.floor(value * 1000 + slack) : Math.floor(value / (1 / epoch) + slack);
    };
    return value =>
      typeof value === 'number' ? read(value) : typeof value === 'bigint' ? read(Number(value)) : Number.NaN;
  }
  const reader = new TimeReader(kind.text, 0);
  return value => {
    if (typeof value !== 'string') return Number.NaN;
    const text = value.trim();
    const bytes = Buffer.from(text);
    return reader.readLoosely(bytes, 0, bytes.length, text);
  };
}

function unitOf(value: number): Unit | undefined {
  const size = Math.abs(value);
  if (!(size >= LEAST_EPOCH && size < 1e19)) return undefined;
  return size < 1e11 ? 1000 : size < 1e14 ? 1 : size < 1e17 ? 1e-3 : 1e-6;
}

/**
 * danfojs calculates in float32, which holds 7 digits: times that went through it lie on multiples of 128 s. No series of
 * bars does, save for whole days and the like in seconds.
 */
function checkPrecision(name: string, values: Values, unit: Unit): void {
  if (values.length < 3) return;
  let isOdd = unit !== 1000;
  for (let row = 0; row < values.length; row++) {
    const value = Number(values[row]);
    if (Math.fround(value) !== value) return;
    if (row > 0 && (value - Number(values[row - 1])) % 60 !== 0) isOdd = true;
  }
  if (!isOdd) return;
  throw new DataError('FRAME_FLOAT32', 'the times are rounded to float32, up to 128 s apart', {
    column: name,
    value: values[0],
    limit: '7 digits',
    fix: 'do not calculate with times in danfojs; keep them as text, and give the column that was calculated from',
  });
}

function unread(name: string, row: number, value: unknown, first: unknown): DataError {
  if (value === null || value === undefined || stampKind([value]) === undefined) {
    return notATime(name, row, value);
  }
  return new DataError(
    'FRAME_TIME_MIXED',
    `row ${row} writes ${shownTime(value)}, unlike ${shownTime(first)}`,
    {
      column: name,
      value,
      limit: first,
      fix: 'write the times of all rows in the same way',
    },
  );
}

function notATime(column: string, row: number, value: unknown): DataError {
  return new DataError('FRAME_TIME_INVALID', `row ${row} is ${shownValue(value)}, no time`, {
    column,
    value,
    limit: 'epoch s, ms, µs or ns, a Date, or ISO 8601 text',
    fix: 'give each bar the time at which it opened, such as 2024-01-31T12:00:00Z',
  });
}

function shownTime(value: unknown): string {
  return isDate(value) ? value.toISOString() : shownValue(value);
}

/** Also of another realm, such as a worker's or a test's. */
function isDate(value: unknown): value is Date {
  return Object.prototype.toString.call(value) === '[object Date]';
}

function firstValue(values: Values): unknown {
  for (let row = 0; row < values.length; row++) {
    const value = values[row];
    if (value !== null && value !== undefined && value !== '' && !Number.isNaN(value)) return value;
  }
  return undefined;
}
