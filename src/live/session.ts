import type { BacktestResult } from '../backtest/result.ts';
import { type RunOptions, SimulatedRun } from '../backtest/run.ts';
import type { RunStats } from '../engine/run-stats.ts';
import type { DataFeed, FeedEvent } from '../feeds/feed.ts';
import type { LiveKlines, LiveStatus } from '../feeds/live/contract.ts';
import { InputError, type QtError, StrategyError } from '../model/errors.ts';
import type { Timers } from '../net/network.ts';
import { Journal, type JournalEntry, type SessionRecord } from '../store/journal.ts';
import { type Lock, sessionLock, takeLock } from '../store/lock.ts';
import { type ExitPolicy, LiveDriver } from './driver.ts';
import { silentFeed } from './inputs.ts';
import { type Divergence, type Replayed, replay } from './replay.ts';
import { changesOf, identityOf, type SessionSettings, settingsOf } from './settings.ts';

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
export interface PaperStart {
  readonly id: number;
  /** Steps that were lived through again; 0 for a new session. */
  readonly resumedSteps: number;
  readonly settings: SessionSettings;
  /** Bars that each series' indicators need before the run; nothing is fetched for a session that goes on. */
  readonly warmups: readonly number[];
  readonly run: SimulatedRun;
  readonly driver: LiveDriver;
  status(): LiveStatus;
  /** Time that the journal has taken so far. */
  commits(): CommitTimes;
  /** Ends the session. */
  stop(policy: ExitPolicy): void;
}

/** What became of the session. */
export interface PaperResult {
  readonly id: number;
  /** True when the data was over; false when it was stopped. */
  readonly ended: boolean;
  readonly result: BacktestResult;
  /** Market orders that were filled off their bar's open, because it had passed when they arrived. */
  readonly lateOrders: number;
  readonly lateBars: number;
  /** Steps made without a series that had been waited for. */
  readonly releases: number;
  readonly commits: CommitTimes;
}

/** Time that the journal took for its commits, ms; NaN before the first. */
export interface CommitTimes {
  readonly count: number;
  readonly meanMs: number;
  readonly maxMs: number;
}

const BARRIER_MS = 1500;

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
  #commits = 0;
  #commitMs = 0;
  #slowestMs = 0;

  constructor(options: PaperSessionOptions, klines: LiveKlines, journal: Journal) {
    this.#options = options;
    this.#klines = klines;
    this.#journal = journal;
  }

  async run(): Promise<PaperResult> {
    const { session, run, lived } = this.#open();
    const { timers } = this.#options;
    const { id, lock } = session;
    let seq = this.#journal.nextSeq(id);
    const driver = new LiveDriver({
      run,
      decisions: lived.decisions,
      feeds: this.#klines.feeds,
      after: lived.after,
      timers,
      barrierMs: this.#options.barrierMs ?? BARRIER_MS,
      commit: entries => {
        const before = performance.now();
        this.#journal.append(id, seq, entries);
        seq += entries.length;
        const took = performance.now() - before;
        this.#commits++;
        this.#commitMs += took;
        this.#slowestMs = Math.max(this.#slowestMs, took);
      },
      onEntries: this.#options.onEntries,
      onForming: this.#options.onForming,
    });
    const { signal } = this.#options;
    const abort = () => driver.stop('keep');
    signal?.addEventListener('abort', abort);
    const before = performance.now();
    try {
      this.#options.onStart?.({
        id,
        resumedSteps: lived.steps,
        settings: session.settings,
        warmups: run.engine.warmups,
        run,
        driver,
        status: () => this.#klines.status(),
        commits: () => this.#commitTimes(),
        stop: policy => driver.stop(policy),
      });
      if (signal?.aborted) abort();
      const ended = await driver.run();
      const stats = ended ? this.#finish(run, lived) : run.engine.stats;
      this.#journal.setStatus(id, ended || driver.policy === 'flatten' ? 'ended' : 'stopped', timers.now());
      return {
        id,
        ended,
        result: run.result(stats, performance.now() - before),
        lateOrders: driver.lateOrders,
        lateBars: driver.lateBars,
        releases: driver.releases,
        commits: this.#commitTimes(),
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

  #commitTimes(): CommitTimes {
    const count = this.#commits;
    return { count, meanMs: this.#commitMs / count, maxMs: count === 0 ? Number.NaN : this.#slowestMs };
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
    const changes = changesOf(earlier.settings, settings);
    if (changes.length > 0) {
      throw new InputError(
        'SESSION_CHANGED',
        `session ${id} began with other settings: ${changes.join(', ')}`,
        {
          value: changes,
          fix: 'run it as it was, or begin a new session with --new',
        },
      );
    }
    // The terms it began with: what was decided then must come out again.
    const recorded = this.#klines.feeds.map((feed, i) => withTerms(feed, earlier.settings, i));
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
    const lock = takeLock(sessionLock(this.#options.store, id));
    if (lock !== undefined) return lock;
    throw new InputError('SESSION_BUSY', `session ${id} is running in another process`, {
      value: id,
      fix: 'stop that one, or begin another session beside it with --new',
    });
  }
}

interface OpenSession {
  readonly id: number;
  readonly settings: SessionSettings;
  readonly lock: Lock;
}

function withTerms(feed: DataFeed, settings: SessionSettings, i: number): DataFeed {
  const { interval, stamps, columns } = feed;
  return silentFeed({ instrument: settings.datas[i].instrument, interval, stamps, columns });
}

function diverged(id: number, first: Divergence, codeChanged: boolean): QtError {
  const when = Number.isNaN(first.time) ? 'at its start' : `at ${new Date(first.time).toISOString()}`;
  return codeChanged
    ? new InputError(
        'SESSION_CHANGED',
        `session ${id} cannot go on: the strategy's code has changed, and ${when} it decides otherwise than before`,
        { value: first, fix: 'go back to the code it began with, or begin a new session with --new' },
      )
    : new StrategyError(
        'SESSION_DIVERGED',
        `session ${id} cannot go on: ${when} the same inputs led to other decisions than before`,
        {
          value: first,
          fix: 'take clocks, random numbers and files out of the strategy, or begin a new session with --new',
        },
      );
}
