import { type Bars, OHLCV } from '../../model/bars.ts';
import type { StoredSeries } from '../../store/bars.ts';

/** Writes bars as text, piece after piece, as they are read. */
export type ExportFormat = (series: StoredSeries, chunks: Iterable<Bars>) => Generator<string>;

/** What `qt data export --format` knows. */
export const EXPORT_FORMATS: Readonly<Record<'csv' | 'json' | 'jsonl', ExportFormat>> = {
  csv: csvText,
  json: jsonText,
  jsonl: jsonLines,
};

export type ExportFormatName = keyof typeof EXPORT_FORMATS;

/** As `qt data import` reads it: what is unknown is an empty field. */
function* csvText({ columns }: StoredSeries, chunks: Iterable<Bars>): Generator<string> {
  const header = ['datetime', ...OHLCV, ...columns];
  yield `${header.map(quoted).join(',')}\n`;
  for (const bars of chunks) {
    const rest = [...OHLCV.map(name => bars[name]), ...columns.map(name => bars.extra[name])];
    let text = '';
    for (let i = 0; i < bars.length; i++) {
      text += isoTime(bars.time[i]);
      for (const column of rest) text += Number.isNaN(column[i]) ? ',' : `,${decimal(column[i])}`;
      text += '\n';
    }
    yield text;
  }
}

function* jsonText(series: StoredSeries, chunks: Iterable<Bars>): Generator<string> {
  const { venue, market, symbol, interval, columns } = series;
  yield `${JSON.stringify({ format: 1, venue, market, symbol, interval, columns }).slice(0, -1)},"bars":[`;
  let first = true;
  for (const bars of chunks) {
    const rows = [...rowTexts(bars)];
    if (rows.length === 0) continue;
    yield `${first ? '' : ','}\n${rows.join(',\n')}`;
    first = false;
  }
  yield '\n]}\n';
}

function* jsonLines(_: StoredSeries, chunks: Iterable<Bars>): Generator<string> {
  for (const bars of chunks) yield [...rowTexts(bars)].map(row => `${row}\n`).join('');
}

function* rowTexts(bars: Bars): Generator<string> {
  const { open, high, low, close, volume, extra } = bars;
  const columns = Object.entries({ open, high, low, close, volume, ...extra });
  for (let i = 0; i < bars.length; i++) {
    // NaN, which JSON has not, becomes null.
    const values = columns.map(([name, column]) => [name, column[i]]);
    yield JSON.stringify({ time: bars.time[i], ...Object.fromEntries(values) });
  }
}

/** `2024-01-31T15:00:00Z`, with milliseconds where there are any. */
function isoTime(time: number): string {
  return new Date(time).toISOString().replace('.000Z', 'Z');
}

/** The shortest text of the same double. */
function decimal(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}

function quoted(name: string): string {
  return /[",\n\r]/.test(name) ? `"${name.replaceAll('"', '""')}"` : name;
}
