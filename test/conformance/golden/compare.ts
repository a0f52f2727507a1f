import { parseMoment } from './moments.ts';

/** One value that is not what it should be. */
export interface Difference {
  /** Where it stands in the result: `orders[3].events[1].status`. */
  readonly path: string;
  readonly expected: unknown;
  readonly got: unknown;
}

const RELATIVE = 1e-9;
const ABSOLUTE = 1e-12;
/** Days kept as doubles hold no more, ms. */
const SAME_MOMENT = 2;
const MOMENT = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?)?$/;

/** Counts, sizes and references: what is not exact there is wrong. */
const EXACT = new Set([
  ...['ref', 'data', 'tradeid', 'bar', 'baropen', 'barclose', 'barlen', 'parent', 'n', 'stride', 'index'],
  ...['size', 'exec_size', 'rem', 'closed', 'opened', 'psize', 'pos', 'len'],
]);

export interface Comparison {
  /** Stamps show the day and no time of day: all bars last a day or longer. */
  readonly daily: boolean;
  /** Nothing but the same will do. */
  readonly exact: boolean;
  /** The most differences to tell. */
  readonly most: number;
}

/** What of `got` is not as `expected`, in the order in which the recording was written. */
export function compare(expected: unknown, got: unknown, options: Comparison): Difference[] {
  const found: Difference[] = [];
  compareAny(expected, got, '', options, found);
  return found;
}

function compareAny(
  expected: unknown,
  got: unknown,
  path: string,
  options: Comparison,
  found: Difference[],
): void {
  if (found.length >= options.most) return;
  if (Array.isArray(expected) && Array.isArray(got)) compareLists(expected, got, path, options, found);
  else if (isRecord(expected) && isRecord(got)) compareRecords(expected, got, path, options, found);
  else if (!isSame(expected, got, path, options)) found.push({ path, expected, got });
}

/** Elements first, so that the difference told is the one that comes first in time. */
function compareLists(
  expected: readonly unknown[],
  got: readonly unknown[],
  path: string,
  options: Comparison,
  found: Difference[],
): void {
  const length = Math.min(expected.length, got.length);
  for (let i = 0; i < length; i++) compareAny(expected[i], got[i], `${path}[${i}]`, options, found);
  if (expected.length === got.length || found.length >= options.most) return;
  const at = `${path}[${length}]`;
  if (expected.length > length) found.push({ path: at, expected: expected[length], got: MISSING });
  else found.push({ path: at, expected: MISSING, got: got[length] });
}

/** Stands for what is not there. */
export const MISSING = Symbol('nothing');

function compareRecords(
  expected: Readonly<Record<string, unknown>>,
  got: Readonly<Record<string, unknown>>,
  path: string,
  options: Comparison,
  found: Difference[],
): void {
  const theirs = byName(expected, options);
  const ours = byName(got, options);
  for (const [name, value] of theirs) {
    const at = path === '' ? name : `${path}.${name}`;
    compareAny(value, ours.has(name) ? ours.get(name) : MISSING, at, options, found);
  }
  for (const [name, value] of ours) {
    if (theirs.has(name) || found.length >= options.most) continue;
    found.push({ path: path === '' ? name : `${path}.${name}`, expected: MISSING, got: value });
  }
}

/** Values by name, where a name that is a moment is written in one way. */
function byName(record: Readonly<Record<string, unknown>>, options: Comparison): Map<string, unknown> {
  return new Map(Object.entries(record).map(([name, value]) => [momentName(name, options), value]));
}

function momentName(name: string, { daily, exact }: Comparison): string {
  if (exact || !MOMENT.test(name)) return name;
  return daily || isEndOfDay(name) ? name.slice(0, 10) : name.slice(0, 19);
}

function isSame(expected: unknown, got: unknown, path: string, options: Comparison): boolean {
  if (options.exact) return Object.is(expected, got);
  if (typeof expected === 'string' && typeof got === 'string' && MOMENT.test(expected) && MOMENT.test(got)) {
    if (options.daily || isEndOfDay(expected)) return expected.slice(0, 10) === got.slice(0, 10);
    return Math.abs(parseMoment(expected) - parseMoment(got)) <= SAME_MOMENT;
  }
  const a = asNumber(expected);
  const b = asNumber(got);
  if (a === undefined || b === undefined) return expected === got;
  if (a === b || (Number.isNaN(a) && Number.isNaN(b))) return true;
  if (EXACT.has(nameOf(path)) || !Number.isFinite(a) || !Number.isFinite(b)) return false;
  const difference = Math.abs(a - b);
  return difference <= ABSOLUTE || difference <= RELATIVE * Math.max(Math.abs(a), Math.abs(b));
}

/** `2006-01-02T23:59:59.999989`: a bar that stands for its whole day. */
const isEndOfDay = (text: string) => text.includes('T23:59:59.99');

/** JSON has no NaN and no infinities: they are written as text. */
function asNumber(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  return value === 'NaN' || value === 'Infinity' || value === '-Infinity' ? Number(value) : undefined;
}

/** `bars.pos[3][0]` → `pos`. */
function nameOf(path: string): string {
  return /([^.[\]]+)(?:\[\d+\])*$/.exec(path)?.[1] ?? '';
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
