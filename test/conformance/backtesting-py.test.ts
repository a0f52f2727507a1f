import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { requireShared } from '../support/shared.ts';
import { checkCase } from './golden/check.ts';
import { GoldenFolder } from './golden/folder.ts';

/** What backtesting.py did: docs/backtesting-py.md says which of it ours does, and what is different on purpose. */
const FOLDER = fileURLToPath(new URL('../../../shared/golden/', import.meta.url));
requireShared(existsSync(FOLDER), 'recorded results of backtesting.py');

const folder = existsSync(FOLDER) ? new GoldenFolder(FOLDER) : undefined;
const cases = (folder?.cases ?? []).filter(({ name }) => name.startsWith('bpy_'));

describe.skipIf(folder === undefined)('the trades of backtesting.py', () => {
  test.each(cases.map(one => [one.name, one] as const))(
    '%s: the same bars, sides and prices',
    async (_, file) => {
      expect(await checkCase(folder!, file)).toEqual({ kind: 'passed' });
    },
  );
});
