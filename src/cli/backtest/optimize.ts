import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { extname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Command, Option } from 'commander';
import { InputError } from '../../model/errors.ts';
import type { ParameterSet } from '../../model/parameters.ts';
import { paint } from '../../report/console/format.ts';
import { sweepLines, sweepProgress, sweepSpeed } from '../../report/console/sweep.ts';
import { writeSweepReport } from '../../report/html/sweep.ts';
import { type SweepOrigin, sweepCsv, sweepJson } from '../../report/sweep.ts';
import { type AxisInput, parseAxis } from '../../research/axes.ts';
import type { Search } from '../../research/combinations.ts';
import { optimize, type SweepResult } from '../../research/optimize.ts';
import type { LoadedConfig } from '../config/config.ts';
import { addConfigOptions, configOf } from '../config/config-options.ts';
import { dataStoreOf } from '../data/data-store.ts';
import { shown } from '../files/shown.ts';
import { parseAssignment, parseCount } from '../options/options.ts';
import { type ChosenStrategy, strategyOf } from '../options/run-options.ts';
import { CliError, EXIT } from '../output/failure.ts';
import { onInterrupt } from '../output/interrupt.ts';
import { writeAll } from '../output/output.ts';
import { checkReportFile, writeOrFail } from '../output/report-file.ts';
import { StatusLine } from '../output/status-line.ts';
import { styleOf } from '../output/terminal.ts';
import { version } from '../version.ts';
import { addHistoryOptions, type History, type HistoryFlags, historyOf } from './history.ts';
import type { SweepArgument } from './sweep-plan.ts';

interface OptimizeFlags extends HistoryFlags {
  readonly where?: string;
  readonly objective?: string;
  readonly workers?: string;
  readonly search?: 'grid' | 'random';
  readonly samples?: string;
  readonly seed?: string;
  readonly resume?: boolean;
  readonly top?: string;
  readonly json?: boolean;
  readonly csv?: string | boolean;
  readonly report?: string | boolean;
  readonly quiet?: boolean;
}

const REPORT = 'qt-sweep.html';
const SAMPLES = 1000;

const EXAMPLES = `
Examples:
  qt optimize strategies/sma.ts --data btcusdt-1h.csv --param fast=5:50:5 slow=20:200:10 --where "fast < slow"
  qt optimize strategies/sma.ts --data btcusdt-1h.csv --param fast=5:50 slow=20:400 --search random --samples 500 --seed 7
  qt optimize strategies/sma.ts --data btcusdt-1h.csv --param fast=5:50:5 slow=20:200:10 --resume
  qt optimize strategies/sma.ts --data btcusdt-1h.csv --param fast=5:50:5 --objective maxDrawdown --csv runs.csv

A parameter is given a range FROM:TO:STEP, values V,V,V or one value. The best of many combinations is best by chance too:
look at its neighbours on the heat map, and try it on data that the sweep has not seen.
`;

export function optimizeCommand(): Command {
  const command = new Command('optimize')
    .description('Run a strategy with many combinations of its parameters, and rank them.')
    .argument('[strategy]', 'strategy file (default: the strategy of qt.config.ts)');
  addHistoryOptions(command)
    .option('--where <condition>', 'which combinations to try: "fast < slow and slow <= 4 * fast"')
    .option(
      '--objective <figure>',
      'what to rank by; min:FIGURE or max:FIGURE says which way (default: sharpe)',
    )
    .addOption(
      new Option('--search <kind>', 'all combinations, or a sample (default: grid)').choices([
        'grid',
        'random',
      ]),
    )
    .option('--samples <count>', `random: how many combinations (default: ${SAMPLES})`)
    .option('--seed <number>', 'random: which ones (default: 1)')
    .option('--workers <count>', 'threads (default: one a processor)')
    .option('--resume', 'go on with the last sweep of the same strategy, data and combinations')
    .option('--top <count>', 'rows of the table (default: 20)')
    .option('--json', 'one JSON document with all runs on stdout; everything else goes to stderr')
    .option('--csv [file]', 'all runs as CSV, to a file or to stdout')
    .option(
      '--report <file>',
      `where the HTML heat map goes (default: ${REPORT}; with --json or --csv: none)`,
    )
    .option('--no-report', 'write no HTML heat map')
    .option('--quiet', 'no progress line');
  return addConfigOptions(command)
    .option('--debug', 'show the stack of an error')
    .addHelpText('after', EXAMPLES)
    .action(runOptimize);
}

async function runOptimize(path: string | undefined, flags: OptimizeFlags): Promise<void> {
  const controller = new AbortController();
  const release = onInterrupt(() => controller.abort());
  const folder = await mkdtemp(join(tmpdir(), 'qt-sweep-'));
  const status = new StatusLine(process.stderr);
  try {
    const loaded = await configOf(flags);
    const chosen = await strategyOf(
      path,
      [],
      loaded,
      'qt optimize my-strategy.ts --data my.csv --param n=5:50:5',
    );
    const params = axesIn(chosen, flags.param ?? []);
    const search = searchOf(flags);
    const top = parseCount('--top', flags.top ?? '20', 1);
    const report = reportFile(flags);
    if (report !== undefined) await checkReportFile(report);
    const history = await historyOf(flags, loaded);
    const origin = originOf(chosen, flags, search, history);
    // The data's range and bars are the sweep's; the account is made by each thread for itself.
    const { data, fillData, from, to, warmup } = history.options;
    const result = await optimize({
      ...{ data, fillData, params, search },
      ...(from === undefined ? {} : { from }),
      ...(to === undefined ? {} : { to }),
      ...(warmup === undefined ? {} : { warmup }),
      strategy: await planOf(chosen, loaded, flags, folder),
      where: flags.where,
      objective: flags.objective,
      workers: flags.workers === undefined ? undefined : parseCount('--workers', flags.workers, 1),
      store: dataStoreOf(flags, loaded),
      resume: flags.resume,
      about: { strategyFile: shown(chosen.file), codeHash: chosen.codeHash, where: flags.where, search },
      identity: { codeHash: chosen.codeHash, version },
      signal: controller.signal,
      onProgress: progress => {
        if (flags.quiet !== true) status.show(() => sweepProgress(progress));
      },
    }).finally(() => status.close());
    await show(result, { origin, flags, top, report });
    if (result.stopped) throw stopped(result);
  } finally {
    await rm(folder, { recursive: true, force: true });
    release();
  }
}

