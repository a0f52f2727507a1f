// Installs the packed package into an empty project, as a user would, and runs it there. Needs the npm registry.
// node scripts/check-packed.js
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'qt-packed-'));
// The user's Node is the one this script runs on, whatever else the machine has.
const env = { ...process.env, PATH: `${dirname(process.execPath)}${delimiter}${process.env.PATH}` };
// What npm told the script that started this one would make the npm below work on the checkout.
for (const name of Object.keys(env)) if (/^npm_|^INIT_CWD$|^NODE_PATH$/i.test(name)) delete env[name];

function run(command, ...args) {
  const started = performance.now();
  console.log(`$ ${command} ${args.join(' ')}`);
  const output = execFileSync(command, args, {
    cwd: folder,
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  console.log(`  ${((performance.now() - started) / 1000).toFixed(1)} s`);
  return output;
}

function check(what, holds) {
  if (!holds) throw new Error(`${what} does not hold, see ${folder}`);
  console.log(`  ok: ${what}`);
}

const [{ filename, size, files }] = JSON.parse(
  execFileSync('npm', ['pack', '--json', '--pack-destination', folder, '--ignore-scripts'], {
    cwd: root,
    env,
    encoding: 'utf8',
  }),
);
console.log(`${filename}: ${(size / 1024).toFixed(0)} kB, ${files.length} files`);
const stray = files.filter(
  ({ path }) => !/^(dist|bin|schemas)\/|^(package\.json|README\.md|LICENSE)$/.test(path),
);
check('the package holds dist, bin, schemas, package.json, README and LICENSE only', stray.length === 0);

run('npm', 'init', '--yes');
const before = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
run('npm', 'install', `./${filename}`);
copyFileSync(join(root, 'strategies/sma.ts'), join(folder, 'my-strategy.ts'));
copyFileSync(join(root, 'data/synthetic-btcusdt-4h.csv'), join(folder, 'my.csv'));

const first = run(
  'npx',
  '--no-install',
  'qt',
  'backtest',
  'my-strategy.ts',
  '--data',
  'my.csv',
  '--symbol',
  'BTCUSDT',
);
check(
  'a strategy file and a CSV are enough',
  /Sma {2}BTCUSDT 4h\n/.test(first) && first.includes('8,766 bars'),
);
check('the report is there', existsSync(join(folder, 'qt-report.html')));
const json = JSON.parse(
  run('npx', '--no-install', 'qt', 'backtest', 'my-strategy.ts', '--data', 'my.csv', '--json', '--debug'),
);
const expected = JSON.parse(readFileSync(join(root, 'test/expected/strategies.json'), 'utf8'));
check('the trades are those of the checkout', json.tradesHash === expected.sma.hash);

run('npx', '--no-install', 'qt', 'init');
const after = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
check('init keeps package.json', after.name === before.name && after.dependencies['qt-trader'] !== undefined);
check(
  'its config runs',
  /MyStrategy {2}BTCUSDT 4h \(synthetic\)/.test(run('npx', '--no-install', 'qt', 'backtest')),
);
run('npm', 'install', '--save-dev', 'typescript@~6.0', 'vitest@^5.1.1');
check('its test passes', /3 passed/.test(run('npx', '--no-install', 'vitest', 'run', '--no-color')));
run('npx', '--no-install', 'tsc');
run(
  'npx',
  '--no-install',
  'qt',
  'backtest',
  'my-strategy.ts',
  '--data',
  'my.csv',
  '--typecheck',
  '--no-report',
);
rmSync(folder, { recursive: true, force: true });
console.log('The packed package works.');
