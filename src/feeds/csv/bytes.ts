/** The ASCII codes that the parsers look for. */
export const TAB = 9;
export const LF = 10;
export const CR = 13;
export const SPACE = 32;
export const QUOTE = 34;
export const PLUS = 43;
export const COMMA = 44;
export const MINUS = 45;
export const POINT = 46;
export const SLASH = 47;
export const ZERO = 48;
export const COLON = 58;

/** Reads an unsigned whole number of at most 18 digits; -1 when one of the bytes is not a digit. */
export function digits(bytes: Uint8Array, from: number, to: number): number {
  const middle = Math.min(to, from + 9);
  let head = 0;
  let at = from;
  for (; at < middle; at++) {
    const digit = bytes[at] - ZERO;
    if (digit >>> 0 > 9) return -1;
    head = (head * 10 + digit) | 0;
  }
  if (at === to) return head;
  let tail = 0;
  let scale = 1;
  for (; at < to; at++) {
    const digit = bytes[at] - ZERO;
    if (digit >>> 0 > 9) return -1;
    tail = (tail * 10 + digit) | 0;
    scale *= 10;
  }
  return head * scale + tail;
}

/** Where the run of digits that begins at `from` ends. */
export function digitsEnd(bytes: Uint8Array, from: number, to: number): number {
  let at = from;
  while (at < to && (bytes[at] - ZERO) >>> 0 <= 9) at++;
  return at;
}

/** The bytes as text; UTF-8, as far as they are. */
export function textOf(bytes: Uint8Array, from: number, to: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString('utf8');
}
