import { isPyCase, tradeDifferences } from './backtesting-py.ts';
import type { GoldenCase } from './case.ts';
import { compare } from './compare.ts';
import { describe, inTime } from './describe.ts';
import type { CaseFile, GoldenFolder } from './folder.ts';
import { isDaily, runCase } from './run-case.ts';

export type Verdict =
  | { readonly kind: 'passed' }
  | { readonly kind: 'pending'; readonly reason: string }
  /** What is wrong, the first in time first. */
  | { readonly kind: 'failed'; readonly problems: readonly string[] };

/** Enough to find the first in time among them. */
const MOST = 100_000;
const WHOLE = 1 << 20;

/** Runs one case in one chunk and bar by bar, and compares everything that was recorded. */
export async function checkCase(folder: GoldenFolder, file: CaseFile): Promise<Verdict> {
  try {
    const json = file.read();
    if (typeof json !== 'object' || json === null) throw new Error('the file holds no object');
    if (isPyCase(json)) return verdictOf(await tradeDifferences(folder, json));
    const golden = json as GoldenCase;
    const got = await runCase(folder, golden, WHOLE);
    const problems = differencesOf(folder, golden, got);
    const stepped = await runCase(folder, golden, 1);
    const [apart] = compare(got, stepped, { daily: false, exact: true, most: 1 });
    if (apart !== undefined) {
      problems.push(`bar by bar it is not the same as in one chunk: ${describe(got, apart)}`);
    }
    return verdictOf(problems);
  } catch (error) {
    return { kind: 'failed', problems: [`it could not be run: ${messageOf(error)}`] };
  }
}

function verdictOf(problems: readonly string[]): Verdict {
  return problems.length === 0 ? { kind: 'passed' } : { kind: 'failed', problems };
}

function differencesOf(folder: GoldenFolder, golden: GoldenCase, got: unknown): string[] {
  const differences = compare(golden.result, got, {
    daily: isDaily(folder, golden),
    exact: false,
    most: MOST,
  });
  return inTime(golden.result, differences).map(one => describe(golden.result, one));
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
