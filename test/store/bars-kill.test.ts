import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import { syntheticCsv } from '../../src/feeds/synthetic/file.ts';
import { syntheticBars } from '../../src/feeds/synthetic/synthetic.ts';
import { type Bars, sliceBars } from '../../src/model/bars.ts';
import { BarStore, type SeriesKey } from '../../src/store/bars.ts';
import { folderWith, MAIN, qt, ROOT, run } from '../cli/qt.ts';

const KEY: SeriesKey = { venue: 'synthetic', market: 'spot', symbol: 'BTCUSDT', interval: '1m' };
const BARS = syntheticBars({ symbol: 'BTCUSDT', interval: '1m', bars: 150_000 });
const KILLS = process.env.QT_SOAK === '1' ? 50 : 4;

function read<R>(file: string, act: (store: BarStore) => R): R {
  const store = new BarStore(file, { readOnly: true });
  try {
    return act(store);
  } finally {
    store.close();
  }
}

/** Without a copy for the message when millions of numbers differ. */
function sameBars(a: Bars, b: Bars): boolean {
  const same = (x: Float64Array, y: Float64Array) =>
    x.length === y.length && x.every((value, i) => value === y[i]);
  return (['time', 'open', 'high', 'low', 'close', 'volume'] as const).every(name => same(a[name], b[name]));
}

test('an import that is killed again and again loses nothing, doubles nothing, and is finished by the last one', async () => {
  const cwd = await folderWith();
  writeFileSync(join(cwd, 'synthetic-btcusdt-1m.csv'), [...syntheticCsv(BARS)].join(''));
  const file = join(cwd, 'data.sqlite');
  const args = ['data', 'import', 'synthetic-btcusdt-1m.csv', '--data-store', file, '--no-config'];
  let seed = 20_240_101;
  const random = () => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    return seed / 2 ** 32;
  };
  let stored = 0;
  let torn = 0;
  for (let kill = 0; kill < KILLS; kill++) {
    const child = spawn(process.execPath, [MAIN, ...args], { cwd, stdio: 'ignore' });
    onTestFinished(() => void child.kill('SIGKILL'));
    const ended = once(child, 'exit');
    // Not before it has begun to write, which the machine's other work delays; then at any moment of it.
    const stop = new AbortController();
    await Promise.race([ended, grown(file, stored, stop.signal)]);
    stop.abort();
    if (kill > 0) await new Promise(done => setTimeout(done, random() * 60));
    child.kill('SIGKILL');
    await ended;
    read(file, store => {
      store.checkStructure();
      const bars = store.read(KEY);
      // What is there is the beginning of the file, bar for bar.
      expect(bars.length).toBeGreaterThanOrEqual(stored);
      expect(sameBars(bars, sliceBars(BARS, 0, bars.length))).toBe(true);
      stored = bars.length;
    });
    if (stored > 0 && stored < BARS.length) torn++;
    if (stored === BARS.length) {
      const store = new BarStore(file);
      store.delete(KEY);
      store.close();
      stored = 0;
    }
  }
  expect(torn).toBeGreaterThan(0);
  const { code, stdout } = await qt(args, { cwd });
  expect(code).toBe(0);
  expect(stdout).toContain(' added');
  expect(read(file, store => sameBars(store.read(KEY), BARS))).toBe(true);
}, 600_000);

/** When the store has more bars than this. */
async function grown(file: string, bars: number, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      const database = new Database(file, { readonly: true, fileMustExist: true });
      const found = database.prepare('SELECT sum(bars) FROM blocks').pluck().get();
      database.close();
      if (Number(found) > bars) return;
    } catch {
      // Not made yet.
    }
    await new Promise(done => setTimeout(done, 5));
  }
}

const WRITER = `
  const { BarStore } = await import(${JSON.stringify(join(ROOT, 'src/store/bars.ts'))});
  const { syntheticBars } = await import(${JSON.stringify(join(ROOT, 'src/feeds/synthetic/synthetic.ts'))});
  const { sliceBars } = await import(${JSON.stringify(join(ROOT, 'src/model/bars.ts'))});
  const [, file, turn, of] = process.argv;
  const key = ${JSON.stringify(KEY)};
  const bars = syntheticBars({ symbol: 'BTCUSDT', interval: '1m', bars: 60000 });
  const store = new BarStore(file);
  let added = 0;
  // Pieces that share blocks with those of the others, and some that all of them write.
  for (let at = 0, piece = 0; at < bars.length; at += 700, piece++) {
    if (piece % Number(of) !== Number(turn) && piece % 5 !== 0) continue;
    added += store.put(key, sliceBars(bars, at, Math.min(bars.length, at + 700))).added;
  }
  store.close();
  console.log(added);
`;

test('processes that make and fill one store at once wait for each other, and each bar is added once', async () => {
  const cwd = await folderWith();
  const file = join(cwd, 'data.sqlite');
  const writers = 3;
  const children: ChildProcess[] = [];
  const outcomes = await Promise.all(
    Array.from({ length: writers }, (_, turn) =>
      run(process.execPath, ['--input-type=module', '-e', WRITER, file, String(turn), String(writers)], {
        cwd,
        onStart: child => children.push(child),
      }),
    ),
  );
  for (const { code, stderr } of outcomes) expect([code, stderr]).toEqual([0, '']);
  expect(outcomes.reduce((sum, { stdout }) => sum + Number(stdout), 0)).toBe(60_000);
  read(file, store => {
    store.checkStructure();
    expect(sameBars(store.read(KEY), sliceBars(BARS, 0, 60_000))).toBe(true);
  });
});
