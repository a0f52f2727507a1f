import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { marginOf } from '../../src/cli/options/margin-options.ts';
import { qt, sampleRows } from './qt.ts';

const folder = mkdtempSync(join(tmpdir(), 'qt-margin-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const write = (name: string, text: string) => {
  writeFileSync(join(folder, name), text);
  return name;
};

test('flags win over the config, rates are fractions or percentages, and a funding rate may be negative', () => {
  const config = { leverage: 3, maintenance: '1%', funding: 0.0002, intrabar: 'best' } as const;
  expect(marginOf({ leverage: '5', funding: '-0.01%' }, config, folder)).toEqual({
    intrabar: 'best',
    leverage: 5,
    maintenance: 0.01,
    liquidationFee: undefined,
    funding: -0.0001,
  });
});

test('a file of funding rates is read from where the config lies, with or without a heading', () => {
  const rates = [
    { time: Date.UTC(2024, 0, 1, 8), rate: 0.0001 },
    { time: Date.UTC(2024, 0, 1, 16), rate: -0.0002 },
  ];
  const plain = write('plain.csv', '2024-01-01T08:00,0.0001\n1704124800000,-0.0002\n');
  expect(marginOf({}, { funding: plain }, folder).funding).toEqual(rates);
  const headed = write('headed.csv', 'time,rate\n2024-01-01T08:00,0.0001\n2024-01-01 16:00,-0.0002\n');
  expect(marginOf({}, { funding: headed }, folder).funding).toEqual(rates);
});

test('a file that is not there, or a line that is no rate, is FUNDING_FILE_INVALID with file and line', () => {
  const error = (name: string) => {
    try {
      marginOf({ funding: join(folder, name) }, {}, folder);
    } catch (thrown) {
      return thrown as Error & { code: string };
    }
    throw new Error('it was taken');
  };
  expect(error('none.csv')).toMatchObject({ code: 'FUNDING_FILE_INVALID' });
  write('bad.csv', '2024-01-01T08:00,0.0001\n2024-01-01T16:00,many\n');
  expect(error('bad.csv')).toMatchObject({ code: 'FUNDING_FILE_INVALID' });
  expect(error('bad.csv').message).toContain('bad.csv:2');
  write('time.csv', 'yesterday,0.0001\n2024-01-01T16:00,0.1\n');
  expect(error('time.csv').message).toContain('time.csv:1');
});

test('qt backtest takes them, and says in the summary what came of them', async () => {
  write('BTCUSDT-1h.csv', sampleRows(3000));
  write(
    'swing.ts',
    `import { sma, strategy } from 'qt-trader';
export default class Swing extends strategy() {
  mean = sma(this.data.close, 20);
  next() {
    if (this.openOrders.length > 0 || this.position.isOpen) return;
    const exits = { stopLoss: { percent: 0.002 }, takeProfit: { percent: 0.002 } };
    const size = (2 * this.value) / this.bar.close;
    if (this.bar.close > this.mean.now) this.buyBracket({ size, ...exits });
    else this.sellBracket({ size, ...exits });
  }
}
`,
  );
  const run = (...more: string[]) =>
    qt(['backtest', 'swing.ts', '--data', 'BTCUSDT-1h.csv', '--market', 'usdm', '--no-report', ...more], {
      cwd: folder,
    });
  const { stdout, code } = await run('--leverage', '3', '--funding', '0.01%');
  expect(code).toBe(0);
  expect(stdout).toMatch(
    /leverage 3, maintenance 0\.5 %, liquidation fee 0\.5 %, funding 0\.01 % every 8\s+hours/,
  );
  expect(stdout).toMatch(/Funding paid: /);
  expect(stdout).toMatch(/trades? depends? on the path inside a bar: the worst is\s+assumed/);
  const json = JSON.parse((await run('--leverage', '3', '--json', '--quiet')).stdout);
  expect(json.metrics.orders.pathDependent).toBeGreaterThan(0);
  expect(json.settings).toMatchObject({ intrabar: 'worst' });
  const refused = await run('--leverage', '0.5');
  expect(refused.stderr).toContain('the leverage was 0.5');
  const same = await run('--fill-data', 'BTCUSDT-1h.csv');
  expect(same.stderr).toContain('give data that is finer than 1h');
  const policy = await run('--intrabar', 'kind');
  expect(policy.stderr).toContain('worst, best, nearest, ohlc, olhc');
}, 60_000);
