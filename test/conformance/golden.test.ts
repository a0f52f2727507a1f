import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { requireShared } from '../support/shared.ts';

const FOLDER = fileURLToPath(new URL('../../../shared/golden', import.meta.url));
const RUNNER = fileURLToPath(new URL('./golden/run.ts', import.meta.url));
requireShared(existsSync(FOLDER), 'recorded results');

test.skipIf(!existsSync(FOLDER))(
  'every recorded case that needs nothing that is missing gives what was recorded',
  () => {
    const { stdout, stderr } = spawnSync(process.execPath, [RUNNER, FOLDER, '--only', 'cases/'], {
      encoding: 'utf8',
    });
    expect(stderr).toBe('');
    expect(stdout.split('\n').filter(line => line.startsWith('FAILED'))).toEqual([]);
    const [, passed, failed] = /(\d+) passed, (\d+) failed\n$/.exec(stdout) ?? [];
    expect(Number(passed)).toBeGreaterThan(50);
    expect(failed).toBe('0');
  },
  600_000,
);
