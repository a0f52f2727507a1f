import { FrameError, type JsonCursor } from '../../wire/json-cursor.ts';

/** Keys of events, as character codes. */
export const LETTER = {
  E: 0x45,
  T: 0x54,
  U: 0x55,
  a: 0x61,
  b: 0x62,
  e: 0x65,
  k: 0x6b,
  s: 0x73,
  t: 0x74,
  u: 0x75,
} as const;

export const code = (letter: string) => letter.charCodeAt(0);

/** The scalar members of an object by their one-letter keys: bounds in the frame, and numbers where they are bare. */
export class Fields {
  readonly starts = new Int32Array(128);
  readonly ends = new Int32Array(128);
  readonly numbers = new Float64Array(128);
  /** In which frame each was seen last. */
  readonly #seen = new Float64Array(128);
  #frame = 1;

  clear(): void {
    this.#frame++;
  }

  /** Reads the value that comes next. */
  read(cursor: JsonCursor, letter: number): void {
    const first = cursor.peek();
    cursor.bounds();
    this.starts[letter] = cursor.start;
    this.ends[letter] = cursor.end;
    this.#seen[letter] = this.#frame;
    if (first >= 0x30 && first <= 0x39) this.numbers[letter] = cursor.mantissa;
    else this.numbers[letter] = Number.NaN;
  }

  has(letter: number): boolean {
    return this.#seen[letter] === this.#frame;
  }

  text(frame: string, letter: string): string {
    const at = code(letter);
    if (!this.has(at)) throw new FrameError(`"${letter}" is missing`);
    return frame.slice(this.starts[at], this.ends[at]);
  }

  /** The text of a member is this one; false where it is missing. */
  is(frame: string, letter: number, text: string): boolean {
    const start = this.starts[letter];
    return this.has(letter) && this.ends[letter] - start === text.length && frame.startsWith(text, start);
  }

  number(letter: string): number {
    const at = code(letter);
    if (!this.has(at) || Number.isNaN(this.numbers[at])) throw new FrameError(`no number "${letter}"`);
    return this.numbers[at];
  }

  isTrue(frame: string, letter: string): boolean {
    return this.text(frame, letter) === 'true';
  }
}
