import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { folderWith, qt, sampleRows, strategySource } from './qt.ts';

test('runs that are kept can be listed and looked at; without --save nothing is kept', async () => {
  const cwd = await folderWith({ 'btcusdt-1h.csv': sampleRows(500), 'probe.ts': strategySource() });
  const backtest = (...args: string[]) =>
    qt(['backtest', 'probe.ts', '--data', 'btcusdt-1h.csv', '--no-report', '--quiet', ...args], { cwd });
  await backtest();
  expect(existsSync(join(cwd, '.qt'))).toBe(false);
  expect(await qt(['runs'], { cwd })).toMatchObject({
    code: 66,
    stderr: expect.stringContaining('STORE_NOT_FOUND'),
  });
  expect((await backtest('--save')).stdout).toContain('Kept as run 1: qt runs');
  const json = await backtest('--save', '--json', '--param', 'hold=50');
  const { stdout } = await qt(['runs'], { cwd });
  expect(stdout.split('\n').length).toBe(4);
  expect(stdout).toMatch(/\n +2 {2}20\d\d-.+ Probe +BTCUSDT 1h +hold=50 .+ 1\n$/);
  const shown = JSON.parse((await qt(['runs', 'last'], { cwd })).stdout);
  const { trades, orders, fills, log, stats, ...head } = JSON.parse(json.stdout);
  expect(trades.length).toBe(1);
  expect(shown).toMatchObject(head);
  const { runs } = JSON.parse((await qt(['runs', '--json'], { cwd })).stdout);
  expect(runs[1]).toMatchObject({
    id: 2,
    params: { hold: 50 },
    data: ['BTCUSDT 1h'],
    return: head.metrics.returns.total,
  });
  expect(await qt(['runs', '3'], { cwd })).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/^qt: RUN_UNKNOWN: /),
  });
});
