import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Run, StrategyOptions } from '../../backtest/run.ts';
import type { Account } from '../../brokers/account.ts';
import type { ExchangeBroker } from '../../brokers/binance/commands.ts';
import type {
  AccountSnapshot,
  ClockReading,
  CommissionRates,
  TradingPort,
  TradingSymbol,
} from '../../brokers/binance/port.ts';
import type { RiskLimits } from '../../brokers/binance/risk.ts';
import { instrumentsOf } from '../../engine/cursors.ts';
import type { Sizer } from '../../engine/sizers/sizer.ts';
import type { DataFeed, FeedEvent } from '../../feeds/feed.ts';
import type { LiveKlines } from '../../feeds/live/contract.ts';
import { InputError } from '../../model/errors.ts';
import { type Instrument, isDust } from '../../model/instrument.ts';
import type { Timers } from '../../net/network.ts';
import { Halts } from '../../store/halts.ts';
import { Journal, type JournalEntry } from '../../store/journal.ts';
import type { Lock } from '../../store/lock.ts';
import { type ExitPolicy, LiveDriver } from '../driver.ts';
import { JournalWriter } from '../journal-writer.ts';
import { type Replayed, replay } from '../replay.ts';
import { checkUnchanged, diverged, lockSession, recordedFeeds } from '../resume.ts';
import { BARRIER_MS, type SessionResult, type SessionStart } from '../session.ts';
import { AccountSession, type RealCounts } from './account-session.ts';
import { askCommissions, checkAccount, checkClock, checkSymbols, insist } from './checks.ts';
import { lockAccount } from './locks.ts';
import type { AccountNotice, Notify } from './notice.ts';
import { CommandLog } from './outstanding.ts';
import { type MakeRealBroker, type RealRunTerms, realRun } from './run.ts';
import {
  accountName,
  checkLimits,
  type RealSettings,
  realIdentity,
  realSettingsOf,
  termChanges,
} from './settings.ts';

export interface RealSessionOptions
  extends Omit<StrategyOptions, 'record' | 'onLog' | 'onProgress' | 'analyzers' | 'observers'> {
  /** The part of the account that the strategy trades with, in quote. */
  readonly cash: number;
  /** Decides the size of orders that name none; default all in. */
  readonly sizer?: Sizer | undefined;
  /** Makes the broker; default `binanceBroker`. The same terms have to make the same broker. */
  readonly broker?: MakeRealBroker | undefined;
  /** What the session may do at most; what is not given has a small default. */
  readonly limits?: Partial<RiskLimits> | undefined;
  /** SHA-256 of the strategy's code. A session goes on with other code only if that would have decided the same. */
  readonly codeHash: string;
  /** The strategy's file as the user named it; kept with the session. */
  readonly strategyFile?: string | undefined;
  /** Where orders are sent, as it is shown; a session goes on only on the exchange it began on. */
  readonly exchange: string;
  /** The SQLite file that keeps the session. */
  readonly store: string;
  /** Names the account where the exchange does not: a hash of the key's id. */
  readonly accountKey?: string | undefined;
  /** Holds the locks of accounts; default `.qt/locks` in the user's home, so that two stores cannot trade the same. */
  readonly lockFolder?: string | undefined;
  /** The port places nothing; said to those who watch. */
  readonly dryRun?: boolean | undefined;
  /** Begin a new session even if one of the same strategy, series and account could go on. */
  readonly fresh?: boolean | undefined;
  /** How long a step waits for a series that is behind, ms; default 1,500. */
  readonly barrierMs?: number | undefined;
  /** True for an exchange whose time is not this world's. */
  readonly simulatedTime?: boolean | undefined;
  readonly timers: Timers;
  /** Uniform in [0, 1): the ids of a new session's orders. */
  readonly random: () => number;
  /** Called once, when the session is about to begin or to go on, and before anything is sent. */
  readonly onStart?: ((start: RealStart) => void) | undefined;
  /** Hears of everything that happens, after it has been kept. */
  readonly onEntries?: ((entries: readonly JournalEntry[]) => void) | undefined;
  readonly onForming?: ((feed: number, event: Extract<FeedEvent, { kind: 'forming' }>) => void) | undefined;
  readonly onNotice?: ((notice: AccountNotice) => void) | undefined;
}

