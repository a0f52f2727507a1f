import { Command } from 'commander';
import { money, number, percent, plain, utcTime } from '../../report/console/format.ts';
import { type Column, tableLines } from '../../report/console/table.ts';
import { type KeptRun, RunStore } from '../../store/runs.ts';
import { configOf } from '../config/config-options.ts';
import { addDataStoreOptions, type DataStoreFlags, dataStoreOf } from '../data/data-store.ts';
import { parseCount } from '../options/options.ts';
import { styleOf } from '../output/terminal.ts';

interface RunsFlags extends DataStoreFlags {
  readonly json?: boolean;
}

const EXAMPLES = `
Examples:
  qt backtest strategies/sma.ts --data btcusdt-1h.csv --save
  qt runs
  qt runs last | jq .metrics
`;

const COLUMNS: readonly Column[] = [
  { title: 'run', align: 'right' },
  { title: 'kept (UTC)' },
  { title: 'strategy', least: 8 },
  { title: 'data', least: 8 },
  { title: 'params', least: 6 },
  { title: 'end value', align: 'right' },
  { title: 'return', align: 'right' },
  { title: 'drawdown', align: 'right' },
  { title: 'trades', align: 'right' },
];

export function runsCommand(): Command {
  const command = new Command('runs')
    .description('List the backtests that were kept with --save, or show one of them.')
    .argument('[run]', 'its number, or "last": its JSON document on stdout')
    .option('--json', 'one JSON document on stdout');
  return addDataStoreOptions(command).addHelpText('after', EXAMPLES).action(runRuns);
}

async function runRuns(which: string | undefined, flags: RunsFlags): Promise<void> {
  const store = new RunStore(dataStoreOf(flags, await configOf(flags)), { readOnly: true });
  try {
    if (which !== undefined) {
      const { document } = store.run(which === 'last' ? 'last' : parseCount('RUN', which, 1));
      process.stdout.write(`${document}\n`);
      return;
    }
    const runs = [...store.runs()].map(read);
    if (flags.json === true) process.stdout.write(`${JSON.stringify({ format: 1, runs })}\n`);
    else process.stdout.write(`${lines(runs).join('\n')}\n`);
  } finally {
    store.close();
  }
}

/** What the list shows of a run; its document has all of it. */
interface ListedRun extends Omit<KeptRun, 'document'> {
  readonly params: Readonly<Record<string, unknown>>;
  readonly data: readonly string[];
  readonly endValue: number;
  readonly return: number;
  readonly maxDrawdown: number;
  readonly trades: number;
}

function read({ document, ...run }: KeptRun): ListedRun {
  const { settings, metrics } = JSON.parse(document);
  return {
    ...run,
    params: settings.params,
    data: settings.data.map(
      (one: { instrument: { symbol: string }; interval: string }) =>
        `${one.instrument.symbol} ${one.interval}`,
    ),
    endValue: figure(metrics.endValue),
    return: figure(metrics.returns.total),
    maxDrawdown: figure(metrics.drawdown.max),
    trades: figure(metrics.trades.total),
  };
}

/** What JSON has not, documents have as null or a text. */
function figure(value: number | string | null): number {
  return value === null ? Number.NaN : Number(value);
}

function lines(runs: readonly ListedRun[]): string[] {
  if (runs.length === 0) return ['No runs yet: qt backtest --save keeps one.'];
  const terminal = styleOf(process.stdout);
  // Who reads it from a pipe wants all columns.
  const style = process.stdout.isTTY ? terminal : { ...terminal, width: Number.POSITIVE_INFINITY };
  const rows = runs.map(run => [
    ...[String(run.id), utcTime(run.time).slice(0, 16), run.strategy, run.data.join(', ')],
    Object.entries(run.params)
      .map(([name, value]) => `${name}=${value}`)
      .join(' '),
    ...[money(run.endValue), percent(run.return, true), percent(run.maxDrawdown), number(run.trades, 0)],
  ]);
  return tableLines(COLUMNS, rows, style).map(line => plain(style, line));
}
