import { rmSync } from 'node:fs';
import Database from 'better-sqlite3';

/** Something that one process at a time may hold. */
export interface Lock {
  release(): void;
}

/**
 * Takes the lock that `file` stands for, or returns undefined while another process holds it. The operating system
 * keeps it, as the exclusive lock of a SQLite file, so it ends with its process however that ends; the file alone means
 * nothing.
 */
export function takeLock(file: string): Lock | undefined {
  const database = new Database(file, { timeout: 0 });
  try {
    database.pragma('locking_mode = EXCLUSIVE');
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if (error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY')) return undefined;
    throw error;
  }
  return {
    release: () => {
      database.close();
      rmSync(file, { force: true });
    },
  };
}
