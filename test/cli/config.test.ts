import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { folderWith, qt, ROOT, sampleRows, strategySource } from './qt.ts';

const BARS = sampleRows(60);

function config(body: string): string {
  return `import { defineConfig } from 'qt-trader';
import Probe from './probe.ts';
export default defineConfig({ ${body} });
`;
}

async function project(body: string, more: Readonly<Record<string, string>> = {}): Promise<string> {
  return folderWith({
    'probe.ts': strategySource(),
    'data/bars.csv': BARS,
    'sub/deep/other.csv': sampleRows(30),
    'qt.config.ts': config(body),
    ...more,
  });
}

async function settingsOf(cwd: string, ...args: string[]) {
  const { stdout, stderr } = await qt(['backtest', ...args, '--json'], { cwd });
  expect(stderr).toBe('');
  return JSON.parse(stdout).settings;
}

test('flags win over the config, the config over the defaults', async () => {
  const cwd = await project(
    "strategy: Probe, data: 'data/bars.csv', cash: 500, slippage: '0.1%', params: { hold: 4 }",
  );
  expect(await settingsOf(cwd)).toMatchObject({
    strategy: 'Probe',
    params: { hold: 4 },
    cash: 500,
    slippage: '0.1 %',
    commission: '0.1 %',
    data: [{ file: 'data/bars.csv' }],
  });
  expect(await settingsOf(cwd, '--cash', '700', '--param', 'hold=6', '--commission', '0')).toMatchObject({
    params: { hold: 6 },
    cash: 700,
    slippage: '0.1 %',
    commission: '0 %',
  });
  const none = await qt(['backtest', 'probe.ts', '--data', 'data/bars.csv', '--json', '--no-config'], {
    cwd,
  });
  expect(JSON.parse(none.stdout).settings).toMatchObject({
    params: { hold: 9 },
    cash: 10_000,
    slippage: '0 %',
  });
});

test('it is found from a folder below, and its paths are relative to itself, those of flags to the folder', async () => {
  const cwd = await project(
    "strategy: Probe, data: { file: 'data/bars.csv', symbol: 'XYZUSD', interval: '1h' }, report: 'out.html'",
  );
  const below = join(cwd, 'sub/deep');
  const { code } = await qt(['backtest'], { cwd: below });
  expect(code).toBe(0);
  expect(existsSync(join(cwd, 'out.html'))).toBe(true);
  const [data] = (await settingsOf(below)).data;
  expect(data.instrument).toMatchObject({ symbol: 'XYZUSD', base: 'XYZ', quote: 'USD' });
  const [other] = (await settingsOf(below, '--data', 'other.csv')).data;
  expect(other).toMatchObject({ file: 'other.csv' });
  expect(other.instrument.symbol).not.toBe('XYZUSD');
});

test('its params are for its own strategy only', async () => {
  const cwd = await project("strategy: Probe, data: 'data/bars.csv', params: { hold: 4 }");
  expect((await settingsOf(cwd, join(ROOT, 'strategies/sma.ts'))).params).toEqual({ fast: 10, slow: 30 });
  const shared = await project("data: 'data/bars.csv', params: { hold: 4 }");
  expect((await settingsOf(shared, 'probe.ts')).params).toEqual({ hold: 4 });
});

test('the config of this repository runs', async () => {
  const { code, stdout } = await qt(['backtest', '--no-report'], { cwd: join(ROOT, 'strategies') });
  expect(code).toBe(0);
  expect(stdout).toContain('Sma  BTCUSDT 4h (synthetic)');
});

const WRONG: readonly (readonly [body: string, line: RegExp])[] = [
  [
    'comission: 0.1',
    /^qt: CONFIG_UNKNOWN_KEY: qt\.config\.ts has the unknown key "comission": did you mean "commission"\?/,
  ],
  [
    "strategy: './probe.ts'",
    /^qt: CONFIG_INVALID: "strategy" in qt\.config\.ts was "\.\/probe\.ts": give a strategy class/,
  ],
  ["cash: 'lots'", /^qt: CONFIG_INVALID: "cash" in qt\.config\.ts was "lots": give a number/],
  ["data: { path: 'x' }", /^qt: CONFIG_INVALID: "data"/],
  ["market: 'moon'", /^qt: CONFIG_INVALID: "market".*'spot' or 'usdm'/],
];

test.each(WRONG)('a config with { %s } ends with 78', async (body, line) => {
  const cwd = await project(body);
  const { code, stderr } = await qt(['backtest'], { cwd });
  expect(stderr).toMatch(line);
  expect(code).toBe(78);
});

test('a config that does not compile, exports nothing or throws ends with 78', async () => {
  for (const [source, line] of [
    ['export default {,};', /^qt: SYNTAX: qt\.config\.ts:1:17: .*\n {2}1 \| export default \{,\};\n +\^\n$/],
    ['export const cash = 5;', /^qt: CONFIG_INVALID: qt\.config\.ts has no config as its default export/],
    ["throw new Error('no');", /^qt: CONFIG_THREW: qt\.config\.ts threw while it was loaded: Error: no\n$/],
  ] as const) {
    const cwd = await folderWith({ 'qt.config.ts': source });
    const { code, stderr } = await qt(['backtest'], { cwd });
    expect(stderr).toMatch(line);
    expect(code).toBe(78);
  }
});
