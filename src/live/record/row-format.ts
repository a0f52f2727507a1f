import type { Series } from '../../feeds/live/contract.ts';
import type { Bars } from '../../model/bars.ts';
import { type Column, columnsOfHeader, headerLine, rowLine } from './columns.ts';

/** How bars stand in a file, one a line. */
export interface RowFormat {
  /** A new file begins with it; '' for nothing. */
  header(columns: readonly Column[]): string;
  /** A bar, with the end of its line. */
  line(columns: readonly Column[], series: Series, bars: Bars, row: number): string;
  /** The columns that a file's first line tells, and whether it is no bar itself; undefined where it tells none of ours. */
  columnsOf(
    firstLine: string,
  ): { readonly columns: readonly Column[]; readonly isHeader: boolean } | undefined;
  /** A line's values as text, in the order of the columns; undefined for a line that is none of theirs. */
  fields(line: string, columns: readonly Column[]): readonly string[] | undefined;
  /** Whether this may be the beginning of a file of these columns, torn before the end of its first line. */
  isTornStart(text: string, columns: readonly Column[], header: boolean): boolean;
}

export const CSV: RowFormat = {
  header: headerLine,
  line: rowLine,
  columnsOf(firstLine) {
    const columns = columnsOfHeader(firstLine);
    return columns && { columns, isHeader: true };
  },
  fields(line, columns) {
    const fields = line.split(',');
    return fields.length === columns.length ? fields : undefined;
  },
  isTornStart: (text, columns, header) =>
    header ? headerLine(columns).startsWith(text) : /^[\w.,:-]+$/.test(text),
};
