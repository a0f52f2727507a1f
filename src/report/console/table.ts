import { paint, plain, type TerminalStyle } from './format.ts';

/** Between two columns. */
const GAP = '  ';

export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
  /** May be cut short where the line would be too long, to this many characters at least. */
  readonly least?: number;
}

/** Rows of texts in columns as wide as they need, cut where the terminal ends. */
export function tableLines(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  style: TerminalStyle,
): string[] {
  const widths = columnWidths(columns, rows, style);
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) => {
        const text = cut(plain(style, cell), widths[i], style);
        return columns[i].align === 'right' ? text.padStart(widths[i]) : text.padEnd(widths[i]);
      })
      .join(GAP)
      .trimEnd();
  return [paint(style, 'dim', line(columns.map(column => column.title))), ...rows.map(line)];
}

/** What the columns would take without being cut. */
export function naturalWidth(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  style: TerminalStyle,
): number {
  return sum(naturalWidths(columns, rows, style)) + GAP.length * (columns.length - 1);
}

function naturalWidths(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  style: TerminalStyle,
): number[] {
  return columns.map(({ title }, i) =>
    rows.reduce((width, row) => Math.max(width, plain(style, row[i]).length), title.length),
  );
}

/** Takes from the widest column that may be cut until all fits, or nothing more may be taken. */
function columnWidths(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  style: TerminalStyle,
): number[] {
  const widths = naturalWidths(columns, rows, style);
  let excess = sum(widths) + GAP.length * (columns.length - 1) - style.width;
  while (excess-- > 0) {
    let widest = -1;
    for (const [i, { least }] of columns.entries()) {
      if (least !== undefined && widths[i] > least && !(widths[widest] >= widths[i])) widest = i;
    }
    if (widest < 0) break;
    widths[widest]--;
  }
  return widths;
}

function cut(text: string, width: number, style: TerminalStyle): string {
  if (text.length <= width) return text;
  const end = style.unicode ? '…' : '~';
  return text.slice(0, Math.max(0, width - 1)) + end;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
