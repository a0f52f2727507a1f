import { Console } from 'node:console';
import { resolve } from 'node:path';
import { Command } from 'commander';
import { backtest } from '../../backtest/backtest.ts';
import type { BacktestResult } from '../../backtest/result.ts';
import type { LogEntry } from '../../engine/run-log.ts';
import type { StrategyClass } from '../../engine/strategy.ts';
import { DataError } from '../../model/errors.ts';
import { number, paint, utcTime } from '../../report/console/format.ts';
import { speed, summaryLines } from '../../report/console/summary.ts';
import { headJson, resultJson } from '../../report/json.ts';
import type { RunOrigin } from '../../report/origin.ts';
import { RunStore } from '../../store/runs.ts';
import type { LoadedConfig } from '../config/config.ts';
import { addConfigOptions, configOf } from '../config/config-options.ts';
import { dataStoreOf } from '../data/data-store.ts';
import { shown } from '../files/shown.ts';
import { strategyOf } from '../options/run-options.ts';
import { interrupted } from '../output/failure.ts';
import { onInterrupt } from '../output/interrupt.ts';
import { writeAll } from '../output/output.ts';
import { ProgressBar } from '../output/progress-bar.ts';
import { checkReportFile, writeReportFile } from '../output/report-file.ts';
import { styleOf } from '../output/terminal.ts';
import { typecheck } from '../strategy/typecheck.ts';
import { addHistoryOptions, type HistoryFlags, historyOf } from './history.ts';

interface BacktestFlags extends HistoryFlags {
  readonly json?: boolean;
  readonly report?: string | boolean;
  readonly save?: boolean;
  readonly quiet?: boolean;
  readonly typecheck?: boolean;
}

const REPORT = 'qt-report.html';

const EXAMPLES = `
Examples:
  qt backtest                                          what qt.config.ts says
  qt backtest strategies/sma.ts --data btcusdt-1h.csv
  qt backtest strategies/sma.ts --data btcusdt-1h.csv --param fast=20 slow=50 --from 2024-06-01
  qt backtest strategies/rotation.ts --data btc.csv eth.csv --symbol BTCUSDT ETHUSDT
  qt backtest strategies/sma.ts --data btcusdt-1h.csv --commission 0.1% --sizer percent:50
  qt backtest strategies/sma.ts --feed "kafka://localhost:9092/BTC-USDT?interval=1m"
  qt backtest strategies/sma.ts --data btcusdt-1h.csv --json --quiet | jq .metrics

Settings come from the flags, then from qt.config.ts (here or in a folder above), then from the defaults.
`;

export function backtestCommand(): Command {
  const command = new Command('backtest')
    .description('Run a strategy over historical bars and show how it did.')
    .argument('[strategy]', 'strategy file (default: the strategy of qt.config.ts)');
  addHistoryOptions(command)
    .option('--feed <address...>', 'history of Kafka topics: kafka://HOST:9092/BTC-USDT?interval=1m')
    .option('--json', 'one JSON document on stdout; everything else goes to stderr')
    .option('--report <file>', `where the HTML report goes (default: ${REPORT}; with --json: none)`)
    .option('--no-report', 'write no HTML report')
    .option('--save', 'keep the figures of the run in the data store; qt runs lists them')
    .option('--quiet', 'no log lines of the strategy, no progress bar')
    .option('--typecheck', 'check the types of the strategy first');
  return addConfigOptions(command)
    .option('--debug', 'show the stack of an error')
    .addHelpText('after', EXAMPLES)
    .action(runBacktest);
}

async function runBacktest(path: string | undefined, flags: BacktestFlags): Promise<void> {
  const controller = new AbortController();
  const release = onInterrupt(() => controller.abort());
  // Stdout belongs to the document: what a strategy prints with console.log() must not get into it.
  const { console } = globalThis;
  if (flags.json === true) globalThis.console = new Console(process.stderr);
  try {
    const prepared = await prepare(path, flags);
    if (controller.signal.aborted) throw interrupted();
    try {
      const result = await run(prepared, flags, controller.signal);
      const kept = keep(prepared, result);
      await show({ ...prepared, kept }, result, flags, controller.signal);
    } finally {
      prepared.runs?.close();
    }
  } finally {
    globalThis.console = console;
    release();
  }
}

