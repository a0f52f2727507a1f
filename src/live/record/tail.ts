import { fstatSync, readSync } from 'node:fs';

/** Read at a time, bytes; also the longest line that is taken for one of ours. */
const BLOCK = 65_536;
const NEWLINE = 0x0a;

/** The first line of an open file, and where the second one begins; undefined when there is no whole one. */
export function firstLine(file: number): { readonly text: string; readonly end: number } | undefined {
  const block = read(file, 0, BLOCK);
  const at = block.indexOf(NEWLINE);
  if (at === -1) return undefined;
  return { text: lineText(block.subarray(0, at)).replace(/^\uFEFF/, ''), end: at + 1 };
}

/** Where the last whole line ends; what stands behind it was torn off in the middle of writing. */
export function endOfLines(file: number): number {
  let to = fstatSync(file).size;
  while (to > 0) {
    const from = Math.max(0, to - BLOCK);
    const at = read(file, from, to).lastIndexOf(NEWLINE);
    if (at !== -1) return from + at + 1;
    to = from;
  }
  return 0;
}

/** The text of the bytes `from` to `to`, at most a block of it. */
export function textBetween(file: number, from: number, to: number): string {
  return read(file, from, Math.min(to, from + BLOCK)).toString('utf8');
}

/**
 * Whole lines from the one that ends at `end` back to the one that begins at `start`, the last one first; undefined for
 * a line that is longer than a block. Reads block by block, and no more than is asked for.
 */
export function* linesBackwards(file: number, start: number, end: number): Generator<string | undefined> {
  // Without the end of the last line, which belongs to it.
  let to = end - 1;
  while (to > start) {
    const from = Math.max(start, to - BLOCK);
    const block = read(file, from, to);
    let stop = block.length;
    for (
      let at = block.lastIndexOf(NEWLINE);
      at !== -1;
      at = at === 0 ? -1 : block.lastIndexOf(NEWLINE, at - 1)
    ) {
      yield lineText(block.subarray(at + 1, stop));
      stop = at;
    }
    if (from === start) {
      yield lineText(block.subarray(0, stop));
      return;
    }
    if (stop === block.length) {
      yield undefined;
      return;
    }
    to = from + stop;
  }
}

function lineText(bytes: Buffer): string {
  return bytes.toString('utf8').replace(/\r$/, '');
}

function read(file: number, from: number, to: number): Buffer {
  const block = Buffer.allocUnsafe(to - from);
  let length = 0;
  while (length < block.length) {
    const count = readSync(file, block, length, block.length - length, from + length);
    if (count === 0) break;
    length += count;
  }
  return block.subarray(0, length);
}
