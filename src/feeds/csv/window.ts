import { LF } from './bytes.ts';

/** Where bytes come from, unpacked. */
export interface ByteSource {
  /** Fills some of `target`, at least one byte; 0 at the end. */
  read(target: Uint8Array): Promise<number>;
}

/** The longest row, in bytes, that is read; with this limit a stray quote cannot swallow a whole file. */
export const ROW_LIMIT = 1 << 20;

/** Room for the usual rest of a row beside a whole read. */
const LEFTOVER = 4096;

/**
 * The part of a source that is in memory: `bytes` from `start` to `end`. The buffer is reused; it grows only
 * when one row does not fit. One byte after `end` is a line feed, at which every scan stops.
 */
export class ByteWindow {
  bytes: Uint8Array;
  start = 0;
  end = 0;
  /** True when the source has nothing more. */
  final = false;
  readonly #source: ByteSource;
  readonly #step: number;

  /** `step`: the most bytes that are read at once. */
  constructor(source: ByteSource, step: number) {
    this.#source = source;
    this.#step = step;
    this.bytes = new Uint8Array(step + LEFTOVER);
    this.bytes[0] = LF;
  }

  get length(): number {
    return this.end - this.start;
  }

  /** Reads once more, behind what is not yet consumed. */
  async fill(): Promise<void> {
    if (this.start > 0) {
      this.bytes.copyWithin(0, this.start, this.end);
      this.end -= this.start;
      this.start = 0;
    }
    if (this.end + this.#step >= this.bytes.length) {
      const larger = new Uint8Array(Math.max(this.bytes.length * 2, this.end + this.#step + 1));
      larger.set(this.bytes.subarray(0, this.end));
      this.bytes = larger;
    }
    const read = await this.#source.read(this.bytes.subarray(this.end, this.end + this.#step));
    if (read === 0) this.final = true;
    this.end += read;
    this.bytes[this.end] = LF;
  }

  /** Reads until `length` bytes are there or the source ends. */
  async fillTo(length: number): Promise<void> {
    while (!this.final && this.length < length) await this.fill();
  }
}
