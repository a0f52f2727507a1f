import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
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

test('fees, and the rules of symbols from a file and by hand, are the run’s', async () => {
  const filters = [
    { filterType: 'PRICE_FILTER', minPrice: '0.01', maxPrice: '1000000.00', tickSize: '0.01000000' },
    { filterType: 'LOT_SIZE', minQty: '0.00010000', maxQty: '9000.00000000', stepSize: '0.00010000' },
    { filterType: 'NOTIONAL', minNotional: '5.00000000', applyMinToMarket: true },
  ];
  const info = { symbols: [{ symbol: 'BTCUSDT', baseAsset: 'BTC', quoteAsset: 'USDT', filters }] };
  const cwd = await project(
    `strategy: Probe, data: { file: 'data/bars.csv', symbol: 'btc-usdt' }, exchangeInfo: 'rules/info.json',
     instruments: { BTCUSDT: { lotStep: 0.001 } }, commission: 'maker:0.02%,taker:0.05%', feeIn: 'base'`,
    { 'rules/info.json': JSON.stringify(info) },
  );
  const settings = await settingsOf(join(cwd, 'sub/deep'));
  expect(settings).toMatchObject({ commission: 'maker 0.02 %, taker 0.05 %', feeIn: 'base' });
  const rules = { base: 'BTC', tickSize: 0.01, minSize: 0.0001, maxSize: 9000, minNotional: 5 };
  expect(settings.data[0].instrument).toEqual({
    symbol: 'btc-usdt',
    quote: 'USDT',
    market: 'spot',
    lotStep: 0.001,
    ...rules,
  });

  // A flag names another file, relative to the folder; --market stays what it was.
  writeFileSync(join(cwd, 'info.json.gz'), gzipSync(JSON.stringify(info)));
  const more = ['--exchange-info', 'info.json.gz', '--market', 'usdm', '--fee-in', 'quote'];
  const flagged = await settingsOf(cwd, ...more);
  expect(flagged).toMatchObject({ feeIn: 'quote' });
  expect(flagged.data[0].instrument).toMatchObject({ ...rules, market: 'usdm' });

  const unknown = await qt(['backtest', '--symbol', 'BTCUSD', '--exchange-info', 'info.json.gz'], { cwd });
  expect(unknown.code).toBe(2);
  expect(unknown.stderr).toMatch(
    /^qt: SYMBOL_UNKNOWN: info\.json\.gz has no symbol "BTCUSD": did you mean "BTCUSDT"\? Or give its terms in "instruments"/,
  );
  writeFileSync(join(cwd, 'bad.json'), '{"symbols":[{"symbol":"A","filters":[]}]}');
  const bad = await qt(['backtest', '--exchange-info', 'bad.json'], { cwd });
  expect(bad.code).toBe(65);
  expect(bad.stderr).toMatch(/^qt: EXCHANGE_INFO_INVALID: bad\.json: exchangeInfo: A has the baseAsset/);
  const none = await qt(['backtest', '--exchange-info', 'probe.ts'], { cwd });
  expect(none.stderr).toMatch(/^qt: EXCHANGE_INFO_INVALID: probe\.ts: this is no exchangeInfo of Binance/);
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
  ["feeIn: 'bnb'", /^qt: CONFIG_INVALID: "feeIn".*'quote' or 'base'/],
  ['instruments: { BTCUSDT: { lotSize: 1 } }', /^qt: CONFIG_INVALID: "instruments".*terms by symbol/],
  ['instruments: { BTCUSDT: { lotStep: -1 } }', /^qt: CONFIG_INVALID: "instruments"/],
  ['commission: {}', /^qt: CONFIG_INVALID: "commission"/],
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
