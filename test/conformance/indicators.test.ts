import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { requireShared } from '../support/shared.ts';

const FOLDER = fileURLToPath(new URL('../../../shared/golden', import.meta.url));
const RUNNER = fileURLToPath(new URL('./golden/run.ts', import.meta.url));
requireShared(existsSync(FOLDER), "recorded lines of backtrader's indicators and TA-Lib's functions");

test.skipIf(!existsSync(FOLDER))(
  'every recorded line of every indicator is what was recorded',
  () => {
    const args = [RUNNER, FOLDER, '--only', 'indicators/'];
    const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    expect(stderr).toBe('');
    const lines = stdout.split('\n');
    expect(lines.filter(line => /^(FAILED|pending)/.test(line))).toEqual([]);
    const [, passed, failed] = /(\d+) passed, (\d+) failed\n$/.exec(stdout) ?? [];
    expect(Number(passed)).toBeGreaterThan(20);
    expect(failed).toBe('0');
  },
  600_000,
);
