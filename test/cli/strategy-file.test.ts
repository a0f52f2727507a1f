import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { folderWith, qt, ROOT, sampleRows, strategySource } from './qt.ts';

const BARS = sampleRows(60);

async function jsonOf(cwd: string, ...args: string[]) {
  const { stdout, stderr } = await qt(['backtest', ...args, '--data', 'bars.csv', '--json', '--quiet'], {
    cwd,
  });
  expect(stderr).toBe('');
  return JSON.parse(stdout);
}

test('a strategy may use all of TypeScript, and relative imports with or without an ending', async () => {
  const cwd = await folderWith({
    'bars.csv': BARS,
    'lib/level.ts':
      'export enum Level { Low = 1, High = 2 }\nexport namespace Level2 { export const top = 3; }\n',
    'lib/holder.ts':
      'export class Holder { constructor(private readonly bars: number) {} get limit() { return this.bars; } }\n',
    'lib/settings.json': '{ "hold": 5 }\n',
    'probe.ts': strategySource(
      'if (this.data.length === 1) this.log([Level.High, Level2.top, new Holder(4).limit, settings.hold].join(" "));',
      `import { Level, Level2 } from './lib/level';
import { Holder } from './lib/holder.js';
import settings from './lib/settings.json' with { type: 'json' };
import { basename } from 'node:path';
import type { Bar } from 'qt-trader';
export type { Bar };
void basename;`,
    ),
  });
  const { log, trades } = await jsonOf(cwd, 'probe.ts');
  expect(log[0].message).toBe('2 3 4 5');
  expect(trades).toHaveLength(1);
});

test('a class exported by name is taken when it is the only strategy', async () => {
  const source = strategySource().replace('export default class', 'export const limit = 5;\nexport class');
  const cwd = await folderWith({ 'bars.csv': BARS, 'probe.ts': source });
  expect((await jsonOf(cwd, 'probe.ts')).settings.strategy).toBe('Probe');
});

test('an anonymous class is called by its file', async () => {
  const source = strategySource().replace('class Probe', 'class');
  const cwd = await folderWith({ 'bars.csv': BARS, 'my-idea.ts': source });
  expect((await jsonOf(cwd, 'my-idea.ts')).settings.strategy).toBe('my-idea');
});

test('plain JavaScript is fine', async () => {
  const cwd = await folderWith({ 'bars.csv': BARS, 'probe.js': strategySource() });
  expect((await jsonOf(cwd, 'probe.js')).settings.strategy).toBe('Probe');
});

test('other packages come from the folders above the strategy, ESM and CommonJS', async () => {
  const cwd = await folderWith({
    'bars.csv': BARS,
    'project/node_modules/esm-dep/package.json':
      '{ "name": "esm-dep", "type": "module", "exports": "./main.js" }',
    'project/node_modules/esm-dep/main.js': 'export const name = import.meta.url.split("/").at(-2);',
    'project/node_modules/@scope/cjs-dep/package.json': '{ "name": "@scope/cjs-dep", "main": "main.cjs" }',
    'project/node_modules/@scope/cjs-dep/main.cjs': 'exports.seven = 7;',
    'project/strategies/probe.ts': strategySource(
      'if (this.data.length === 1) this.log(name + cjs.seven);',
      "import { name } from 'esm-dep';\nimport cjs from '@scope/cjs-dep';",
    ),
  });
  expect((await jsonOf(cwd, 'project/strategies/probe.ts')).log[0].message).toBe('esm-dep7');
});

test('a strategy gets the framework that runs it, even with another copy beside it', async () => {
  const cwd = await folderWith({
    'bars.csv': BARS,
    'node_modules/qt-trader/package.json':
      '{ "name": "qt-trader", "type": "module", "exports": "./main.js" }',
    'node_modules/qt-trader/main.js': 'throw new Error("the wrong copy");',
    'probe.ts': strategySource(),
  });
  expect((await jsonOf(cwd, 'probe.ts')).trades).toHaveLength(1);
});

test('the code hash follows the code, imports included, and not the place', async () => {
  const files = {
    'bars.csv': BARS,
    'one/level.ts': 'export const level = 1;\n',
    'one/probe.ts': strategySource('void level;', "import { level } from './level.ts';"),
  };
  const cwd = await folderWith(files);
  const hash = async (path: string) => (await jsonOf(cwd, path)).settings.codeHash;
  const first = await hash('one/probe.ts');
  cpSync(join(cwd, 'one'), join(cwd, 'far/away'), { recursive: true });
  expect(await hash('far/away/probe.ts')).toBe(first);
  const other = await folderWith({ ...files, 'one/level.ts': 'export const level = 2;\n' });
  const changed = await jsonOf(other, 'one/probe.ts');
  expect(changed.settings.codeHash).not.toBe(first);
});

test('the examples of this repository load from anywhere', async () => {
  const cwd = await folderWith({ 'bars.csv': BARS });
  const { settings } = await jsonOf(cwd, join(ROOT, 'strategies/rsi-reversion.ts'), '--param', 'trend=20');
  expect(settings).toMatchObject({ strategy: 'RsiReversion', params: { trend: 20, bars: 14 } });
});
