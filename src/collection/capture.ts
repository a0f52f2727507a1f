import { createReadStream } from 'node:fs';
import { createGunzip, constants as zlib } from 'node:zlib';
import { DataError } from '../model/errors.ts';
import { type CaptureHeader, type CaptureLine, parseCaptureLine } from './capture-lines.ts';

export type { CaptureHeader, CaptureLine };

/** Characters of a line; the longest texts of venues are whole books of some ten million. */
const LONGEST_LINE = 2 ** 28;

export interface CaptureReading {
  /** The last line is cut, because its writer was killed or the file is not whole: it is left out. */
  onCut?(line: number): void;
}

/**
 * Reads a capture, plain or compressed by gzip, line by line. The last line of one whose writer was killed may be cut: it
 * is left out, and told. Throws DataError `CAPTURE_*` with the line.
 */
export async function* readCapture(file: string, reading: CaptureReading = {}): AsyncGenerator<CaptureLine> {
  let number = 0;
  for await (const { isWhole, text } of textLines(file, () => number + 1)) {
    number++;
    if (text.trim() === '') continue;
    try {
      yield parseCaptureLine(file, number, text);
    } catch (error) {
      // Whoever wrote it was stopped in the middle; a line that is whole but wrong is reported.
      if (isWhole || text.trimEnd().endsWith('}')) throw error;
      reading.onCut?.(number);
    }
  }
}

/** Lines end with a line feed alone: other separators of lines may stand in the texts of a venue. */
async function* textLines(
  file: string,
  line: () => number,
): AsyncGenerator<{ readonly text: string; readonly isWhole: boolean }> {
  const raw = createReadStream(file);
  // A writer that was killed has left no end of its gzip, of which all that was flushed can be read.
  const input = file.endsWith('.gz') ? raw.pipe(createGunzip({ finishFlush: zlib.Z_SYNC_FLUSH })) : raw;
  // An error of the file itself would otherwise be nobody's.
  raw.on('error', error => input.destroy(error));
  const decoder = new TextDecoder();
  const parts: string[] = [];
  let length = 0;
  try {
    for await (const chunk of input) {
      const [first, ...rest] = decoder.decode(chunk as Buffer, { stream: true }).split('\n');
      parts.push(first);
      length += first.length;
      for (const next of rest) {
        yield { text: parts.join(''), isWhole: true };
        parts.length = 0;
        parts.push(next);
        length = next.length;
      }
      if (length > LONGEST_LINE) throw new RangeError(`a line is longer than ${LONGEST_LINE} characters`);
    }
  } catch (error) {
    if (error instanceof DataError) throw error;
    throw new DataError('CAPTURE_UNREADABLE', error instanceof Error ? error.message : String(error), {
      file,
      line: line(),
      fix: 'check the path, or take another copy of the file',
      cause: error,
    });
  } finally {
    raw.destroy();
    input.destroy();
  }
  parts.push(decoder.decode());
  yield { text: parts.join(''), isWhole: false };
}

/** Seconds with a fraction as whole microseconds. */
export function captureTime(t: number): number {
  return Math.round(t * 1e6);
}
