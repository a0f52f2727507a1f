import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Halt, Halts } from '../../src/store/halts.ts';
import { Journal } from '../../src/store/journal.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'qt-halts-'));
  file = join(folder, 'store.sqlite');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const killed: Omit<Halt, 'request'> = {
  time: 5,
  code: 'KILLED',
  message: 'halted by hand',
  cancel: 'entries',
  flatten: false,
};

function withHalts<R>(act: (halts: Halts) => R): R {
  const halts = new Halts(file);
  try {
    return act(halts);
  } finally {
    halts.close();
  }
}

function session(): number {
  const journal = new Journal(file);
  try {
    return journal.create({ mode: 'real', codeHash: '', identity: '', settings: {}, now: 0 });
  } finally {
    journal.close();
  }
}

test('a halt is there for every process until it is lifted', () => {
  withHalts(halts => halts.set('binance/a', killed));
  expect(withHalts(halts => halts.of('binance/a'))).toEqual({ ...killed, request: 1 });
  expect(withHalts(halts => halts.of('binance/b'))).toBeUndefined();
  expect(withHalts(halts => halts.all().map(one => one.account))).toEqual(['binance/a']);
  expect(withHalts(halts => [halts.lift('binance/a'), halts.lift('binance/a')])).toEqual([true, false]);
  expect(withHalts(halts => halts.of('binance/a'))).toBeUndefined();
});

test('who asks again for more gets more; who asks for less takes nothing back', () => {
  withHalts(halts => {
    halts.set('a', killed);
    expect(halts.set('a', { ...killed, cancel: 'all', flatten: true })).toMatchObject({
      request: 2,
      cancel: 'all',
      flatten: true,
    });
    expect(halts.set('a', { ...killed, cancel: 'none' })).toMatchObject({
      request: 3,
      cancel: 'all',
      flatten: true,
    });
  });
});

test('a request that was answered is not answered again, and one after a resumption is a new one', () => {
  const id = session();
  withHalts(halts => {
    const first = halts.set('a', killed);
    expect(halts.answered('a', id)).toBe(0);
    halts.answer('a', id, first.request);
    expect(halts.answered('a', id)).toBe(first.request);
    halts.lift('a');
    const second = halts.set('a', killed);
    expect(halts.answered('a', id)).toBeLessThan(second.request);
  });
});