export interface RealStart extends SessionStart {
  readonly mode: 'real';
  readonly settings: RealSettings;
  readonly broker: ExchangeBroker;
  /** Orders are only checked, and none is placed. */
  readonly dryRun: boolean;
  counts(): RealCounts;
}

export function isRealStart(start: SessionStart): start is RealStart {
  return start.mode === 'real';
}

export interface RealResult extends SessionResult {
  readonly counts: RealCounts;
}

/**
 * Trades with real orders: live klines, a broker whose orders the port executes. Whatever is to be sent is kept first. A
 * session that was stopped or killed goes on with exactly the exchange's truth: its journal is lived through again, what has
 * become of its orders is asked for, and what cannot be explained refuses to start. Throws what `tradeOnPaper` throws, and
 * `ACCOUNT_BUSY`, `ACCOUNT_UNKNOWN`, `ACCOUNT_CANNOT_TRADE`, `BALANCE_SHORT`, `CLOCK_OFF`, `EXCHANGE_REFUSED`,
 * `EXCHANGE_UNREACHABLE`, `KEY_REFUSED`, `MARKET_UNSUPPORTED`, `QUOTE_MIXED`, `SYMBOL_NOT_TRADING`, `SYMBOL_UNKNOWN`.
 * Whoever opened the klines closes them.
 */
export async function tradeForReal(
  klines: LiveKlines,
  port: TradingPort,
  options: RealSessionOptions,
): Promise<RealResult> {
  const journal = new Journal(options.store, { durable: true });
  try {
    const halts = new Halts(options.store);
    try {
      return await new RealSession(options, klines, port, journal, halts).run();
    } finally {
      halts.close();
    }
  } finally {
    journal.close();
  }
}

/** Notices of a broker that cannot wait. */
const ALARMS: ReadonlySet<string> = new Set(['LATE_ORDER', 'PROTECTION_MISSING', 'PROTECTION_WAITS']);

interface Opened {
  readonly id: number;
  readonly settings: RealSettings;
  readonly run: Run;
  readonly broker: ExchangeBroker;
  readonly lived: Replayed;
  readonly log: CommandLog;
  readonly lock: Lock;
}

class RealSession {
  readonly #options: RealSessionOptions;
  readonly #klines: LiveKlines;
  readonly #port: TradingPort;
  readonly #journal: Journal;
  readonly #halts: Halts;
  readonly #instruments: readonly Instrument[];

  constructor(
    options: RealSessionOptions,
    klines: LiveKlines,
    port: TradingPort,
    journal: Journal,
    halts: Halts,
  ) {
    this.#options = options;
    this.#klines = klines;
    this.#port = port;
    this.#journal = journal;
    this.#halts = halts;
    this.#instruments = instrumentsOf(klines.feeds);
  }

