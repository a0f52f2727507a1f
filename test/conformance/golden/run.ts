/**
 * Compares this project with recorded results of others: `npm run conformance -- DIR [--only PATTERN] [--verbose]`.
 * See docs/conformance.md.
 */
import { parseArgs } from 'node:util';
import { checkCase } from './check.ts';
import { FolderError, GoldenFolder } from './folder.ts';

const USAGE = 'usage: npm run conformance -- DIR [--only PATTERN] [--verbose]';

async function main(): Promise<number> {
  const { folder, only, verbose } = read();
  let passed = 0;
  let failed = 0;
  let pending = folder.indicators.length;
  for (const file of folder.cases) {
    if (!file.name.includes(only)) continue;
    const verdict = await checkCase(folder, file);
    if (verdict.kind === 'passed') {
      passed++;
      if (verbose) console.log(`passed  ${file.name}`);
    } else if (verdict.kind === 'pending') {
      pending++;
      console.log(`pending ${file.name}: ${verdict.reason}`);
    } else {
      failed++;
      const { problems } = verdict;
      console.log(`FAILED  ${file.name}: ${problems[0]}`);
      const rest = problems.slice(1);
      if (verbose) for (const problem of rest) console.log(`        ${problem}`);
      else if (rest.length > 0)
        console.log(`        and ${rest.length} more difference${rest.length === 1 ? '' : 's'}`);
    }
  }
  for (const { name } of folder.indicators) console.log(`pending ${name}: indicators`);
  console.log(`${pending} pending`);
  console.log(`${passed} passed, ${failed} failed`);
  return failed > 0 ? 1 : 0;
}

function read(): { folder: GoldenFolder; only: string; verbose: boolean } {
  let parsed: { values: { only?: string; verbose?: boolean }; positionals: string[] };
  try {
    parsed = parseArgs({
      allowPositionals: true,
      options: { only: { type: 'string' }, verbose: { type: 'boolean' } },
    });
  } catch (error) {
    throw new FolderError(`${(error as Error).message}; ${USAGE}`);
  }
  const { values, positionals } = parsed;
  if (positionals.length !== 1) throw new FolderError(USAGE);
  const folder = new GoldenFolder(positionals[0]);
  return { folder, only: values.only ?? '', verbose: values.verbose ?? false };
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof FolderError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}
