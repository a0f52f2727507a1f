import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { Journal } from '../../src/store/journal.ts';
import { folderWith, MAIN, qt, ROOT } from '../cli/qt.ts';
import { requireShared } from '../support/shared.ts';

const shared = (path: string) => fileURLToPath(new URL(`../../../shared/${path}`, import.meta.url));
const INFO = shared('fixtures/binance/exchangeInfo-2021-10-11.json.gz');
const BTC = shared('data/btcusdt-5m.csv.gz');
const FIL = shared('data/filusdt-1m.csv.gz');
const here = [INFO, BTC, FIL].every(file => existsSync(file));
requireShared(here, 'real klines and a real exchangeInfo');

/** Starts `qt exchange` in lockstep and returns its address. */
async function exchange(args: readonly string[], cwd: string): Promise<string> {
  const all = [MAIN, 'exchange', '--lockstep', '--port', '0', '--json', ...args];
  const child: ChildProcess = spawn(process.execPath, all, { cwd, stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  for await (const line of createInterface({ input: child.stdout! })) {
    const event = JSON.parse(line);
    if (event.kind === 'listening') return event.url;
  }
  throw new Error('the exchange said nothing');
}

test.skipIf(!here).each([
  ['BTCUSDT at 5m', '2025-04-10', 'strategies/sma.ts', BTC],
  ['BTCUSDT at 5m', '2025-04-10', 'strategies/bollinger-breakout.ts', BTC],
  ['FILUSDT at 1m', '2023-08-03', 'strategies/sma.ts', FIL],
])(
  'the commands on real klines with real filters (%s to %s, %s): paper in lockstep is the backtest',
  async (_, to, file, data) => {
    const folder = await folderWith();
    const strategy = join(ROOT, file);
    const terms = ['--exchange-info', INFO];
    const url = await exchange(['--data', data, '--to', to, ...terms], folder);
    const costs = ['--commission', 'maker:0.02%,taker:0.05%', '--fee-in', 'base', '--no-config'];
    const live = await qt(['live', '--paper', strategy, '--exchange', url, '--json', ...costs], {
      cwd: folder,
    });
    expect(live.stderr).toBe('');
    expect(live.code).toBe(0);
    const history = await qt(
      ['backtest', strategy, '--data', data, '--to', to, '--json', '--quiet', ...terms, ...costs],
      { cwd: folder },
    );
    const expected = JSON.parse(history.stdout);
    const journal = new Journal(join(folder, '.qt/sessions.sqlite'), { mustExist: true });
    const entries = [...journal.entries(1)];
    journal.close();
    const fills = entries.filter(entry => entry.kind === 'fill');
    expect(fills.length).toBeGreaterThan(10);
    expect(
      fills.map(({ orderId, size, price, time }) => ({ orderId, size: Math.abs(size), price, time })),
    ).toEqual(
      expected.fills.map(({ orderId, size, price, time }: Record<string, number>) => ({
        orderId,
        size,
        price,
        time,
      })),
    );
    const steps = entries.filter(entry => entry.kind === 'step');
    expect(steps).toHaveLength(expected.stats.steps);
    expect(steps.at(-1)!.value).toBe(expected.metrics.endValue);
    const replay = await qt(['replay', '1', strategy], { cwd: folder });
    expect(replay.stdout.trim().split('\n').at(-1)).toBe('identical');
  },
  120_000,
);
