import { readdirSync, readFileSync } from 'node:fs';
import { dirname, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const SRC = fileURLToPath(new URL('../src/', import.meta.url));

/** The folders of src from the ground up: each may import from those before it, and from itself. */
const HOUSE = [
  'model',
  'series',
  'indicators',
  'net',
  'store',
  'venues',
  'feeds',
  'brokers',
  'engine',
  'backtest',
  'live',
  'exchange',
  'collection',
  'streaming',
  'research',
  'report',
  'cli',
];

/** The engine knows feeds and brokers by their contracts alone (and what these are made of), and how bars become longer. */
const CONTRACTS = [
  ...['feeds/feed.ts', 'feeds/transforms/transform.ts', 'feeds/transforms/resample.ts'],
  ...['brokers/account.ts', 'brokers/broker.ts', 'brokers/trades.ts'],
];

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .map(file => file.split(sep).join('/'))
  .filter(file => file.endsWith('.ts'));

const imports = new Map(
  files.map(file => {
    const source = readFileSync(SRC + file, 'utf8');
    const targets = [...source.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map(([, target]) =>
      relative(SRC, resolve(dirname(SRC + file), target))
        .split(sep)
        .join('/'),
    );
    return [file, targets] as const;
  }),
);

const folder = (file: string) => (file.includes('/') ? file.slice(0, file.indexOf('/')) : '');

test('every folder of src has its place in the house', () => {
  const folders = new Set(files.map(folder).filter(name => name !== ''));
  expect([...folders].filter(name => !HOUSE.includes(name))).toEqual([]);
});

test('a folder imports only from folders below it', () => {
  const wrong: string[] = [];
  for (const [file, targets] of imports) {
    if (folder(file) === '') continue;
    for (const target of targets) {
      const up = HOUSE.indexOf(folder(target)) > HOUSE.indexOf(folder(file)) || folder(target) === '';
      if (up) wrong.push(`${file} imports ${target}`);
    }
  }
  expect(wrong).toEqual([]);
});

test('the engine takes from feeds and brokers only their contracts', () => {
  const wrong: string[] = [];
  for (const [file, targets] of imports) {
    if (folder(file) !== 'engine') continue;
    for (const target of targets) {
      if (['feeds', 'brokers'].includes(folder(target)) && !CONTRACTS.includes(target))
        wrong.push(`${file} imports ${target}`);
    }
  }
  expect(wrong).toEqual([]);
});

test('no file imports itself through others', () => {
  const done = new Set<string>();
  const path: string[] = [];
  const cycles: string[] = [];
  const visit = (file: string): void => {
    if (path.includes(file)) cycles.push([...path.slice(path.indexOf(file)), file].join(' → '));
    if (done.has(file) || path.includes(file)) return;
    path.push(file);
    for (const target of imports.get(file) ?? []) visit(target);
    path.pop();
    done.add(file);
  };
  for (const file of files) visit(file);
  expect(cycles).toEqual([]);
});

test('what must be deterministic reads no clock, no random source, no environment and no file', () => {
  const pure = /^(model|series|indicators|engine|brokers\/simulated)\//;
  const wrong = files
    .filter(file => pure.test(file))
    .filter(file =>
      /\bDate\.now\b|new Date\(\)|Math\.random|performance\.|process\.|from 'node:/.test(
        readFileSync(SRC + file, 'utf8'),
      ),
    );
  expect(wrong).toEqual([]);
});
