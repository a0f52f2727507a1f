import { resolve } from 'node:path';
import { Command, Option } from 'commander';
import type { HistoryReport } from '../../feeds/history/contract.ts';
import { InputError } from '../../model/errors.ts';
import type { Market } from '../../model/instrument.ts';
import { intervalMs, parseInterval } from '../../model/interval.ts';
import { number, paint, plain, utcTime } from '../../report/console/format.ts';
import { checkSeries } from '../../store/bar-check.ts';
import type { Finding } from '../../store/bar-finding.ts';
import { BarStore, type SeriesKey, type TimeRange } from '../../store/bars.ts';
import { checkBinanceInterval } from '../../venues/binance/intervals.ts';
import { configOf } from '../config/config-options.ts';
import { shown } from '../files/shown.ts';
import { addFetchOptions, type FetchFlags, historyMarketOf } from '../options/fetch-options.ts';
import { parseTime } from '../options/options.ts';
import { CliError, EXIT } from '../output/failure.ts';
import { onInterrupt } from '../output/interrupt.ts';
import { styleOf } from '../output/terminal.ts';
import { addDataStoreOptions, type DataStoreFlags, dataStoreOf } from './data-store.ts';
import { fetchSeries } from './fetch-series.ts';
import { keyOf } from './series-options.ts';

