import { stat } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import type { Command } from 'commander';
import { makerTakerCommission, percentCommission } from '../../brokers/simulated/commission.ts';
import { percentSlippage } from '../../brokers/simulated/slippage.ts';
import { fixedReverser, fixedSize, fixedSizeTarget } from '../../engine/sizers/fixed.ts';
import { allIn, percentOfCash, percentOfValue } from '../../engine/sizers/percent.ts';
import { riskOf } from '../../engine/sizers/risk.ts';
import type { Sizer } from '../../engine/sizers/sizer.ts';
import type { ExamineOptions } from '../../live/examine.ts';
import { isReal } from '../../live/real/settings.ts';
import type { SessionSettings } from '../../live/settings.ts';
import { InputError } from '../../model/errors.ts';
import type { Journal, SessionRecord } from '../../store/journal.ts';
import { CONFIG_NAMES, type LoadedConfig, loadConfig } from '../config/config.ts';
import { configOf } from '../config/config-options.ts';
import type { MarginTerms } from '../options/margin-options.ts';
import { parseCount } from '../options/options.ts';
import { type Account, accountOf, parameters, type RunFlags } from '../options/run-options.ts';
import { openStore, type StoreFlags, storeOf } from '../options/store-option.ts';
import { loadStrategy } from '../strategy/strategy-file.ts';

export interface SessionFlags extends RunFlags, StoreFlags {
  readonly config?: string;
}

/** A session as it was recorded, in its open store. Whoever opened it closes it. */
export interface OpenedSession {
  readonly journal: Journal;
  readonly session: SessionRecord<SessionSettings>;
  readonly store: string;
  readonly loaded: LoadedConfig;
}

export function addSessionArgument(command: Command): Command {
  return command.argument('<session>', 'its number, or "last"; qt sessions lists them');
}

/** Throws `STORE_NOT_FOUND`, `SESSION_UNKNOWN`. */
export async function openSession(which: string, flags: SessionFlags): Promise<OpenedSession> {
  const id = which === 'last' ? 'last' : parseCount('SESSION', which, 1);
  const loaded = await configOf(flags);
  const store = await storeFor(flags, loaded);
  const journal = openStore(store);
  try {
    return { journal, session: journal.session<SessionSettings>(id), store, loaded };
  } catch (error) {
    journal.close();
    throw error;
  }
}

/** The store that --store names, or the config, or the default one. */
export async function storeFor(flags: SessionFlags, { config, folder }: LoadedConfig): Promise<string> {
  const configured = config.live?.store;
  return storeOf(flags, configured === undefined ? undefined : resolve(folder, configured));
}

/**
 * What is needed to run a session again: its strategy, or the one of the file `path`; its settings, but for those that
 * flags override. Throws `SESSION_STRATEGY_MISSING`, `SESSION_TERMS_UNKNOWN`.
 */
export async function runOf(
  { session, store, loaded }: OpenedSession,
  path: string | undefined,
  flags: SessionFlags,
): Promise<ExamineOptions> {
  const { settings } = session;
  const { strategy, codeHash, config } = await strategyFor(settings, store, path, loaded);
  // A strategy that has changed may have other parameters.
  const declared = strategy.parameters ?? {};
  const recorded = Object.entries(settings.params).filter(([name]) => Object.hasOwn(declared, name));
  return {
    strategy,
    codeHash,
    params: { ...Object.fromEntries(recorded), ...parameters(strategy, flags.param ?? []) },
    ...termsOf(settings, accountOf(flags, {}), accountOf({}, config, loaded.folder)),
  };
}

async function strategyFor(
  { strategyFile, strategy }: SessionSettings,
  store: string,
  path: string | undefined,
  loaded: LoadedConfig,
): Promise<Pick<ExamineOptions, 'strategy' | 'codeHash'> & { config: LoadedConfig['config'] }> {
  if (path !== undefined) return { ...(await loadStrategy(path)), config: loaded.config };
  const file = await findFile(strategyFile, store);
  if (file !== undefined && CONFIG_NAMES.includes(basename(file))) {
    const { config, codeHash } = await loadConfig(file);
    if (config.strategy !== undefined) return { strategy: config.strategy, codeHash: codeHash!, config };
  } else if (file !== undefined) return { ...(await loadStrategy(file)), config: loaded.config };
  const problem =
    strategyFile === ''
      ? `the session's strategy ${strategy} came from no file`
      : `the session's strategy ${strategy} is no more in ${strategyFile}`;
  throw new InputError('SESSION_STRATEGY_MISSING', problem, {
    value: strategyFile,
    fix: 'name its file after the session: qt replay last strategies/mine.ts',
  });
}

