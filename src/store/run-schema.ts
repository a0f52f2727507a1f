import type { Migration } from './database.ts';

/** Backtests that were kept. Times are epoch ms UTC; `document` is what `qt backtest --json` says, without its lists. */
export const RUNS: Migration = `
CREATE TABLE runs (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  time INTEGER NOT NULL,
  strategy TEXT NOT NULL,
  code_hash TEXT NOT NULL,
  document TEXT NOT NULL
);
`;
