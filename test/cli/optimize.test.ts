import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { SweepStore } from '../../src/store/sweeps.ts';
import { BTC, folderWith, qt, SMA, sampleRows, strategySource } from './qt.ts';

const GRID = ['--param', 'fast=5:20:5', 'slow=20:60:20', '--where', 'fast < slow', '--no-config'];

test('a sweep ends in a table of the best, and a heat map that loads nothing', async () => {
  const cwd = await folderWith();
  const { code, stdout, stderr } = await qt(['optimize', SMA, '--data', BTC, ...GRID, '--top', '3'], { cwd });
  expect(stderr).toBe('');
  expect(code).toBe(0);
  expect(stdout).toMatch(/11 combinations of fast, slow, 1 ruled out/);
  expect(stdout).toMatch(/# +fast +slow +Sharpe +Return/);
  expect(stdout).toMatch(/\n +3 +\d+ +\d+ .*\n\n/);
  const page = readFileSync(join(cwd, 'qt-sweep.html'), 'utf8');
  expect(page).toContain('id="sweep"');
  expect(page).not.toMatch(/(src|href)="http/);
}, 120_000);

test('--json and --csv hold all runs, best first, as backtests have them; nothing else is on stdout', async () => {
  const cwd = await folderWith();
  const json = await qt(['optimize', SMA, '--data', BTC, ...GRID, '--json'], { cwd });
  const { runs } = JSON.parse(json.stdout);
  expect(runs).toHaveLength(11);
  const sharpes = runs.map((run: { figures: { sharpe: number } }) => run.figures.sharpe);
  expect(sharpes).toEqual(sharpes.toSorted((a: number, b: number) => b - a));
  expect(existsSync(join(cwd, 'qt-sweep.html'))).toBe(false);
  const [best] = runs;
  const params = [`fast=${best.params.fast}`, `slow=${best.params.slow}`];
  const one = await qt(['backtest', SMA, '--data', BTC, '--param', ...params, '--json', '--no-config'], {
    cwd,
  });
  expect(JSON.parse(one.stdout).metrics.returns.sharpe).toBe(best.figures.sharpe);
  const csv = await qt(['optimize', SMA, '--data', BTC, ...GRID, '--resume', '--csv'], { cwd });
  const lines = csv.stdout.trimEnd().split('\n');
  expect(lines[0]).toMatch(/^rank,number,fast,slow,return,/);
  expect(lines).toHaveLength(12);
  expect(csv.stderr).toMatch(/11 were there/);
}, 120_000);

test('what cannot be swept is told with its code, before any run', async () => {
  const cwd = await folderWith();
  const cases = [
    [['--param', 'fast=1:5'], 'PARAMETER_INVALID'],
    [['--param', 'fats=5:9'], 'PARAMETER_UNKNOWN'],
    [['--param', 'fast=9:5'], 'PARAMETER_RANGE_INVALID'],
    [['--param', 'fast=5:9', '--where', 'fast <'], 'CONDITION_INVALID'],
    [['--param', 'fast=5:9', '--objective', 'sharp'], 'OBJECTIVE_UNKNOWN'],
    [['--param', 'fast=5:9', '--samples', '3'], 'OPTION_INVALID'],
    [[], 'SWEEP_NO_PARAMETERS'],
  ] as const;
  for (const [args, expected] of cases) {
    const { code, stderr } = await qt(['optimize', SMA, '--data', BTC, '--no-config', ...args], { cwd });
    expect(stderr).toMatch(new RegExp(`^qt: ${expected}: .*\n$`));
    expect(code).toBe(2);
  }
}, 120_000);

test('Ctrl-C shows what there is and ends with 130; --resume goes on', async () => {
  const slow = 'const until = performance.now() + 0.4; while (performance.now() < until);';
  const cwd = await folderWith({ 'slow.ts': strategySource(slow), 'bars.csv': sampleRows(500) });
  const args = [
    'optimize',
    'slow.ts',
    '--data',
    'bars.csv',
    '--param',
    'hold=1:40',
    '--no-config',
    '--no-report',
  ];
  const stopped = await qt(args, {
    cwd,
    onStart: child => {
      const timer = setInterval(() => {
        if (keptIn(join(cwd, '.qt/data.sqlite')) < 3) return;
        clearInterval(timer);
        child.kill('SIGINT');
      }, 50);
      child.on('close', () => clearInterval(timer));
    },
  });
  expect(stopped.stderr).toMatch(/^qt: INTERRUPTED: .*--resume/);
  expect(stopped.code).toBe(130);
  expect(stopped.stdout).toMatch(/40 combinations of hold/);
  const resumed = await qt([...args, '--resume'], { cwd });
  expect(resumed.code).toBe(0);
  expect(resumed.stdout).toMatch(/\d+ were there/);
}, 120_000);

/** Runs that a store holds by now; 0 while there is none. */
function keptIn(file: string): number {
  if (!existsSync(file)) return 0;
  try {
    const store = new SweepStore(file, { readOnly: true });
    const [sweep] = store.list();
    store.close();
    return sweep?.done ?? 0;
  } catch {
    // It is just being made.
    return 0;
  }
}

test('strategies are compared on one page, also by the numbers of a sweep', async () => {
  const cwd = await folderWith();
  await qt(['optimize', SMA, '--data', BTC, ...GRID, '--no-report'], { cwd });
  const { code, stdout, stderr } = await qt(
    ['compare', SMA, `${SMA}@fast=5,slow=40`, '1:2', '--data', BTC, '--no-config'],
    { cwd },
  );
  expect(stderr).toBe('');
  expect(code).toBe(0);
  expect(stdout).toMatch(/Sharpe/);
  // The second run of the grid has these parameters.
  const row = stdout.split('\n').find(line => line.includes('End value'))!;
  const [, second, third] = row.match(/[\d,]+\.\d\d/g)!;
  expect(third).toBe(second);
  const page = readFileSync(join(cwd, 'qt-comparison.html'), 'utf8');
  expect(page.match(/<polyline/g)).toHaveLength(3);
  const none = await qt(['compare', '1:99', '--data', BTC, '--no-config'], { cwd });
  expect(none.stderr).toMatch(/^qt: SWEEP_RUN_NOT_FOUND/);
}, 120_000);
