import { Command } from 'commander';
import type { LiveKlines, LiveNotice, Series } from '../feeds/live/contract.ts';
import { openLiveKlines } from '../feeds/live/live-klines.ts';
import { parseColumns } from '../live/record/columns.ts';
import { record } from '../live/record/recorder.ts';
import { type FileSinks, filePath, openFiles, type RowSink, streamSink } from '../live/record/sinks.ts';
import { seriesOf } from '../live/series.ts';
import { InputError, type OutputError } from '../model/errors.ts';
import { barEnd, intervalMs } from '../model/interval.ts';
import { realNetwork } from '../net/real.ts';
import { utcTime } from '../report/console/format.ts';
import { endpointsOf } from '../venues/binance/endpoints.ts';
import { shown } from './bundle.ts';
import { onInterrupt } from './interrupt.ts';
import { parseCount, parseTime } from './options.ts';
import { JsonRecordOutput, type RecordOutput, TextRecordOutput } from './record-output.ts';

interface RecordFlags {
  readonly interval: string;
  readonly out?: string;
  readonly exchange: string;
  readonly columns?: string;
  readonly header: boolean;
  readonly forming?: boolean;
  readonly history?: string;
  readonly from?: string;
  readonly once?: boolean;
  readonly sync?: boolean;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

const DEFAULT_OUT = '{symbol}-{interval}.csv';
/** How far the exchange's clock, as we know it, may be behind a bar that has closed, ms. */
const CLOCK_TOLERANCE = 60_000;

const EXAMPLES = `
Examples:
  qt record BTCUSDT ETHUSDT --interval 1m              btcusdt-1m.csv and ethusdt-1m.csv
  qt record BTCUSDT ETHUSDT --interval 1m --out klines.csv
  qt record BTCUSDT --from 2024-01-01 --columns binance
  qt record BTCUSDT --interval 1s --out - --forming | head
  qt record BTCUSDT --exchange local                   from "qt exchange --data FILE"

Start it again after a crash: it goes on in the same files, and fetches what was missed. Ctrl-C ends it, exit code 0.
`;

export function recordCommand(): Command {
  return new Command('record')
    .description('Write the klines of an exchange to CSV files as they close.')
    .argument('<symbols...>', 'as the exchange names them: BTCUSDT')
    .option('--interval <interval>', 'bar length', '1m')
    .option(
      '--out <file>',
      `{symbol}, {SYMBOL} and {interval} are filled in; without {symbol} one file for all; - for stdout (default: ${DEFAULT_OUT})`,
    )
    .option('--exchange <name>', 'binance, testnet, demo, local or a URL', 'binance')
    .option('--columns <list>', 'names with commas between, or a set: default, ohlcv, binance')
    .option('--no-header', 'begin a new file without the names of its columns')
    .option('--forming', 'show every update of the open bars; they go to no file')
    .option('--history <bars>', 'begin a new file with so many past bars (default: 0)')
    .option(
      '--from <time>',
      'begin a new file with the bar that opens then: ISO date or date-time, or epoch ms',
    )
    .option('--once', 'fail when the exchange cannot be reached at the start, instead of trying again')
    .option('--sync', 'wait for the disk after every row (default: once a second)')
    .option('--json', 'JSON lines on stdout: bars, warnings, connections; no file unless --out names one')
    .option('--quiet', 'warnings and errors only')
    .option('--debug', 'show the stack of an error')
    .addHelpText('after', EXAMPLES)
    .action(runRecord);
}

async function runRecord(symbols: readonly string[], flags: RecordFlags): Promise<void> {
  const series = seriesOf(symbols, flags.interval);
  const endpoints = endpointsOf(flags.exchange);
  const history = flags.history === undefined ? undefined : parseCount('--history', flags.history);
  const from = flags.from === undefined ? undefined : parseTime('--from', flags.from);
  if (history !== undefined && from !== undefined) {
    throw new InputError('OPTION_INVALID', '--history and --from were both given', {
      fix: 'give one of them',
    });
  }
  const output: RecordOutput =
    flags.json === true ? new JsonRecordOutput() : new TextRecordOutput(flags, endpoints);
  const controller = new AbortController();
  const release = onInterrupt(() => controller.abort(), ['SIGINT', 'SIGTERM']);
  let failure: OutputError | undefined;
  const sinks = openSinks(series, flags, output, error => {
    failure ??= error;
    controller.abort();
  });
  let live: LiveKlines | undefined;
  try {
    output.begin({ series, files: sinks.files ?? [], last: symbol => sinks.of.get(symbol)!.last(symbol) });
    live = await openLive(series, flags, controller.signal, notice => output.notice(notice));
    if (live === undefined) {
      if (failure !== undefined) throw failure;
      output.end({ rows: 0, duplicates: 0, gaps: 0 }, 'stopped');
      return;
    }
    for (const one of series) checkNotAhead(one, sinks.of.get(one.symbol)!, live.status().time, flags);
    const { signal } = controller;
    const summary = await record(live, {
      sinks: sinks.of,
      from,
      history,
      signal,
      onBars: (one, bars, late) => output.bars(one, bars, late),
      onForming: flags.forming === true ? (one, bar, time) => output.forming(one, bar, time) : undefined,
      onGap: (one, gap) => output.gap(one, gap),
    });
    if (failure !== undefined) throw failure;
    output.end(summary, signal.aborted ? 'stopped' : 'ended');
  } finally {
    output.close();
    await live?.close();
    sinks.close?.();
    release();
  }
}

function openSinks(
  series: readonly Series[],
  flags: RecordFlags,
  output: RecordOutput,
  onFailure: (error: OutputError) => void,
): { of: ReadonlyMap<string, RowSink> } & Partial<FileSinks> {
  const symbols = series.map(({ symbol }) => symbol);
  const options = {
    symbols,
    interval: series[0].interval,
    columns: flags.columns === undefined ? undefined : parseColumns([flags.columns]),
    header: flags.header,
    sync: flags.sync ?? false,
    onFailure,
  };
  const out = flags.out ?? (flags.json === true ? '-' : DEFAULT_OUT);
  if (out !== '-') return openFiles({ ...options, out });
  const stdout = flags.json === true ? nowhere() : streamSink(process.stdout, options);
  const sink: RowSink = {
    ...stdout,
    write: lines => {
      output.beforeRows();
      return stdout.write(lines);
    },
  };
  return { of: new Map(symbols.map(symbol => [symbol, sink])) };
}

/** With --json, stdout has the bars already. */
function nowhere(): RowSink {
  return { columns: [], last: () => undefined, write: () => {} };
}

/** Undefined when it was told to stop before it was open. */
function openLive(
  series: readonly Series[],
  { exchange, forming, once }: RecordFlags,
  signal: AbortSignal,
  onNotice: (notice: LiveNotice) => void,
): Promise<LiveKlines | undefined> {
  return openLiveKlines({
    endpoints: endpointsOf(exchange),
    series,
    network: realNetwork,
    forming: forming ?? false,
    once: once ?? false,
    signal,
    onNotice,
  }).catch(error => {
    if (signal.aborted) return undefined;
    throw error;
  });
}

/** A file that is ahead of the exchange would wait in silence: it comes from another one, or a replay began anew. */
function checkNotAhead(
  { symbol, interval }: Series,
  sink: RowSink,
  time: number,
  { out }: RecordFlags,
): void {
  const last = sink.last(symbol);
  if (last === undefined) return;
  const ahead = barEnd(last, interval) - time;
  if (ahead <= Math.max(CLOCK_TOLERANCE, intervalMs(interval))) return;
  const file = shown(filePath(out ?? DEFAULT_OUT, symbol, interval));
  throw new InputError(
    'RECORD_AHEAD',
    `the last row of ${symbol} in ${file} is of ${utcTime(last)} UTC, but at the exchange it is ${utcTime(time)}`,
    {
      value: last,
      limit: time,
      fix: 'give another --out, or the --exchange that the file was recorded from',
    },
  );
}
