import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const lock = JSON.parse(readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8'));

test('the lock file keeps npm from compiling what ships its binaries', () => {
  // npm takes a binding.gyp for a call to the compiler unless it reads `gypfile: false`, which it does not write into
  // the lock itself: "npm ci" would fail on machines without a compiler.
  expect(lock.packages['node_modules/better-sqlite3'].gypfile).toBe(false);
});
