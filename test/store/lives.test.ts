import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Journal } from '../../src/store/journal.ts';
import { isLocked, sessionLock, takeLock } from '../../src/store/lock.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'qt-lives-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const session = { mode: 'paper', codeHash: 'code', identity: 'one', settings: {}, now: 1000 } as const;

test('a journal knows each process that ran a session, and how it ended', () => {
  const journal = new Journal(join(folder, 'store.sqlite'));
  const id = journal.create(session);
  journal.append(id, 0, [
    { kind: 'notice', feed: 0, notice: 'live' },
    { kind: 'match', time: 5 },
  ]);
  journal.setStatus(id, 'stopped', 2000);
  journal.setStatus(id, 'running', 3000);
  journal.append(id, 2, [{ kind: 'match', time: 6 }]);
  // Killed here, and begun again.
  journal.setStatus(id, 'running', 4000);
  journal.setStatus(id, 'failed', 5000);
  const lives = journal.lives(id);
  journal.close();
  expect(lives).toEqual([
    { from: 0, begunAt: 1000, endedAt: 2000, end: 'stopped' },
    { from: 2, begunAt: 3000, endedAt: Number.NaN, end: undefined },
    { from: 3, begunAt: 4000, endedAt: 5000, end: 'failed' },
  ]);
});

test('whether a session runs is told without a trace, and without taking anything from it', () => {
  const file = sessionLock(join(folder, 'store.sqlite'), 7);
  expect(isLocked(file)).toBe(false);
  expect(readdirSync(folder)).toEqual([]);
  const lock = takeLock(file)!;
  for (let i = 0; i < 3; i++) expect(isLocked(file)).toBe(true);
  expect(takeLock(file)).toBeUndefined();
  lock.release();
  expect(isLocked(file)).toBe(false);
  // What a killed process leaves.
  writeFileSync(file, '');
  expect(isLocked(file)).toBe(false);
  expect(readdirSync(folder)).toEqual(['store.sqlite.session-7.lock']);
  takeLock(file)!.release();
  expect(readdirSync(folder)).toEqual([]);
});
