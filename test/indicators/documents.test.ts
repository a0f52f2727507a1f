import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { documents } from '../../scripts/indicators/documents.ts';
import { INDICATORS } from '../../src/indicators/registry.ts';

const DOCS = fileURLToPath(new URL('../../docs/', import.meta.url));

test('docs/indicators.md and its pictures are what the declarations give: npm run docs:indicators', async () => {
  const files = await documents();
  const stale = [...files].filter(([path, text]) => text !== readOrNothing(path)).map(([path]) => path);
  expect(stale).toEqual([]);
  const pictures = readdirSync(`${DOCS}images/indicators`).map(name => `images/indicators/${name}`);
  expect(pictures.filter(path => !files.has(path))).toEqual([]);
  expect(pictures).toHaveLength(INDICATORS.length);
  for (const path of pictures) expect(files.get(path)!.length).toBeLessThan(8000);
}, 120_000);

function readOrNothing(path: string): string | undefined {
  try {
    return readFileSync(`${DOCS}${path}`, 'utf8');
  } catch {
    return undefined;
  }
}
