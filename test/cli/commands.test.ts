import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { folderWith, qt, ROOT, run, sampleRows, strategySource } from './qt.ts';

test('help names every command and option, with examples; --version the version', async () => {
  const cwd = await folderWith();
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  expect(await qt(['--version'], { cwd })).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  const help = await qt(['--help'], { cwd });
  expect(help).toMatchObject({ code: 0, stderr: '' });
  for (const command of ['backtest', 'init', 'data', 'Examples:', 'Exit codes:'])
    expect(help.stdout).toContain(command);
  const backtest = await qt(['backtest', '--help'], { cwd });
  expect(backtest.code).toBe(0);
  const docs = readFileSync(join(ROOT, 'docs/cli.md'), 'utf8');
  const options = [...backtest.stdout.matchAll(/^ {2}(--[a-z-]+)/gm)].map(([, option]) => option);
  expect(options).toContain('--on-bad-row');
  expect(options.filter(option => !docs.includes(`\`${option}`))).toEqual([]);
  expect(backtest.stdout).toContain('Examples:');
  expect((await qt(['data', 'sample', '--help'], { cwd })).stdout).toContain('--seed');
});

test('qt alone and a group alone show their help and exit with 2', async () => {
  const cwd = await folderWith();
  for (const args of [[], ['data']]) {
    const { code, stderr } = await qt(args, { cwd });
    expect(code).toBe(2);
    expect(stderr).toMatch(/^Usage: qt/);
    expect(stderr).not.toContain('qt: ');
  }
});

test('data sample writes the same bytes for the same options', async () => {
  const cwd = await folderWith();
  const first = await qt(['data', 'sample', '--symbol', 'solusdt', '--bars', '50', '--interval', '5m'], {
    cwd,
  });
  expect(first.stdout).toBe(
    'Wrote synthetic-solusdt-5m.csv: 50 synthetic bars, 2022-01-01 00:00 to 2022-01-01 04:05 UTC\n',
  );
  const content = readFileSync(join(cwd, 'synthetic-solusdt-5m.csv'), 'utf8');
  expect(content.split('\n')).toHaveLength(52);
  await qt(
    [
      'data',
      'sample',
      '--symbol',
      'SOLUSDT',
      '--bars',
      '50',
      '--interval',
      '5m',
      '--out',
      'x/synthetic-a.csv',
    ],
    {
      cwd,
    },
  );
  expect(readFileSync(join(cwd, 'x/synthetic-a.csv'), 'utf8')).toBe(content);
  await qt(['data', 'sample', '--seed', '2', '--symbol', 'SOLUSDT', '--bars', '50', '--interval', '5m'], {
    cwd,
  });
  expect(readFileSync(join(cwd, 'synthetic-solusdt-5m.csv'), 'utf8')).not.toBe(content);
});

test('init makes a project whose config runs and whose types are right', async () => {
  const cwd = await folderWith();
  const made = await qt(['init', 'my-project'], { cwd });
  expect(made).toMatchObject({ code: 0, stderr: '' });
  expect(made.stdout).toContain('npm install');
  const project = join(cwd, 'my-project');
  expect(readdirSync(project).sort()).toEqual(
    ['.gitignore', 'data', 'package.json', 'qt.config.ts', 'strategies', 'test', 'tsconfig.json'].sort(),
  );
  const manifest = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8'));
  expect(manifest).toMatchObject({ name: 'my-project', type: 'module', scripts: { test: 'vitest run' } });
  expect(manifest.dependencies['qt-trader']).toMatch(/^file:/);
  const result = await qt(['backtest', '--typecheck'], { cwd: project });
  expect(result.stderr).toBe('');
  expect(result.stdout).toContain('MyStrategy  BTCUSDT 4h (synthetic)');
  expect(existsSync(join(project, 'qt-report.html'))).toBe(true);
  const again = await qt(['init', 'my-project'], { cwd });
  expect(again.code).toBe(73);
  expect(again.stderr).toMatch(
    /^qt: FILES_EXIST: already there: qt\.config\.ts, strategies\/my-strategy\.ts, .* nothing was written/,
  );
});

test('init keeps the files that any project has, and writes nothing when its own are in the way', async () => {
  const manifest =
    '{ "name": "mine", "dependencies": { "qt-trader": "1" }, "devDependencies": { "vitest": "1" } }';
  const cwd = await folderWith({ 'package.json': manifest, 'my.csv': sampleRows(5) });
  const { code, stdout } = await qt(['init'], { cwd });
  expect(code).toBe(0);
  expect(stdout).toContain('kept     package.json');
  expect(stdout).toContain('npm install --save-dev typescript@');
  expect(readFileSync(join(cwd, 'package.json'), 'utf8')).toBe(manifest);
  const other = await folderWith({ 'strategies/my-strategy.ts': 'mine' });
  expect((await qt(['init'], { cwd: other })).code).toBe(73);
  expect(readdirSync(other)).toEqual(['strategies']);
  expect(readFileSync(join(other, 'strategies/my-strategy.ts'), 'utf8')).toBe('mine');
});

const hasScript = existsSync('/usr/bin/script');

test.skipIf(!hasScript)('a terminal sees colours and a progress bar that is gone at the end', async () => {
  const slow = 'for (const end = performance.now() + 20; performance.now() < end; );';
  const cwd = await folderWith({ 'probe.ts': strategySource(slow), 'bars.csv': sampleRows(60) });
  const command = `${process.execPath} ${ROOT}/src/cli/main.ts backtest probe.ts --data bars.csv --no-report`;
  const terminal = (env: NodeJS.ProcessEnv) =>
    run('script', ['-qec', command, '/dev/null'], { cwd, env: { TERM: 'xterm-256color', ...env } });
  const { stdout } = await terminal({});
  expect(stdout.slice(0, stdout.indexOf('Probe'))).toMatch(/ bars {2}[\d.]+ million\/s/);
  expect(stdout).toContain('\r\u001b[K');
  expect(stdout.lastIndexOf('\r\u001b[K')).toBeLessThan(stdout.indexOf('Probe'));
  expect(stdout).toContain('\u001b[1mProbe\u001b[22m');
  expect((await terminal({ NO_COLOR: '1' })).stdout).not.toContain('\u001b[1m');
  // The same run into a pipe is the counter-proof.
  const piped = await qt(['backtest', 'probe.ts', '--data', 'bars.csv', '--no-report'], { cwd });
  expect(piped.stdout + piped.stderr).not.toContain('\u001b');
});
