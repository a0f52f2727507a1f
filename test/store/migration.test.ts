import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openDatabase } from '../../src/store/database.ts';
import { Halts } from '../../src/store/halts.ts';
import { Journal, type JournalEntry } from '../../src/store/journal.ts';
import { MIGRATIONS } from '../../src/store/schema.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'qt-migration-'));
  file = join(folder, 'store.sqlite');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test.each([1, 2])('a store of schema %i keeps its sessions, and takes orders of the real kind', version => {
  const old = openDatabase(file, MIGRATIONS.slice(0, version));
  old.exec(`
    INSERT INTO sessions (mode, status, started_at, changed_at, code_hash, identity, settings)
      VALUES ('paper', 'stopped', 1, 2, 'hash', 'who', '{}');
    INSERT INTO entries (session, seq, kind, time, a, b, c) VALUES (1, 0, 'step', 60000, 100, 101, 0);
  `);
  old.close();
  const journal = new Journal(file);
  const step = { kind: 'step', time: 60_000, cash: 100, value: 101, late: false };
  expect([...journal.entries(1)]).toEqual([step]);
  const added: JournalEntry[] = [
    { kind: 'command', command: '{"kind":"cancel"}' },
    { kind: 'sent', time: 61_000.5, id: 'q1', spare: Number.NaN },
    { kind: 'sent', time: 61_000.5, id: 'q2', spare: 0.25 },
    { kind: 'account', time: 62_000, input: '{"kind":"resume","time":62000}' },
    { kind: 'exit', time: 63_000, policy: 'entries' },
  ];
  journal.append(1, 1, added);
  expect([...journal.entries(1)]).toEqual([step, ...added]);
  journal.close();
  const halts = new Halts(file);
  expect(halts.all()).toEqual([]);
  halts.close();
  const database = new Database(file, { readonly: true });
  expect(database.pragma('user_version', { simple: true })).toBe(MIGRATIONS.length);
  expect(database.prepare('SELECT command FROM commands').pluck().all()).toEqual(['{"kind":"cancel"}']);
  database.close();
});

test('the journal of real orders survives a loss of power: it is written through at every commit', () => {
  const database = openDatabase(file, MIGRATIONS, { durable: true });
  expect(database.pragma('synchronous', { simple: true })).toBe(2);
  expect(database.pragma('journal_mode', { simple: true })).toBe('wal');
  database.close();
});
