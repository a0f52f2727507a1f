import { replayCapture } from '../../../src/collection/replay.ts';
import { Summary } from '../../../src/collection/summary.ts';
import { type Difference, differences, inRealUnits } from './compare.ts';

/** What the reference says of a recording; ../shared/recorded/README.md describes it. */
export interface Expected {
  readonly lines: number;
  readonly counts: Readonly<Record<string, number>> & { readonly other?: Readonly<Record<string, number>> };
  readonly integrity?: Readonly<Record<string, { readonly checked: number; readonly passed: number }>>;
  readonly bookStates?: { readonly checked: number; readonly crossed: number };
  readonly gaps?: number;
  readonly detections?: readonly unknown[];
  readonly symbols?: Readonly<Record<string, never>>;
  readonly fault?: { readonly type: string; readonly afterRecvIndex?: number; readonly recvIndex?: number };
  readonly detect?: Place | null;
  readonly detectLatest?: Place;
  readonly mustIgnore?: boolean;
  readonly affected?: readonly string[] | 'connection';
  readonly affectedStream?: string;
  readonly book?: never;
  readonly validAgainAt?: { readonly line: number };
  readonly unaffectedSymbols?: Readonly<Record<string, never>>;
}

interface Place {
  readonly recvIndex: number;
  readonly line: number;
  readonly symbol: string | null;
  readonly rule: string;
}

type Result = ReturnType<Summary['result']>;

/** Counts of what was done with deltas, which ends where the book is no longer trusted. */
const OF_USE = new Set(['bookDeltasApplied', 'bookDeltasStale', 'linksApplied']);

/** Replays a recording; every way in which the result is not what the reference says. */
export async function judge(file: string, expected: Expected): Promise<Difference[]> {
  const summary = new Summary(file);
  const { pipeline } = await replayCapture(file, {
    onRecord: record => summary.record(record),
    onLine: line => summary.line(line),
  });
  const result = summary.result(pipeline);
  const found = expected.fault === undefined || expected.mustIgnore === true ? [] : faulted(expected, result);
  const isBroken = expected.fault !== undefined && expected.mustIgnore !== true;
  if (!isBroken && result.detections.length > 0) {
    found.push({ path: 'detections', expected: [], found: result.detections });
  }
  found.push(...differences(expected.lines, result.lines, 'lines'));
  const counts = Object.entries(expected.counts).filter(([name]) => !isBroken || !OF_USE.has(name));
  found.push(...differences(Object.fromEntries(counts) as never, result.counts, 'counts'));
  found.push(...unasked(expected, result));
  if (isBroken) return found;
  found.push(...differences((expected.integrity ?? {}) as never, result.integrity, 'integrity'));
  if (expected.bookStates !== undefined) {
    found.push(...differences(expected.bookStates as never, result.bookStates, 'bookStates'));
  }
  for (const [native, wanted] of Object.entries(expected.symbols ?? {})) {
    const symbol: Record<string, never> = { ...(wanted as Record<string, never>) };
    // The messages of a faulted recording are counted with the repeated one in all, and without it here.
    if (expected.mustIgnore === true) delete symbol.bookDeltas;
    found.push(
      ...differences(inRealUnits(symbol, result.venue, native), result.symbols[native], `symbols.${native}`),
    );
  }
  return found;
}

/** Counts that are there, but not in the reference: something was taken for what it is not. */
function unasked(expected: Expected, result: Result): Difference[] {
  const { other = {} } = expected.counts;
  const known = ['trades', 'bookSnapshots', 'klines', 'tickers', 'undecodable'] as const;
  const counts = result.counts as unknown as Record<string, number>;
  return [
    ...known
      .filter(name => expected.counts[name] === undefined && counts[name] > 0)
      .map(name => ({ path: `counts.${name}`, expected: undefined, found: counts[name] })),
    ...Object.entries(result.counts.other)
      .filter(([name, count]) => count > 0 && other[name] === undefined)
      .map(([name, count]) => ({ path: `counts.other.${name}`, expected: undefined, found: count })),
  ];
}

function faulted(expected: Expected, result: Result): Difference[] {
  const { affected, detect, detectLatest, unaffectedSymbols = {}, validAgainAt } = expected;
  if (detect === null || detect === undefined) return [];
  const found: Difference[] = [];
  const [first] = result.detections;
  const at = result.detections.find(
    ({ line, rule, symbol }) => line === detect.line && symbol === detect.symbol && rule === detect.rule,
  );
  if (at === undefined || first.recvIndex < firstPossible(expected)) {
    found.push({ path: 'detect', expected: detect, found: result.detections });
  }
  const latest = detectLatest;
  if (
    latest !== undefined &&
    !result.detections.some(one => one.line <= latest.line && one.symbol === latest.symbol)
  ) {
    found.push({ path: 'detectLatest', expected: latest, found: result.detections });
  }
  if (validAgainAt !== undefined && at?.closedAt !== validAgainAt.line) {
    found.push({ path: 'validAgainAt', expected: validAgainAt, found: at });
  }
  const natives = affected === 'connection' ? [] : (affected ?? []);
  for (const native of natives) {
    const book = result.symbols[native]?.book as { valid: boolean } | undefined;
    if (expected.affectedStream === 'trades') {
      found.push(...differences(expected.book ?? {}, book, `symbols.${native}.book`));
    }
    const isValid = book?.valid ?? false;
    const mayBe = expected.affectedStream === 'trades' || validAgainAt !== undefined;
    if (isValid !== mayBe)
      found.push({ path: `symbols.${native}.book.valid`, expected: mayBe, found: isValid });
  }
  const wrong = result.detections.filter(
    ({ symbol }) => affected !== 'connection' && !natives.includes(symbol ?? ''),
  );
  if (wrong.length > 0) found.push({ path: 'detections', expected: natives, found: wrong });
  for (const [native, symbol] of Object.entries(unaffectedSymbols)) {
    found.push(
      ...differences(
        inRealUnits(symbol, result.venue, native),
        result.symbols[native],
        `unaffectedSymbols.${native}`,
      ),
    );
  }
  return found;
}

/** Nothing may be found before the fault is there. */
function firstPossible({ detect, fault }: Expected): number {
  return Math.min(detect?.recvIndex ?? 0, fault?.recvIndex ?? fault?.afterRecvIndex ?? 0);
}
