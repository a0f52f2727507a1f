import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import type { BacktestOptions } from '../../backtest/backtest.ts';
import type { TermsOptions } from '../../backtest/terms.ts';
import type { DataFeed } from '../../feeds/feed.ts';
import { isSynthetic } from '../../feeds/synthetic/file.ts';
import { resample } from '../../feeds/transforms/resample.ts';
import { InputError } from '../../model/errors.ts';
import type { Market } from '../../model/instrument.ts';
import type { RunOrigin } from '../../report/origin.ts';
import { dataOf, type LoadedConfig } from '../config/config.ts';
import type { DataFile } from '../config/define-config.ts';
import { addProfileOption, type PROFILES, withProfile } from '../config/profile-option.ts';
import { type DataFlags, openDataFiles, servedFeed } from '../data/data-files.ts';
import { DEFAULT_DATA_STORE } from '../data/data-store.ts';
import { type FetchMissingFlags, fetchMissing } from '../data/fetch-missing.ts';
import { DEFAULT_VENUE } from '../data/series-options.ts';
import { openStoredData, type StoredDataFlags, type StoredRange } from '../data/stored-data.ts';
import { shown } from '../files/shown.ts';
import { addFetchOptions } from '../options/fetch-options.ts';
import { instrumentTerms } from '../options/instrument-terms.ts';
import { parseCount, parseTime } from '../options/options.ts';
import { accountOf, addRunOptions, pick, type RunFlags } from '../options/run-options.ts';

/** What every command that runs strategies over history takes: the data, the part of it, and the account. */
export interface HistoryFlags
  extends RunFlags,
    StoredDataFlags,
    Omit<FetchMissingFlags, keyof StoredDataFlags> {
  readonly profile?: (typeof PROFILES)[number];
  readonly data?: string[];
  readonly feed?: string[];
  readonly fillData?: string[];
  readonly symbol?: string[];
  readonly interval?: string[];
  readonly resample?: string;
  readonly stamps?: 'open' | 'close';
  readonly market?: Market;
  readonly exchangeInfo?: string;
  readonly from?: string;
  readonly to?: string;
  readonly warmup?: string;
  readonly onBadRow?: 'error' | 'skip';
  readonly config?: string;
}

export function addHistoryOptions(command: Command): Command {
  command
    .option('--data <file...>', 'CSV files of bars; the first is the data of the strategy')
    .option(
      '--fill-data <file...>',
      'CSV files of finer bars of the same symbols, on which orders are filled',
    )
    .option(
      '--symbol <name...>',
      'symbol of each data file (default: from its name); without --data, symbols whose bars are in the store, or downloaded',
    )
    .option(
      '--interval <interval...>',
      'bar length, one for all symbols or one a symbol: 1m, 4h, 1d (default: found)',
    )
    .option('--venue <name>', `who traded the bars of the store (default: ${DEFAULT_VENUE})`)
    .option('--data-store <file>', `SQLite file of the bars (default: ${DEFAULT_DATA_STORE})`)
    .option('--resample <interval>', 'run on longer bars made of those of the files: 1h, 1d, 1w')
    .addOption(
      new Option('--stamps <meaning>', 'what the time of a bar means (default: open)').choices([
        'open',
        'close',
      ]),
    )
    .addOption(
      new Option('--market <market>', 'spot has no shorts (default: spot)').choices(['spot', 'usdm']),
    )
    .option(
      '--exchange-info <file>',
      "rules of the symbols (tick, lot step, minima): a saved answer of Binance's exchangeInfo, plain or .gz",
    )
    .option(
      '--from <time>',
      'start of the run: ISO date or date-time, UTC unless it names a zone, or epoch ms',
    )
    .option('--to <time>', 'the run ends before this moment')
    .option('--warmup <bars>', 'bars that only feed the indicators (default: what they need before --from)');
  addFetchOptions(command).option('--offline', 'download nothing');
  addProfileOption(addRunOptions(command));
  return command.addOption(
    new Option('--on-bad-row <what>', 'rows that cannot be read (default: error)').choices(['error', 'skip']),
  );
}

/** Data, range and account of a run over history, and where they come from. */
export interface History {
  readonly options: Omit<BacktestOptions, 'strategy' | 'params'>;
  readonly origin: Pick<RunOrigin, 'range' | 'files'>;
}

