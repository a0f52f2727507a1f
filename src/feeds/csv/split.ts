import { CR, LF, QUOTE, SPACE, TAB } from './bytes.ts';

/** `more`: the row's end is not in the window. `stray`: text behind a closing quote. */
export type SplitResult = 'row' | 'blank' | 'more' | 'stray' | 'unterminated';

/**
 * Splits one row into fields by the rules of RFC 4180, with any line ends, blanks around fields and quotes that
 * may hold separators, doubled quotes and line ends. Positions point into the bytes: nothing is copied.
 */
export class RowSplitter {
  /** Fields of the last row. */
  count = 0;
  starts = new Int32Array(32);
  ends = new Int32Array(32);
  /** 1 for a field with doubled quotes in it. */
  escaped = new Uint8Array(32);
  /** The first byte after the row and its line end. */
  next = 0;
  /** Physical lines that the row takes. */
  lines = 0;
  /** False for a row that ends with the data, without a line end. */
  terminated = true;
  readonly #separator: number;

  constructor(separator: number) {
    this.#separator = separator;
  }

  /**
   * Splits the row at `at`. `final`: there is nothing behind `end`. After `stray` and `unterminated` the row is
   * given up, and `next` is the beginning of the next physical line.
   */
  split(bytes: Uint8Array, at: number, end: number, final: boolean): SplitResult {
    this.count = 0;
    this.lines = 1;
    this.terminated = true;
    const begin = at;
    let quoted = false;
    for (;;) {
      at = this.#skipBlanks(bytes, at, end);
      if (at < end && bytes[at] === QUOTE) {
        quoted = true;
        at = this.#quotedField(bytes, at + 1, end);
        if (at === -1 && !final) return 'more';
        if (at === -1) {
          this.lines = 1;
          return this.#giveUp(bytes, begin, end, final, 'unterminated');
        }
        at = this.#skipBlanks(bytes, at, end);
      } else {
        const start = at;
        while (at < end && bytes[at] !== this.#separator && bytes[at] !== LF && bytes[at] !== CR) at++;
        let stop = at;
        while (stop > start && this.#isBlank(bytes[stop - 1])) stop--;
        this.#push(start, stop, 0);
      }
      if (at === end) {
        if (!final) return 'more';
        this.next = end;
        this.terminated = false;
        break;
      }
      const c = bytes[at];
      if (c === this.#separator) {
        at++;
        continue;
      }
      if (c !== LF && c !== CR) return this.#giveUp(bytes, at, end, final, 'stray');
      const after = lineEnd(bytes, at, end, final);
      if (after === -1) return 'more';
      this.next = after;
      break;
    }
    return this.count === 1 && !quoted && this.starts[0] === this.ends[0] ? 'blank' : 'row';
  }

  /** A field as text, with doubled quotes undone. */
  text(bytes: Uint8Array, field: number): string {
    const start = this.starts[field];
    const text = Buffer.from(bytes.buffer, bytes.byteOffset + start, this.ends[field] - start).toString(
      'utf8',
    );
    return this.escaped[field] === 1 ? text.replaceAll('""', '"') : text;
  }

  /** From behind the opening quote to behind the closing one; -1 when that is not there (yet). */
  #quotedField(bytes: Uint8Array, from: number, end: number): number {
    let escaped = 0;
    for (let at = from; at < end; at++) {
      const c = bytes[at];
      if (c === QUOTE) {
        if (at + 1 < end && bytes[at + 1] === QUOTE) {
          escaped = 1;
          at++;
          continue;
        }
        this.#push(from, at, escaped);
        return at + 1;
      }
      if (c === LF || (c === CR && bytes[at + 1] !== LF)) this.lines++;
    }
    return -1;
  }

  #giveUp(bytes: Uint8Array, at: number, end: number, final: boolean, result: SplitResult): SplitResult {
    while (at < end && bytes[at] !== LF && bytes[at] !== CR) at++;
    const after = at === end ? (final ? end : -1) : lineEnd(bytes, at, end, final);
    if (after === -1) return 'more';
    this.next = after;
    return result;
  }

  #isBlank(c: number): boolean {
    return (c === SPACE || c === TAB) && c !== this.#separator;
  }

  #skipBlanks(bytes: Uint8Array, at: number, end: number): number {
    while (at < end && this.#isBlank(bytes[at])) at++;
    return at;
  }

  #push(start: number, end: number, escaped: number): void {
    if (this.count === this.starts.length) {
      const size = this.count * 2;
      const starts = new Int32Array(size);
      starts.set(this.starts);
      this.starts = starts;
      const ends = new Int32Array(size);
      ends.set(this.ends);
      this.ends = ends;
      const flags = new Uint8Array(size);
      flags.set(this.escaped);
      this.escaped = flags;
    }
    this.starts[this.count] = start;
    this.ends[this.count] = end;
    this.escaped[this.count++] = escaped;
  }
}

/** Behind the line end at `at`: LF, CRLF or CR alone; -1 when a CR is the last byte that is known. */
export function lineEnd(bytes: Uint8Array, at: number, end: number, final: boolean): number {
  if (bytes[at] === LF) return at + 1;
  if (at + 1 === end) return final ? end : -1;
  return bytes[at + 1] === LF ? at + 2 : at + 1;
}
