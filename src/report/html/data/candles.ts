import type { ByteReader, ByteWriter } from './bytes.ts';
import { canScale, decimals, decodeColumn, encodeColumn, unzigzag, zigzag } from './column.ts';

/** Prices of bars, in columns of equal length. */
export interface Prices {
  readonly open: Float64Array;
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
}

const COLUMNS = ['open', 'high', 'low', 'close'] as const;

/**
 * Appends the four price columns. Decimals are stored relative to each other (open to the last close, close to open,
 * high and low to the body), which on long runs deflates to about three quarters of four separate columns. `round` as in encodeColumn.
 */
export function encodeCandles(writer: ByteWriter, prices: Prices, round?: number): void {
  const { open, high, low, close } = prices;
  const columns = COLUMNS.map(name => prices[name]);
  const noGaps = columns.every(column => !column.includes(Number.NaN));
  const rounded = round !== undefined && columns.every(column => canScale(column, round)) ? round : undefined;
  const digits = noGaps ? (decimals(columns) ?? rounded) : undefined;
  writer.byte(digits === undefined ? 0 : 1);
  if (digits === undefined) {
    for (const column of columns) encodeColumn(writer, column, { round });
    return;
  }
  writer.byte(digits);
  writer.unsigned(open.length);
  const scale = 10 ** digits;
  let last = 0;
  for (let i = 0; i < open.length; i++) {
    const o = Math.round(open[i] * scale);
    const c = Math.round(close[i] * scale);
    writer.unsigned(zigzag(o - last));
    writer.unsigned(zigzag(c - o));
    writer.unsigned(zigzag(Math.round(high[i] * scale) - Math.max(o, c)));
    writer.unsigned(zigzag(Math.min(o, c) - Math.round(low[i] * scale)));
    last = c;
  }
}

/** The prices, and their decimals; undefined when they were stored bit by bit. */
export function decodeCandles(reader: ByteReader): Prices & { readonly digits: number | undefined } {
  if (reader.byte() === 0) {
    const [open, high, low, close] = COLUMNS.map(() => decodeColumn(reader).values);
    return { open, high, low, close, digits: undefined };
  }
  const digits = reader.byte();
  const count = reader.unsigned();
  const [open, high, low, close] = COLUMNS.map(() => new Float64Array(count));
  const scale = 10 ** digits;
  let last = 0;
  for (let i = 0; i < count; i++) {
    const o = last + unzigzag(reader.unsigned());
    const c = o + unzigzag(reader.unsigned());
    open[i] = o / scale;
    close[i] = c / scale;
    high[i] = (Math.max(o, c) + unzigzag(reader.unsigned())) / scale;
    low[i] = (Math.min(o, c) - unzigzag(reader.unsigned())) / scale;
    last = c;
  }
  return { open, high, low, close, digits };
}
