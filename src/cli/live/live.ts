import { resolve } from 'node:path';
import { Command, Option } from 'commander';
import type { FeedEvent } from '../../feeds/feed.ts';
import { storedPast } from '../../feeds/live/past.ts';
import type { ExitPolicy } from '../../live/driver.ts';
import { runPaper } from '../../live/paper.ts';
import type { SessionStart } from '../../live/session.ts';
import { InputError } from '../../model/errors.ts';
import { realNetwork } from '../../net/real.ts';
import type { JournalEntry } from '../../store/journal.ts';
import { endpointsOf } from '../../venues/binance/endpoints.ts';
import { addConfigOptions, configOf } from '../config/config-options.ts';
import { refuseProfile } from '../config/profile-option.ts';
import { DEFAULT_DATA_STORE, dataStoreOf } from '../data/data-store.ts';
import { shown } from '../files/shown.ts';
import { addKeyOption } from '../options/key-option.ts';
import { parseCount } from '../options/options.ts';
import { addRiskOptions } from '../options/risk-options.ts';
import { accountOf, addRunOptions, pick, type RunFlags, strategyOf } from '../options/run-options.ts';
import { addStoreOption, storeOf } from '../options/store-option.ts';
import { interrupted } from '../output/failure.ts';
import { onInterrupt } from '../output/interrupt.ts';
import { typecheck } from '../strategy/typecheck.ts';
import type { RealFlags } from './real.ts';
import { chooseSeries } from './series.ts';
import { paperOnTopics, topicsName, topicsOf } from './topics.ts';
import { type LiveWatch, watchLive } from './watch.ts';

interface LiveFlags extends RunFlags, RealFlags {
  readonly paper?: boolean;
  readonly real?: boolean;
  readonly symbol?: string[];
  readonly interval?: string[];
  readonly resample?: string;
  readonly exchange?: string;
  readonly feed?: string[];
  readonly new?: boolean;
  readonly onExit?: ExitPolicy;
  readonly barrier?: string;
  readonly lateAfter?: string;
  readonly store?: string;
  readonly dataStore?: string;
  readonly once?: boolean;
  readonly json?: boolean;
  readonly plain?: boolean;
  readonly typecheck?: boolean;
  readonly config?: string;
}

const EXAMPLES = `
Examples:
  qt live --paper                                      what qt.config.ts says, on Binance's public klines
  qt live --paper strategies/sma.ts --symbol BTCUSDT --interval 1m
  qt live --paper strategies/rotation.ts --symbol BTCUSDT ETHUSDT --interval 5m --json
  qt exchange --data data/synthetic-btcusdt-4h.csv     in one shell, and in another, without network or keys:
  qt live --paper strategies/sma.ts --exchange local
  qt live --paper strategies/sma.ts --feed "kafka://localhost:9092/BTC-USDT?interval=1m"

A session that was stopped or killed goes on when the same command is run again; --new begins another one.
`;

export function liveCommand(): Command {
  const command = new Command('live')
    .description('Run a strategy on live klines.')
    .argument('[strategy]', 'strategy file (default: the strategy of qt.config.ts)')
    .option('--paper', 'trade on paper: live klines, simulated fills; needs no key')
    .option('--real', 'send real orders; shows what is about to trade, and asks')
    .option('--yes-real', '--real: do not ask, for services')
    .option('--dry-run', '--real: have each order checked by the exchange, and place none')
    .option('--symbol <name...>', 'what to follow; the first is the data of the strategy')
    .option('--interval <interval...>', 'bar length, one for all symbols or one a symbol: 1m, 4h, 1d')
    .option('--resample <interval>', 'run on longer bars made of those that are followed: 10m, 1d, 1w')
    .option(
      '--exchange <name|url>',
      'binance, testnet, demo, local (qt exchange on this machine) or a URL (default: binance)',
    )
    .option(
      '--feed <address...>',
      '--paper: follow Kafka topics instead: kafka://HOST:9092/BTC-USDT?interval=1m',
    )
    .option('--new', 'begin a new session, even if one could go on')
    .addOption(
      new Option('--on-exit <policy>', 'what Ctrl-C does with orders and positions (default: keep)').choices([
        'keep',
        'cancel',
        'flatten',
      ]),
    )
    .option('--barrier <ms>', 'how long a step waits for a series that is behind (default: 1500)')
    .option(
      '--late-after <ms>',
      'a bar given later than this after its close opens no position (default: its length)',
    )
    .option('--once', 'fail when the exchange cannot be reached, instead of trying again and again');
  command.option('--data-store <file>', `bars that warm-up is taken from (default: ${DEFAULT_DATA_STORE})`);
  addStoreOption(addRiskOptions(addKeyOption(addRunOptions(command))));
  command
    .option('--json', 'one JSON line an event on stdout')
    .option('--plain', 'lines instead of a screen, on a terminal too')
    .option('--typecheck', 'check the types of the strategy first');
  return addConfigOptions(command)
    .option('--debug', 'show the stack of an error')
    .addHelpText('after', EXAMPLES)
    .action(runLive);
}

