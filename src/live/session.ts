import type { BacktestResult } from '../backtest/result.ts';
import { type Run, type RunOptions, SimulatedRun } from '../backtest/run.ts';
import type { RunStats } from '../engine/run-stats.ts';
import type { FeedEvent } from '../feeds/feed.ts';
import type { LiveKlines, LiveStatus } from '../feeds/live/contract.ts';
import type { Timers } from '../net/network.ts';
import { Journal, type JournalEntry, type SessionRecord } from '../store/journal.ts';
import type { Lock } from '../store/lock.ts';
import { type ExitPolicy, LiveDriver } from './driver.ts';
import { type CommitTimes, JournalWriter } from './journal-writer.ts';
import { type Replayed, replay } from './replay.ts';
import { checkUnchanged, diverged, lockSession, recordedFeeds } from './resume.ts';
import { identityOf, type SessionSettings, settingsOf } from './settings.ts';

export interface PaperSessionOptions extends Omit<RunOptions, 'record' | 'onLog' | 'onProgress' | 'profile'> {
  /** SHA-256 of the strategy's code. A session goes on with other code only if that would have decided the same. */
  readonly codeHash: string;
  /** The strategy's file as the user named it; kept with the session. */
  readonly strategyFile?: string | undefined;
  /** Where the klines come from, as it is shown; a session goes on only on the exchange it began on. */
  readonly exchange: string;
  /** The SQLite file that keeps the session. */
  readonly store: string;
  /** Begin a new session even if one of the same strategy, series and exchange could go on. */
  readonly fresh?: boolean | undefined;
  /** How long a step waits for a series that is behind, ms; default 1,500. */
  readonly barrierMs?: number | undefined;
  readonly timers: Timers;
  /** Called once, when the session is about to begin or to go on. */
  readonly onStart?: ((start: PaperStart) => void) | undefined;
  /** Hears of everything that happens, after it has been kept. */
  readonly onEntries?: ((entries: readonly JournalEntry[]) => void) | undefined;
  readonly onForming?: ((feed: number, event: Extract<FeedEvent, { kind: 'forming' }>) => void) | undefined;
}

/** A session that is about to run, for those who watch it. */
export interface SessionStart {
  readonly mode: 'paper' | 'real';
  readonly id: number;
  /** Steps that were lived through again; 0 for a new session. */
  readonly resumedSteps: number;
  readonly settings: SessionSettings;
  /** Bars that each series' indicators need before the run; nothing is fetched for a session that goes on. */
  readonly warmups: readonly number[];
  readonly run: Run;
  readonly driver: LiveDriver;
  status(): LiveStatus;
  /** Time that the journal has taken so far. */
  commits(): CommitTimes;
  /** Ends the session. */
  stop(policy: ExitPolicy): void;
}

export interface PaperStart extends SessionStart {
  readonly mode: 'paper';
}

/** What became of the session. */
export interface SessionResult {
  readonly id: number;
  /** True when the data was over; false when it was stopped. */
  readonly ended: boolean;
  /** True when there is nothing to go on with: the data was over, or the account was flattened. */
  readonly over: boolean;
  readonly result: BacktestResult;
  readonly lateBars: number;
  /** Steps made without a series that had been waited for. */
  readonly releases: number;
  readonly commits: CommitTimes;
}

export interface PaperResult extends SessionResult {
  /** Market orders that were filled off their bar's open, because it had passed when they arrived. */
  readonly lateOrders: number;
}

/** How long a step waits for a series that is behind, ms. */
export const BARRIER_MS = 1500;

/**
 * Trades on paper: live klines (opened with `forming`), the simulated broker, every input and decision kept. A session
 * of the same strategy, series and exchange that was stopped or killed goes on where it was: what happened is lived
 * through again, and bars that were missed are fetched. Throws `SESSION_BUSY`, `SESSION_CHANGED`, `SESSION_DIVERGED`, `STORE_*`, and
 * what feeds and strategy throw. Whoever opened the klines closes them.
 */
export async function tradeOnPaper(klines: LiveKlines, options: PaperSessionOptions): Promise<PaperResult> {
  const journal = new Journal(options.store);
  try {
    return await new PaperSession(options, klines, journal).run();
  } finally {
    journal.close();
  }
}

class PaperSession {
  readonly #options: PaperSessionOptions;
  readonly #klines: LiveKlines;
  readonly #journal: Journal;

