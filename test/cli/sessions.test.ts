import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { loadStrategy } from '../../src/cli/strategy/strategy-file.ts';
import type { PaperSessionOptions } from '../../src/live/session.ts';
import { sessionLock, takeLock } from '../../src/store/lock.ts';
import type { TimedScript } from '../support/timed-exchange.ts';
import { minutes, timedSession } from '../support/timed-session.ts';
import { folderWith, qt } from './qt.ts';

const PROBE = (every: number) => `import { float, strategy } from 'qt-trader';
export default class Probe extends strategy({ amount: float(1000) }) {
  next() {
    if (this.data.length % ${every} === 1) this.buy({ quote: this.params.amount });
    if (this.data.length % ${every} === 4) this.close();
  }
}
`;

/** A folder with a strategy and a session of it in the default store. */
async function project(
  options: Partial<PaperSessionOptions> = {},
  script: TimedScript = {},
  files: Readonly<Record<string, string>> = {},
): Promise<string> {
  const cwd = await folderWith({ 'probe.ts': PROBE(5), ...files });
  const { strategy, codeHash } = await loadStrategy(join(cwd, 'probe.ts'));
  const store = join(cwd, '.qt/sessions.sqlite');
  await timedSession(store, strategy, minutes(60), {
    script,
    options: { codeHash, strategyFile: 'probe.ts', ...options },
  });
  return cwd;
}

const offTheOpen: TimedScript = {
  updates: (_, row, { open, close }) => [[700, row % 20 === 1 ? (open + close) / 2 : open]],
};

test('sessions are listed with what became of them; whether one runs, its lock tells', async () => {
  const cwd = await project();
  const store = join(cwd, '.qt/sessions.sqlite');
  const ended = await qt(['sessions'], { cwd });
  expect(ended).toMatchObject({ code: 0, stderr: '' });
  expect(ended.stdout).toMatch(
    /^id {2}strategy .*\n 1 {2}Probe +paper {2}BTCUSDT 1m {2}timed +2024-01-01 00:00 {2}2024-01-01 01:00 {2}ended +60 +24 +[\d,.]+ +-?[\d.]+ %\n$/,
  );
  const database = new Database(store);
  database.exec("UPDATE sessions SET status = 'running'");
  database.close();
  expect((await qt(['sessions'], { cwd })).stdout).toContain('interrupted');
  const lock = takeLock(sessionLock(store, 1))!;
  expect((await qt(['sessions'], { cwd })).stdout).toContain('running');
  expect(takeLock(sessionLock(store, 1))).toBeUndefined();
  const { sessions } = JSON.parse((await qt(['sessions', '--json'], { cwd })).stdout);
  expect(sessions).toMatchObject([{ id: 1, status: 'running', steps: 60, fills: 24 }]);
  expect(sessions[0].return).toBeCloseTo(sessions[0].value / 10_000 - 1, 12);
  lock.release();
  expect(readdirSync(join(cwd, '.qt')).filter(name => name.endsWith('.lock'))).toEqual([]);
});

test('a store or a session that is not there is said so, with the way out', async () => {
  const cwd = await folderWith();
  for (const args of [['sessions'], ['replay', 'last'], ['report', '1']]) {
    const { code, stderr } = await qt(args, { cwd });
    expect(code).toBe(66);
    expect(stderr).toMatch(/^qt: STORE_NOT_FOUND: \.qt\/sessions\.sqlite: there is no such store: .*--store/);
  }
  expect(existsSync(join(cwd, '.qt'))).toBe(false);
  const other = await project();
  expect(await qt(['replay', '7'], { cwd: other })).toMatchObject({
    code: 2,
    stderr: 'qt: SESSION_UNKNOWN: there is no session 7 in this store: qt sessions lists them\n',
  });
  expect((await qt(['replay', 'first'], { cwd: other })).stderr).toContain('SESSION was "first"');
});

test('replay ends with "identical" when the session did what a backtest does', async () => {
  const cwd = await project();
  const { code, stdout, stderr } = await qt(['replay', 'last'], { cwd });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toContain('Session 1: Probe  BTCUSDT 1m');
  expect(stdout.trimEnd().split('\n').at(-1)).toBe('identical');
  // From elsewhere, the strategy is found beside the store.
  const elsewhere = await folderWith();
  const there = await qt(['replay', '1', '--store', join(cwd, '.qt/sessions.sqlite')], { cwd: elsewhere });
  expect(there.stdout.trimEnd().split('\n').at(-1)).toBe('identical');
});

