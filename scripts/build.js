// Builds dist/ from src/. Plain JavaScript: it runs through `prepare`, on whatever Node npm finds first.
import { spawnSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const tsc = createRequire(import.meta.url).resolve('typescript/lib/tsc.js');

/** Steps after the compilation, in order; a step that does not exist in this checkout is left out. */
const FURTHER_STEPS = ['scripts/build-page.js'];

function run(...args) {
  const { status, error } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' });
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
}

// What was renamed or deleted in src/ must not live on in dist/.
rmSync(`${root}dist`, { recursive: true, force: true });
run(tsc, '-p', 'tsconfig.build.json');
for (const step of FURTHER_STEPS) if (existsSync(root + step)) run(step);
