import { DataError, InputError } from '../../model/errors.ts';
import { type ColumnsByName, type DataFrameLike, type FrameInput, isDataFrame } from './contract.ts';

/** The values of a column, one a row. */
export type Values = ArrayLike<unknown>;

/** Columns by name, whatever they came in. */
export interface Table {
  readonly rows: number;
  readonly names: readonly string[];
  /** Beside {@link names}, in their order. */
  readonly columns: readonly Values[];
  /** The row labels of a DataFrame. */
  readonly index: Values | undefined;
}

/** Takes the columns out of what was given, without a look at what they hold. Throws `FRAME_SHAPE`, `COLUMN_LENGTH`. */
export function tableOf(input: FrameInput): Table {
  if (isDataFrame(input)) return ofFrame(input);
  if (Array.isArray(input)) return ofRows(input);
  return ofColumns(input as ColumnsByName);
}

function ofFrame(frame: DataFrameLike): Table {
  const names = frame.columns.map(String);
  // Each call copies the column, so it is made once.
  const columns = names.map((name, i) => listOf(frame.column(frame.columns[i]).values, name));
  const rows = frame.index.length;
  checkLengths(names, columns, rows, 'the index');
  return { rows, names, columns, index: frame.index };
}

function ofColumns(given: ColumnsByName): Table {
  if (typeof given !== 'object' || given === null) throw noFrame(given);
  const names = Object.keys(given);
  const columns = names.map(name => listOf(given[name], name));
  const rows = columns[0]?.length ?? 0;
  checkLengths(names, columns, rows, names[0]);
  return { rows, names, columns, index: undefined };
}

function ofRows(rows: readonly Readonly<Record<string, unknown>>[]): Table {
  const columns = new Map<string, unknown[]>();
  for (const [row, values] of rows.entries()) {
    if (typeof values !== 'object' || values === null || Array.isArray(values)) {
      throw new DataError('FRAME_SHAPE', `row ${row} is ${shownValue(values)}`, {
        value: values,
        limit: 'an object',
        fix: 'give an object a bar: { datetime, open, high, low, close, volume }',
      });
    }
    for (const name in values) {
      let column = columns.get(name);
      if (column === undefined) {
        column = new Array(rows.length).fill(undefined);
        columns.set(name, column);
      }
      column[row] = values[name];
    }
  }
  return { rows: rows.length, names: [...columns.keys()], columns: [...columns.values()], index: undefined };
}

function listOf(values: unknown, column: string): Values {
  const isList = Array.isArray(values) || (ArrayBuffer.isView(values) && !(values instanceof DataView));
  if (isList) return values as unknown as Values;
  throw new DataError('FRAME_SHAPE', `is ${shownValue(values)}`, {
    column,
    value: values,
    limit: 'an array',
    fix: 'give an array or a typed array a column, an object a row, or a danfojs DataFrame',
  });
}

function checkLengths(
  names: readonly string[],
  columns: readonly Values[],
  rows: number,
  than: string,
): void {
  const odd = columns.findIndex(({ length }) => length !== rows);
  if (odd === -1) return;
  const { length } = columns[odd];
  throw new DataError('COLUMN_LENGTH', `has ${length} values, ${than} has ${rows}`, {
    column: names[odd],
    value: length,
    limit: rows,
    fix: 'give every column one value a bar',
  });
}

function noFrame(given: unknown): InputError {
  return new InputError('FRAME_SHAPE', `the bars were given as ${shownValue(given)}`, {
    value: given,
    limit: 'a DataFrame, an object of columns, or an array of objects',
    fix: 'give a danfojs DataFrame, { datetime: […], close: […], … } or [{ datetime, close, … }, …]',
  });
}

/** A value of any kind, short enough for a message. */
export function shownValue(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
  if (Array.isArray(value)) return 'an array';
  if (Object.prototype.toString.call(value) === '[object Date]') return 'a Date without a time';
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}
