import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { takeLock } from '../../src/store/lock.ts';
import { folderWith, ROOT, run } from '../cli/qt.ts';

const LOCK = JSON.stringify(join(ROOT, 'src/store/lock.ts'));

test('a lock is held once, until it is released', async () => {
  const file = join(await folderWith(), 'a.lock');
  const lock = takeLock(file);
  expect(lock).toBeDefined();
  expect(takeLock(file)).toBeUndefined();
  lock!.release();
  lock!.release();
  expect(existsSync(file)).toBe(false);
  const again = takeLock(file);
  expect(again).toBeDefined();
  again!.release();
});

test('a lock ends with its process, and leaves nothing that hinders the next', async () => {
  const folder = await folderWith();
  const file = join(folder, 'a.lock');
  const source = `import { takeLock } from ${LOCK}; takeLock(process.argv[1]); console.log('held'); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', source, file], { stdio: 'pipe' });
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  expect(takeLock(file)).toBeUndefined();
  child.kill('SIGKILL');
  await once(child, 'close');
  const lock = takeLock(file);
  expect(lock).toBeDefined();
  lock!.release();
  expect(readdirSync(folder)).toEqual([]);
});

/** Takes and gives back the lock again and again; prints what went wrong, and how often it held the lock. */
const CONTENDER = `
  import { openSync, closeSync, unlinkSync } from 'node:fs';
  import { takeLock } from ${LOCK};
  const [, file] = process.argv;
  let held = 0;
  for (let turn = 0; turn < 1500; turn++) {
    const lock = takeLock(file);
    if (lock === undefined) continue;
    held++;
    try {
      closeSync(openSync(file + '.inside', 'wx'));
      unlinkSync(file + '.inside');
    } catch (error) {
      console.log('two at once', error.code);
    }
    lock.release();
  }
  console.log('held', held > 0);
`;

test('of processes that take and release a lock all the time, never two hold it', async () => {
  const folder = await folderWith();
  const file = join(folder, 'a.lock');
  const outcomes = await Promise.all(
    Array.from({ length: 4 }, () =>
      run(process.execPath, ['--input-type=module', '-e', CONTENDER, file], { cwd: folder }),
    ),
  );
  for (const { stdout, stderr } of outcomes) expect([stdout, stderr]).toEqual(['held true\n', '']);
});
