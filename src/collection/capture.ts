import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';
import { DataError } from '../model/errors.ts';

/** First line of a capture. `venue` and `symbols` are the venue's own words. */
export interface CaptureHeader {
  readonly kind: 'header';
  readonly venue: string;
  readonly symbols: readonly string[];
  readonly channels: readonly string[];
  /** Decimals of instruments whose frames do not show them. */
  readonly instruments?: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

/**
 * A line of a capture, in the order of what happened. `t` is the receive time, seconds since the epoch, UTC; `p`, where it
 * is, the time at which the records that came of it were published.
 */
export type CaptureLine =
  | CaptureHeader
  | {
      readonly kind: 'connect';
      readonly t: number;
      readonly p?: number;
      readonly conn: number;
      readonly url: string;
    }
  | {
      readonly kind: 'send';
      readonly t: number;
      readonly p?: number;
      readonly conn: number;
      readonly text: string;
    }
  | {
      readonly kind: 'recv';
      readonly t: number;
      readonly p?: number;
      readonly conn: number;
      readonly text: string;
    }
  | {
      readonly kind: 'recv';
      readonly t: number;
      readonly p?: number;
      readonly conn: number;
      readonly b64: string;
    }
  | {
      readonly kind: 'close';
      readonly t: number;
      readonly p?: number;
      readonly conn: number;
      readonly reason: string;
    }
  | { readonly kind: 'lost'; readonly lines: number }
  | {
      readonly kind: 'http';
      readonly t: number;
      readonly p?: number;
      readonly method: string;
      readonly url: string;
      readonly status: number;
      readonly text: string;
    };

/**
 * Reads a capture, plain or compressed by gzip, line by line. The last line of one whose writer was killed may be cut: it
 * is left out. Throws DataError `CAPTURE_*` with the line.
 */
export async function* readCapture(file: string): AsyncGenerator<CaptureLine> {
  const raw = createReadStream(file);
  const input = file.endsWith('.gz') ? raw.pipe(createGunzip()) : raw;
  // An error of the file itself would otherwise be nobody's.
  raw.on('error', error => input.destroy(error));
  const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
  let number = 0;
  let pending: { readonly number: number; readonly text: string } | undefined;
  try {
    for await (const text of lines) {
      number++;
      if (pending !== undefined) yield parse(file, pending.number, pending.text);
      pending = text === '' ? undefined : { number, text };
    }
  } catch (error) {
    if (error instanceof DataError) throw error;
    throw new DataError('CAPTURE_UNREADABLE', error instanceof Error ? error.message : String(error), {
      file,
      line: number + 1,
      fix: 'check the path, or take another copy of the file',
      cause: error,
    });
  } finally {
    raw.destroy();
  }
  if (pending === undefined) return;
  try {
    yield parse(file, pending.number, pending.text);
  } catch (error) {
    // Whoever wrote it was stopped in the middle; a line that is whole but wrong is reported.
    if (pending.text.endsWith('}')) throw error;
  }
}

function parse(file: string, line: number, text: string): CaptureLine {
  let value: CaptureLine;
  try {
    value = JSON.parse(text) as CaptureLine;
  } catch (error) {
    throw new DataError('CAPTURE_LINE', 'is not a line of a capture', {
      file,
      line,
      value: text.slice(0, 80),
      fix: 'see docs/capture.md for the format',
      cause: error,
    });
  }
  return value;
}

/** Seconds with a fraction as whole microseconds. */
export function captureTime(t: number): number {
  return Math.round(t * 1e6);
}
