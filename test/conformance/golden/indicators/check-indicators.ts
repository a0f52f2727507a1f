import type { Data, Line } from '../../../../src/index.ts';
import { backtraderIndicators, talib } from '../../../../src/index.ts';
import type { Verdict } from '../check.ts';
import { compare } from '../compare.ts';
import { describe } from '../describe.ts';
import type { CaseFile, GoldenFolder } from '../folder.ts';
import { backtraderOptions, outputName, parameterName, plotted } from './conventions.ts';
import type { BacktraderEntry, IndicatorFile, TalibEntry } from './file.ts';
import { inputOf, talibInputs } from './inputs.ts';
import { lookUp, NotThere, requireParameters } from './look-up.ts';
import { type ReadLines, runLines } from './run-lines.ts';

type Values = readonly (number | string)[];
type Build = (data: Data) => Readonly<Record<string, Line>>;

/** How one entry is run, and what it should give. */
interface Check {
  readonly input: string;
  /** In more than one way where more than one must give the same. */
  readonly builds: readonly Build[];
  readonly lines: Readonly<Record<string, Values>>;
  readonly minPeriod: number | undefined;
  readonly plotted: (lines: ReadLines['lines']) => ReadLines['lines'];
}

/** The names of a file's entries with how to check each. */
export function checksOf(
  folder: GoldenFolder,
  file: CaseFile,
): readonly (readonly [string, () => Promise<Verdict>])[] {
  const json = file.read() as IndicatorFile;
  if ('functions' in json) {
    return Object.entries(json.functions).map(([name, entry]) => [
      name,
      () => verdictOf(folder, () => ofTalib(name, entry, json.input)),
    ]);
  }
  if ('indicators' in json) {
    const { indicators, input } = json;
    return Object.entries(indicators).map(([name, entry]) => [
      name,
      () => verdictOf(folder, () => ofBacktrader(name, recordOf(indicators, entry), input)),
    ]);
  }
  throw new Error(`${file.name} has neither indicators nor functions`);
}

function recordOf(all: Readonly<Record<string, BacktraderEntry>>, entry: BacktraderEntry): BacktraderEntry {
  return entry.same_as === undefined ? entry : all[entry.same_as];
}

function ofTalib(name: string, { params, inputs, begIdx, outputs }: TalibEntry, input: string): Check {
  const found = lookUp(talib, name);
  const options = Object.fromEntries(
    Object.entries(params).map(([parameter, value]) => [parameterName(parameter), value]),
  );
  requireParameters(name, found, options);
  const lines = Object.entries(outputs).map(([output, values]): [string, Values] => [
    outputName(output),
    [...new Array<string>(begIdx).fill('NaN'), ...values],
  ]);
  return {
    input,
    builds: [data => found.linesOf(talibInputs(inputs, found.definition, data), options)],
    lines: Object.fromEntries(lines),
    minPeriod: begIdx + 1,
    plotted: lines => lines,
  };
}

function ofBacktrader(
  name: string,
  { meta = {}, params = {}, minperiod, lines = {} }: BacktraderEntry,
  input: string,
): Check {
  const found = lookUp(backtraderIndicators, name.replace(/#\d+$/, ''));
  const all = backtraderOptions(found, { ...params, ...meta.params });
  const given = backtraderOptions(found, meta.params ?? {});
  requireParameters(name, found, all);
  const build =
    (options: Readonly<Record<string, unknown>>): Build =>
    data =>
      found.linesOf(argumentsOf(meta, data, all), options);
  return {
    input,
    // With every parameter, and with those alone that were given: the others must be our defaults.
    builds: [build(all), build(given)],
    lines,
    minPeriod: minperiod,
    plotted: lines => plotted(found, all, lines),
  };
}

/** `args`, else the data; a parameter that is a line ("line: 2/(1+q)+0*close", q being the period) comes after them. */
function argumentsOf(
  { args = ['data'], params: _, ...further }: NonNullable<BacktraderEntry['meta']>,
  data: Data,
  options: Readonly<Record<string, unknown>>,
): unknown[] {
  const lines = Object.values(further).filter(value => String(value).startsWith('line:'));
  const names = { q: options.period };
  return [...args, ...lines].map(source => inputOf(String(source).replace(/^line:/, ''), data, names));
}

const WHOLE = 1 << 20;

/** Runs one entry in one chunk and bar by bar, and compares every value. */
async function verdictOf(folder: GoldenFolder, checkOf: () => Check): Promise<Verdict> {
  try {
    const check = checkOf();
    const { input, builds } = check;
    const got = await runLines(folder, input, WHOLE, builds[0]);
    const problems = problemsOf(check, got);
    const others = await Promise.all(builds.slice(1).map(build => runLines(folder, input, WHOLE, build)));
    for (const other of others) {
      const [apart] = compare(got.lines, other.lines, EXACT);
      if (apart !== undefined)
        problems.push(`with its own defaults it is not the same: ${describe({}, apart)}`);
    }
    const stepped = await runLines(folder, input, 1, builds[0]);
    const [apart] = compare(got.lines, stepped.lines, EXACT);
    if (apart !== undefined)
      problems.push(`bar by bar it is not the same as in one chunk: ${describe({}, apart)}`);
    return problems.length === 0 ? { kind: 'passed' } : { kind: 'failed', problems };
  } catch (error) {
    const { cause = error } = error as Error;
    if (cause instanceof NotThere) return { kind: 'pending', reason: cause.message };
    return { kind: 'failed', problems: [`it could not be run: ${(error as Error).message}`] };
  }
}

const EXACT = { daily: false, exact: true, most: 1 };

function problemsOf(check: Check, { lines, minPeriod }: ReadLines): string[] {
  const differences = compare(check.lines, check.plotted(lines), {
    daily: false,
    exact: false,
    most: 100_000,
  });
  const problems = differences.map(one => describe({}, one));
  if (check.minPeriod !== undefined && check.minPeriod !== minPeriod) {
    problems.push(`minimum period: expected ${check.minPeriod}, got ${minPeriod}`);
  }
  return problems;
}