interface Flags extends DataStoreFlags, FetchFlags {
  readonly from?: string;
  readonly to?: string;
  readonly market: Market;
  readonly replace?: boolean;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** Ranges that the summary names one by one. */
const MOST_NAMED = 5;

const EXAMPLES = `
Examples:
  qt data fetch BTCUSDT 1m --from 2024-01-01
  qt data fetch BTCUSDT 1m                              goes on up to now
  qt data fetch BTCUSDT 1h --from 2020-01-01 --to 2024-01-01 --market usdm

Whole months (and days, of intervals up to 1m) come from Binance's archives, checksums verified, the rest by REST. Stop it
whenever you like: what has come is stored, and the same command goes on.
`;

export function fetchCommand(): Command {
  const command = new Command('fetch')
    .description("Download bars from Binance's archives and REST into the data store.")
    .argument('<symbol>', 'as the exchange names it: BTCUSDT')
    .argument('<interval>', 'bar length: 1s, 1m … 1M')
    .option(
      '--from <time>',
      'open of the first bar: ISO date or date-time, or epoch ms (default: the first that is stored)',
    )
    .option('--to <time>', 'bars that open before this moment (default: all that have closed)')
    .addOption(new Option('--market <market>', 'which market').choices(['spot', 'usdm']).default('spot'))
    .option('--replace', 'ask for what is stored as well, and take what has come to differ')
    .option('--json', 'one JSON document on stdout')
    .option('--quiet', 'errors only');
  return addDataStoreOptions(addFetchOptions(command)).addHelpText('after', EXAMPLES).action(runFetch);
}

async function runFetch(symbol: string, interval: string, flags: Flags): Promise<void> {
  const key = keyOf(symbol, interval, flags);
  checkBinanceInterval(parseInterval(key.interval));
  const given = flags.from === undefined ? undefined : parseTime('--from', flags.from);
  const to = flags.to === undefined ? undefined : parseTime('--to', flags.to);
  const loaded = await configOf(flags);
  const market = historyMarketOf(flags.market, flags, loaded);
  const store = new BarStore(resolve(dataStoreOf(flags, loaded)));
  const controller = new AbortController();
  const release = onInterrupt(() => controller.abort(), ['SIGINT', 'SIGTERM']);
  const started = performance.now();
  try {
    const from = given ?? firstStored(store, key);
    if (to !== undefined && to <= from) {
      throw new InputError('OPTION_INVALID', `--to was ${utcTime(to)}, --from ${utcTime(from)}`, {
        value: to,
        limit: from,
        fix: 'give a --to that is later',
      });
    }
    const report = await fetchSeries({
      store,
      key,
      market,
      from,
      to,
      replace: flags.replace === true,
      quiet: flags.quiet === true,
      signal: controller.signal,
    }).catch(error => {
      throw controller.signal.aborted ? stopped() : error;
    });
    const bars = store.count(key, report.range);
    const found = check(store, key, report.range);
    if (found.count > 0) process.exitCode = EXIT.found;
    if (flags.json === true) {
      process.stdout.write(
        `${JSON.stringify({ format: 1, series: key, file: store.file, bars, ...report, check: found })}\n`,
      );
    } else if (flags.quiet !== true) {
      const style = styleOf(process.stdout);
      const lines = summary(key, report, bars, performance.now() - started);
      lines.push(...checked(key, found), paint(style, 'dim', shown(store.file)));
      process.stdout.write(`${lines.map(line => plain(style, line)).join('\n')}\n`);
    }
  } finally {
    store.close();
    release();
  }
}

function firstStored(store: BarStore, key: SeriesKey): number {
  const first = store.series(key)?.first;
  if (first !== undefined) return first;
  throw new InputError(
    'FROM_MISSING',
    `${shown(store.file)} has no bars of ${key.symbol} ${key.interval} to go on from`,
    {
      fix: `say where to begin: qt data fetch ${key.symbol} ${key.interval} --from 2024-01-01`,
    },
  );
}

function stopped(): CliError {
  return new CliError(EXIT.interrupted, 'INTERRUPTED', 'stopped before the end', {
    fix: 'what has come is stored; run the same command again, and it goes on',
  });
}

function summary(key: SeriesKey, report: HistoryReport, bars: number, elapsedMs: number): string[] {
  const { range, added, different, archives, empty, pending } = report;
  const name = `${key.symbol} ${key.interval} ${key.market}`;
  if (!(range.from < range.to)) return [`${name}: no bar of this time has closed yet`];
  const from = archives === 0 ? '' : `, ${number(archives, 0)} archive${archives === 1 ? '' : 's'}`;
  const lines = [
    `${name}: ${number(bars, 0)} bars from ${utcTime(range.from)} to ${utcTime(range.to)} UTC, ${number(added, 0)} of them new (${number(elapsedMs / 1000, 1)} s${from})`,
  ];
  if (different > 0) {
    lines.push(`${number(different, 0)} bars differed from those that were stored`);
  }
  lines.push(...ranges('Binance has no bars', empty, key));
  lines.push(...ranges('Binance has no bars yet', pending, key));
  return lines;
}

interface Found {
  readonly count: number;
  /** The first of them. */
  readonly findings: readonly Finding[];
}

/** What is wrong with the bars of the range, as `qt data check` sees it. */
function check(store: BarStore, key: SeriesKey, { from, to }: TimeRange): Found {
  const findings: Finding[] = [];
  let count = 0;
  for (const finding of checkSeries(store, [key])) {
    if (finding.from >= to || finding.to <= from) continue;
    if (++count <= MOST_NAMED) findings.push(finding);
  }
  return { count, findings };
}

function checked({ symbol, interval }: SeriesKey, { count, findings }: Found): string[] {
  if (count === 0) return ['Checked: nothing is wrong'];
  const lines = findings.map(
    ({ kind, from, to, problem }) => `${kind}: ${utcTime(from)} to ${utcTime(to)} UTC, ${problem}`,
  );
  lines.push(`Checked: ${number(count, 0)} findings; qt data check ${symbol} ${interval} lists them`);
  return lines;
}

function ranges(what: string, list: readonly TimeRange[], { interval }: SeriesKey): string[] {
  const lines = list.slice(0, MOST_NAMED).map(({ from, to }) => {
    const bars = Math.round((to - from) / intervalMs(parseInterval(interval)));
    return `${what} from ${utcTime(from)} to ${utcTime(to)} UTC (${number(bars, 0)})`;
  });
  if (list.length > MOST_NAMED) lines.push(`… and in ${number(list.length - MOST_NAMED, 0)} more stretches`);
  return lines;
}