  async run(): Promise<RealResult> {
    const { timers, signal, lockFolder = join(homedir(), '.qt', 'locks') } = this.#options;
    const port = this.#port;
    const asking = { timers, port, signal };
    const clock = await insist('the time', () => port.syncClock(), asking);
    checkClock(this.#options.simulatedTime === true ? { ...clock, offsetMs: 0 } : clock, this.#notice);
    const account = await insist('the account', () => port.account(), asking);
    checkAccount(account);
    const name = this.#nameOf(account);
    const names = this.#instruments.map(one => one.symbol);
    const locks = lockAccount(lockFolder, name, names);
    try {
      const found = await insist('the symbols', () => port.symbols(names), asking);
      const symbols = checkSymbols(this.#instruments, found);
      const commissions = await askCommissions(port, symbols, timers, signal);
      const opened = this.#open(name, symbols, commissions);
      try {
        return await this.#trade(opened, clock);
      } finally {
        opened.lock.release();
      }
    } finally {
      for (const lock of locks) lock.release();
    }
  }

  async #trade(opened: Opened, clock: ClockReading): Promise<RealResult> {
    const { id, settings, run, broker, lived, log } = opened;
    const { timers, signal } = this.#options;
    const writer = new JournalWriter(this.#journal, id);
    let account: AccountSession | undefined;
    const driver = new LiveDriver({
      run,
      decisions: lived.decisions,
      feeds: this.#klines.feeds,
      after: lived.after,
      timers,
      barrierMs: this.#options.barrierMs ?? BARRIER_MS,
      commit: entries => writer.append(entries),
      onEntries: entries => {
        this.#tellNotices(broker);
        this.#options.onEntries?.(entries);
      },
      onForming: this.#options.onForming,
      onFailure: error => account?.fail(error),
      account: {
        send: commands => account!.send(commands),
        settled: () => account!.settled(),
        concluded: () => account!.concluded(),
      },
    });
    account = new AccountSession({
      port: this.#port,
      timers,
      instruments: this.#instruments,
      broker,
      driver,
      halts: this.#halts,
      account: settings.account,
      session: id,
      log,
      clock,
      simulatedTime: this.#options.simulatedTime === true,
      append: entries => writer.append(entries),
      notice: this.#notice,
    });
    const { counts } = account;
    const abort = () => driver.stop('keep');
    signal?.addEventListener('abort', abort);
    const before = performance.now();
    try {
      this.#options.onStart?.({
        mode: 'real',
        id,
        resumedSteps: lived.steps,
        settings,
        broker,
        dryRun: this.#options.dryRun === true,
        warmups: run.engine.warmups,
        run,
        driver,
        status: () => this.#klines.status(),
        commits: () => writer.times(),
        stop: policy => this.#stop(driver, policy),
        counts,
      });
      if (signal?.aborted) abort();
      await account.begin();
      const ended = await driver.run();
      const isFlat = broker.waiting === 0 && !holds(broker.account);
      if (!isFlat) this.#tellOpen(broker);
      const over = ended || (driver.policy === 'flatten' && isFlat);
      // What has been filled last is to be told, though no step comes any more.
      const stats = over ? run.engine.finish() : run.engine.stats;
      this.#journal.setStatus(id, over ? 'ended' : 'stopped', timers.now());
      return {
        id,
        ended,
        over,
        result: run.result(stats, performance.now() - before),
        lateBars: driver.lateBars,
        releases: driver.releases,
        commits: writer.times(),
        counts: counts(),
      };
    } catch (error) {
      try {
        this.#journal.setStatus(id, 'failed', timers.now());
      } catch {
        // The store may be what failed; the first error is the one to tell.
      }
      throw error;
    } finally {
      signal?.removeEventListener('abort', abort);
      account.close();
    }
  }