async function runLive(path: string | undefined, flags: LiveFlags): Promise<void> {
  checkMode(flags);
  const loaded = await configOf(flags);
  const { config } = loaded;
  const example = 'qt live --paper my-strategy.ts --symbol BTCUSDT --interval 1m';
  refuseProfile(config);
  const { strategy, params, file, codeHash } = await strategyOf(path, flags.param ?? [], loaded, example);
  if (flags.typecheck === true) typecheck(file);
  const live = config.live ?? {};
  const endpoints = endpointsOf(flags.exchange ?? live.exchange ?? 'binance');
  const topics = await topicsOf(flags);
  const barrierMs = pick(flags.barrier, 'barrier', live.barrierMs, parseCount);
  const lateMs = pick(flags.lateAfter, 'late-after', live.lateMs, parseCount);
  const onExit = flags.onExit ?? live.onExit ?? 'keep';
  const controller = new AbortController();
  let stop = () => controller.abort();
  const release = onInterrupt(() => stop(), ['SIGINT', 'SIGTERM']);
  const watch: LiveWatch = watchLive({
    json: flags.json === true,
    plain: flags.plain === true,
    endpoints: topics === undefined ? endpoints : { ...endpoints, name: topicsName(topics) },
  });
  const { signal } = controller;
  const once = flags.once === true;
  try {
    const series =
      topics === undefined
        ? await chooseSeries(
            { symbols: flags.symbol, intervals: flags.interval, config: live },
            endpoints,
            realNetwork,
            { once, signal, onNotice: notice => watch.notice(notice) },
          )
        : [];
    const common = {
      strategy,
      params,
      codeHash,
      strategyFile: shown(file),
      series,
      exchange: flags.exchange ?? live.exchange ?? 'binance',
      store: storeOf(flags, live.store === undefined ? undefined : resolve(loaded.folder, live.store)),
      resample: flags.resample ?? config.resample,
      fresh: flags.new === true,
      barrierMs,
      lateMs,
      once,
      signal,
      network: realNetwork,
      past: storedPast(dataStoreOf(flags, loaded), endpoints.name),
      onStart: (start: SessionStart) => {
        stop = () => start.stop(onExit);
        watch.start(start);
      },
      onEntries: (entries: readonly JournalEntry[]) => watch.entries(entries),
      onForming: (feed: number, event: Extract<FeedEvent, { kind: 'forming' }>) => watch.forming(feed, event),
    };
    const account = accountOf(flags, config, loaded.folder);
    const result =
      flags.real === true
        ? // What speaks to accounts is loaded by those who have one.
          await (await import('./real.ts')).liveReal(flags, {
            ...common,
            ...{ cash: account.cash, sizer: account.sizer, limits: live.risk, endpoints },
            terminal: { input: process.stdin, output: process.stderr },
            onNotice: notice => watch.notice(notice),
            onMarketNotice: notice => watch.notice(notice),
          })
        : topics !== undefined
          ? await paperOnTopics(topics, loaded, {
              ...common,
              ...account,
              onNotice: notice => watch.notice(notice),
            })
          : await runPaper({ ...common, ...account, onNotice: notice => watch.notice(notice) });
    watch.end(result);
  } catch (error) {
    // Told to stop before there was anything to stop.
    throw signal.aborted ? interrupted() : error;
  } finally {
    watch.close();
    release();
  }
}

function checkMode({ paper, real, ...flags }: LiveFlags): void {
  if (paper === true && real === true) {
    throw new InputError('MODE_TWICE', 'both --paper and --real were given', { fix: 'give one of them' });
  }
  if (real === true) {
    for (const [name, given] of Object.entries(ON_PAPER)) {
      if (flags[name as keyof typeof ON_PAPER] === undefined) continue;
      throw new InputError('OPTION_INVALID', `${given} was given with --real`, {
        value: given,
        fix: 'leave it out: fees, fills and margin are the exchange’s',
      });
    }
    return;
  }
  if (paper === true) return;
  throw new InputError('MODE_MISSING', 'qt live was not told how to trade', {
    fix: 'say --paper (simulated fills on live klines, no key needed) or --real',
  });
}

/** Terms that only a simulated account has. */
const ON_PAPER = {
  commission: '--commission',
  feeIn: '--fee-in',
  slippage: '--slippage',
  intrabar: '--intrabar',
  leverage: '--leverage',
  maintenance: '--maintenance',
  liquidationFee: '--liquidation-fee',
  funding: '--funding',
} as const;
