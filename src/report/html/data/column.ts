import type { ByteReader, ByteWriter } from './bytes.ts';

/** Whole numbers up to here can be subtracted twice and doubled without leaving the exact range of a float64. */
const LARGEST = 2 ** 49;
const MOST_DIGITS = 10;
const RAW = 255;

export interface ColumnOptions {
  /**
   * 1 (default): what is stored is the change from value to value. 2: the change of that change, which is 0 all
   * along for evenly spaced times.
   */
  readonly order?: 1 | 2;
  /** Decimals to round to, when the values are not decimals already; without it they are stored bit by bit. */
  readonly round?: number | undefined;
}

/**
 * Appends a column of numbers. Values that all are decimals (integer ÷ 10^d, NaN aside) become integers, their
 * changes variable-length bytes; others are stored bit by bit, or rounded once to `round` decimals.
 */
export function encodeColumn(
  writer: ByteWriter,
  values: Float64Array,
  { order = 1, round }: ColumnOptions = {},
): void {
  const digits = decimals([values]) ?? (round !== undefined && canScale(values, round) ? round : undefined);
  writer.unsigned(values.length);
  if (digits === undefined) {
    writer.byte(RAW);
    writer.append(toPlanes(values));
    return;
  }
  writer.byte(digits);
  writer.byte(order);
  const scale = 10 ** digits;
  let last = 0;
  let change = 0;
  for (const value of values) {
    if (Number.isNaN(value)) {
      writer.byte(0);
      continue;
    }
    const scaled = Math.round(value * scale);
    const step = scaled - last;
    writer.unsigned(zigzag(order === 1 ? step : step - change) + 1);
    last = scaled;
    change = step;
  }
}

/** A column as it was stored; `digits` are its decimals, undefined when stored bit by bit. */
export interface Column {
  readonly values: Float64Array;
  readonly digits: number | undefined;
}

export function decodeColumn(reader: ByteReader): Column {
  const values = new Float64Array(reader.unsigned());
  const digits = reader.byte();
  if (digits === RAW) {
    fromPlanes(reader.take(values.length * 8), values);
    return { values, digits: undefined };
  }
  const order = reader.byte();
  const scale = 10 ** digits;
  let last = 0;
  let change = 0;
  for (let i = 0; i < values.length; i++) {
    const code = reader.unsigned();
    if (code === 0) {
      values[i] = Number.NaN;
      continue;
    }
    change = unzigzag(code - 1) + (order === 1 ? 0 : change);
    last += change;
    values[i] = last / scale;
  }
  return { values, digits };
}

/**
 * The fewest decimals with which every value of the columns is integer ÷ 10^d to the last bit; undefined when there
 * is no such number up to {@link MOST_DIGITS}. NaN fits; Infinity and −0 do not.
 */
export function decimals(columns: readonly Float64Array[]): number | undefined {
  let digits = 0;
  for (const values of columns) {
    for (let i = 0; i < values.length; i++) {
      const value = values[i];
      if (Number.isNaN(value)) continue;
      for (;;) {
        const scale = 10 ** digits;
        const scaled = Math.round(value * scale);
        if (!(Math.abs(scaled) <= LARGEST) || Object.is(value, -0)) return undefined;
        if (scaled / scale === value) break;
        if (++digits > MOST_DIGITS) return undefined;
      }
    }
  }
  // A value that passed with fewer decimals can have outgrown the exact range since.
  return columns.every(values => canScale(values, digits)) ? digits : undefined;
}

/** Decimals that keep eight significant digits of the column's largest value. */
export function eightDigits(values: Float64Array): number {
  let largest = 0;
  for (const value of values) {
    const size = Math.abs(value);
    if (size > largest && size < Number.POSITIVE_INFINITY) largest = size;
  }
  return largest === 0 ? 0 : Math.min(MOST_DIGITS, Math.max(0, 7 - Math.floor(Math.log10(largest))));
}

export function canScale(values: Float64Array, digits: number): boolean {
  const limit = LARGEST / 10 ** digits;
  for (const value of values) if (Math.abs(value) > limit) return false;
  return true;
}

export const zigzag = (value: number) => (value < 0 ? -2 * value - 1 : 2 * value);
export const unzigzag = (code: number) => (code % 2 === 1 ? -(code + 1) / 2 : code / 2);

/** Each value's bits XORed with its predecessor's, then all first bytes, all second bytes …: what deflate likes. */
function toPlanes(values: Float64Array): Uint8Array {
  const count = values.length;
  const view = new DataView(new ArrayBuffer(8));
  const planes = new Uint8Array(count * 8);
  const last = new Uint8Array(8);
  for (let i = 0; i < count; i++) {
    view.setFloat64(0, values[i]);
    for (let b = 0; b < 8; b++) {
      const byte = view.getUint8(b);
      planes[b * count + i] = byte ^ last[b];
      last[b] = byte;
    }
  }
  return planes;
}

function fromPlanes(planes: Uint8Array, values: Float64Array): void {
  const count = values.length;
  const view = new DataView(new ArrayBuffer(8));
  const last = new Uint8Array(8);
  for (let i = 0; i < count; i++) {
    for (let b = 0; b < 8; b++) {
      last[b] ^= planes[b * count + i];
      view.setUint8(b, last[b]);
    }
    values[i] = view.getFloat64(0);
  }
}
