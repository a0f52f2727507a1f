import type { Migration } from './database.ts';

const SESSIONS = `
CREATE TABLE sessions (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  mode TEXT NOT NULL,
  status TEXT NOT NULL,
  started_at REAL NOT NULL,
  changed_at REAL NOT NULL,
  code_hash TEXT NOT NULL,
  identity TEXT NOT NULL,
  settings TEXT NOT NULL
);
CREATE TABLE entries (
  session INTEGER NOT NULL REFERENCES sessions(id),
  seq INTEGER NOT NULL,
  kind TEXT NOT NULL,
  feed INTEGER,
  time REAL,
  a REAL, b REAL, c REAL, d REAL, e REAL, f REAL,
  text TEXT,
  PRIMARY KEY (session, seq)
) WITHOUT ROWID;
CREATE VIEW bars AS
  SELECT session, seq, kind, feed, time, a AS open, b AS high, c AS low, d AS close, e AS volume, text AS extra
  FROM entries WHERE kind IN ('warmup', 'bar', 'late');
CREATE VIEW steps AS
  SELECT session, seq, time, a AS cash, b AS value, c AS late FROM entries WHERE kind = 'step';
CREATE VIEW orders AS
  SELECT session, seq, time, a AS id, text AS "order" FROM entries WHERE kind = 'order';
CREATE VIEW fills AS
  SELECT session, seq, time, a AS order_id, b AS instrument, c AS size, d AS price, e AS fee
  FROM entries WHERE kind = 'fill';
`;

const LIVES = `
CREATE TABLE lives (
  session INTEGER NOT NULL REFERENCES sessions(id),
  number INTEGER NOT NULL,
  from_seq INTEGER NOT NULL,
  begun_at REAL NOT NULL,
  ended_at REAL,
  how TEXT,
  PRIMARY KEY (session, number)
) WITHOUT ROWID;
INSERT INTO lives (session, number, from_seq, begun_at, ended_at, how)
  SELECT id, 0, 0, started_at, CASE status WHEN 'running' THEN NULL ELSE changed_at END, nullif(status, 'running')
  FROM sessions;
`;

const TRADING = `
CREATE TABLE halts (
  account TEXT PRIMARY KEY,
  request INTEGER NOT NULL,
  time REAL NOT NULL,
  code TEXT NOT NULL,
  message TEXT NOT NULL,
  cancel TEXT NOT NULL,
  flatten INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE halt_answers (
  account TEXT NOT NULL,
  session INTEGER NOT NULL REFERENCES sessions(id),
  request INTEGER NOT NULL,
  PRIMARY KEY (account, session)
) WITHOUT ROWID;
CREATE VIEW commands AS
  SELECT session, seq, text AS command FROM entries WHERE kind = 'command';
CREATE VIEW account_inputs AS
  SELECT session, seq, time, text AS input FROM entries WHERE kind = 'account';
`;

/** How a store came to have the tables it has. Steps are only ever added. */
export const MIGRATIONS: readonly Migration[] = [SESSIONS, LIVES, TRADING];
