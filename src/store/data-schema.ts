import type { Migration } from './database.ts';
import { RUNS } from './run-schema.ts';
import { SWEEPS } from './sweep-schema.ts';
import { TRADES } from './trade-schema.ts';

const BARS = `
CREATE TABLE series (
  id INTEGER PRIMARY KEY,
  venue TEXT NOT NULL,
  market TEXT NOT NULL,
  symbol TEXT NOT NULL,
  interval TEXT NOT NULL,
  columns TEXT NOT NULL,
  UNIQUE (venue, market, symbol, interval)
);
CREATE TABLE blocks (
  series INTEGER NOT NULL REFERENCES series(id),
  number INTEGER NOT NULL,
  first INTEGER NOT NULL,
  last INTEGER NOT NULL,
  bars INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  checksum INTEGER NOT NULL,
  data BLOB NOT NULL,
  UNIQUE (series, number)
);
CREATE INDEX block_spans ON blocks (series, number, first, last, bars, bytes);
CREATE TABLE empty_ranges (
  series INTEGER NOT NULL REFERENCES series(id),
  first INTEGER NOT NULL,
  until INTEGER NOT NULL,
  PRIMARY KEY (series, first)
) WITHOUT ROWID;
CREATE TABLE checks (
  name TEXT PRIMARY KEY,
  time INTEGER NOT NULL
) WITHOUT ROWID;
`;

/**
 * How a data store came to have the tables it has. Steps are only ever added, each kind of data its own from a file of
 * its own. Times are epoch ms UTC.
 */
export const DATA_MIGRATIONS: readonly Migration[] = [BARS, SWEEPS, TRADES, RUNS];

/** "qtda": by this a data store is told from the store of the sessions. */
export const DATA_APPLICATION = 0x71746461;
