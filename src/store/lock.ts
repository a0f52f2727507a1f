import { closeSync, existsSync, fstatSync, openSync, realpathSync, statSync, unlinkSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import Database from 'better-sqlite3';

/** Something that one process at a time may hold. */
export interface Lock {
  release(): void;
}

/** How long somebody who only looks may hold up somebody who takes the lock, ms. */
const LOOKING = 250;

/** What this process holds. It keeps the databases from being collected, and their locks with them, unasked. */
const held = new Map<string, { readonly database: Database.Database; readonly pin: number }>();

/** The lock that whoever runs a session holds; it lies beside the store. */
export function sessionLock(store: string, id: number): string {
  return `${store}.session-${id}.lock`;
}

/** Whether some process holds the lock; leaves no file, and takes nothing from who holds it. */
export function isLocked(file: string): boolean {
  if (!existsSync(file)) return false;
  if (held.has(pathOf(file))) return true;
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
  const path = pathOf(file);
  for (;;) {
    // To open and close a file gives up the locks that this process has on it.
    if (held.has(path)) return undefined;
    // Who held it last removes the file: what is locked may be one that nobody else finds any more. While this one is
    // open, no other gets its number; if the path led to it before and after, it is the one that is locked.
    const pin = openSync(path, 'a');
    const database = isAt(path, pin) ? lockedDatabase(path) : undefined;
    if (database !== undefined && isAt(path, pin)) {
      held.set(path, { database, pin });
      return { release: () => release(path, database, pin) };
    }
    const isTaken = database === undefined && isAt(path, pin);
    database?.close();
    closeSync(pin);
    if (isTaken) return undefined;
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

function release(path: string, database: Database.Database, pin: number): void {
  if (held.get(path)?.database !== database) return;
  held.delete(path);
  try {
    // While it is still held: whoever takes it next must find a file that nobody removes.
    unlinkSync(path);
  } catch {
    // Some systems remove no open file; an empty one that stays does no harm.
  }
  database.close();
  closeSync(pin);
}

/** Whether the path leads to the open file. */
function isAt(path: string, pin: number): boolean {
  const found = statSync(path, { throwIfNoEntry: false });
  const own = fstatSync(pin);
  return found !== undefined && found.ino === own.ino && found.dev === own.dev;
}

/** One name for each file. */
function pathOf(file: string): string {
  return join(realpathSync(dirname(file)), basename(file));
}
