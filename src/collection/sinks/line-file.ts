import { closeSync, fdatasyncSync, fstatSync, ftruncateSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { endOfLines } from '../../live/record/tail.ts';
import { OutputError } from '../../model/errors.ts';

/** A file that grows by whole lines. A line that was torn when its writer was killed is cut off on opening. */
export class LineFile {
  readonly #path: string;
  readonly #file: number;
  /** True for a file without lines. */
  readonly isEmpty: boolean;

  /** Throws OutputError. */
  constructor(path: string) {
    this.#path = path;
    try {
      mkdirSync(dirname(path), { recursive: true });
      this.#file = openSync(path, 'a+');
      const { size } = fstatSync(this.#file);
      const end = endOfLines(this.#file);
      if (end < size) ftruncateSync(this.#file, end);
      this.isEmpty = end === 0;
    } catch (error) {
      throw this.#failure(error);
    }
  }

  /** Adds whole lines: all of them or none. Throws OutputError. */
  append(lines: string): void {
    const bytes = Buffer.from(lines);
    const { size } = fstatSync(this.#file);
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(this.#file, bytes, at);
    } catch (error) {
      ftruncateSync(this.#file, size);
      throw this.#failure(error);
    }
  }

  /** Waits for the disk. */
  close(): void {
    try {
      fdatasyncSync(this.#file);
    } catch (error) {
      throw this.#failure(error);
    } finally {
      closeSync(this.#file);
    }
  }

  #failure(error: unknown): OutputError {
    const message = error instanceof Error ? error.message : String(error);
    return new OutputError('SINK_WRITE_FAILED', `${this.#path} cannot be written: ${message}`, {
      value: this.#path,
      fix: 'make room on the disk, check the permissions, or give another folder with --out',
      cause: error,
    });
  }
}
