import { DataError } from '../../model/errors.ts';
import { COMMA, POINT, TAB } from './bytes.ts';
import { type ColumnPlan, planColumns } from './columns.ts';
import { knownNames } from './header.ts';
import { type CsvOptions, utcOffsetMs } from './options.ts';
import { DatePattern } from './pattern.ts';
import {
  commonFields,
  findDecimal,
  findLineEnd,
  findSeparator,
  isBinary,
  isNumber,
  type SampleRow,
  sampleRows,
} from './sample.ts';
import { TimeReader, timeKindOf } from './times.ts';

/** What a field is read as. */
export const SKIP = 0;
export const NUMBER = 1;
export const STAMP = 2;
export const CLOCK = 3;

/** Everything that reading the rows of one text needs to know. */
export interface CsvFormat {
  readonly separator: number;
  /** The byte of the decimal mark. */
  readonly decimal: number;
  /** LF or CR: the last byte of every line end. */
  readonly lineEnd: number;
  readonly hasHeader: boolean;
  /** The name of every field, for messages. */
  readonly names: readonly string[];
  /** What each field is read as. */
  readonly kinds: Uint8Array;
  /** The column of a NUMBER field: 0 to 4 are OHLCV, then the extras. */
  readonly targets: Int32Array;
  readonly stamp: TimeReader;
  readonly clock: TimeReader | undefined;
  readonly extras: readonly string[];
  readonly notes: readonly string[];
}

/**
 * Recognises the format of a text by its beginning, complete rows only; `final` when that is all of it.
 * Throws a DataError when it is no CSV with bars.
 */
export function recognise(
  bytes: Uint8Array,
  final: boolean,
  file: string,
  options: CsvOptions,
  base: string,
): CsvFormat {
  if (isBinary(bytes)) {
    throw new DataError('CSV_BINARY', 'the file is not text', {
      file,
      value: JSON.stringify(Buffer.from(bytes.subarray(0, 16)).toString('latin1')),
      limit: 'text in UTF-8, plain, gzip or zip',
      fix: 'save it as CSV in UTF-8',
    });
  }
  const separator = options.separator?.charCodeAt(0) ?? findSeparator(bytes, final);
  const sample = sampleRows(bytes, separator, final);
  if (sample.length === 0) throw noRows(file, 'the file has no rows', 1);
  checkDivided(sample, separator, file);
  const decimal = options.decimal ?? (separator === COMMA ? '.' : findDecimal(sample));
  const hasHeader = options.headers ?? looksLikeHeader(sample[0], decimal);
  const rows = hasHeader ? sample.slice(1) : sample;
  if (rows.length === 0) throw noRows(file, 'the file has a header and no rows', sample[0].line);
  const header = hasHeader ? sample[0].fields : undefined;
  const fields = header?.length ?? commonFields(rows);
  const plan = planColumns({ file, line: sample[0].line, header, rows, fields, decimal, options, base });
  const kinds = new Uint8Array(fields);
  const targets = new Int32Array(fields);
  const names = header?.map(name => name.trim()) ?? Array.from({ length: fields }, (_, i) => String(i));
  const values = [plan.open, plan.high, plan.low, plan.close, plan.volume];
  const roles = ['open', 'high', 'low', 'close', 'volume'];
  for (const [target, field] of [...values, ...plan.extras.map(extra => extra.field)].entries()) {
    if (field === -1) continue;
    kinds[field] = NUMBER;
    targets[field] = target;
    if (header === undefined) names[field] = roles[target] ?? plan.extras[target - 5].name;
  }
  kinds[plan.stamp] = STAMP;
  if (plan.clock !== -1) kinds[plan.clock] = CLOCK;
  if (header === undefined) {
    names[plan.stamp] = plan.clock === -1 ? 'datetime' : 'date';
    if (plan.clock !== -1) names[plan.clock] = 'time';
  }
  return {
    separator,
    decimal: decimal === '.' ? POINT : COMMA,
    lineEnd: findLineEnd(bytes),
    hasHeader,
    names,
    kinds,
    targets,
    ...timeReaders(plan, rows, file, names[plan.stamp], options),
    extras: plan.extras.map(extra => extra.name),
    notes: plan.notes,
  };
}

function timeReaders(
  plan: ColumnPlan,
  rows: readonly SampleRow[],
  file: string,
  column: string,
  options: CsvOptions,
): { stamp: TimeReader; clock: TimeReader | undefined } {
  const offset = utcOffsetMs(options);
  const { dateFormat, timeFormat } = options;
  const clock =
    plan.clock === -1
      ? undefined
      : timeFormat === undefined
        ? new TimeReader('clock', 0)
        : new TimeReader('pattern', 0, new DatePattern(timeFormat, 'timeFormat'));
  if (typeof dateFormat === 'number') return { stamp: new TimeReader('seconds', 0), clock };
  if (dateFormat !== undefined) {
    return { stamp: new TimeReader('pattern', offset, new DatePattern(dateFormat, 'dateFormat')), clock };
  }
  for (const row of rows) {
    const kind = timeKindOf(row.fields[plan.stamp] ?? '');
    if (kind !== undefined) return { stamp: new TimeReader(kind, offset), clock };
  }
  const text = rows[0].fields[plan.stamp] ?? '';
  throw new DataError('CSV_TIME_INVALID', `${JSON.stringify(text.slice(0, 80))} is not a time`, {
    file,
    line: rows[0].line,
    column,
    value: text,
    limit: 'YYYY-MM-DD[ HH:MM[:SS]], YYYYMMDD, or an epoch number',
    fix: timeAdvice(text),
  });
}

/** What to do about a stamp that no rule reads. */
export function timeAdvice(text: string): string {
  if (/^\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}/.test(text)) {
    return "say whether day or month comes first: dateFormat: '%d/%m/%Y' or '%m/%d/%Y'";
  }
  if (/^-?\d+(\.\d+)?$/.test(text)) {
    return 'it is too small for an epoch time of this century; dateFormat: 1 reads it as epoch seconds all the same';
  }
  return "give its pattern, as dateFormat: '%d %b %Y %H:%M'";
}

function looksLikeHeader(row: SampleRow, decimal: string): boolean {
  return row.fields.filter(text => isNumber(text, decimal)).length < 4 || knownNames(row.fields) >= 3;
}

function checkDivided(sample: readonly SampleRow[], separator: number, file: string): void {
  if (sample.some(row => row.fields.length > 1)) return;
  const first = sample[0].fields[0].slice(0, 80);
  throw new DataError('CSV_NOT_CSV', `no row is divided by ${separatorName(separator)}`, {
    file,
    line: sample[0].line,
    value: first,
    limit: 'comma, semicolon, tab or bar',
    fix: `the first row is ${JSON.stringify(first)}; give a CSV file, or its separator`,
  });
}

function separatorName(separator: number): string {
  return separator === COMMA
    ? 'a comma'
    : separator === TAB
      ? 'a tab'
      : `"${String.fromCharCode(separator)}"`;
}

function noRows(file: string, problem: string, line: number): DataError {
  return new DataError('CSV_NO_ROWS', problem, {
    file,
    line,
    value: 0,
    limit: 1,
    fix: 'give a file with bars',
  });
}
