import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { SweepStore } from '../../src/store/sweeps.ts';
import { folderWith, MAIN, SMA, sampleRows } from '../cli/qt.ts';
import { mulberry32 } from '../support/random-walk.ts';

/** Fifty under QT_SOAK=1. */
const KILLS = process.env.QT_SOAK === '1' ? 50 : 4;

/** Runs a sweep to its end, or kills it `after` that many ms; resolves with what it printed. */
function sweep(
  folder: string,
  store: string,
  after?: number,
): Promise<{ code: number | null; stdout: string }> {
  const args = [
    ...['optimize', SMA, '--data', 'bars.csv', '--interval', '1h', '--no-config', '--json', '--workers', '2'],
    ...['--param', 'fast=2:40', '--param', 'slow=3:60:3', '--where', 'fast < slow', '--data-store', store],
    '--resume',
  ];
  const child = spawn(process.execPath, [MAIN, ...args], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', text => {
    stdout += text;
  });
  child.stderr.on('data', text => {
    stderr += text;
  });
  const timer = after === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), after);
  return new Promise((resolve, reject) => {
    child.on('close', code => {
      clearTimeout(timer);
      if (code === 0 || code === null) resolve({ code, stdout });
      else reject(new Error(stderr));
    });
  });
}

test(`killed ${KILLS} times at random moments and resumed, a sweep ends in the same table, every run once`, async () => {
  const folder = await folderWith({ 'bars.csv': sampleRows(20_000) });
  const before = performance.now();
  const undisturbed = await sweep(folder, 'whole.sqlite');
  const whole = performance.now() - before;
  const random = mulberry32(4);
  let kills = 0;
  let last = 0;
  // A sweep that comes to its end before it is killed is followed by one that begins anew.
  for (let file = 0; kills < KILLS; ) {
    const store = join(folder, `cut-${file}.sqlite`);
    const { code } = await sweep(folder, store, random() * whole);
    if (code === null) kills++;
    else file++;
    last = file;
  }
  const store = join(folder, `cut-${last}.sqlite`);
  const resumed = await sweep(folder, store);
  expect(resumed.stdout).toBe(undisturbed.stdout);
  const kept = new SweepStore(store);
  try {
    const [only, ...others] = kept.list();
    expect(others).toEqual([]);
    expect(only.status).toBe('done');
    expect(only.done).toBe(only.total);
    expect([...kept.runs(only.id)].map(run => run.number)).toEqual(
      Array.from({ length: only.total }, (_, i) => i + 1),
    );
  } finally {
    kept.close();
  }
}, 3_000_000);
