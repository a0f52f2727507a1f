import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { syntheticCsv } from '../../src/feeds/synthetic/file.ts';
import { syntheticBars } from '../../src/feeds/synthetic/synthetic.ts';
import { startExchange } from '../live/support/exchange-process.ts';
import { folderWith, qt, SMA } from './qt.ts';

let bars: string;
beforeAll(() => {
  bars = [...syntheticCsv(syntheticBars({ seed: 3, interval: '1m', bars: 300 }))].join('');
});

/** A folder with an exchange that takes orders, and its key. */
async function rehearsal(options: readonly string[], files: Readonly<Record<string, string>> = {}) {
  const cwd = await folderWith({ 'btcusdt-1m.csv': bars, ...files });
  const { url } = await startExchange(cwd, [
    ...['--data', 'btcusdt-1m.csv', '--balance', 'USDT=10000'],
    ...options,
  ]);
  const key = JSON.parse(readFileSync(join(cwd, '.qt/local-key.json'), 'utf8')) as Record<string, string>;
  return { cwd, url, key, base: ['--exchange', url, '--key-file', '.qt/local-key.json'] };
}

/** Buys on the first bar it sees and holds; a stop protects it. */
const HOLDER = `import { strategy } from 'qt-trader';
export default class Holder extends strategy() {
  next() {
    if (this.data.length === 3) this.buyBracket({ quote: 50, stopLoss: { percent: 0.5 } });
  }
}
`;

test('qt doctor looks at everything, and says what is wrong and what to do', async () => {
  const { cwd, base, url } = await rehearsal(['--speed', '60']);
  const good = await qt(['doctor', ...base, '--symbol', 'BTCUSDT', '--cash', '5000', '--json'], { cwd });
  expect(good.code).toBe(0);
  const { checks } = JSON.parse(good.stdout) as { checks: { code: string; state: string }[] };
  for (const code of ['STORE', 'MARKET_DATA', 'KEYS', 'CONNECTION', 'ACCOUNT', 'PERMISSIONS', 'SYMBOL']) {
    expect(checks.find(check => check.code === code)?.state, code).toBe('ok');
  }
  for (const code of ['FILTERS', 'BALANCE', 'FEES', 'OPEN_ORDERS', 'TEST_ORDER', 'ACCOUNT_STREAM']) {
    expect(checks.find(check => check.code === code)?.state, code).toBe('ok');
  }
  const poor = await qt(['doctor', ...base, '--symbol', 'BTCUSDT', 'NOPEUSDT', '--cash', '50000'], { cwd });
  expect(poor.code).toBe(4);
  expect(poor.stdout).toMatch(/FAILED {3}BTCUSDT: 10000\.0+ USDT .*: give --cash 10000/);
  expect(poor.stdout).toMatch(/FAILED {3}NOPEUSDT is not traded/);
  expect(poor.stderr).toMatch(/^qt: NOT_READY: 2 of \d+ checks failed/);
  const stranger = await qt(['doctor', '--exchange', url, '--symbol', 'BTCUSDT'], {
    cwd,
    env: { BINANCE_API_KEY: 'a'.repeat(64), BINANCE_API_SECRET: 'b'.repeat(64) },
  });
  expect(stranger.code).toBe(4);
  expect(stranger.stdout).toMatch(/FAILED {3}the account cannot be read/);
  expect(stranger.stdout + stranger.stderr).not.toMatch(/a{20}|b{20}/);
});

test('without its symbol typed nothing is sent, and nobody can type it where there is no terminal', async () => {
  const { cwd, base } = await rehearsal(['--speed', '60']);
  const { code, stderr } = await qt(['live', '--real', SMA, ...base, '--cash', '1000'], { cwd });
  expect(code).toBe(2);
  expect(stderr).toContain('REAL ORDERS');
  expect(stderr).toContain('1,000.00 USDT');
  expect(stderr).toContain('an order 100.00, a position 300.00, a day');
  expect(stderr.trim().split('\n').at(-1)).toMatch(/^qt: NO_TERMINAL: .*--yes-real/);
  expect(existsSync(join(cwd, '.qt/sessions.sqlite'))).toBe(false);
});

test('a key file that others may read, and terms that are the exchange’s, are refused', async () => {
  const { cwd, base } = await rehearsal(['--speed', '60']);
  const real = ['live', '--real', SMA, ...base, '--yes-real'];
  const wrong = async (args: readonly string[]) => (await qt([...real, ...args], { cwd })).stderr;
  expect(await wrong([])).toMatch(/^qt: CASH_MISSING: .*--cash/m);
  expect(await wrong(['--cash', '100', '--commission', '0'])).toMatch(/^qt: OPTION_INVALID: --commission/m);
  expect(await wrong(['--cash', '100', '--paper'])).toMatch(/^qt: MODE_TWICE: /m);
  chmodSync(join(cwd, '.qt/local-key.json'), 0o644);
  expect(await wrong(['--cash', '100'])).toMatch(/^qt: KEY_FILE_READABLE: .*chmod 600/m);
});

test('a dry run has each order checked, places none, and says so', async () => {
  const { cwd, base } = await rehearsal(['--lockstep'], { 'holder.ts': HOLDER });
  const run = await qt(['live', '--real', 'holder.ts', ...base, '--cash', '1000', '--dry-run', '--json'], {
    cwd,
  });
  expect(run.code).toBe(0);
  const events = run.stdout
    .trim()
    .split('\n')
    .map(line => JSON.parse(line));
  expect(events.find(({ type }) => type === 'fill')).toBeUndefined();
  const refused = events.find(({ type, status }) => type === 'order' && status === 'rejected');
  expect(refused.reason.message).toContain('dry run: the exchange would take it');
});

test('qt kill halts a session that runs, what protects stays, and qt resume lets it trade again', async () => {
  const { cwd, base, key } = await rehearsal(['--speed', '600'], { 'holder.ts': HOLDER });
  const live = ['live', '--real', 'holder.ts', ...base, '--cash', '1000', '--yes-real', '--json'];
  let output = '';
  let step = 0;
  const results: string[] = [];
  const run = await qt(live, {
    cwd,
    onStart: child => {
      child.stdout!.on('data', async text => {
        output += text;
        if (step === 0 && output.includes('"type":"fill"')) {
          step = 1;
          results.push((await qt(['kill', '--reason', 'enough for today'], { cwd })).stdout);
        }
        if (step === 1 && output.includes('"HALTED"')) {
          step = 2;
          results.push((await qt(['resume'], { cwd })).stdout);
        }
        if (step === 2 && output.includes('"RESUMED"')) {
          step = 3;
          child.kill('SIGINT');
        }
      });
    },
  });
  expect(run.code).toBe(0);
  expect(results[0]).toMatch(/is halted: .* what protects one stays/);
  expect(results[1]).toMatch(/may trade again/);
  expect(output).toContain('enough for today');
  const again = await qt(['resume'], { cwd });
  expect(again.stdout).toBe('No account was halted.\n');
  for (const secret of [key.apiKey!, key.apiSecret!]) {
    expect(output + run.stderr).not.toContain(secret);
    expect(readFileSync(join(cwd, '.qt/sessions.sqlite')).includes(secret)).toBe(false);
  }
});

test('there is nothing to kill where no session was', async () => {
  const cwd = await folderWith();
  writeFileSync(join(cwd, 'x'), '');
  const { code, stderr } = await qt(['kill'], { cwd });
  expect(code).toBe(66);
  expect(stderr).toMatch(/^qt: STORE_NOT_FOUND: /);
});
