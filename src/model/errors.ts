/** What an error says beside its message: the offending value, the limit it broke and the way out. */
export interface ErrorDetails {
  readonly value?: unknown;
  readonly limit?: unknown;
  /** What to do, as an imperative: "use 0.000 or 0.001". */
  readonly fix?: string;
  readonly cause?: unknown;
}

/**
 * The base of every error this library throws on purpose. `code` is stable and may be matched on; the message
 * is one line for a person: what is wrong, then the fix.
 */
export class QtError extends Error {
  readonly code: string;
  readonly value: unknown;
  readonly limit: unknown;
  readonly fix: string | undefined;

  constructor(code: string, problem: string, details: ErrorDetails = {}) {
    super(
      details.fix === undefined ? problem : `${problem}: ${details.fix}`,
      details.cause === undefined ? undefined : { cause: details.cause },
    );
    this.name = new.target.name;
    this.code = code;
    this.value = details.value;
    this.limit = details.limit;
    this.fix = details.fix;
  }
}

/** What a user gave (an option, a parameter, a file) cannot be used. */
export class InputError extends QtError {}

/** Bad data, with the place where it stands. */
export class DataError extends QtError {
  readonly file: string | undefined;
  readonly line: number | undefined;
  readonly column: string | undefined;

  constructor(
    code: string,
    problem: string,
    details: ErrorDetails & { file?: string; line?: number; column?: string } = {},
  ) {
    const place = [
      details.file,
      details.line === undefined ? undefined : `line ${details.line}`,
      details.column === undefined ? undefined : `column "${details.column}"`,
    ].filter(part => part !== undefined);
    super(code, place.length === 0 ? problem : `${place.join(', ')}: ${problem}`, details);
    this.file = details.file;
    this.line = details.line;
    this.column = details.column;
  }
}

/** Something beyond this machine could not be reached, or answered with what makes no sense. */
export class NetworkError extends QtError {
  /** True when the same request may succeed later. */
  readonly retriable: boolean;

  constructor(code: string, problem: string, details: ErrorDetails & { retriable?: boolean } = {}) {
    super(code, problem, details);
    this.retriable = details.retriable ?? true;
  }
}

/** A file that was to be written cannot be: no room, no permission, or someone else is writing it. */
export class OutputError extends QtError {}

/** A strategy used the library in a way that cannot work (reading the future, an indicator made in next, …). */
export class StrategyError extends QtError {}

/**
 * The candidate that a mistyped `name` most likely meant, or undefined when none is near: the smallest
 * Damerau-Levenshtein (optimal string alignment) distance, at most a third of the longer name.
 */
export function suggest(name: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestDistance = Number.POSITIVE_INFINITY;
  const wanted = name.toLowerCase();
  for (const candidate of candidates) {
    const distance = editDistance(wanted, candidate.toLowerCase());
    const near = Math.max(1, Math.floor(Math.max(name.length, candidate.length) / 3));
    if (distance <= near && distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** "did you mean "slow"? Known: fast, slow" — the fix of an error about an unknown name. */
export function suggestion(name: string, candidates: Iterable<string>): string {
  const known = [...candidates];
  const near = suggest(name, known);
  const list = known.length === 0 ? 'none are known here' : `known: ${known.join(', ')}`;
  return near === undefined ? list : `did you mean "${near}"? (${list})`;
}

function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      row[j] = Math.min(row[j - 1] + 1, last[j] + 1, last[j - 1] + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        row[j] = Math.min(row[j], beforeLast[j - 2] + 1);
      }
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length];
}
