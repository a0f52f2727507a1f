import type { Migration } from './database.ts';

/** Trades of the market. Times are epoch µs UTC; prices and sizes are the venue's own texts. */
export const TRADES: Migration = `
CREATE TABLE trade_series (
  id INTEGER PRIMARY KEY,
  venue TEXT NOT NULL,
  market TEXT NOT NULL,
  symbol TEXT NOT NULL,
  UNIQUE (venue, market, symbol)
);
CREATE TABLE trades (
  series INTEGER NOT NULL REFERENCES trade_series(id),
  id TEXT NOT NULL,
  time INTEGER NOT NULL,
  price TEXT NOT NULL,
  size TEXT NOT NULL,
  taker TEXT,
  UNIQUE (series, id)
);
CREATE INDEX trade_times ON trades (series, time);
`;
