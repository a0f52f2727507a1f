import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterEach, expect, test } from 'vitest';
import { TINY_BARS, tinyCase } from './tiny-case.ts';

const RUNNER = fileURLToPath(new URL('./run.ts', import.meta.url));
const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** A folder of cases with one file of bars, in the layout of recorded results. */
function folderOf(cases: Readonly<Record<string, unknown>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'qt-golden-'));
  folders.push(folder);
  for (const name of ['cases', 'inputs', 'indicators']) mkdirSync(join(folder, name));
  writeFileSync(join(folder, 'inputs', 'tiny.csv.gz'), gzipSync(TINY_BARS));
  for (const [name, json] of Object.entries(cases)) {
    writeFileSync(join(folder, 'cases', `${name}.json`), JSON.stringify(json));
  }
  return folder;
}

function run(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [RUNNER, ...args], { encoding: 'utf8' });
  const lines = stdout.trim().split('\n');
  return { status, stdout, stderr: stderr.trim(), last: lines.at(-1), pending: lines.at(-2) };
}

test('a case whose records are right passes', () => {
  const { status, last, pending, stdout } = run(folderOf({ tiny: tinyCase() }));
  expect(stdout).toBe('0 pending\n1 passed, 0 failed\n');
  expect(pending).toBe('0 pending');
  expect(last).toBe('1 passed, 0 failed');
  expect(status).toBe(0);
});

const wrong: [string, (golden: ReturnType<typeof tinyCase>) => void, string][] = [
  [
    'price',
    ({ result }) => {
      result.orders[1].events[2].exec_price = 12.0001;
    },
    'orders[1].events[2].exec_price: expected 12.0001, got 12 (bar 4, 2020-01-07)',
  ],
  [
    'status',
    ({ result }) => {
      result.orders[0].events[2].status = 'Margin';
    },
    'orders[0].events[2].status: expected "Margin", got "Completed" (bar 2, 2020-01-03)',
  ],
  ['missing order', ({ result }) => void result.orders.pop(), 'orders[1]: expected nothing, got {"ref":2,'],
  [
    'analyzer',
    ({ result }) => {
      result.analyzers.drawdown.max.moneydown = 6.3;
    },
    'analyzers.drawdown.max.moneydown: expected 6.3, got 6.2',
  ],
  [
    'cash',
    ({ result }) => {
      result.bars.cash[2] += 1e-5;
    },
    'bars.cash[2]: expected 893.95001, got 893.95 (bar 3, 2020-01-06)',
  ],
];

test.each(wrong)('a wrong %s fails the case, and the difference is named', (_, spoil, told) => {
  const golden = tinyCase();
  spoil(golden);
  const { status, last, stdout } = run(folderOf({ tiny: golden, right: tinyCase() }));
  expect(stdout).toContain(`FAILED  tiny: ${told}`);
  expect(last).toBe('1 passed, 1 failed');
  expect(status).toBe(1);
});

const unknown: [string, object, string][] = [
  ['strategy', { strategy: { name: 'Nobody' } }, 'the strategy Nobody is not known'],
  ['sizer', { sizer: { name: 'Nobody' } }, 'the sizer Nobody is not known'],
  ['setting', { config: { cash: 1000, luck: true } }, 'config has luck, which is not known'],
  ['analyzer', { analyzers_spec: [['x', 'Nobody', {}]] }, 'the analyzer Nobody is not known'],
  ['field', { weather: 'fine' }, 'the case has the field weather, which is not known'],
  ['file', { data: [{ file: 'nothing.csv' }] }, 'inputs/nothing.csv is not there'],
];

test.each(unknown)(
  'an unknown %s fails the case with a message, and is never passed over',
  (_, part, message) => {
    const { status, stdout } = run(folderOf({ tiny: { ...tinyCase(), ...part } }));
    expect(stdout).toContain(message);
    expect(stdout).toContain('0 passed, 1 failed');
    expect(status).toBe(1);
  },
);

test('what needs resampling, replay or filters is listed by name as pending', () => {
  const { data: _, ...rest } = tinyCase();
  const file = 'tiny.csv';
  const folder = folderOf({
    a: { ...rest, data: [{ file, resample: { timeframe: 'Weeks' } }] },
    b: { ...rest, data: [{ file, replay: { timeframe: 'Weeks' } }] },
    c: { ...rest, data: [{ file, filters: [{ name: 'HeikinAshi' }] }] },
    d: { ...rest, data: [{ file }], resample_extra: [{ of: 0 }] },
  });
  const { status, stdout } = run(folder);
  expect(stdout.trim().split('\n')).toEqual([
    'pending a: resampling',
    'pending b: replay',
    'pending c: filters',
    'pending d: resampling',
    '4 pending',
    '0 passed, 0 failed',
  ]);
  expect(status).toBe(0);
});

test('a folder that is none, or has no cases, ends in one line and exit code 2', () => {
  const empty = mkdtempSync(join(tmpdir(), 'qt-golden-'));
  folders.push(empty);
  for (const [args, message] of [
    [[join(empty, 'nowhere')], 'is no folder'],
    [[empty], 'has no cases/'],
    [[folderOf({})], 'holds no *.json'],
    [[], 'usage: npm run conformance'],
    [[empty, '--loud'], 'usage: npm run conformance'],
  ] as const) {
    const { status, stderr, stdout } = run(...args);
    expect(stderr).toContain(message);
    expect(stderr.split('\n')).toHaveLength(1);
    expect(stdout).toBe('');
    expect(status).toBe(2);
  }
});

