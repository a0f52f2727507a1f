import type Database from 'better-sqlite3';
import { DataError } from '../model/errors.ts';
import { DATA_APPLICATION, DATA_MIGRATIONS } from './data-schema.ts';
import { openDatabase, storeFailure } from './database.ts';

export interface DataStoreOptions {
  /** Default: a file that is not there is made. */
  readonly mustExist?: boolean;
  /** Nothing is written; the file must exist. */
  readonly readOnly?: boolean;
  /** The time, epoch ms UTC; default: this machine's clock. */
  readonly now?: () => number;
}

/** Rows of a block fill several pages; with larger ones there are fewer to look for. */
const PAGE_SIZE = 16_384;

const DAY = 86_400_000;
/** Of larger files every block's checksum is verified when it is read, and all at `qt data check`. */
const MOST_PAGES_CHECKED = 16_384;

/**
 * Opens (or makes) a data store. Once a day the structure of the file is checked first, unless it is larger than 256 MiB.
 * Throws `STORE_*`.
 */
export function openDataStore(file: string, options: DataStoreOptions = {}): Database.Database {
  const database = openDatabase(file, DATA_MIGRATIONS, {
    mustExist: options.mustExist === true || options.readOnly === true,
    application: DATA_APPLICATION,
    option: '--data-store',
    howToMake: '"qt data import FILE" makes one; or name the one that there is with --data-store',
    pageSize: PAGE_SIZE,
  });
  try {
    if (options.readOnly === true) database.pragma('query_only = ON');
    else checkDaily(database, file, (options.now ?? Date.now)());
    return database;
  } catch (error) {
    database.close();
    throw storeFailure(error, file, '--data-store');
  }
}

function checkDaily(database: Database.Database, file: string, now: number): void {
  const checked = database.prepare("SELECT time FROM checks WHERE name = 'structure'").pluck().get();
  if (checked !== undefined && now >= Number(checked) && now - Number(checked) < DAY) return;
  if (Number(database.pragma('page_count', { simple: true })) <= MOST_PAGES_CHECKED) {
    checkStructure(database, file);
  }
  const patience = Number(database.pragma('busy_timeout', { simple: true }));
  database.pragma('busy_timeout = 0');
  try {
    database
      .prepare(
        "INSERT INTO checks (name, time) VALUES ('structure', ?) ON CONFLICT (name) DO UPDATE SET time = excluded.time",
      )
      .run(now);
  } catch {
    // Somebody is writing, or nobody may: then the next one to open it checks it again.
  } finally {
    database.pragma(`busy_timeout = ${patience}`);
  }
}

/** Throws `STORE_DAMAGED` if the file's tables do not hang together. */
export function checkStructure(database: Database.Database, file: string): void {
  const [first] = database.pragma('quick_check(1)') as { quick_check: string }[];
  if (first.quick_check === 'ok') return;
  throw new DataError('STORE_DAMAGED', `is no intact SQLite file: ${first.quick_check}`, {
    file,
    value: first.quick_check,
    fix: 'restore it from a copy, or import and download into a new one',
  });
}