/** What each parameter is tried with; those of the config's own strategy keep the config's values. */
function axesIn(
  { strategy, params }: ChosenStrategy,
  assignments: readonly string[],
): Record<string, AxisInput> {
  const set: ParameterSet = strategy.parameters ?? {};
  const axes: Record<string, AxisInput> = {};
  for (const assignment of assignments) {
    const [name, source] = parseAssignment('--param', assignment);
    if (Object.hasOwn(axes, name)) {
      throw new InputError('OPTION_INVALID', `--param ${name} was given twice`, {
        value: source,
        fix: 'give each parameter once, with all its values',
      });
    }
    axes[name] = parseAxis(set, name, source);
  }
  if (Object.keys(axes).length === 0) {
    const names = Object.keys(set);
    throw new InputError('SWEEP_NO_PARAMETERS', 'no parameter was given values to try', {
      fix:
        names.length === 0
          ? 'the strategy declares none; see docs/strategies.md'
          : `say which: --param ${names[0]}=FROM:TO:STEP (it has ${names.join(', ')})`,
    });
  }
  for (const [name, value] of Object.entries(params)) {
    if (!Object.hasOwn(axes, name)) axes[name] = [value] as AxisInput;
  }
  return axes;
}

function searchOf({ search, samples, seed }: OptimizeFlags): Search {
  if (search === 'random') {
    const count = parseCount('--samples', samples ?? String(SAMPLES), 1);
    return { kind: 'random', samples: count, seed: parseCount('--seed', seed ?? '1') };
  }
  const given = samples === undefined ? (seed === undefined ? undefined : '--seed') : '--samples';
  if (given !== undefined) {
    throw new InputError('OPTION_INVALID', `${given} was given for a grid, which has all combinations`, {
      value: given,
      fix: 'add --search random',
    });
  }
  return { kind: 'grid' };
}

/** The bundles as files, which each thread imports once. */
async function planOf(chosen: ChosenStrategy, loaded: LoadedConfig, flags: OptimizeFlags, folder: string) {
  const kept = async (name: string, code: string) => {
    const file = join(folder, name);
    await writeFile(file, code);
    return pathToFileURL(file).href;
  };
  const fromConfig = chosen.file === loaded.file;
  const argument: SweepArgument = {
    strategy: fromConfig ? undefined : await kept('strategy.mjs', chosen.code),
    file: chosen.file,
    config: loaded.code === undefined ? undefined : await kept('config.mjs', loaded.code),
    folder: loaded.folder,
    flags: { ...flags },
  };
  return { module: new URL(`./sweep-plan${extname(import.meta.url)}`, import.meta.url), argument };
}

function originOf(
  { file, codeHash }: ChosenStrategy,
  flags: OptimizeFlags,
  search: Search,
  { options, origin }: History,
): SweepOrigin {
  const feeds = [options.data].flat();
  const names = feeds.map(({ instrument, interval }, i) => {
    const made = origin.files?.[i]?.synthetic === true ? ' (synthetic)' : '';
    return `${instrument.symbol} ${interval}${made}`;
  });
  return {
    ...{ strategyFile: shown(file), codeHash, where: flags.where, search, names },
    ...(origin.files === undefined ? {} : { data: origin.files }),
  };
}

function reportFile({ report, json, csv }: OptimizeFlags): string | undefined {
  if (typeof report === 'string') return resolve(report);
  return report === false || json === true || csv !== undefined ? undefined : resolve(REPORT);
}

interface Shown {
  readonly origin: SweepOrigin;
  readonly flags: OptimizeFlags;
  readonly top: number;
  readonly report: string | undefined;
}

async function show(result: SweepResult, { origin, flags, top, report }: Shown): Promise<void> {
  const { stdout, stderr } = process;
  if (report !== undefined) await writeOrFail(report, () => writeSweepReport(result, origin, report));
  if (typeof flags.csv === 'string') {
    const file = resolve(flags.csv);
    await checkReportFile(file);
    await writeOrFail(file, () => writeFile(file, [...sweepCsv(result)].join('')));
  }
  if (flags.json === true) writeAll(stdout, sweepJson(result, origin));
  else if (flags.csv === true) writeAll(stdout, sweepCsv(result));
  const out = flags.json === true || flags.csv === true ? stderr : stdout;
  const style = styleOf(out);
  const last = [
    sweepSpeed(result),
    ...(report === undefined ? [] : [`Heat map: ${shown(report)}`]),
    ...(typeof flags.csv === 'string' ? [`Runs: ${flags.csv}`] : []),
  ];
  const lines = out === stderr ? [] : ['', ...sweepLines(result, style, origin, top), ''];
  out.write(`${[...lines, ...last.map(line => paint(style, 'dim', `  ${line}`)), ''].join('\n')}\n`);
}

function stopped({ table, id }: SweepResult): CliError {
  const done = `${table.done} of ${table.total} runs are kept as sweep ${id}`;
  return new CliError(EXIT.interrupted, 'INTERRUPTED', `stopped before the end, ${done}`, {
    fix: 'run the same command with --resume to go on',
  });
}
