import { closeSync, existsSync, openSync, realpathSync, statSync, unlinkSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
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
 * Takes the lock that `file` stands for, or returns undefined while someone else holds it. The operating system
 * keeps it, as the exclusive lock of an empty SQLite file, so it ends with its process however that ends; the file alone
 * means nothing. Throws the system's error when the file cannot be made.
 */
export function takeLock(file: string): Lock | undefined {
  const path = join(realpathSync(dirname(file)), basename(file));
  for (;;) {
    // Made first, so that it has a number by which it is known. Closing a file gives up the locks that this process
    // has on it: one that is there is not opened.
    if (inodeOf(path) === undefined) closeSync(openSync(path, 'a'));
    const inode = inodeOf(path);
    const database = lockedDatabase(path);
    if (database === undefined) return undefined;
    // Its former holder may have removed the file between the two: then this is the lock of nothing.
    if (inode !== undefined && inodeOf(path) === inode) return { release: () => release(path, database) };
    database.close();
  }
}

function lockedDatabase(path: string): Database.Database | undefined {
  const database = new Database(path, { timeout: LOOKING });
  try {
    // A journal on disk would outlive a process that is killed.
    database.pragma('journal_mode = MEMORY');
    database.exec('BEGIN EXCLUSIVE');
    return database;
  } catch (error) {
    database.close();
    if (error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY')) return undefined;
    throw error;
  }
}

function release(path: string, database: Database.Database): void {
  if (!database.open) return;
  try {
    // While it is still held: whoever takes it next must find a file that nobody removes.
    unlinkSync(path);
  } catch {
    // Some systems remove no open file; an empty one that stays does no harm.
  }
  database.close();
}

function inodeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.ino;
}
