/**
 * Compares this project with recorded results of others: `npm run conformance -- DIR [--only PATTERN] [--verbose]`.
 * See docs/conformance.md.
 */
import { parseArgs } from 'node:util';
import { checkCase, type Verdict } from './check.ts';
import { type CaseFile, FolderError, GoldenFolder } from './folder.ts';
import { checksOf } from './indicators/check-indicators.ts';

const USAGE = 'usage: npm run conformance -- DIR [--only PATTERN] [--verbose]';

interface Counts {
  passed: number;
  failed: number;
  pending: number;
}

async function main(): Promise<number> {
  const { folder, only, verbose } = read();
  const counts: Counts = { passed: 0, failed: 0, pending: 0 };
  for (const file of folder.cases) {
    if (!`cases/${file.name}`.includes(only)) continue;
    tell(file.name, await checkCase(folder, file), counts, verbose);
  }
  for (const file of folder.indicators) await tellIndicators(folder, file, counts, { only, verbose });
  console.log(`${counts.pending} pending`);
  console.log(`${counts.passed} passed, ${counts.failed} failed`);
  return counts.failed > 0 ? 1 : 0;
}

/** Checks the entries of a file of lines; those that we do not have are told in one line. */
async function tellIndicators(
  folder: GoldenFolder,
  file: CaseFile,
  counts: Counts,
  { only, verbose }: { readonly only: string; readonly verbose: boolean },
): Promise<void> {
  const own: Counts = { passed: 0, failed: 0, pending: 0 };
  const pending: string[] = [];
  let checks: ReturnType<typeof checksOf>;
  try {
    checks = checksOf(folder, file);
  } catch (error) {
    const problems = [`it could not be read: ${(error as Error).message}`];
    tell(file.name, { kind: 'failed', problems }, counts, verbose);
    return;
  }
  for (const [name, check] of checks) {
    if (!`indicators/${file.name}/${name}`.includes(only)) continue;
    const verdict = await check();
    if (verdict.kind === 'pending') {
      own.pending++;
      pending.push(verdict.reason);
    } else tell(`${file.name}/${name}`, verdict, own, verbose);
  }
  if (own.passed + own.failed + own.pending === 0) return;
  if (pending.length > 0) console.log(`pending ${file.name}: ${pending.join(', ')}`);
  console.log(`${file.name}: ${own.passed} passed, ${own.failed} failed, ${own.pending} pending`);
  for (const kind of ['passed', 'failed', 'pending'] as const) counts[kind] += own[kind];
}

function tell(name: string, verdict: Verdict, counts: Counts, verbose: boolean): void {
  counts[verdict.kind]++;
  if (verdict.kind === 'passed') {
    if (verbose) console.log(`passed  ${name}`);
  } else if (verdict.kind === 'pending') {
    console.log(`pending ${name}: ${verdict.reason}`);
  } else {
    const { problems } = verdict;
    console.log(`FAILED  ${name}: ${problems[0]}`);
    const rest = problems.slice(1);
    if (verbose) for (const problem of rest) console.log(`        ${problem}`);
    else if (rest.length > 0)
      console.log(`        and ${rest.length} more difference${rest.length === 1 ? '' : 's'}`);
  }
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
