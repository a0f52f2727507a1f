import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { BTC, folderWith, qt, SMA, sampleRows, strategySource } from './qt.ts';

test('a run ends in a summary, and a report whose path is told', async () => {
  const cwd = await folderWith();
  const { code, stdout, stderr } = await qt(['backtest', SMA, '--data', BTC], { cwd });
  expect(stderr).toBe('');
  expect(code).toBe(0);
  for (const label of ['Return', 'CAGR', 'Max drawdown', 'Sharpe', 'Sortino', 'Trades', 'Win rate']) {
    expect(stdout).toContain(label);
  }
  for (const label of ['Profit factor', 'Exposure', 'Fees paid', 'Buy & hold', 'bars/s']) {
    expect(stdout).toContain(label);
  }
  expect(stdout).toContain('Sma  BTCUSDT 4h (synthetic)');
  expect(stdout).toContain('BTCUSDT 4h is synthetic: generated at random, never traded');
  expect(stdout).toContain('2022-01-01 00:00 – 2026-01-01 00:00 UTC · 8,766 bars');
  expect(stdout).toContain('Report: qt-report.html');
  expect(stdout).not.toContain('\u001b');
  expect(Math.max(...stdout.split('\n').map(line => line.length))).toBeLessThanOrEqual(80);
  expect(readdirSync(cwd)).toEqual(['qt-report.html']);
});

test('--report names the file, --no-report and --json write none', async () => {
  const cwd = await folderWith({ 'bars.csv': sampleRows(200) });
  const base = ['backtest', SMA, '--data', 'bars.csv'];
  const named = await qt([...base, '--report', 'mine.html'], { cwd });
  expect(named.stdout).toContain('Report: mine.html');
  expect(existsSync(join(cwd, 'mine.html'))).toBe(true);
  expect((await qt([...base, '--no-report'], { cwd })).stdout).not.toContain('Report:');
  await qt([...base, '--json'], { cwd });
  expect(readdirSync(cwd).sort()).toEqual(['bars.csv', 'mine.html']);
});

test('--json prints one document and nothing else; logs go to stderr', async () => {
  const cwd = await folderWith({
    'probe.ts': strategySource("if (this.data.length < 3) this.log('bar ' + this.data.length);"),
    'bars.csv': sampleRows(100),
  });
  const args = [
    'backtest',
    'probe.ts',
    '--data',
    'bars.csv',
    '--json',
    '--from',
    '2024-01-02',
    '--to',
    '2024-01-04',
  ];
  const { code, stdout, stderr } = await qt(args, { cwd });
  expect(code).toBe(0);
  const document = JSON.parse(stdout);
  expect(document).toMatchObject({
    format: 1,
    settings: {
      strategy: 'Probe',
      strategyFile: 'probe.ts',
      params: { hold: 9 },
      data: [{ file: 'bars.csv', synthetic: false, interval: '1h', instrument: { market: 'spot' } }],
      from: Date.UTC(2024, 0, 2),
      to: Date.UTC(2024, 0, 4),
      cash: 10_000,
      commission: '0.1 %',
      slippage: '0 %',
      sizer: 'all in',
    },
    metrics: { startValue: 10_000, trades: { total: 1 } },
    stats: { steps: 48, from: Date.UTC(2024, 0, 2), to: Date.UTC(2024, 0, 4) },
  });
  expect(document.settings.codeHash).toMatch(/^[0-9a-f]{64}$/);
  expect(document.trades).toHaveLength(1);
  expect(document.orders).toHaveLength(2);
  expect(document.fills).toHaveLength(2);
  expect(document.equity.time).toHaveLength(48);
  expect(document.log.map((entry: { message: string }) => entry.message)).toEqual(['bar 1', 'bar 2']);
  // One trade won or lost, so the mean of the other kind does not exist.
  const { averageWin, averageLoss } = document.metrics.trades;
  expect([averageWin, averageLoss].filter(value => value === null)).toHaveLength(1);
  expect(stderr).toBe('2024-01-02 01:00  bar 1\n2024-01-02 02:00  bar 2\n');
  const quiet = await qt([...args, '--quiet'], { cwd });
  expect(quiet.stderr).toBe('');
});

test('an infinite figure is the text "Infinity" in JSON', async () => {
  const rising = Array.from({ length: 50 }, (_, i) => {
    const [open, close] = [100 + i, 101 + i];
    return `${new Date(Date.UTC(2024, 0, 1, i)).toISOString()},${open},${close},${open},${close},1`;
  });
  const cwd = await folderWith({
    'probe.ts': strategySource(),
    'bars.csv': `datetime,open,high,low,close,volume\n${rising.join('\n')}\n`,
  });
  const { stdout } = await qt(['backtest', 'probe.ts', '--data', 'bars.csv', '--json'], { cwd });
  expect(JSON.parse(stdout).metrics.trades.profitFactor).toBe('Infinity');
});

