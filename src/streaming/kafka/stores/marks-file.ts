import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { DataError, OutputError } from '../../../model/errors.ts';
import { type Lock, takeLock } from '../../../store/lock.ts';

/** What a file of marks says: how far each source has come, and how large the files were then. */
export interface Marks {
  readonly positions: Readonly<Record<string, number>>;
  readonly sizes: Readonly<Record<string, number>>;
}

/** A small file beside others that says up to where they are good; it is replaced as a whole, and one process holds it. */
export class MarksFile {
  readonly #path: string;
  readonly #lock: Lock;
  marks: Marks = { positions: {}, sizes: {} };

  /** Throws OutputError `SINK_LOCKED`, `SINK_WRITE_FAILED`, DataError `MARKS_UNREADABLE`. */
  constructor(path: string) {
    this.#path = path;
    try {
      mkdirSync(dirname(path), { recursive: true });
    } catch (error) {
      throw notWritable(path, error);
    }
    const lock = takeLock(`${path}.lock`);
    if (lock === undefined) {
      throw new OutputError('SINK_LOCKED', `another process is writing to ${dirname(path)}`, {
        value: path,
        fix: 'stop it, or give another file; a SQLite file can be shared',
      });
    }
    this.#lock = lock;
    try {
      if (existsSync(path)) this.marks = JSON.parse(readFileSync(path, 'utf8')) as Marks;
    } catch (error) {
      lock.release();
      throw new DataError('MARKS_UNREADABLE', 'cannot be read', {
        file: path,
        fix: 'restore it, or delete it together with the files beside it and read the topics anew with from=earliest',
        cause: error,
      });
    }
  }

  save(marks: Marks): void {
    try {
      writeFileSync(`${this.#path}.new`, JSON.stringify(marks));
      renameSync(`${this.#path}.new`, this.#path);
    } catch (error) {
      throw notWritable(this.#path, error);
    }
    this.marks = marks;
  }

  close(): void {
    this.#lock.release();
  }
}

function notWritable(path: string, error: unknown): OutputError {
  return new OutputError('SINK_WRITE_FAILED', `${path} cannot be written: ${(error as Error).message}`, {
    value: path,
    fix: 'make room on the disk, or check the permissions',
    cause: error,
  });
}
