import { DataError } from '../../model/errors.ts';

/** What is wrong with a row, before it is known whether it ends the run or is skipped. */
export interface Defect {
  readonly code: DefectCode;
  readonly problem: string;
  readonly column?: string;
  readonly value: unknown;
  readonly limit?: unknown;
  readonly fix: string;
}

/** The kinds of bad rows, and how the notes call them. */
export const DEFECTS = {
  CSV_NOT_A_NUMBER: 'not a number',
  CSV_VALUE_EMPTY: 'empty value',
  VALUE_NOT_FINITE: 'value not finite',
  CSV_NEGATIVE: 'negative value',
  BAR_CONTRADICTORY: 'high or low contradicts the bar',
  CSV_TIME_INVALID: 'not a time',
  CSV_TIME_MIXED: 'time in another format',
  TIME_NOT_ASCENDING: 'time going backwards',
  TIME_DUPLICATE: 'duplicate time',
  CSV_FIELDS_MISSING: 'too few fields',
  CSV_FIELDS_SURPLUS: 'too many fields',
  CSV_ROW_TRUNCATED: 'truncated row',
  CSV_ROW_TOO_LONG: 'row too long',
  CSV_QUOTE_UNTERMINATED: 'unterminated quote',
  CSV_QUOTE_STRAY: 'text after a closing quote',
} as const;

export type DefectCode = keyof typeof DEFECTS;

/** The error that a defect at a place amounts to. */
export function defectError(defect: Defect, file: string, line: number): DataError {
  const { code, problem, column, value, limit, fix } = defect;
  return new DataError(code, problem, {
    file,
    line,
    value,
    fix,
    ...(column === undefined ? {} : { column }),
    ...(limit === undefined ? {} : { limit }),
  });
}

/** How many rows were left out, by kind, with the first few lines of each. */
export class SkippedRows {
  readonly #kinds = new Map<string, { count: number; lines: string[] }>();

  /** `kind`: one of {@link DEFECTS}, or another phrase. */
  add(kind: string, line: number, entry: string): void {
    let seen = this.#kinds.get(kind);
    if (seen === undefined) {
      seen = { count: 0, lines: [] };
      this.#kinds.set(kind, seen);
    }
    seen.count++;
    if (seen.lines.length < 5) seen.lines.push(entry === '' ? `${line}` : `${line} of ${entry}`);
  }

  get count(): number {
    let count = 0;
    for (const seen of this.#kinds.values()) count += seen.count;
    return count;
  }

  /** "3 rows skipped: 2 not a number (lines 5, 9), 1 duplicate time (line 12)"; nothing when there are none. */
  notes(): string[] {
    if (this.#kinds.size === 0) return [];
    const parts = [...this.#kinds].map(([kind, { count, lines }]) => {
      const more = count > lines.length ? ', …' : '';
      return `${count} ${kind} (line${count === 1 ? '' : 's'} ${lines.join(', ')}${more})`;
    });
    return [`${this.count} row${this.count === 1 ? '' : 's'} skipped: ${parts.join(', ')}`];
  }
}
