import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { DataError, InputError, OutputError, type QtError } from '../model/errors.ts';

/** One step of a schema: SQL that brings the version before it up to date. Steps are only ever added. */
export type Migration = string;

/** How long a writer waits for another process that writes, ms. */
const PATIENCE = 5000;

export interface DatabaseOptions {
  /** What is committed survives a loss of power too. */
  readonly durable?: boolean;
  readonly mustExist?: boolean;
  /** SQLite's `application_id`, by which stores of different kinds are told apart; default 0. */
  readonly application?: number;
  /** The option that names the file, for messages; default `--store`. */
  readonly option?: string;
  /** How to make one, for the message that there is none. */
  readonly howToMake?: string;
  /** Of a file that is made: bytes a page. */
  readonly pageSize?: number;
}

/**
 * Opens (or makes) a SQLite file and brings its schema up to date. Write-ahead logging: readers never wait, and what is
 * committed survives the death of the process (a loss of power may take the last moments, unless `durable`).
 * Throws `STORE_*`: not writable, busy, not a database, damaged, of another kind, or made by a newer version.
 */
export function openDatabase(
  file: string,
  migrations: readonly Migration[],
  options: DatabaseOptions = {},
): Database.Database {
  const { application = 0, option = '--store' } = options;
  let database: Database.Database;
  try {
    if (options.mustExist !== true) mkdirSync(dirname(file), { recursive: true });
    database = new Database(file, { timeout: PATIENCE, fileMustExist: options.mustExist === true });
  } catch (error) {
    throw options.mustExist === true
      ? new DataError('STORE_NOT_FOUND', 'there is no such store', {
          file,
          value: file,
          fix:
            options.howToMake ??
            `go to the folder of the run, or give the file that it wrote to with ${option}`,
          cause: error,
        })
      : new InputError('STORE_NOT_WRITABLE', `the store ${file} cannot be opened: ${text(error)}`, {
          value: file,
          fix: `check the permissions, or give another file with ${option}`,
          cause: error,
        });
  }
  try {
    const isNew = checkKind(database, file, application, option);
    if (isNew && options.pageSize !== undefined) {
      database.pragma(`page_size = ${options.pageSize}`);
      database.pragma('auto_vacuum = INCREMENTAL');
    }
    database.pragma('journal_mode = WAL');
    database.pragma(`synchronous = ${options.durable === true ? 'FULL' : 'NORMAL'}`);
    database.pragma('foreign_keys = ON');
    migrate(database, file, migrations, application);
    return database;
  } catch (error) {
    database.close();
    throw storeFailure(error, file, option);
  }
}

/** What SQLite's error means to the user of the store `file`; any other error as it is. */
export function storeFailure<Failure>(error: Failure, file: string, option = '--store'): Failure | QtError {
  if (!(error instanceof Database.SqliteError)) return error;
  const { code, message } = error;
  if (/^SQLITE_(BUSY|LOCKED)/.test(code)) {
    return new OutputError('STORE_BUSY', `another process has been writing to ${file} for too long`, {
      value: code,
      limit: `${PATIENCE} ms`,
      fix: 'end what holds it (an open transaction of a database tool, a backup), then run the same command again',
      cause: error,
    });
  }
  if (/^SQLITE_(FULL|IOERR|READONLY|CANTOPEN|PERM)/.test(code)) {
    return new OutputError('STORE_WRITE_FAILED', `the store ${file} cannot be written: ${message}`, {
      value: code,
      fix: 'make room on the disk, check the permissions, then run the same command again; what was kept is intact',
      cause: error,
    });
  }
  return new DataError('STORE_DAMAGED', `is no intact SQLite file: ${message}`, {
    file,
    value: code,
    fix: `restore it from a copy, or give another file with ${option}`,
    cause: error,
  });
}

/**
 * Each kind of store has its own list of migrations: one taken for another would be torn up. Returns whether there is
 * nothing in it yet.
 */
function checkKind(database: Database.Database, file: string, application: number, option: string): boolean {
  // In this order: another process may be making the file, its tables and its kind in one transaction.
  const isNew = database.prepare('SELECT count(*) FROM sqlite_master').pluck().get() === 0;
  const found = Number(database.pragma('application_id', { simple: true }));
  if (isNew || found === application) return isNew;
  throw new DataError('STORE_OTHER_KIND', 'is a SQLite file of another kind', {
    file,
    value: found,
    limit: application,
    fix: `sessions and data are kept in two files: give another one with ${option}`,
  });
}

function migrate(
  database: Database.Database,
  file: string,
  migrations: readonly Migration[],
  application: number,
): void {
  const versionOf = () => Number(database.pragma('user_version', { simple: true }));
  // Who only reads must not wait for who writes.
  if (versionOf() === migrations.length) return;
  const upgrade = database.transaction(() => {
    const version = versionOf();
    if (version > migrations.length) {
      throw new DataError(
        'STORE_NEWER',
        `has the schema ${version}, this version knows ${migrations.length}`,
        {
          file,
          value: version,
          limit: migrations.length,
          fix: 'use the newer qt-trader that wrote it',
        },
      );
    }
    for (const step of migrations.slice(version)) database.exec(step);
    if (version < migrations.length) {
      database.pragma(`application_id = ${application}`);
      database.pragma(`user_version = ${migrations.length}`);
    }
  });
  upgrade.immediate();
}

function text(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
