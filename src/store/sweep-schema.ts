import type { Migration } from './database.ts';

/** Sweeps and their runs. Figures are JSON: NaN is null, the infinities are texts. Times are epoch ms UTC. */
export const SWEEPS: Migration = `
CREATE TABLE sweeps (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  identity TEXT NOT NULL,
  status TEXT NOT NULL,
  started_at REAL NOT NULL,
  changed_at REAL NOT NULL,
  total INTEGER NOT NULL,
  settings TEXT NOT NULL
);
CREATE INDEX sweep_identities ON sweeps (identity);
CREATE TABLE sweep_runs (
  sweep INTEGER NOT NULL REFERENCES sweeps(id),
  number INTEGER NOT NULL,
  params TEXT NOT NULL,
  figures TEXT,
  error_code TEXT,
  error TEXT,
  PRIMARY KEY (sweep, number)
) WITHOUT ROWID;
`;