test('--only runs the cases whose names contain it, --verbose tells every difference', () => {
  const golden = tinyCase();
  golden.result.final.cash = 1;
  golden.result.final.value = 2;
  const folder = folderOf({ right: tinyCase(), wrong: golden });
  expect(run(folder, '--only', 'right').last).toBe('1 passed, 0 failed');
  expect(run(folder).stdout).toContain('and 1 more difference');
  const { stdout } = run(folder, '--verbose');
  expect(stdout).toContain('final.cash: expected 1, got 1012.75');
  expect(stdout).toContain('final.value: expected 2, got 1012.75');
});

/** A folder with one file of lines beside the tiny case. */
function linesFolder(json: unknown): string {
  const folder = folderOf({ tiny: tinyCase() });
  writeFileSync(join(folder, 'indicators', 'lines.json'), JSON.stringify(json));
  return folder;
}

const nan = (count: number) => new Array(count).fill('NaN');
const SMA_2 = ['NaN', 10.5, 11.75, 12, 11.75];

test('lines recorded by name and with their parameters are compared bar by bar', () => {
  const folder = linesFolder({
    input: 'tiny.csv',
    indicators: {
      MovingAverageSimple: {
        meta: { params: { period: 2 } },
        params: { period: 2 },
        minperiod: 2,
        lines: { sma: SMA_2 },
      },
      SMA: { same_as: 'MovingAverageSimple' },
      'SMA#1': {
        meta: { args: ['SMA(data,2)-data (close)'], params: { period: 1 } },
        params: { period: 1 },
        minperiod: 2,
        lines: { sma: ['NaN', -0.5, -0.75, 0.5, -0.25] },
      },
    },
  });
  expect(run(folder).stdout).toBe('lines: 3 passed, 0 failed, 0 pending\n0 pending\n4 passed, 0 failed\n');
  expect(run(folder, '--only', 'indicators/lines/SMA').last).toBe('2 passed, 0 failed');
  expect(run(folder, '--only', 'cases/').last).toBe('1 passed, 0 failed');
});

test('TA-Lib’s outputs begin at their own bar, under the names of its C interface', () => {
  const entry = { params: { optInTimePeriod: 2 }, inputs: 'real=high ', rc: 0 };
  const folder = linesFolder({
    input: 'tiny.csv',
    functions: { SMA: { ...entry, begIdx: 1, nb: 4, outputs: { outReal: [11.5, 12.5, 12.75, 12.25] } } },
  });
  expect(run(folder).stdout).toContain('lines: 1 passed, 0 failed, 0 pending');
});

const wrongLines: [string, object, string][] = [
  ['value', { lines: { sma: ['NaN', 10.5, 11.75, 12.0001, 11.75] } }, 'sma[3]: expected 12.0001, got 12'],
  ['gap', { lines: { sma: ['NaN', 'NaN', 11.75, 12, 11.75] } }, 'sma[1]: expected "NaN", got 10.5'],
  ['length', { lines: { sma: SMA_2.slice(1) } }, 'expected'],
  ['line', { lines: { average: SMA_2 } }, 'average: expected ["NaN",10.5,11.75,12,11.75], got nothing'],
  ['minimum period', { minperiod: 3, lines: { sma: SMA_2 } }, 'minimum period: expected 3, got 2'],
  [
    'default',
    { meta: { params: {} }, lines: { sma: SMA_2 } },
    'with its own defaults it is not the same: sma[1]: expected 10.5, got NaN',
  ],
  [
    'expression',
    { meta: { args: ['SMA(close'], params: { period: 2 } }, lines: { sma: SMA_2 } },
    'the expression "SMA(close" is not understood at "its end"',
  ],
];

test.each(wrongLines)(
  'a wrong %s of a recorded line fails it, and the difference is named',
  (_, part, told) => {
    const right = { meta: { params: { period: 2 } }, params: { period: 2 }, minperiod: 2 };
    const folder = linesFolder({ input: 'tiny.csv', indicators: { SMA: { ...right, ...part } } });
    const { status, stdout } = run(folder);
    expect(stdout).toContain('FAILED  lines/SMA: ');
    expect(stdout).toContain(told);
    expect(status).toBe(1);
  },
);

test('an indicator or a parameter that we do not have is listed by name as pending', () => {
  const folder = linesFolder({
    input: 'tiny.csv',
    indicators: {
      Nobody: { meta: { params: {} }, params: {}, minperiod: 1, lines: { x: nan(5) } },
      SMA: { meta: { params: {} }, params: { period: 2, luck: 1 }, minperiod: 1, lines: { x: nan(5) } },
    },
  });
  expect(run(folder).stdout).toContain(
    'pending lines: Nobody, SMA (luck)\nlines: 0 passed, 0 failed, 2 pending\n2 pending\n',
  );
  writeFileSync(join(folder, 'indicators', 'lines.json'), '{"input":"tiny.csv"}');
  expect(run(folder).stdout).toContain('FAILED  lines: it could not be read: lines has neither');
});
