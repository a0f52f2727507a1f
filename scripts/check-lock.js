// npm takes a package's binding.gyp for a call to the compiler unless the lock file says `gypfile: false`, which npm does
// not write there itself and drops again when it rewrites the file: without it, `npm ci` fails where no compiler is.
import { readFileSync } from 'node:fs';

const SHIPS_ITS_BINARIES = 'node_modules/better-sqlite3';
const lock = JSON.parse(readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8'));
if (lock.packages[SHIPS_ITS_BINARIES].gypfile !== false) {
  console.error(
    `package-lock.json: add "gypfile": false to "${SHIPS_ITS_BINARIES}", or npm ci needs a compiler`,
  );
  process.exit(1);
}