/** What a run needs, everything found, read and checked. */
interface Prepared {
  readonly strategy: StrategyClass;
  readonly params: Readonly<Record<string, unknown>>;
  readonly options: Omit<Parameters<typeof backtest>[0], 'strategy' | 'params'>;
  readonly origin: RunOrigin;
  /** Absolute; undefined for no report. */
  readonly report: string | undefined;
  /** Where the run is kept; undefined for nowhere. */
  readonly runs: RunStore | undefined;
}

async function prepare(path: string | undefined, flags: BacktestFlags): Promise<Prepared> {
  const loaded = await configOf(flags);
  const example = 'qt backtest my-strategy.ts --data my.csv';
  const { strategy, params, file, codeHash } = await strategyOf(path, flags.param ?? [], loaded, example);
  if (flags.typecheck === true) typecheck(file);
  const { options, origin } = await historyOf(flags, loaded);
  const report = reportFile(flags, loaded);
  if (report !== undefined) await checkReportFile(report);
  return {
    // Opened before the run: what cannot be kept is told before the work, not after it.
    runs: flags.save === true ? new RunStore(dataStoreOf(flags, loaded)) : undefined,
    strategy,
    params,
    options: { ...options, record: report !== undefined },
    origin: { strategyFile: shown(file), codeHash, ...origin },
    report,
  };
}

function reportFile(flags: BacktestFlags, { config, folder }: LoadedConfig): string | undefined {
  if (typeof flags.report === 'string') return resolve(flags.report);
  if (flags.report === false || config.report === false || flags.json === true) return undefined;
  return config.report === undefined ? resolve(REPORT) : resolve(folder, config.report);
}

async function run(
  { strategy, params, options }: Prepared,
  flags: BacktestFlags,
  signal: AbortSignal,
): Promise<BacktestResult> {
  const { stdout, stderr } = process;
  const progress = new ProgressBar(stderr, styleOf(stderr));
  const out = flags.json === true ? stderr : stdout;
  const style = styleOf(out);
  const onLog = ({ time, message }: LogEntry) => {
    progress.clear();
    out.write(
      `${paint(style, 'dim', Number.isNaN(time) ? 'before the run  ' : utcTime(time))}  ${message}\n`,
    );
  };
  const result = await backtest({
    ...options,
    strategy,
    params,
    signal,
    ...(flags.quiet === true
      ? {}
      : { onLog, onProgress: (now: Parameters<ProgressBar['update']>[0]) => progress.update(now) }),
  }).finally(() => progress.clear());
  if (signal.aborted) throw interrupted();
  if (result.stats.steps === 0) throw nothingRun(options, result);
  return result;
}

/** Keeps the run, if it is to be kept, and returns its number. */
function keep({ runs, origin }: Prepared, result: BacktestResult): number | undefined {
  return runs?.add({
    time: Date.now(),
    strategy: result.settings.strategy,
    codeHash: origin.codeHash ?? '',
    document: headJson(result, origin),
  });
}

async function show(
  { origin, report, kept }: Prepared & { readonly kept: number | undefined },
  result: BacktestResult,
  flags: BacktestFlags,
  signal: AbortSignal,
): Promise<void> {
  const bytes = report === undefined ? 0 : await writeReportFile(result, report, signal);
  if (flags.json === true) {
    writeAll(process.stdout, resultJson(result, origin));
    return;
  }
  const style = styleOf(process.stdout);
  const lines = ['', ...summaryLines(result, style, origin), ''];
  const last = [`${speed(result.stats.bars, result.stats.elapsedMs)}`];
  if (report !== undefined) last.unshift(`Report: ${shown(report)} (${number(bytes / 1024, 0)} kB)`);
  if (kept !== undefined) last.unshift(`Kept as run ${kept}: qt runs`);
  lines.push(...last.map(line => paint(style, 'dim', `  ${line}`)), '');
  process.stdout.write(lines.join('\n'));
}

function nothingRun({ from, to, warmup }: Prepared['options'], { stats }: BacktestResult): DataError {
  if (from === undefined && to === undefined && (warmup ?? 0) === 0 && stats.warmupBars === 0) {
    return new DataError('NO_BARS', 'the data holds no bars', { fix: 'give a file with rows' });
  }
  const range = [
    from === undefined ? '' : ` from ${utcTime(from)}`,
    to === undefined ? '' : ` to ${utcTime(to)}`,
  ];
  return new DataError('NO_BARS', `the data has no bar${range.join('')} after its warm-up`, {
    value: { from, to, warmup },
    fix: 'change --from, --to or --warmup',
  });
}
