import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const read = (file: string) => JSON.parse(readFileSync(new URL(`../${file}`, import.meta.url), 'utf8'));

type Version = readonly [major: number, minor: number, patch: number];

const versionOf = (text: string): Version => {
  const [major, minor = 0, patch = 0] = text.split('.').map(Number);
  return [major, minor, patch];
};

function compare(one: Version, other: Version): number {
  return one[0] - other[0] || one[1] - other[1] || one[2] - other[2];
}

/** Ranges as packages write them for Node: `>= 22.1`, `^18`, `20 || >=22`, `*`. */
function allows(range: string, version: Version): boolean {
  return range.split('||').some(part => {
    const [, operator, text] = /^(>=|\^|)\s*v?(\d+(?:\.\d+)*)(?:\.x)*$/.exec(part.trim()) ?? [];
    if (part.trim() === '*') return true;
    if (text === undefined) throw new Error(`a range that this test does not know: ${range}`);
    const from = versionOf(text);
    return compare(version, from) >= 0 && (operator === '>=' || version[0] === from[0]);
  });
}

const oldest = versionOf(read('package.json').engines.node.replace('>=', ''));

test('every dependency supports the oldest Node that the package says it needs', () => {
  const packages = Object.entries<{ dev?: boolean; engines?: { node?: string } }>(
    read('package-lock.json').packages,
  );
  const run = packages.filter(([name, { dev, engines }]) => name !== '' && dev !== true && engines?.node);
  expect(run.length).toBeGreaterThan(5);
  expect(run.filter(([, { engines }]) => !allows(engines!.node!, oldest)).map(([name]) => name)).toEqual([]);
});

test('the command refuses what is older than that', () => {
  const source = readFileSync(new URL('../bin/qt.js', import.meta.url), 'utf8');
  expect(source).toContain(`minor < ${oldest[1]}`);
  expect(source).toContain(`major < ${oldest[0]}`);
  expect(source).toContain(`needs ${oldest[0]}.${oldest[1]} or newer`);
});
