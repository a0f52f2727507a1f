import { type Column, columnsNamed, valueText } from './columns.ts';
import type { RowFormat } from './row-format.ts';

/** An object a bar, with the columns as its members, in their order. Numbers are those of CSV, to the last digit. */
export const JSON_LINES: RowFormat = {
  header: () => '',
  line(columns, series, bars, row) {
    const members = columns.map(column => {
      const text = valueText(column, series, bars, row);
      return `${JSON.stringify(column.name)}:${isText(column) ? JSON.stringify(text) : text === '' ? 'null' : text}`;
    });
    return `{${members.join(',')}}\n`;
  },
  columnsOf(firstLine) {
    const object = objectOf(firstLine);
    const columns = object && columnsNamed(Object.keys(object));
    return columns && { columns, isHeader: false };
  },
  fields(line, columns) {
    const object = objectOf(line);
    if (object === undefined) return undefined;
    const names = Object.keys(object);
    if (names.length !== columns.length || columns.some(({ name }, i) => name !== names[i])) return undefined;
    return Object.values(object).map(value => (value === null ? '' : String(value)));
  },
  isTornStart(text, columns) {
    const start = `{${JSON.stringify(columns[0].name)}:`;
    return start.startsWith(text) || text.startsWith(start);
  },
};

function isText({ content }: Column): boolean {
  return content === 'symbol' || content === 'interval' || content === 'datetime';
}

function objectOf(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
