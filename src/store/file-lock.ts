import { closeSync, openSync, realpathSync, statSync, unlinkSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import Database from 'better-sqlite3';

/** Of this process: the system's locks do not tell two holders in one process apart. */
const held = new Set<string>();

/**
 * Keeps a second program away from something, by a file beside it. It is SQLite's lock on an empty database, which is
 * the system's: it goes with the process, however that ends, and a file that is left behind locks nothing.
 */
export class FileLock {
  readonly #path: string;
  readonly #database: Database.Database;

  private constructor(path: string, database: Database.Database) {
    this.#path = path;
    this.#database = database;
  }

  /** Undefined when someone else has it. Throws the system's error when the file cannot be made. */
  static take(file: string): FileLock | undefined {
    const path = join(realpathSync(dirname(file)), basename(file));
    if (held.has(path)) return undefined;
    for (;;) {
      // Made first, so that it has a number by which it is known.
      make(path);
      const before = inode(path);
      const database = new Database(path, { timeout: 0 });
      try {
        database.pragma('journal_mode = MEMORY');
        database.exec('BEGIN EXCLUSIVE');
      } catch (error) {
        database.close();
        if ((error as { code?: string }).code === 'SQLITE_BUSY') return undefined;
        throw error;
      }
      // Its former holder may have removed the file between the two: then this is the lock of nothing.
      if (before !== undefined && inode(path) === before) {
        held.add(path);
        return new FileLock(path, database);
      }
      database.close();
    }
  }

  release(): void {
    if (!held.delete(this.#path)) return;
    try {
      unlinkSync(this.#path);
    } catch {
      // Some systems remove no open file; an empty one that stays does no harm.
    }
    this.#database.close();
  }
}

function make(file: string): void {
  if (statSync(file, { throwIfNoEntry: false }) === undefined) closeSync(openSync(file, 'a'));
}

function inode(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.ino;
}