  constructor(options: PaperSessionOptions, klines: LiveKlines, journal: Journal) {
    this.#options = options;
    this.#klines = klines;
    this.#journal = journal;
  }

  async run(): Promise<PaperResult> {
    const { session, run, lived } = this.#open();
    const { timers } = this.#options;
    const { id, lock } = session;
    const writer = new JournalWriter(this.#journal, id);
    const driver = new LiveDriver({
      run,
      decisions: lived.decisions,
      feeds: this.#klines.feeds,
      after: lived.after,
      timers,
      barrierMs: this.#options.barrierMs ?? BARRIER_MS,
      commit: entries => writer.append(entries),
      onEntries: this.#options.onEntries,
      onForming: this.#options.onForming,
    });
    const { signal } = this.#options;
    const abort = () => driver.stop('keep');
    signal?.addEventListener('abort', abort);
    const before = performance.now();
    try {
      this.#options.onStart?.({
        mode: 'paper',
        id,
        resumedSteps: lived.steps,
        settings: session.settings,
        warmups: run.engine.warmups,
        run,
        driver,
        status: () => this.#klines.status(),
        commits: () => writer.times(),
        stop: policy => driver.stop(policy),
      });
      if (signal?.aborted) abort();
      const ended = await driver.run();
      const over = ended || driver.policy === 'flatten';
      // What has been filled last is to be told, though no step comes any more.
      const stats = over ? this.#finish(run, lived) : run.engine.stats;
      this.#journal.setStatus(id, over ? 'ended' : 'stopped', timers.now());
      return {
        id,
        ended,
        over,
        result: run.result(stats, performance.now() - before),
        lateOrders: driver.lateOrders,
        lateBars: driver.lateBars,
        releases: driver.releases,
        commits: writer.times(),
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
      lock.release();
    }
  }

  /** What the end settles and the strategy's last words are told, and not kept: they follow from what was. */
  #finish(run: SimulatedRun, { decisions }: Replayed): RunStats {
    const stats = run.engine.finish();
    const entries: JournalEntry[] = [];
    decisions.collect(entries);
    if (entries.length > 0) this.#options.onEntries?.(entries);
    return stats;
  }

  /** The session that goes on, lived through again, or a new one. */
  #open(): { session: OpenSession; run: SimulatedRun; lived: Replayed } {
    const { feeds } = this.#klines;
    const { fresh, codeHash } = this.#options;
    const run = new SimulatedRun(feeds, this.#options);
    const settings = settingsOf(run, feeds, this.#options);
    const identity = identityOf(settings);
    const earlier =
      fresh === true
        ? undefined
        : this.#journal
            .sessions<SessionSettings>()
            .findLast(one => one.mode === 'paper' && one.identity === identity && one.status !== 'ended');
    if (earlier === undefined) {
      const now = this.#options.timers.now();
      const id = this.#journal.create({ mode: 'paper', codeHash, identity, settings, now });
      return { session: { id, settings, lock: this.#lock(id) }, run, lived: replay([], run, feeds) };
    }
    const lock = this.#lock(earlier.id);
    try {
      return { ...this.#resume(earlier, settings, lock) };
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  #resume(
    earlier: SessionRecord<SessionSettings>,
    settings: SessionSettings,
    lock: Lock,
  ): { session: OpenSession; run: SimulatedRun; lived: Replayed } {
    const { id } = earlier;
    checkUnchanged(earlier, settings);
    const recorded = recordedFeeds(this.#klines.feeds, earlier.settings);
    const run = new SimulatedRun(recorded, this.#options);
    const lived = replay(this.#journal.entries(id), run, recorded);
    const codeChanged = earlier.codeHash !== this.#options.codeHash;
    if (lived.decisive !== undefined) throw diverged(id, lived.decisive, codeChanged);
    // Code that would have decided the same so far may go on with what the other began: a mended line, another log.
    if (codeChanged) this.#journal.setCodeHash(id, this.#options.codeHash);
    this.#journal.setStatus(id, 'running', this.#options.timers.now());
    return { session: { id, settings: earlier.settings, lock }, run, lived };
  }

  #lock(id: number): Lock {
    return lockSession(this.#options.store, id);
  }
}

interface OpenSession {
  readonly id: number;
  readonly settings: SessionSettings;
  readonly lock: Lock;
}