/** Finds the data and opens it. Throws `NO_DATA`, and what is wrong with an option or a file. */
export async function historyOf(flags: HistoryFlags, loaded: LoadedConfig): Promise<History> {
  const { config } = loaded;
  const from = pick(flags.from, 'from', config.from, parseTime);
  const to = pick(flags.to, 'to', config.to, parseTime);
  const warmup = pick(flags.warmup, 'warmup', config.warmup, parseCount);
  const account = accountTerms(flags, loaded);
  const common = {
    stamps: flags.stamps,
    market: flags.market ?? config.market,
    termsOf: await instrumentTerms(flags.exchangeInfo, loaded),
    onBadRow: flags.onBadRow ?? config.onBadRow,
  };
  const { feeds, files } = await openData(flags, loaded, common, { from, to, warmup });
  const longer = flags.resample ?? config.resample;
  const data = longer === undefined ? feeds : feeds.map(feed => resample(feed, longer));
  const fillFiles = flags.fillData?.map(one => ({ file: resolve(one) })) ?? dataOf(loaded, 'fillData');
  const fillData = await openDataFiles(fillFiles, {
    ...common,
    // Data of one symbol may be filled on any file; a file's name says whose it is where there are more.
    symbols: fillSymbols(fillFiles, data),
    intervals: undefined,
  });
  return {
    options: {
      data,
      ...(fillData.length === 0 ? {} : { fillData }),
      ...(from === undefined ? {} : { from }),
      ...(to === undefined ? {} : { to }),
      ...(warmup === undefined ? {} : { warmup }),
      ...account,
    },
    origin: {
      range: { from, to, warmup },
      files,
    },
  };
}

interface OpenedData {
  readonly feeds: DataFeed[];
  readonly files: NonNullable<RunOrigin['files']>;
}

/**
 * What --data names; else the series of the store that --symbol and --interval name; else what the config names, whose symbols
 * --symbol alone gives. Throws `NO_DATA`.
 */
async function openData(
  flags: HistoryFlags,
  loaded: LoadedConfig,
  common: Omit<DataFlags, 'symbols' | 'intervals'>,
  range: StoredRange & { readonly warmup: number | undefined },
): Promise<OpenedData> {
  if (flags.feed !== undefined) return openFeeds(flags.feed, flags, common);
  const configured = dataOf(loaded);
  const inStore = flags.interval !== undefined || configured.length === 0;
  if (flags.data === undefined && flags.symbol !== undefined && inStore) {
    await fetchMissing(flags.symbol, flags, loaded, common.market, range);
    const stored = openStoredData(flags.symbol, flags, loaded, common, range);
    return { feeds: stored.map(({ feed }) => feed), files: stored.map(({ origin }) => origin) };
  }
  const files = flags.data?.map(one => ({ file: resolve(one) })) ?? configured;
  if (files.length === 0) {
    throw new InputError('NO_DATA', 'no data was given', {
      fix: 'name a file with --data FILE or in qt.config.ts, or a symbol of the store with --symbol; "qt data sample" makes a file to try',
    });
  }
  return {
    feeds: await openDataFiles(files, { ...common, symbols: flags.symbol, intervals: flags.interval }),
    files: files.map(one => ({ file: shown(one.file), synthetic: isSynthetic(one.file) })),
  };
}

/** Topics, read up to their present ends. Throws `KAFKA_*`, `OPTION_INVALID`. */
async function openFeeds(
  addresses: readonly string[],
  { data, interval, symbol }: HistoryFlags,
  common: Omit<DataFlags, 'symbols' | 'intervals'>,
): Promise<OpenedData> {
  for (const [name, given] of Object.entries({ data, interval, symbol })) {
    if (given === undefined) continue;
    throw new InputError('OPTION_INVALID', `--${name} was given with --feed`, {
      value: given,
      fix: 'say it in the address: kafka://HOST:9092/TOPIC?interval=1m&symbol=BTC-USDT',
    });
  }
  // Who reads files need not load a client of brokers.
  const { kafkaFeed } = await import('../../streaming/kafka/feed.ts');
  const feeds: DataFeed[] = [];
  for (const address of addresses) feeds.push(servedFeed(await kafkaFeed(address), common, false));
  return { feeds, files: addresses.map(address => ({ file: address, synthetic: false })) };
}

/** The account and its rules, as flags and config have them. */
export function accountTerms(
  flags: HistoryFlags,
  { config, folder }: Pick<LoadedConfig, 'config' | 'folder'>,
): TermsOptions {
  return withProfile(flags.profile, config, accountOf(flags, config, folder));
}

function fillSymbols(files: readonly DataFile[], data: readonly DataFeed[]): string[] | undefined {
  const symbols = [...new Set(data.map(feed => feed.instrument.symbol))];
  return files.length === 1 && symbols.length === 1 ? symbols : undefined;
}
