import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { syntheticCsv } from '../../src/feeds/synthetic/file.ts';
import { syntheticBars } from '../../src/feeds/synthetic/synthetic.ts';
import { startExchange } from '../live/support/exchange-process.ts';
import { folderWith, qt } from './qt.ts';

const BRACKETS = `import { strategy } from 'qt-trader';
export default class Brackets extends strategy() {
  next() {
    if (this.openOrders.length > 0 || this.position.isOpen) return;
    this.buyBracket({ size: 0.001, stopLoss: { percent: 0.004 }, takeProfit: { percent: 0.005 } });
  }
}
`;

test('a session with real orders is listed with its account, lived through again, compared and reported', async () => {
  const bars = [...syntheticCsv(syntheticBars({ seed: 3, interval: '1m', bars: 120 }))].join('');
  const cwd = await folderWith({ 'btcusdt-1m.csv': bars, 'brackets.ts': BRACKETS });
  const exchange = ['--data', 'btcusdt-1m.csv', '--balance', 'USDT=1000', '--lockstep'];
  const { url } = await startExchange(cwd, exchange);
  const account = ['--exchange', url, '--key-file', '.qt/local-key.json', '--cash', '500', '--yes-real'];
  const run = await qt(['live', '--real', 'brackets.ts', ...account, '--json'], { cwd });
  expect({ code: run.code, end: run.stdout.trim().split('\n').at(-1) }).toEqual({
    code: 0,
    end: expect.stringContaining('"reason":"ended"'),
  });
  expect(JSON.parse(run.stdout.split('\n')[0]!)).toMatchObject({
    type: 'session',
    mode: 'real',
    dryRun: false,
  });

  const listed = await qt(['sessions'], { cwd });
  expect(listed.stdout).toMatch(/^ 1 {2}Brackets {2}real .* ended /m);
  const [, name] = /^account (\S+\/[0-9a-f]{16}) \(session 1\): may trade$/m.exec(listed.stdout)!;
  expect((await qt(['kill', '--account', name!, '--reason', 'enough'], { cwd })).code).toBe(0);
  const halted = await qt(['sessions'], { cwd });
  expect(halted.stdout).toMatch(/ ended, halted /);
  expect(halted.stdout).toMatch(/^account .*: HALTED since .*: enough \(KILLED\); qt resume lets it trade$/m);
  const { sessions } = JSON.parse((await qt(['sessions', '--json'], { cwd })).stdout);
  expect(sessions[0]).toMatchObject({
    mode: 'real',
    account: name,
    halted: { code: 'KILLED', message: 'enough' },
  });

  const replayed = await qt(['replay', 'last', '--intrabar', 'nearest'], { cwd });
  expect(replayed).toMatchObject({ code: 0, stderr: '' });
  expect(replayed.stdout).toMatch(/^ {2}real on /m);
  expect(replayed.stdout.trimEnd().split('\n').at(-1)).toBe('identical');
  const dearer = await qt(['replay', 'last', '--slippage', '1%', '--json'], { cwd });
  expect(dearer.code).toBe(0);
  const found = JSON.parse(dearer.stdout);
  expect(found).toMatchObject({
    changes: [],
    replay: { identical: true },
    incidents: { refused: 0, halts: 0 },
  });
  expect(found.backtest.slippage.cost).toBeLessThan(0);
  expect(found.backtest.causes.slippage).toBeGreaterThan(0);
  expect((await qt(['replay', 'last', '--slippage', '1%'], { cwd })).stdout).toMatch(
    /Note: prices were [\d.]+ USDT better than in the backtest/,
  );

  expect((await qt(['report', 'last', '--out', 'real.html'], { cwd })).code).toBe(0);
  expect(existsSync(join(cwd, 'real.html'))).toBe(true);
  expect(readFileSync(join(cwd, 'real.html'), 'utf8')).toContain('A session with real orders');
});