test('flags reach the run: params, money, costs, sizer, market, warm-up', async () => {
  const cwd = await folderWith({ 'bars.csv': sampleRows(300) });
  const args = [
    'backtest',
    SMA,
    '--data',
    'bars.csv',
    '--json',
    '--param',
    'fast=5',
    'slow=15',
    '--cash',
    '5_000',
  ];
  const more = ['--commission', '0.05%', '--slippage', '0.0002', '--sizer', 'percent:50', '--market', 'usdm'];
  const { stdout } = await qt([...args, ...more, '--warmup', '20', '--symbol', 'ETH-EUR'], { cwd });
  expect(JSON.parse(stdout)).toMatchObject({
    settings: {
      params: { fast: 5, slow: 15 },
      cash: 5000,
      commission: '0.05 %',
      slippage: '0.02 %',
      sizer: '50 % of value',
      data: [{ instrument: { symbol: 'ETH-EUR', base: 'ETH', quote: 'EUR', market: 'usdm' } }],
    },
    stats: { warmupBars: 20, steps: 280 },
  });
});

test('several files are several datas, told in the summary', async () => {
  const cwd = await folderWith();
  const rotation = SMA.replace('sma.ts', 'rotation.ts');
  const args = ['backtest', rotation, '--data', BTC, BTC.replace('btc', 'eth'), '--no-report'];
  const { code, stdout } = await qt(args, { cwd });
  expect(code).toBe(0);
  expect(stdout).toContain('Rotation  BTCUSDT 4h (synthetic) · ETHUSDT 4h (synthetic)');
});

test('refused orders are counted by code, with an example', async () => {
  const cwd = await folderWith({
    'probe.ts': strategySource('if (this.data.length > 20 && this.data.length < 24) this.sell({ size: 1 });'),
    'bars.csv': sampleRows(50),
  });
  const { stdout } = await qt(['backtest', 'probe.ts', '--data', 'bars.csv', '--no-report'], { cwd });
  expect(stdout).toContain('Orders: 2 filled, 3 refused');
  expect(stdout).toContain('3 × SPOT_SHORT');
  expect(stdout).toMatch(/e\.g\. selling 1/);
});

test('a terminal without UTF-8 gets ASCII', async () => {
  const cwd = await folderWith({ 'bars.csv': sampleRows(300) });
  const { stdout } = await qt(['backtest', SMA, '--data', 'bars.csv'], { cwd, env: { LANG: 'C' } });
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the range of ASCII begins with control characters
  expect(stdout).toMatch(/^[\x00-\x7f]+$/);
  expect(stdout).toContain('*');
});

test.each([[], ['--no-report']])(
  'Ctrl-C ends a run with 130 and leaves nothing behind %j',
  async (...flags) => {
    const slow =
      "if (this.data.length === 1) this.log('started'); for (const end = performance.now() + 0.2; performance.now() < end; );";
    const cwd = await folderWith({ 'probe.ts': strategySource(slow) });
    const { code, stdout, stderr } = await qt(['backtest', 'probe.ts', '--data', BTC, ...flags], {
      cwd,
      onStart: child => child.stdout!.once('data', () => child.kill('SIGINT')),
    });
    expect(code).toBe(130);
    expect(stdout).toBe('2022-01-01 04:00  started\n');
    expect(stderr).toBe('qt: INTERRUPTED: stopped before the end, nothing was written\n');
    expect(readdirSync(cwd)).toEqual(['probe.ts']);
  },
);

test('a strategy that leaves a timer running does not keep the command', async () => {
  const cwd = await folderWith({
    'probe.ts': strategySource('', 'setInterval(() => {}, 1000);'),
    'bars.csv': sampleRows(30),
  });
  const before = performance.now();
  const { code } = await qt(['backtest', 'probe.ts', '--data', 'bars.csv', '--no-report'], { cwd });
  expect(code).toBe(0);
  expect(performance.now() - before).toBeLessThan(20_000);
});

test('a reader that stops early is no error', async () => {
  const cwd = await folderWith();
  const { stderr } = await qt(['backtest', SMA, '--data', BTC, '--json'], {
    cwd,
    onStart: child => child.stdout!.once('data', () => child.stdout!.destroy()),
  });
  expect(stderr).toBe('');
});

test('the report of a run that fails is not written, and an old one stays', async () => {
  const cwd = await folderWith({
    'probe.ts': strategySource("if (this.data.length === 5) throw new Error('boom');"),
    'bars.csv': sampleRows(30),
    'qt-report.html': 'old',
  });
  const { code } = await qt(['backtest', 'probe.ts', '--data', 'bars.csv'], { cwd });
  expect(code).toBe(1);
  expect(readFileSync(join(cwd, 'qt-report.html'), 'utf8')).toBe('old');
});

test('--json keeps what a strategy prints with console.log() off stdout', async () => {
  const cwd = await folderWith({
    'loud.ts': strategySource("console.log('hello'); console.info('there');"),
    'bars.csv': sampleRows(5),
  });
  const { code, stdout, stderr } = await qt(['backtest', 'loud.ts', '--data', 'bars.csv', '--json'], { cwd });
  expect(code).toBe(0);
  expect(JSON.parse(stdout).format).toBe(1);
  expect(stderr).toContain('hello');
  expect(stderr).toContain('there');
});
