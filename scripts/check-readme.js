// Runs the first two commands of README.md, each alone in a fresh clone of this checkout, as a newcomer would.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const fences = [...readFileSync(join(root, 'README.md'), 'utf8').matchAll(/```sh\n([\s\S]*?)```/g)];
const commands = fences
  .flatMap(([, body]) => body.split('\n'))
  .map(line => line.trim())
  .filter(line => line !== '' && !line.startsWith('#'))
  .slice(0, 2);
const EXPECTED = ['npm ci && npx qt backtest strategies/sma.ts', 'npm ci && npm test'];
if (commands.join('\n') !== EXPECTED.join('\n')) {
  throw new Error(
    `README.md begins with the commands\n${commands.join('\n')}\ninstead of\n${EXPECTED.join('\n')}`,
  );
}

// The newcomer's PATH and environment: without this checkout's tools and what npm told this script.
const env = { ...process.env };
for (const name of Object.keys(env)) if (/^npm_|^INIT_CWD$|^NODE_PATH$|^QT_/i.test(name)) delete env[name];
env.PATH = (env.PATH ?? '')
  .split(delimiter)
  .filter(part => !part.includes('node_modules'))
  .join(delimiter);

for (const command of commands) {
  const folder = mkdtempSync(join(tmpdir(), 'qt-readme-'));
  try {
    execFileSync('git', ['clone', '--quiet', root, folder], { env });
    const started = performance.now();
    console.log(`$ ${command}`);
    const {
      status,
      stdout: output,
      stderr,
    } = spawnSync('bash', ['-c', command], {
      cwd: folder,
      env,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      maxBuffer: 1 << 28,
    });
    console.log(output.split('\n').slice(-45).join('\n'));
    if (status !== 0) {
      // Why it failed comes last: logs are often cut at their beginning.
      console.error(output.split('\n').slice(-400).join('\n'));
      console.error(stderr.split('\n').slice(-100).join('\n'));
      throw new Error(`"${command}" ended with ${status}`);
    }
    console.log(`  ${((performance.now() - started) / 1000).toFixed(0)} s`);
    if (command.includes('backtest')) {
      const report = join(folder, 'qt-report.html');
      if (!output.includes('Return') || !existsSync(report) || statSync(report).size < 100_000) {
        throw new Error('the backtest left no summary or no report');
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
