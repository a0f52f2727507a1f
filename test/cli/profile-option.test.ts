import { expect, test } from 'vitest';
import { folderWith, qt, SMA, sampleRows, strategySource } from './qt.ts';

const base = ['backtest', SMA, '--data', 'bars.csv', '--json'];

async function metricsOf(args: readonly string[], files: Record<string, string> = {}) {
  const cwd = await folderWith({ 'bars.csv': sampleRows(400), ...files });
  const { code, stdout, stderr } = await qt([...args], { cwd });
  expect(stderr).toBe('');
  expect(code).toBe(0);
  const { settings, metrics, fills } = JSON.parse(stdout);
  return { settings, metrics, fills };
}

test('--profile backtrader trades by its rules: one unit, at no fee unless a rate is given', async () => {
  const crypto = await metricsOf(base);
  const free = await metricsOf([...base, '--profile', 'backtrader', '--cash', '1000000']);
  const dear = await metricsOf([
    ...base,
    ...['--profile', 'backtrader', '--cash', '1000000', '--commission', '0.1%'],
  ]);
  expect(crypto.metrics.fees).toBeGreaterThan(0);
  expect(free.metrics.fees).toBe(0);
  expect(new Set(free.fills.map((fill: { size: number }) => fill.size))).toEqual(new Set([1]));
  expect(dear.fills.length).toBe(free.fills.length);
  expect(dear.metrics.fees / dear.metrics.turnover).toBeCloseTo(0.001, 12);
});

test('a config may describe the profile; a flag names another one', async () => {
  const config = `import { backtraderProfile, defineConfig } from 'qt-trader';
    export default defineConfig({ cash: 1e6, profile: backtraderProfile({ commission: { commission: 0.002 } }) });`;
  const described = await metricsOf(base, { 'qt.config.ts': config });
  expect(described.metrics.fees / described.metrics.turnover).toBeCloseTo(0.002, 12);
  const flagged = await metricsOf([...base, '--profile', 'crypto'], { 'qt.config.ts': config });
  expect(flagged.metrics.fees / flagged.metrics.turnover).toBeCloseTo(0.001, 12);
});

test('rates of maker and taker mean nothing to the backtrader profile', async () => {
  const cwd = await folderWith({ 'bars.csv': sampleRows(50) });
  const args = [...base, '--profile', 'backtrader', '--commission', 'maker:0,taker:0.1%'];
  const { code, stderr } = await qt(args, { cwd });
  expect(code).toBe(2);
  expect(stderr).toMatch(/^qt: PROFILE_OPTION: .*: give one rate/);
});

test('qt live refuses a config that wants the backtrader profile', async () => {
  const cwd = await folderWith({
    'own.ts': strategySource(''),
    'qt.config.ts':
      "import { defineConfig } from 'qt-trader'; export default defineConfig({ profile: 'backtrader' });",
  });
  const { code, stderr } = await qt(['live', '--paper', 'own.ts', '--symbol', 'BTCUSDT'], { cwd });
  expect(code).toBe(2);
  expect(stderr).toMatch(/^qt: PROFILE_LIVE: .*: take "profile" out/);
});
