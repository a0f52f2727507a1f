import { COMMA, CR, LF, TAB } from './bytes.ts';
import { RowSplitter } from './split.ts';

/** A row of the file's beginning, as text. */
export interface SampleRow {
  readonly line: number;
  readonly fields: readonly string[];
}

const SAMPLE_ROWS = 1000;
/** Files with decimal commas have commas as well, so the comma comes last. */
const SEPARATORS = [59, TAB, 124, COMMA];
/** A bar needs a time and four prices. */
const LEAST_FIELDS = 5;

/** The complete rows of the sample; rows with broken quotes are left to the reader, which says what is wrong. */
export function sampleRows(
  bytes: Uint8Array,
  separator: number,
  final: boolean,
  limit = SAMPLE_ROWS,
): SampleRow[] {
  const splitter = new RowSplitter(separator);
  const rows: SampleRow[] = [];
  let at = 0;
  let line = 1;
  while (at < bytes.length && rows.length < limit) {
    const result = splitter.split(bytes, at, bytes.length, final);
    if (result === 'more') break;
    if (result === 'row') {
      const fields = Array.from({ length: splitter.count }, (_, field) => splitter.text(bytes, field));
      rows.push({ line, fields });
    }
    at = splitter.next;
    line += splitter.lines;
  }
  return rows;
}

/** The first separator that divides most rows into enough fields. */
export function findSeparator(bytes: Uint8Array, final: boolean): number {
  let longest = COMMA;
  let most = 1;
  for (const separator of SEPARATORS) {
    const rows = sampleRows(bytes, separator, final, 50);
    const divided = rows.filter(row => row.fields.length >= LEAST_FIELDS).length;
    if (divided > 0 && divided * 2 >= rows.length) return separator;
    // Where none divides well, the longest first row gives the most telling error.
    const first = rows[0]?.fields.length ?? 1;
    if (first > most) {
      longest = separator;
      most = first;
    }
  }
  return longest;
}

/** The byte that ends every line: LF (also in CRLF), or CR in files that have no LF. */
export function findLineEnd(bytes: Uint8Array): number {
  return !bytes.includes(LF) && bytes.includes(CR) ? CR : LF;
}

/** True when the sample holds bytes that no text has. */
export function isBinary(bytes: Uint8Array): boolean {
  return bytes.some(c => c < 32 && c !== TAB && c !== LF && c !== CR && c !== 12);
}

/** How many fields most rows have. */
export function commonFields(rows: readonly SampleRow[]): number {
  const counts = new Map<number, number>();
  for (const { fields } of rows) counts.set(fields.length, (counts.get(fields.length) ?? 0) + 1);
  return [...counts].reduce((best, next) => (next[1] > best[1] ? next : best))[0];
}

/** True for a number in decimal notation with the given decimal mark. */
export function isNumber(text: string, decimal: string): boolean {
  return decimal === ','
    ? /^[+-]?(\d+,?\d*|,\d+)([eE][+-]?\d+)?$/.test(text)
    : /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text);
}

/** A comma when numbers are written with it, and none with a point. */
export function findDecimal(rows: readonly SampleRow[]): '.' | ',' {
  const fields = rows.flatMap(row => row.fields);
  const hasComma = fields.some(text => /^[+-]?\d*,\d+$/.test(text));
  return hasComma && !fields.some(text => /^[+-]?\d*\.\d+$/.test(text)) ? ',' : '.';
}
