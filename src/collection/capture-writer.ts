import { createWriteStream, type WriteStream } from 'node:fs';
import { createGzip, constants as zlib } from 'node:zlib';
import { OutputError } from '../model/errors.ts';
import type { CaptureHeader } from './capture.ts';

/** Text that may wait for the disk, bytes. */
const MOST_WAITING = 64 * 2 ** 20;
/** What is compressed together; after a kill at most so much is lost. */
const FLUSH_MS = 1000;

/** A line of a capture without its times. */
export type CaptureEvent =
  | { readonly kind: 'connect'; readonly conn: number; readonly url: string }
  | { readonly kind: 'send'; readonly conn: number; readonly text: string }
  | { readonly kind: 'recv'; readonly conn: number; readonly text: string }
  | { readonly kind: 'recv'; readonly conn: number; readonly b64: string }
  | { readonly kind: 'close'; readonly conn: number; readonly reason: string }
  | {
      readonly kind: 'http';
      readonly method: string;
      readonly url: string;
      readonly status: number;
      readonly text: string;
    };

/** Whoever wants to know everything that happens on the wire. */
export interface WireTap {
  /** Times in microseconds; `published` is 0 where nothing came of it. */
  event(event: CaptureEvent, time: number, published: number): void;
  close(): Promise<void>;
}

/**
 * Writes a capture, compressed by gzip where its name ends with `.gz`. What finds no room, because the disk is slower than
 * the market, is left out and counted: then the capture has a line `lost`, since a replay of it is no longer the live run.
 */
export class CaptureWriter implements WireTap {
  readonly #file: WriteStream;
  readonly #out: NodeJS.WritableStream & { readonly writableLength: number };
  readonly #flush: NodeJS.Timeout | undefined;
  #lost = 0;
  /** Lines that found no room. */
  dropped = 0;
  lines = 0;

  constructor(file: string, header: CaptureHeader, onFailure: (error: OutputError) => void) {
    this.#file = createWriteStream(file, { flags: 'wx' });
    const fail = (error: Error) =>
      onFailure(
        new OutputError('CAPTURE_WRITE_FAILED', `the capture ${file} cannot be written: ${error.message}`, {
          value: file,
          fix: 'make room on the disk, or give another folder with --capture',
          cause: error,
        }),
      );
    this.#file.on('error', fail);
    if (file.endsWith('.gz')) {
      const gzip = createGzip();
      gzip.on('error', fail);
      gzip.pipe(this.#file);
      this.#out = gzip;
      this.#flush = setInterval(() => gzip.flush(zlib.Z_SYNC_FLUSH), FLUSH_MS);
      this.#flush.unref();
    } else this.#out = this.#file;
    this.#write(JSON.stringify(header));
  }

  event(event: CaptureEvent, time: number, published: number): void {
    this.#write(captureLine(event, time, published));
  }

  close(): Promise<void> {
    clearInterval(this.#flush);
    return new Promise(resolve => {
      this.#file.once('close', () => resolve());
      this.#out.end();
    });
  }

  #write(line: string): void {
    if (this.#out.writableLength > MOST_WAITING) {
      this.#lost++;
      this.dropped++;
      return;
    }
    if (this.#lost > 0) {
      this.#out.write(`{"kind":"lost","lines":${this.#lost}}\n`);
      this.#lost = 0;
    }
    this.lines++;
    this.#out.write(`${line}\n`);
  }
}

/** A line of a capture, without its end. */
export function captureLine({ kind, ...rest }: CaptureEvent, time: number, published: number): string {
  const publish = published === 0 ? '' : `"p":${seconds(published)},`;
  return `{"kind":"${kind}","t":${seconds(time)},${publish}${JSON.stringify(rest).slice(1)}`;
}

/** Microseconds as seconds with six decimals. */
function seconds(microseconds: number): string {
  const text = String(microseconds).padStart(7, '0');
  return `${text.slice(0, -6)}.${text.slice(-6)}`;
}