test('a backtest that differs is a table with causes that fits the terminal, and exit code 0', async () => {
  const cwd = await project({}, offTheOpen);
  const { code, stdout } = await qt(['replay', '1'], { cwd });
  expect(code).toBe(0);
  expect(stdout).toMatch(/The same inputs again +identical/);
  expect(stdout).toMatch(/A backtest over these bars +\d+ differences?/);
  expect(stdout).toMatch(/2024-01-01 00:21 +BTCUSDT +buy fill +[\d.]+ @ [\d.]+ +[\d.]+ @ [\d.]+\n/);
  expect(stdout).toMatch(/\d × different fill price\n +first: first update after 0\.7 s at/);
  for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  expect(stdout.trimEnd().split('\n').at(-1)).not.toBe('identical');
  const found = JSON.parse((await qt(['replay', '1', '--json'], { cwd })).stdout);
  expect(found).toMatchObject({
    format: 1,
    identical: false,
    replay: { identical: true, differences: [] },
    session: { id: 1, settings: { strategy: 'Probe' } },
  });
  expect(found.backtest.causes['different fill price']).toBeGreaterThan(1);
  expect(found.backtest.differences[0]).toMatchObject({
    symbol: 'BTCUSDT',
    what: 'fill',
    live: { order: { side: 'buy', quote: 1000 } },
    backtest: { order: { side: 'buy', quote: 1000 } },
  });
});

test('decisions that come out otherwise end with exit code 3 and the cause', async () => {
  const cwd = await project();
  const settings = await qt(['replay', '1', '--param', 'amount=1500', '--commission', '0.2%'], { cwd });
  expect(settings.code).toBe(3);
  expect(settings.stdout).toContain('Not as it was: amount 1000 → 1500, commission 0.1 % → 0.2 %');
  expect(settings.stdout).toContain('settings changed: amount 1000 → 1500, commission 0.1 % → 0.2 %');
  expect(settings.stdout).toMatch(/\nand \d+ more| {2}and \d+ more/);
  writeFileSync(join(cwd, 'probe.ts'), PROBE(6));
  const changed = await qt(['replay', '1'], { cwd });
  expect(changed.code).toBe(3);
  expect(changed.stdout).toContain('× strategy changed');
  // A comment changes the code's hash at most, never its decisions.
  writeFileSync(join(cwd, 'probe.ts'), `${PROBE(5)}export const more = 1;\n`);
  expect(await qt(['replay', '1'], { cwd })).toMatchObject({ code: 0 });
});

test('a strategy whose file is gone is asked for', async () => {
  const cwd = await project({ strategyFile: 'gone.ts' });
  expect(await qt(['replay', '1'], { cwd })).toMatchObject({
    code: 2,
    stderr:
      "qt: SESSION_STRATEGY_MISSING: the session's strategy Probe is no more in gone.ts: name its file after the session: qt replay last strategies/mine.ts\n",
  });
  expect((await qt(['replay', '1', 'probe.ts'], { cwd })).code).toBe(0);
});

const CONFIG = `import Probe from './probe.ts';
export default {
  strategy: Probe,
  sizer: { label: 'half a coin', size: () => ({ size: 0.5 }) },
};
`;

test('a session of the config takes its strategy and its own models from there, and misses them elsewhere', async () => {
  const sizer = { label: 'half a coin', size: () => ({ size: 0.5 }) };
  const cwd = await project({ sizer, strategyFile: 'qt.config.ts' }, {}, { 'qt.config.ts': CONFIG });
  const { stdout, stderr } = await qt(['replay', '1'], { cwd });
  expect(stderr).toBe('');
  expect(stdout).toContain('A backtest over these bars identical');
  const { code, stderr: missing } = await qt(['replay', '1', 'probe.ts', '--no-config'], { cwd });
  expect(code).toBe(2);
  expect(missing).toMatch(
    /^qt: SESSION_TERMS_UNKNOWN: the session's sizer "half a coin" is not known here: .*--sizer/,
  );
  expect(
    (await qt(['replay', '1', 'probe.ts', '--no-config', '--sizer', 'all-in'], { cwd })).stdout,
  ).toContain('sizer half a coin → all in');
});

test('report writes the page of a session, and refuses one of another strategy', async () => {
  const cwd = await project();
  const { code, stdout, stderr } = await qt(['report', 'last'], { cwd });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/^Report of session 1 \(ended\): qt-session-1\.html \(\d+ kB\)\n$/);
  const page = readFileSync(join(cwd, 'qt-session-1.html'), 'utf8');
  expect(page).toContain('A paper session: live bars, simulated fills, no real money. Session 1 on timed');
  await qt(['report', '1', '--out', 'mine.html'], { cwd });
  expect(readFileSync(join(cwd, 'mine.html'), 'utf8')).toBe(page);
  writeFileSync(join(cwd, 'probe.ts'), PROBE(6));
  const refused = await qt(['report', 'last', '--out', 'other.html'], { cwd });
  expect(refused.code).toBe(2);
  expect(refused.stderr).toMatch(
    /^qt: SESSION_CHANGED: session 1 cannot be shown: at 2024-.* \(changed: code\): go back/,
  );
  expect(existsSync(join(cwd, 'other.html'))).toBe(false);
});
