import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { type BacktestResult, backtest, type DataFeed, localExchange, memoryFeed } from 'qt-trader';
import { expect, test } from 'vitest';
import { Journal, type JournalEntry } from '../../src/store/journal.ts';
import { folderWith, MAIN, ROOT } from '../cli/qt.ts';
import { walk } from '../support/bars.ts';
import { mulberry32 } from '../support/random-walk.ts';
import { Restless } from '../support/restless.ts';

/** A hundred under QT_SOAK=1. */
const KILLS = process.env.QT_SOAK === '1' ? 100 : 8;
/** Enough for the data not to be over before the last kill. */
const BARS = 500 + KILLS * 350;

const STRATEGY = join(ROOT, 'test/support/restless.ts');

function feeds(): DataFeed[] {
  return ['BTCUSDT', 'ETHUSDT'].map((symbol, i) =>
    memoryFeed(walk(BARS, 31 + i, { gaps: i * 0.02 }), { symbol, interval: '1m' }),
  );
}

/** Runs qt live until it ends by itself, or is killed `after` that many milliseconds. */
function live(url: string, folder: string, after?: number): Promise<number | null> {
  const args = [
    'live',
    '--paper',
    STRATEGY,
    '--exchange',
    url,
    '--slippage',
    '0.02%',
    '--json',
    '--no-config',
  ];
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let errors = '';
  child.stderr.on('data', text => {
    errors += text;
  });
  const timer = after === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), after);
  return new Promise((resolve, reject) => {
    child.on('close', code => {
      clearTimeout(timer);
      if (errors === '') resolve(code);
      else reject(new Error(errors));
    });
  });
}

/** What the journal says was decided, and the account after each step. */
function decided(entries: Iterable<JournalEntry>): unknown[] {
  return [...entries].filter(({ kind }) => ['order', 'fill', 'ended', 'log', 'step'].includes(kind));
}

test(`killed ${KILLS} times at random moments and started again, a session ends as if nothing had happened`, async () => {
  const folder = await folderWith();
  const exchange = await localExchange({ data: feeds(), port: 0, lockstep: true, updates: 2 });
  const random = mulberry32(Date.now() % 1e6);
  let killed = 0;
  while (killed < KILLS) {
    if ((await live(exchange.url, folder, 150 + 1100 * random())) !== null) break;
    killed++;
  }
  if (killed === KILLS) expect(await live(exchange.url, folder)).toBe(0);
  await exchange.close();
  expect(killed).toBeGreaterThan(KILLS / 2);

  const expected: BacktestResult = await backtest({ strategy: Restless, data: feeds(), slippage: 0.0002 });
  const journal = new Journal(join(folder, '.qt/sessions.sqlite'), { mustExist: true });
  const sessions = journal.sessions();
  const entries = decided(journal.entries(1)) as JournalEntry[];
  journal.close();
  expect(sessions).toMatchObject([{ id: 1, status: 'ended' }]);
  const fills = entries.filter(entry => entry.kind === 'fill');
  expect(fills.map(({ orderId, size, price, time }) => [orderId, size, price, time])).toEqual(
    [...expected.fills].map(({ orderId, side, size, price, time }) => [
      orderId,
      side === 'buy' ? size : -size,
      price,
      time,
    ]),
  );
  const steps = entries.filter(entry => entry.kind === 'step');
  expect(steps.map(({ value }) => value)).toEqual([...expected.equity.value]);
  expect(steps.map(({ time }) => time)).toEqual([...expected.equity.time]);
  expect(entries.filter(({ kind }) => kind === 'order')).toHaveLength(expected.orders.length);
}, 600_000);
