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

test('a case in the format of backtesting.py is run, and fails where it cannot be', () => {
  const { status, stdout } = run(folderOf({ e: { id: 'e', backtest: {}, stats: {} } }));
  expect(stdout).toContain('FAILED  e: it could not be run');
  expect(stdout).toContain('0 passed, 1 failed');
  expect(status).toBe(1);
});

test.each([
  ['resample', { resample: { timeframe: 'Weeks', luck: 1 } }, 'resample has luck, which is not known'],
  ['replay', { replay: { timeframe: 'Weeks', luck: 1 } }, 'replay has luck, which is not known'],
  ['filter', { filters: [{ name: 'Nobody' }] }, 'the filter Nobody is not known'],
  ['filter parameter', { filters: [{ name: 'HeikinAshi', params: { luck: 1 } }] }, 'HeikinAshi has luck'],
])('an unknown word of a %s fails the case', (_, part, message) => {
  const { data: __, ...rest } = tinyCase();
  const { stdout } = run(folderOf({ a: { ...rest, data: [{ file: 'tiny.csv', ...part }] } }));
  expect(stdout).toContain(message);
  expect(stdout).toContain('0 passed, 1 failed');
});
