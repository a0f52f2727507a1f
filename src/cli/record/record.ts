import { Command } from 'commander';
import type { LiveKlines, LiveNotice, PastBars, Series } from '../../feeds/live/contract.ts';
import { openLiveKlines } from '../../feeds/live/live-klines.ts';
import { storedPast } from '../../feeds/live/past.ts';
import { record } from '../../live/record/recorder.ts';
import type { BarSink, OpenSinks } from '../../live/record/sinks.ts';
import { seriesOf } from '../../live/series.ts';
import { InputError, type OutputError } from '../../model/errors.ts';
import { barEnd, intervalMs } from '../../model/interval.ts';
import { realNetwork } from '../../net/real.ts';
import { utcTime } from '../../report/console/format.ts';
import { endpointsOf } from '../../venues/binance/endpoints.ts';
import { configOf } from '../config/config-options.ts';
import { dataStoreOf } from '../data/data-store.ts';
import { shown } from '../files/shown.ts';
import { parseCount, parseTime } from '../options/options.ts';
import { onInterrupt } from '../output/interrupt.ts';
import { JsonRecordOutput, type RecordOutput, TextRecordOutput } from './output.ts';
import { addTargetOptions, openTarget, pathOf, type Target, type TargetFlags, targetOf } from './target.ts';

interface RecordFlags extends TargetFlags {
  readonly interval: string;
  readonly exchange: string;
  readonly forming?: boolean;
  readonly history?: string;
  readonly from?: string;
  readonly once?: boolean;
  readonly quiet?: boolean;
}

/** How far the exchange's clock, as we know it, may be behind a bar that has closed, ms. */
const CLOCK_TOLERANCE = 60_000;

const EXAMPLES = `
Examples:
  qt record BTCUSDT ETHUSDT --interval 1m              btcusdt-1m.csv and ethusdt-1m.csv
  qt record BTCUSDT ETHUSDT --interval 1m --out klines.csv
  qt record BTCUSDT --from 2024-01-01 --columns binance
  qt record BTCUSDT ETHUSDT --format sqlite            the data store, as "qt data fetch"
  qt record BTCUSDT --out btc.jsonl                    an object a line
  qt record BTCUSDT --interval 1s --out - --forming | head
  qt record BTCUSDT --sink kafka://localhost:9092      the topic BTC-USDT
  qt record BTCUSDT --exchange local                   from "qt exchange --data FILE"

Start it again after a crash: it goes on where it was, and fetches what was missed. Ctrl-C ends it, exit code 0.
`;

export function recordCommand(): Command {
  const command = new Command('record')
    .description('Write the klines of an exchange to files or the data store as they close.')
    .argument('<symbols...>', 'as the exchange names them: BTCUSDT')
    .option('--interval <interval>', 'bar length', '1m');
  return addTargetOptions(command)
    .option('--exchange <name>', 'binance, testnet, demo, local or a URL', 'binance')
    .option('--forming', 'show every update of the open bars; they go to no file')
    .option('--history <bars>', 'begin a new file with so many past bars (default: 0)')
    .option(
      '--from <time>',
      'begin a new file with the bar that opens then: ISO date or date-time, or epoch ms',
    )
    .option('--once', 'fail when the exchange cannot be reached at the start, instead of trying again')
    .option('--json', 'JSON lines on stdout: bars, warnings, connections; no file unless one is named')
    .option('--quiet', 'warnings and errors only')
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
  let sinks: OpenSinks | undefined;
  let live: LiveKlines | undefined;
  try {
    const target = await targetOf(flags, endpoints.name);
    const opened = await openTarget(target, series, flags, output, error => {
      failure ??= error;
      controller.abort();
    });
    sinks = opened;
    controller.signal.addEventListener('abort', () => opened.ending?.(), { once: true });
    const { of, files } = opened;
    output.begin({ series, files, last: symbol => of.get(symbol)!.last(symbol) });
    const past =
      history === undefined
        ? undefined
        : storedPast(dataStoreOf(flags, await configOf(flags)), endpoints.name);
    live = await openLive(series, flags, past, controller.signal, notice => output.notice(notice));
    if (live === undefined) {
      if (failure !== undefined) throw failure;
      output.end({ rows: 0, duplicates: 0, gaps: 0, different: 0 }, 'stopped');
      return;
    }
    for (const one of series) checkNotAhead(one, of.get(one.symbol)!, live.status().time, target);
    const { signal } = controller;
    const summary = await record(live, {
      sinks: of,
      from,
      history,
      signal,
      onBars: (one, bars, late) => output.bars(one, bars, late),
      onForming: flags.forming === true ? (one, bar, time) => output.forming(one, bar, time) : undefined,
      onGap: (one, gap) => output.gap(one, gap),
    });
    if (failure !== undefined) throw failure;
    output.end({ ...summary, different: opened.different }, signal.aborted ? 'stopped' : 'ended');
  } finally {
    output.close();
    await live?.close();
    await sinks?.close();
    release();
  }
}

/** Undefined when it was told to stop before it was open. */
function openLive(
  series: readonly Series[],
  { exchange, forming, once }: RecordFlags,
  past: PastBars | undefined,
  signal: AbortSignal,
  onNotice: (notice: LiveNotice) => void,
): Promise<LiveKlines | undefined> {
  return openLiveKlines({
    endpoints: endpointsOf(exchange),
    series,
    network: realNetwork,
    forming: forming ?? false,
    once: once ?? false,
    ...(past === undefined ? {} : { past }),
    signal,
    onNotice,
  }).catch(error => {
    if (signal.aborted) return undefined;
    throw error;
  });
}

/** A file that is ahead of the exchange would wait in silence: it comes from another one, or a replay began anew. */
function checkNotAhead({ symbol, interval }: Series, sink: BarSink, time: number, target: Target): void {
  const last = sink.last(symbol);
  if (last === undefined) return;
  const ahead = barEnd(last, interval) - time;
  if (ahead <= Math.max(CLOCK_TOLERANCE, intervalMs(interval))) return;
  throw new InputError(
    'RECORD_AHEAD',
    `the last row of ${symbol} in ${shown(pathOf(target, symbol, interval))} is of ${utcTime(last)} UTC, but at the exchange it is ${utcTime(time)}`,
    {
      value: last,
      limit: time,
      fix: `give another ${target.option}, or the --exchange that the file was recorded from`,
    },
  );
}
