import { spawnSync } from 'node:child_process';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { folderWith, ROOT } from './qt.ts';

/** bin/qt.js of a checkout in which nothing has been built. */
async function bin(...nodeOptions: string[]) {
  const folder = await folderWith();
  for (const name of ['bin', 'package.json'])
    cpSync(join(ROOT, name), join(folder, name), { recursive: true });
  return spawnSync(process.execPath, [...nodeOptions, join(folder, 'bin/qt.js'), '--version'], {
    encoding: 'utf8',
  });
}

test('a checkout that has not been built says so in one line', async () => {
  const { status, stderr } = await bin();
  expect(stderr).toBe('qt: NOT_BUILT: this checkout has no dist/cli/main.js: run "npm run build"\n');
  expect(status).toBe(78);
});

test('a Node that is too old is told in one line, before anything else is loaded', async () => {
  const old = 'Object.defineProperty(process,"versions",{value:{...process.versions,node:"20.19.2"}})';
  const { status, stderr } = await bin('--import', `data:text/javascript,${encodeURIComponent(old)}`);
  expect(stderr).toMatch(/^qt: NODE_TOO_OLD: this is Node 20\.19\.2, .*\n$/);
  expect(status).toBe(78);
});