/** The file as it was named: from the current folder, or from that of the project whose store it is. */
async function findFile(name: string, store: string): Promise<string | undefined> {
  if (name === '') return undefined;
  for (const folder of [process.cwd(), dirname(dirname(resolve(store)))]) {
    const file = resolve(folder, name);
    if ((await stat(file).catch(() => undefined))?.isFile()) return file;
  }
  return undefined;
}

type Terms = Pick<ExamineOptions, 'cash' | 'commission' | 'feeIn' | 'slippage' | 'sizer' | keyof MarginTerms>;

/** The session's own terms, but for those given; models that are objects are known by their labels. */
function termsOf(settings: SessionSettings, given: Account, configured: Account): Terms {
  const { rates } = settings;
  // What only the backtest of a session with real orders has comes from its own fees, unless it was given.
  const executed = isReal(settings);
  const model = <M extends { readonly label: string }>(
    name: 'commission' | 'slippage' | 'sizer',
    read: (label: string) => M | undefined,
  ): M => {
    const label = settings[name];
    const found = [read(label), configured[name] as unknown].find(
      (one): one is M => typeof one === 'object' && one !== null && (one as M).label === label,
    );
    if (found !== undefined) return found;
    throw new InputError('SESSION_TERMS_UNKNOWN', `the session's ${name} "${label}" is not known here`, {
      value: label,
      limit: `a ${name} with this label in qt.config.ts`,
      fix: `run it where qt.config.ts has this ${name}, or give another with --${name}`,
    });
  };
  return {
    cash: given.cash ?? settings.cash,
    ...(executed
      ? { commission: given.commission, feeIn: given.feeIn, slippage: given.slippage }
      : {
          commission: given.commission ?? rates?.commission ?? model('commission', readCommission),
          feeIn: given.feeIn ?? settings.feeIn,
          slippage: given.slippage ?? rates?.slippage ?? model('slippage', readSlippage),
        }),
    sizer: given.sizer ?? model('sizer', readSizer),
    intrabar: given.intrabar ?? settings.intrabar,
    leverage: given.leverage ?? settings.marginTerms?.leverage,
    maintenance: given.maintenance ?? settings.marginTerms?.maintenance,
    liquidationFee: given.liquidationFee ?? settings.marginTerms?.liquidationFee,
    funding: given.funding ?? settings.marginTerms?.funding,
  };
}

const RATE = /^(\S+) %$/;

function readCommission(label: string) {
  const both = /^maker (\S+) %, taker (\S+) %$/.exec(label);
  if (both !== null)
    return makerTakerCommission({ maker: Number(both[1]) / 100, taker: Number(both[2]) / 100 });
  const rate = RATE.exec(label);
  return rate === null ? undefined : percentCommission(Number(rate[1]) / 100);
}

function readSlippage(label: string) {
  const rate = RATE.exec(label);
  return rate === null ? undefined : percentSlippage(Number(rate[1]) / 100);
}

/** The sizers of the library by their labels; the numbers in a label are those that the sizer was made with. */
const SIZERS: readonly (readonly [RegExp, (...numbers: number[]) => Sizer])[] = [
  [/^all in$/, allIn],
  [/^(\S+) % of value$/, percentOfValue],
  [/^(\S+) % of cash$/, percent => percentOfCash(percent)],
  [/^(\S+) % of cash, whole units$/, percent => percentOfCash(percent, { whole: true })],
  [/^fixed (\S+)$/, stake => fixedSize(stake)],
  [/^fixed (\S+) in (\d+) tranches$/, (stake, tranches) => fixedSize(stake, { tranches })],
  [/^fixed target (\S+)$/, stake => fixedSizeTarget(stake)],
  [/^fixed target (\S+) in (\d+) tranches$/, (stake, tranches) => fixedSizeTarget(stake, { tranches })],
  [/^fixed reverser (\S+)$/, fixedReverser],
  [/^risk (\S+?)$/, fraction => riskOf({ fraction })],
  [/^risk (\S+), leverage (\S+)$/, (fraction, leverage) => riskOf({ fraction, leverage })],
];

function readSizer(label: string): Sizer | undefined {
  for (const [pattern, make] of SIZERS) {
    const found = pattern.exec(label);
    if (found !== null) return make(...found.slice(1).map(Number));
  }
  return undefined;
}
