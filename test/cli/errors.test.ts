import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { exitCodeOf, failureText } from '../../src/cli/output/failure.ts';
import { BTC, folderWith, qt, SMA, sampleRows, strategySource } from './qt.ts';

const FILES = {
  'bars.csv': sampleRows(60),
  'bad.csv': sampleRows(20).replace(/42188\.4/, 'x'),
  'strategies/good.ts': strategySource(),
  'throws.ts': strategySource("if (this.data.length === 7) throw new RangeError('boom');"),
  'misread.ts': strategySource('this.params.fats;'),
  'syntax.ts': 'export default class X {\n  next() { if (} }\n}\n',
  'empty.ts': '',
  'number.ts': 'export default 5;\n',
  'plain.ts': 'export default class Plain {}\n',
  'two.ts': `${strategySource().replace('export default class Probe', 'export class A')}
export class B extends strategy({}) { next() {} }\n`,
  'abstract.ts': "import { strategy } from 'qt-trader';\nexport default class Lazy extends strategy({}) {}\n",
  'loads.ts': "throw new Error('at load');\n",
  'missing.ts': "import fast from 'no-such-package-here/fast';\nexport default fast;\n",
  'relative.ts': "import './nowhere.ts';\n",
  'types.ts': strategySource('const text: string = this.bar.close; void text;'),
  'async.ts': strategySource().replace('next()', 'async next()'),
};
const DATA = ['--data', 'bars.csv', '--no-report'];

