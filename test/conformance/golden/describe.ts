import { type Difference, MISSING } from './compare.ts';

/** Where a difference stands in time; undefined where it belongs to no moment. */
export interface Moment {
  /** Number of the step, counted from 1. */
  readonly bar: number;
  readonly date: string;
}

type Node = Readonly<Record<string, unknown>>;

/** The bar and the date that the recording has at or above the place of a difference. */
export function momentOf(result: unknown, path: string): Moment | undefined {
  const keys = path.match(/[^.[\]]+/g) ?? [];
  if (keys[0] === 'bars') return momentOfBar(result as Node, keys);
  let node = result;
  let bar: number | undefined;
  let date: string | undefined;
  for (const key of keys) {
    node = (node as Node | undefined)?.[key];
    if (typeof node !== 'object' || node === null) break;
    const found = node as Node;
    const events = found.events as readonly Node[] | undefined;
    const own = found.bar ?? events?.[0]?.bar;
    if (typeof own === 'number') bar = own;
    const at = found.dt ?? found.dtclose ?? found.dtopen ?? events?.[0]?.dt;
    if (typeof at === 'string') date = at;
  }
  return bar === undefined || date === undefined ? undefined : { bar, date };
}

function momentOfBar(result: Node, keys: readonly string[]): Moment | undefined {
  const { dt, index } = result.bars as { dt: readonly string[]; index: readonly number[] | null };
  const row = Number(keys[2]);
  if (dt?.[row] === undefined) return undefined;
  return { bar: (index?.[row] ?? row) + 1, date: dt[row] };
}

/** `orders[24].events[1].exec_price: expected 2.41, got 2.4 (bar 92, 1995-05-12)`. */
export function describe(result: unknown, { path, expected, got }: Difference): string {
  const moment = momentOf(result, path);
  const when =
    moment === undefined ? '' : ` (bar ${moment.bar}, ${moment.date.replace(/T23:59:59\.99.*/, '')})`;
  return `${path}: expected ${show(expected)}, got ${show(got)}${when}`;
}

/** The most of a value that is shown. */
const LONGEST = 160;

function show(value: unknown): string {
  if (value === MISSING) return 'nothing';
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  const text = JSON.stringify(value) ?? String(value);
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

/** Differences in the order of time, those of no moment last. */
export function inTime(result: unknown, differences: readonly Difference[]): Difference[] {
  const bar = new Map(
    differences.map(one => [one, momentOf(result, one.path)?.bar ?? Number.POSITIVE_INFINITY]),
  );
  return [...differences].sort((a, b) => (bar.get(a)! === bar.get(b)! ? 0 : bar.get(a)! - bar.get(b)!));
}
