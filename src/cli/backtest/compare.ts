import { resolve } from 'node:path';
import { Command } from 'commander';
import { backtest } from '../../backtest/backtest.ts';
import { InputError } from '../../model/errors.ts';
import { type ComparedRun, type Comparison, comparedRun, comparisonJson } from '../../report/comparison.ts';
import { comparisonLines } from '../../report/console/comparison.ts';
import { paint } from '../../report/console/format.ts';
import { writeComparison } from '../../report/html/comparison.ts';
import { paramsText } from '../../report/sweep.ts';
import { SweepStore } from '../../store/sweeps.ts';
import type { LoadedConfig } from '../config/config.ts';
import { addConfigOptions, configOf } from '../config/config-options.ts';
import { dataStoreOf } from '../data/data-store.ts';
import { shown } from '../files/shown.ts';
import { type ChosenStrategy, parameters } from '../options/run-options.ts';
import { interrupted } from '../output/failure.ts';
import { onInterrupt } from '../output/interrupt.ts';
import { writeAll } from '../output/output.ts';
import { checkReportFile, writeOrFail } from '../output/report-file.ts';
import { styleOf } from '../output/terminal.ts';
import { loadStrategy } from '../strategy/strategy-file.ts';
import { addHistoryOptions, type HistoryFlags, historyOf } from './history.ts';

interface CompareFlags extends HistoryFlags {
  readonly json?: boolean;
  readonly report?: string | boolean;
}

const REPORT = 'qt-comparison.html';
/** Columns of a table that somebody can still read. */
const MOST_RUNS = 24;

const EXAMPLES = `
Examples:
  qt compare strategies/sma.ts strategies/macd.ts --data btcusdt-1h.csv
  qt compare strategies/sma.ts strategies/sma.ts@fast=20,slow=80 --data btcusdt-1h.csv
  qt compare 3:61 3:43 --data btcusdt-1h.csv         runs 61 and 43 of the sweep 3

All run on the same data and the same account. FILE@NAME=VALUE,NAME=VALUE gives a strategy other parameters.
`;

export function compareCommand(): Command {
  const command = new Command('compare')
    .description('Run several strategies over the same bars, and show them on one page.')
    .argument('<run...>', 'strategy files, each with @NAME=VALUE,… if need be, or SWEEP:NUMBER of a sweep');
  addHistoryOptions(command)
    .option('--json', 'one JSON document on stdout')
    .option('--report <file>', `where the HTML page goes (default: ${REPORT}; with --json: none)`)
    .option('--no-report', 'write no HTML page');
  return addConfigOptions(command)
    .option('--debug', 'show the stack of an error')
    .addHelpText('after', EXAMPLES)
    .action(runCompare);
}

async function runCompare(given: readonly string[], flags: CompareFlags): Promise<void> {
  const controller = new AbortController();
  const release = onInterrupt(() => controller.abort());
  try {
    if (given.length > MOST_RUNS) {
      throw new InputError('COMPARE_TOO_MANY', `${given.length} runs were to be compared`, {
        value: given.length,
        limit: MOST_RUNS,
        fix: `name at most ${MOST_RUNS}; qt optimize ranks more of one strategy`,
      });
    }
    const loaded = await configOf(flags);
    const chosen: ChosenRun[] = [];
    for (const one of given) chosen.push(await chosenRun(one, flags, loaded));
    const report = reportFile(flags);
    if (report !== undefined) await checkReportFile(report);
    const comparison = await compare(chosen, flags, loaded, controller.signal);
    if (report !== undefined) await writeOrFail(report, () => writeComparison(comparison, report));
    show(comparison, flags, report);
  } finally {
    release();
  }
}

type ChosenRun = Pick<ChosenStrategy, 'strategy' | 'params' | 'file'>;