  #stop(driver: LiveDriver, policy: ExitPolicy): void {
    driver.stop(policy);
  }

  readonly #notice: Notify = (level, code, message) => {
    this.#options.onNotice?.({ time: this.#port.now(), level, code, message });
  };

  #tellNotices(broker: ExchangeBroker): void {
    for (const { code, message } of broker.takeNotices()) {
      // Halts are told with what is done about them.
      if (code === 'HALTED' || code === 'RESUMED') continue;
      this.#notice(ALARMS.has(code) ? 'alarm' : 'warning', code, message);
    }
  }

  #tellOpen({ account, orders }: ExchangeBroker): void {
    const held = account.instruments
      .map(({ base }, i) => ({ base, size: account.sizes[i] }))
      .filter(({ size }) => size !== 0)
      .map(({ base, size }) => `${size} ${base}`);
    const message = `left at the exchange: ${held.join(', ') || 'no position'}, ${orders.countAlive()} orders`;
    this.#notice('info', 'LEFT_OPEN', message);
  }

  #nameOf({ uid }: AccountSnapshot): string {
    const { exchange, accountKey } = this.#options;
    const known = uid === '' ? accountKey : uid;
    if (known !== undefined) return accountName(exchange, known);
    throw new InputError('ACCOUNT_UNKNOWN', 'the exchange does not say which account it is', {
      fix: 'give accountKey, a hash of the id of the API key',
    });
  }

  /** The session that goes on, lived through again, or a new one. */
  #open(account: string, symbols: TradingSymbol[], commissions: CommissionRates[]): Opened {
    const { fresh, codeHash, timers, store } = this.#options;
    const sessionKey = this.#sessionKey();
    const { run, broker } = this.#run(this.#klines.feeds, { symbols, commissions, sessionKey });
    const settings = this.#settings(run, { account, sessionKey, symbols, commissions });
    const identity = realIdentity(settings);
    const earlier =
      fresh === true
        ? undefined
        : this.#journal
            .sessions<RealSettings>()
            .findLast(one => one.mode === 'real' && one.identity === identity && one.status !== 'ended');
    if (earlier === undefined) {
      const now = timers.now();
      const id = this.#journal.create({ mode: 'real', codeHash, identity, settings, now });
      const lived = replay([], run, this.#klines.feeds);
      return { id, settings, run, broker, lived, log: new CommandLog(), lock: lockSession(store, id) };
    }
    checkUnchanged(earlier, settings);
    checkLimits(earlier.id, earlier.settings.limits, settings.limits);
    const lock = lockSession(store, earlier.id);
    try {
      return { ...this.#resume(earlier.id, earlier.settings, earlier.codeHash, symbols), lock };
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  #resume(
    id: number,
    settings: RealSettings,
    codeHash: string,
    symbols: readonly TradingSymbol[],
  ): Omit<Opened, 'lock'> {
    const changed = termChanges(settings.symbols, symbols);
    if (changed.length > 0) {
      const message = `the exchange has changed its terms of ${changed.join(', ')}; the session goes on with those it began with`;
      this.#notice('warning', 'TERMS_CHANGED', message);
    }
    const feeds = recordedFeeds(this.#klines.feeds, settings);
    const { run, broker } = this.#run(feeds, settings);
    const log = new CommandLog();
    const lived = replay(this.#journal.entries(id), run, feeds, entry => log.add(entry));
    // They were told when they happened.
    broker.takeNotices();
    const codeChanged = codeHash !== this.#options.codeHash;
    if (lived.decisive !== undefined) throw diverged(id, lived.decisive, codeChanged);
    if (codeChanged) this.#journal.setCodeHash(id, this.#options.codeHash);
    this.#journal.setStatus(id, 'running', this.#options.timers.now());
    return { id, settings, run, broker, lived, log };
  }

  #sessionKey(): string {
    const { random } = this.#options;
    return Array.from({ length: 16 }, () => Math.floor(random() * 16).toString(16)).join('');
  }

  #run(
    feeds: readonly DataFeed[],
    terms: Pick<RealRunTerms, 'symbols' | 'commissions' | 'sessionKey'>,
  ): { run: Run; broker: ExchangeBroker } {
    const { symbols, commissions, sessionKey } = terms;
    const { broker, cash, sizer, limits = {} } = this.#options;
    return realRun(feeds, this.#options, {
      ...{ symbols, commissions, sessionKey, broker, cash, sizer, limits },
    });
  }

  #settings(
    run: Run,
    more: Pick<RealSettings, 'account' | 'sessionKey' | 'symbols' | 'commissions'>,
  ): RealSettings {
    const { strategyFile, exchange, limits = {} } = this.#options;
    return { ...realSettingsOf(run, this.#klines.feeds, { strategyFile, exchange }), ...more, limits };
  }
}

/** True when something could still be sold. */
function holds({ instruments, sizes }: Account): boolean {
  return instruments.some((terms, i) => sizes[i] !== 0 && !isDust(terms, sizes[i]));
}
