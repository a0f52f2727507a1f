import { existsSync, rmSync } from 'node:fs';
import Database from 'better-sqlite3';

/** Something that one process at a time may hold. */
export interface Lock {
  release(): void;
}

/** How long somebody who only looks may hold up somebody who takes the lock, ms. */
const LOOKING = 250;

/** The lock that whoever runs a session holds; it lies beside the store. */
export function sessionLock(store: string, id: number): string {
  return `${store}.session-${id}.lock`;
}

/** Whether some process holds the lock; leaves no file, and takes nothing from who holds it. */
export function isLocked(file: string): boolean {
  if (!existsSync(file)) return false;
  let database: Database.Database | undefined;
  try {
    database = new Database(file, { timeout: 0, readonly: true, fileMustExist: true });
    database.prepare('SELECT count(*) FROM sqlite_master').get();
    return false;
  } catch (error) {
    if (error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY')) return true;
    // Released between the two questions.
    if (!existsSync(file)) return false;
    throw error;
  } finally {
    database?.close();
  }
}

/**
 * Takes the lock that `file` stands for, or returns undefined while another process holds it. The operating system
 * keeps it, as the exclusive lock of a SQLite file, so it ends with its process however that ends; the file alone means
 * nothing.
 */
export function takeLock(file: string): Lock | undefined {
  const database = new Database(file, { timeout: LOOKING });
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
