import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { qt, ROOT } from './qt.ts';

const FILE = readFileSync(join(ROOT, 'docker-compose.yml'), 'utf8');
const CALLS = [...FILE.matchAll(/node bin\/qt\.js (\w+)([^']*)'/g)].map(([, name, rest]) => ({
  name,
  options: [...rest.matchAll(/--[a-z-]+/g)].map(([option]) => option),
}));

test('the services of docker-compose.yml are the collector, the store and the server', () => {
  expect(CALLS.map(({ name }) => name)).toEqual(['collect', 'pipe', 'serve']);
});

test.each(CALLS)(
  'docker-compose.yml: qt $name has the options that it is given',
  async ({ name, options }) => {
    const { code, stdout } = await qt([name, '--help'], { cwd: ROOT });
    expect(code).toBe(0);
    const known = new Set(stdout.match(/--[a-z-]+/g));
    expect(options.filter(option => !known.has(option))).toEqual([]);
  },
);