/** `FILE`, `FILE@NAME=VALUE,…` or `SWEEP:NUMBER`. */
async function chosenRun(given: string, flags: CompareFlags, loaded: LoadedConfig): Promise<ChosenRun> {
  const ids = /^(\d+):(\d+)$/.exec(given);
  if (ids !== null) return sweptRun(Number(ids[1]), Number(ids[2]), flags, loaded);
  const at = given.lastIndexOf('@');
  const named = at > 0 && given.indexOf('=', at) > 0;
  const { strategy, file } = await loadStrategy(named ? given.slice(0, at) : given);
  const assignments = named ? given.slice(at + 1).split(/,(?=[A-Za-z_$][\w$]*=)/) : [];
  const common = parameters(strategy, flags.param ?? []);
  return { strategy, file, params: { ...common, ...parameters(strategy, assignments) } };
}

/** A run of a sweep, by its numbers in the store: its strategy as it is now, which must be what it was. */
async function sweptRun(
  id: number,
  number: number,
  flags: CompareFlags,
  loaded: LoadedConfig,
): Promise<ChosenRun> {
  const store = new SweepStore(dataStoreOf(flags, loaded), { mustExist: true });
  try {
    const sweep = store.get(id);
    const run = store.run(id, number);
    if (run === undefined) {
      throw new InputError('SWEEP_RUN_NOT_FOUND', `the sweep ${id} has no run ${number}`, {
        value: number,
        limit: sweep.total,
        fix: `it has ${sweep.done} of ${sweep.total}; "number" in the CSV or JSON of a sweep is what to name`,
      });
    }
    const { strategyFile, codeHash, fixed } = JSON.parse(sweep.settings) as Record<string, never>;
    const { strategy, file, codeHash: now } = await loadStrategy(strategyFile);
    if (now !== codeHash) {
      throw new InputError('SWEEP_CODE_CHANGED', `${shown(file)} has changed since the sweep ${id}`, {
        value: now,
        limit: codeHash,
        fix: `name the file with the parameters: ${shown(file)}@${paramsText(run.params as never).replaceAll(' ', ',')}`,
      });
    }
    return { strategy, file, params: { ...(fixed as object), ...run.params } };
  } finally {
    store.close();
  }
}

async function compare(
  chosen: readonly ChosenRun[],
  flags: CompareFlags,
  loaded: LoadedConfig,
  signal: AbortSignal,
): Promise<Comparison> {
  const runs: ComparedRun[] = [];
  const notes = new Set<string>();
  let about: Pick<Comparison, 'names' | 'bars' | 'cash'> | undefined;
  for (const { strategy, params, file } of chosen) {
    // Sizers and models may keep what they saw: each run has its own.
    const { options, origin } = await historyOf(flags, loaded);
    const result = await backtest({ ...options, strategy, params, signal });
    if (signal.aborted) throw interrupted();
    for (const note of result.notes) notes.add(note);
    const twice = chosen.filter(one => one.strategy.name === strategy.name).length > 1;
    const label = twice ? `${strategy.name} ${paramsText(result.settings.params)}` : strategy.name;
    runs.push(comparedRun(result, label, shown(file)));
    about = {
      names: result.settings.datas.map(({ instrument, interval }, i) => {
        const made = origin.files?.[i]?.synthetic === true ? ' (synthetic)' : '';
        return `${instrument.symbol} ${interval}${made}`;
      }),
      bars: result.stats.bars,
      cash: result.settings.cash,
    };
  }
  return { ...about!, runs, notes: [...notes] };
}

function reportFile({ report, json }: CompareFlags): string | undefined {
  if (typeof report === 'string') return resolve(report);
  return report === false || json === true ? undefined : resolve(REPORT);
}

function show(comparison: Comparison, { json }: CompareFlags, report: string | undefined): void {
  if (json === true) {
    writeAll(process.stdout, [comparisonJson(comparison)]);
    return;
  }
  const style = styleOf(process.stdout);
  const last = report === undefined ? [] : [paint(style, 'dim', `  Page: ${shown(report)}`), ''];
  process.stdout.write(`${['', ...comparisonLines(comparison, style), '', ...last].join('\n')}\n`);
}
