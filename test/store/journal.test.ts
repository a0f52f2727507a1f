import { mkdtempSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Journal, type JournalEntry } from '../../src/store/journal.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'qt-journal-'));
  file = join(folder, 'store.sqlite');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const session = { mode: 'paper', codeHash: 'a', identity: 'b', settings: {}, now: 0 } as const;
const logs = (count: number): JournalEntry[] =>
  Array.from({ length: count }, (_, i) => ({ kind: 'log', time: i, message: 'x'.repeat(200) }));

test('a store that another process holds is STORE_BUSY, keeps what it had, and works again afterwards', () => {
  const journal = new Journal(file);
  const id = journal.create(session);
  journal.append(id, 0, logs(1));
  const other = new Database(file);
  other.exec('BEGIN IMMEDIATE');
  expect(() => journal.append(id, 1, logs(1))).toThrow(expect.objectContaining({ code: 'STORE_BUSY' }));
  other.close();
  journal.append(id, 1, logs(2));
  expect([...journal.entries(id)].length).toBe(3);
  journal.close();
}, 20_000);

test('a store that was cut off is STORE_DAMAGED when it is read', () => {
  const journal = new Journal(file);
  const id = journal.create(session);
  journal.append(id, 0, logs(2000));
  journal.close();
  truncateSync(file, 100_000);
  const read = () => {
    const torn = new Journal(file, { mustExist: true });
    try {
      return [...torn.entries(id)];
    } finally {
      torn.close();
    }
  };
  expect(read).toThrow(expect.objectContaining({ code: 'STORE_DAMAGED' }));
});
