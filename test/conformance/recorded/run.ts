import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Expected, judge } from './judge.ts';

// Replays every recording of a folder and compares it with its expected results:
// npm run conformance:recorded -- DIR [NAME…]
const [folder, ...names] = process.argv.slice(2);
if (folder === undefined || !existsSync(folder)) {
  console.error('give the folder of the recordings: npm run conformance:recorded -- DIR');
  process.exit(2);
}

const files = readdirSync(folder)
  .filter(file => file.endsWith('.jsonl.gz'))
  .filter(file => names.length === 0 || names.some(name => file.startsWith(name)))
  .sort();
let passed = 0;
let failed = 0;
for (const file of files) {
  const name = file.slice(0, -'.jsonl.gz'.length);
  const expectedFile = join(folder, `${name}.expected.json`);
  if (!existsSync(expectedFile)) {
    failed++;
    console.log(`✗ ${name}: there is no ${name}.expected.json`);
    continue;
  }
  const problems = await judged(join(folder, file), expectedFile);
  if (problems.length === 0) {
    passed++;
    continue;
  }
  failed++;
  console.log(`✗ ${name}`);
  for (const problem of problems.slice(0, 12)) console.log(`    ${problem}`);
  if (problems.length > 12) console.log(`    and ${problems.length - 12} more`);
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;

async function judged(file: string, expectedFile: string): Promise<string[]> {
  try {
    const expected = JSON.parse(readFileSync(expectedFile, 'utf8')) as Expected;
    const text = (value: unknown) => JSON.stringify(value)?.slice(0, 300);
    return (await judge(file, expected)).map(
      ({ path, expected: wanted, found }) => `${path}: expected ${text(wanted)}, found ${text(found)}`,
    );
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}
