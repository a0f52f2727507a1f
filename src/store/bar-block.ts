import { crc32 } from 'node:zlib';
import { type Bars, OHLCV } from '../model/bars.ts';

/**
 * A block of bars as bytes: the length of the header (uint32, little endian as all), the header as JSON, then column after
 * column, each on a multiple of 8 bytes. A column whose values are all whole numbers of 10^-k within 32 bits is kept as
 * these (int32); as int ÷ 10^k is rounded once, it gives back the same doubles. Others are float64.
 */
interface Header {
  readonly length: number;
  /** Epoch ms UTC of the first open. */
  readonly first: number;
  /** Distance of the opens, ms; null where they are not evenly spaced and stand in a column, the first, of their own. */
  readonly step: number | null;
  /** Name and k of each column; -1 for float64. */
  readonly columns: readonly (readonly [name: string, scale: number])[];
}

const FLOAT = -1;
const POWERS = Array.from({ length: 10 }, (_, k) => 10 ** k);
const MOST = 2 ** 31 - 1;

export function packBars(bars: Bars): Uint8Array {
  const { length, time } = bars;
  const step = stepOf(time);
  const names = Object.keys(bars.extra).filter(name => !isUnknown(bars.extra[name]));
  const values = [...OHLCV.map(name => bars[name]), ...names.map(name => bars.extra[name])];
  const scales = values.map(scaleOf);
  const header: Header = {
    length,
    first: time[0],
    step,
    columns: [...OHLCV, ...names].map((name, i) => [name, scales[i]]),
  };
  const text = Buffer.from(JSON.stringify(header));
  const start = padded(4 + text.length);
  const sizes = scales.map(scale => padded(length * (scale === FLOAT ? 8 : 4)));
  const total = sizes.reduce((sum, size) => sum + size, start + (step === null ? 8 * length : 0));
  const bytes = new Uint8Array(total);
  new DataView(bytes.buffer).setUint32(0, text.length, true);
  bytes.set(text, 4);
  let at = start;
  if (step === null) {
    new Float64Array(bytes.buffer, at, length).set(time);
    at += 8 * length;
  }
  for (const [c, column] of values.entries()) {
    if (scales[c] === FLOAT) new Float64Array(bytes.buffer, at, length).set(column.subarray(0, length));
    else {
      const whole = new Int32Array(bytes.buffer, at, length);
      const power = POWERS[scales[c]];
      for (let i = 0; i < length; i++) whole[i] = Math.round(column[i] * power);
    }
    at += sizes[c];
  }
  return bytes;
}

/** The checksum of a block of the series `name`: a block in another's place has a wrong one too. */
export function blockChecksum(data: Uint8Array, name: string): number {
  return crc32(data, crc32(name));
}

/** Reads a block whose checksum was right. */
export class PackedBars {
  readonly length: number;
  readonly #header: Header;
  readonly #buffer: ArrayBufferLike;
  readonly #places = new Map<string, { readonly at: number; readonly scale: number }>();
  readonly #timeAt: number;
  #time: Float64Array | undefined;

  constructor(data: Uint8Array) {
    // Views of doubles need a multiple of 8.
    const aligned = data.byteOffset % 8 === 0 ? data : data.slice();
    const { buffer, byteOffset } = aligned;
    const size = new DataView(buffer, byteOffset).getUint32(0, true);
    const header = JSON.parse(Buffer.from(buffer, byteOffset + 4, size).toString()) as Header;
    this.#header = header;
    this.#buffer = buffer;
    this.length = header.length;
    let at = byteOffset + padded(4 + size);
    this.#timeAt = at;
    if (header.step === null) at += 8 * header.length;
    for (const [name, scale] of header.columns) {
      this.#places.set(name, { at, scale });
      at += padded(header.length * (scale === FLOAT ? 8 : 4));
    }
  }

  /** Open times, epoch ms UTC; always the same array, not to be written to. */
  times(): Float64Array {
    this.#time ??= this.#readTimes();
    return this.#time;
  }

  #readTimes(): Float64Array {
    const { length, first, step } = this.#header;
    const time = new Float64Array(length);
    if (step === null) time.set(new Float64Array(this.#buffer, this.#timeAt, length));
    else for (let i = 0; i < length; i++) time[i] = first + i * step;
    return time;
  }

  /** Copies rows `from` to `to` (exclusive) of a column to `target` at `at`; NaN for a column that is not here. */
  copy(name: string, target: Float64Array, at: number, from: number, to: number): void {
    const place = this.#places.get(name);
    if (place === undefined) {
      target.fill(Number.NaN, at, at + to - from);
      return;
    }
    if (place.scale === FLOAT) {
      target.set(new Float64Array(this.#buffer, place.at + 8 * from, to - from), at);
      return;
    }
    const whole = new Int32Array(this.#buffer, place.at + 4 * from, to - from);
    const power = POWERS[place.scale];
    for (let i = 0; i < whole.length; i++) target[at + i] = whole[i] / power;
  }
}

/** Rows of blocks, one after the other, in columns of their own. */
export class BarsFrom {
  readonly bars: Bars;
  #length = 0;

  /** `extras`: columns beyond OHLCV; NaN where a block lacks one. */
  constructor(capacity: number, extras: readonly string[]) {
    const column = () => new Float64Array(capacity);
    this.bars = {
      length: capacity,
      time: column(),
      ...{ open: column(), high: column(), low: column(), close: column(), volume: column() },
      extra: Object.fromEntries(extras.map(name => [name, column()])),
    };
  }

  get length(): number {
    return this.#length;
  }

  add(block: PackedBars, time: Float64Array, from: number, to: number): void {
    const at = this.#length;
    this.bars.time.set(time.subarray(from, to), at);
    for (const name of OHLCV) block.copy(name, this.bars[name], at, from, to);
    for (const name of Object.keys(this.bars.extra)) block.copy(name, this.bars.extra[name], at, from, to);
    this.#length += to - from;
  }
}

function padded(size: number): number {
  return Math.ceil(size / 8) * 8;
}

function stepOf(time: Float64Array): number | null {
  const step = time.length < 2 ? 0 : time[1] - time[0];
  for (let i = 2; i < time.length; i++) if (time[i] - time[i - 1] !== step) return null;
  return step;
}

function isUnknown(values: Float64Array): boolean {
  for (let i = 0; i < values.length; i++) if (!Number.isNaN(values[i])) return false;
  return true;
}

/** The least k by which all values are whole numbers of 10^-k that fit; {@link FLOAT} if there is none. */
function scaleOf(values: Float64Array): number {
  let scale = 0;
  let power = 1;
  let most = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    most = Math.max(most, Math.abs(value));
    while (Math.round(value * power) / power !== value) {
      if (++scale === POWERS.length) return FLOAT;
      power = POWERS[scale];
    }
    if (most * power > MOST || Object.is(value, -0)) return FLOAT;
  }
  return scale;
}