/** What is typed, the exit code, and what the one line on stderr says. */
const CASES: readonly (readonly [args: readonly string[], code: number, line: RegExp])[] = [
  [['backtset'], 2, /^qt: COMMAND_UNKNOWN: unknown command 'backtset': did you mean backtest\?$/],
  [['backtest', SMA, '--dta', 'x'], 2, /^qt: OPTION_UNKNOWN: unknown option '--dta': did you mean --data\?$/],
  [['backtest', SMA, '--data'], 2, /^qt: OPTION_VALUE_MISSING: option '--data/],
  [['backtest', SMA, 'more'], 2, /^qt: ARGUMENT_UNEXPECTED: too many arguments/],
  [
    ['backtest', SMA, ...DATA, '--market', 'moon'],
    2,
    /^qt: OPTION_INVALID: .*Allowed choices are spot, usdm/,
  ],
  [['backtest'], 2, /^qt: NO_STRATEGY: no strategy was given: name its file/],
  [['backtest', SMA], 2, /^qt: NO_DATA: no data was given: name a file with --data/],
  [['backtest', '--data', 'bars.csv', SMA], 2, /^qt: NO_STRATEGY/],
  [['backtest', SMA, '--data', SMA], 2, /^qt: DATA_IS_CODE: .*name the strategy before --data/],
  [
    ['backtest', SMA, ...DATA, '--param', 'fats=5'],
    2,
    /^qt: PARAMETER_UNKNOWN: .*"fats": did you mean "fast"\?/,
  ],
  [
    ['backtest', SMA, ...DATA, '--param', 'fast=1'],
    2,
    /^qt: PARAMETER_INVALID: .*give a whole number from 2/,
  ],
  [
    ['backtest', SMA, ...DATA, '--param', 'fast=abc'],
    2,
    /^qt: PARAMETER_INVALID: parameter "fast" was "abc"/,
  ],
  [
    ['backtest', SMA, ...DATA, '--param', 'fast=5', 'fast=6'],
    2,
    /^qt: OPTION_INVALID: --param fast was given twice: 5 and 6: give each parameter once/,
  ],
  [
    ['backtest', 'misread.ts', '--data', 'bars.csv', '--no-report'],
    1,
    /^qt: PARAMETER_UNKNOWN: .*"fats".* \(misread\.ts:\d+:\d+\)$/,
  ],
  [
    ['backtest', SMA, ...DATA, '--param', 'fast'],
    2,
    /^qt: OPTION_INVALID: --param was "fast": write --param name=value/,
  ],
  [['backtest', SMA, ...DATA, '--cash', 'lots'], 2, /^qt: OPTION_INVALID: --cash was "lots": give a number/],
  [['backtest', SMA, ...DATA, '--cash', '-5'], 2, /^qt: CASH_INVALID: /],
  [['backtest', SMA, ...DATA, '--commission', '2'], 2, /^qt: COMMISSION_INVALID: the commission was 2/],
  [['backtest', SMA, ...DATA, '--commission', 'x%'], 2, /^qt: OPTION_INVALID: --commission was "x%"/],
  [['backtest', SMA, ...DATA, '--slippage', '-0.1'], 2, /^qt: OPTION_INVALID: --slippage was "-0.1"/],
  [
    ['backtest', SMA, ...DATA, '--sizer', 'half'],
    2,
    /^qt: OPTION_INVALID: --sizer was "half": use all-in, percent:50/,
  ],
  [['backtest', SMA, ...DATA, '--sizer', 'percent:120'], 2, /^qt: SIZER_INVALID: /],
  [['backtest', SMA, ...DATA, '--from', '2024-02-30'], 2, /^qt: OPTION_INVALID: .*give a day that exists/],
  [['backtest', SMA, ...DATA, '--from', 'soon'], 2, /^qt: OPTION_INVALID: --from was "soon": give a date/],
  [['backtest', SMA, ...DATA, '--from', '2024-03-01', '--to', '2024-02-01'], 2, /^qt: RANGE_EMPTY: /],
  [
    ['backtest', SMA, ...DATA, '--warmup', '1.5'],
    2,
    /^qt: OPTION_INVALID: --warmup was "1.5": give a whole number/,
  ],
  [['backtest', SMA, ...DATA, '--interval', '1x'], 2, /^qt: INTERVAL_INVALID: /],
  [
    ['backtest', SMA, ...DATA, '--symbol', 'A', 'B'],
    2,
    /^qt: OPTION_INVALID: --symbol was given 2 times for 1 data/,
  ],
  [['backtest', SMA, ...DATA, '--from', '2030-01-01'], 65, /^qt: NO_BARS: .*from 2030-01-01 00:00/],
  [
    ['backtest', SMA, ...DATA, '--warmup', '99999'],
    65,
    /^qt: NO_BARS: .*after its warm-up: change .*--warmup/,
  ],
  [
    ['backtest', SMA, '--data', 'bad.csv', '--no-report'],
    65,
    /^qt: \w+: bad\.csv, line 3|^qt: \w+: .*bad\.csv, line 3/,
  ],
  [
    ['backtest', SMA, '--data', 'brs.csv'],
    66,
    /^qt: FILE_NOT_FOUND: there is no data file "brs.csv": did you mean bars\.csv\?$/,
  ],
  [['backtest', 'god.ts', ...DATA], 66, /^qt: FILE_NOT_FOUND: .*did you mean strategies\/good\.ts\?$/],
  [['backtest', 'strategis/good.ts', ...DATA], 66, /did you mean strategies\/good\.ts\?$/],
  [['backtest', 'strategies', ...DATA], 66, /^qt: FILE_IS_FOLDER: .*name a file in it: good\.ts$/],
  [['backtest', SMA, '--data', 'bars.csv', '--report', 'no/where.html'], 73, /^qt: REPORT_NOT_WRITABLE: /],
  [
    ['backtest', SMA, '--data', 'bars.csv', '--report', 'strategies'],
    73,
    /^qt: REPORT_NOT_WRITABLE: .*is a folder/,
  ],
  [['backtest', '--config', 'none.ts'], 66, /^qt: FILE_NOT_FOUND: there is no config file "none\.ts"/],
  [
    ['backtest', 'empty.ts', ...DATA],
    1,
    /^qt: STRATEGY_MISSING: empty\.ts exports nothing: write "export default/,
  ],
  [
    ['backtest', 'number.ts', ...DATA],
    1,
    /^qt: STRATEGY_INVALID: the default export of number\.ts is a number/,
  ],
  [
    ['backtest', 'plain.ts', ...DATA],
    1,
    /^qt: STRATEGY_INVALID: .*the class Plain, which does not extend strategy/,
  ],
  [['backtest', 'abstract.ts', ...DATA], 1, /^qt: STRATEGY_INVALID: .*Lazy.* has no next\(\)/],
  [['backtest', 'two.ts', ...DATA], 1, /^qt: STRATEGY_AMBIGUOUS: two\.ts exports several strategies: A, B/],
  [
    ['backtest', 'loads.ts', ...DATA],
    1,
    /^qt: STRATEGY_THREW: loads\.ts threw while it was loaded: Error: at load \(loads\.ts:1:7\)$/,
  ],
  [
    ['backtest', 'throws.ts', ...DATA],
    1,
    /^qt: STRATEGY_THREW: Probe threw at 2024-01-01T07:00:00\.000Z: RangeError: boom \(throws\.ts:\d+:\d+\)$/,
  ],
  [['backtest', 'async.ts', ...DATA], 1, /^qt: STRATEGY_ASYNC: /],
  [['data', 'sample', '--out', 'btc.csv'], 2, /^qt: SAMPLE_NAME: .*let the name begin with "synthetic-"/],
  [
    ['data', 'sample', '--bars', '0'],
    2,
    /^qt: OPTION_INVALID: --bars was "0": give a whole number, 1 or more$/,
  ],
  [['data', 'sample', '--symbol', '../x'], 2, /^qt: OPTION_INVALID: --symbol/],
  [['init', 'here'], 73, /^qt: FILES_EXIST: already there: qt\.config\.ts; nothing/],
];

test.concurrent.each(CASES)('qt %j exits with %i and one clear line', async (args, code, line) => {
  const cwd = await shared();
  const outcome = await qt(args, { cwd });
  expect(outcome.stderr.trimEnd().split('\n')).toHaveLength(1);
  expect(outcome.stderr.trimEnd()).toMatch(line);
  expect(outcome.code).toBe(code);
  expect(outcome.stdout).toBe('');
  expect(existsSync(join(cwd, 'qt-report.html'))).toBe(false);
});

let folder: Promise<string> | undefined;
/** One folder for all cases: they only read it. */
function shared(): Promise<string> {
  folder ??= folderFor();
  return folder;
}
async function folderFor(): Promise<string> {
  const { mkdtempSync, mkdirSync, writeFileSync } = await import('node:fs');
  const { tmpdir } = await import('node:os');
  const { dirname } = await import('node:path');
  const cwd = mkdtempSync(join(tmpdir(), 'qt-errors-'));
  for (const [name, content] of Object.entries({ ...FILES, 'here/qt.config.ts': '' })) {
    mkdirSync(dirname(join(cwd, name)), { recursive: true });
    writeFileSync(join(cwd, name), content);
  }
  return cwd;
}

test('a syntax error shows file, line, column and a caret', async () => {
  const cwd = await folderWith({ 'syntax.ts': FILES['syntax.ts'], 'bars.csv': FILES['bars.csv'] });
  const { code, stderr } = await qt(['backtest', 'syntax.ts', ...DATA], { cwd });
  expect(code).toBe(1);
  expect(stderr).toBe(
    [
      'qt: SYNTAX: syntax.ts:2:16: Unexpected "}": correct the line below',
      '  2 |   next() { if (} }',
      '                     ^',
      '',
    ].join('\n'),
  );
});

test('a package that is not installed is named, with the command that installs it', async () => {
  const cwd = await folderWith({ 'missing.ts': FILES['missing.ts'], 'relative.ts': FILES['relative.ts'] });
  const { code, stderr } = await qt(['backtest', 'missing.ts', '--data', BTC], { cwd });
  expect(code).toBe(1);
  expect(stderr).toMatch(
    /^qt: IMPORT_NOT_FOUND: missing\.ts:1:18: the package "no-such-package-here\/fast" is not installed: run "npm install no-such-package-here"/,
  );
  expect((await qt(['backtest', 'relative.ts', '--data', BTC], { cwd })).stderr).toMatch(
    /^qt: IMPORT_NOT_FOUND: relative\.ts:1:8: Could not resolve "\.\/nowhere\.ts": correct the path/,
  );
});

test('--typecheck finds what bundling lets pass', async () => {
  const cwd = await folderWith({
    'types.ts': FILES['types.ts'],
    'good.ts': strategySource('console.log(this.bar.close);'),
    'bars.csv': sampleRows(3),
  });
  const wrong = await qt(['backtest', 'types.ts', ...DATA, '--typecheck'], { cwd });
  expect(wrong.stderr).toMatch(/^qt: TYPECHECK_FAILED: types\.ts has 1 type error: correct/);
  expect(wrong.stderr).toMatch(
    /types\.ts\(5,11\): error TS2322: Type 'number' is not assignable to type 'string'/,
  );
  expect(wrong.code).toBe(1);
  expect((await qt(['backtest', 'types.ts', ...DATA], { cwd })).code).toBe(0);
  expect((await qt(['backtest', 'good.ts', ...DATA, '--typecheck'], { cwd })).code).toBe(0);
});

test('--debug shows where a strategy threw: its own file and line, once', async () => {
  const cwd = await folderWith({
    'strategies/throws.ts': strategySource(
      'if (this.data.length === 7) limit(this.bar.close);',
      "import { limit } from '../limit.ts';",
    ),
    'limit.ts':
      'enum Level { High = 1 }\n\nexport function limit(close: number) {\n  throw new RangeError(close + " " + Level.High);\n}\n',
    'bars.csv': sampleRows(20),
  });
  const { code, stderr } = await qt(['backtest', 'strategies/throws.ts', ...DATA, '--debug'], { cwd });
  expect(code).toBe(1);
  expect(stderr).toMatch(/RangeError: [\d.]+ 1\n\s+at limit \(/);
  expect(stderr).toContain(`${join(cwd, 'limit.ts')}:4:9`);
  expect(stderr).toContain(`${join(cwd, 'strategies/throws.ts')}:5:33`);
  expect(stderr).not.toContain('bundle.mjs');
});

test('an unexpected error says that it is a bug, and exits with 70', () => {
  const error = new TypeError('x is not\na function');
  expect(exitCodeOf(error)).toBe(70);
  expect(failureText(error, false)).toBe(
    'qt: INTERNAL: TypeError: x is not a function: this is a bug in qt-trader; please report it with the output of --debug\n',
  );
  expect(failureText(error, true)).toContain('errors.test.ts');
});
