import type { Run } from '../backtest/run.ts';
import { type AccountInput, type Command, isExchangeBroker } from '../brokers/binance/commands.ts';
import type { DataFeed, FeedEvent } from '../feeds/feed.ts';
import type { Timer, Timers } from '../net/network.ts';
import type { JournalEntry } from '../store/journal.ts';
import type { Decisions } from './decisions.ts';
import { barEntries, unseen } from './inputs.ts';

export interface DriverOptions {
  readonly run: Run;
  /** What the run has decided already, when it goes on; else a new one. */
  readonly decisions: Decisions;
  /** In the order of the run's. */
  readonly feeds: readonly DataFeed[];
  /** Stamp of the last bar of each feed that the run has; undefined for none. */
  readonly after: readonly (number | undefined)[];
  readonly timers: Timers;
  /** How long a step waits for a feed that is behind, ms. */
  readonly barrierMs: number;
  /** Keeps what happened; when it returns, it is kept. Called once a step, and once a match between steps. */
  readonly commit: (entries: readonly JournalEntry[]) => void;
  /** Hears of everything once it is kept. */
  readonly onEntries?: ((entries: readonly JournalEntry[]) => void) | undefined;
  /** Where orders are executed, when that is not the simulated broker. */
  readonly account?: AccountLink | undefined;
  /** Something has ended the run, or keeps it from beginning. */
  readonly onFailure?: ((error: unknown) => void) | undefined;
  /** The open bar of a feed was revised. */
  readonly onForming?: ((feed: number, event: Extract<FeedEvent, { kind: 'forming' }>) => void) | undefined;
}

/** How an exit leaves the account. */
export type ExitPolicy = 'keep' | 'cancel' | 'flatten';

/** An exchange's account, as the driver deals with it. */
export interface AccountLink {
  /** Sends what has been kept. */
  send(commands: readonly Command[]): void;
  /** Resolves when nothing that was sent waits for its answer, and every answer has been taken. */
  settled(): Promise<void>;
  /** The same, after a last comparison with what the exchange has. */
  concluded(): Promise<void>;
}

/** Stands for the account among the feeds. */
const ACCOUNT = -1;

/** How long an exit waits for its fills, or for the exchange's answers, ms. */
const EXIT_MS = 15_000;

/**
 * Listens to live feeds and drives the engine: an input is taken, the steps that it makes possible are made, all of it is
 * committed, and only then is the feed asked for more. Inputs that are lost before the commit have had no effect that
 * outlives the process.
 */
export class LiveDriver {
  /** Orders at the market that were filled off their bar's open, because it had passed when they arrived. */
  lateOrders = 0;
  /** Bars that came too late to act on. */
  lateBars = 0;
  /** Steps made without a feed that had been waited for. */
  releases = 0;
  readonly #options: DriverOptions;
  readonly #decisions: Decisions;
  readonly #controller = new AbortController();
  readonly #clocked: boolean;
  /** The instrument of each feed, as the broker counts them. */
  readonly #instruments: readonly number[];
  /** Feeds that have spoken since they went live: before that nothing is released without them. */
  readonly #heard: boolean[];
  readonly #ended: boolean[];
  /** Clocked feeds that have reached the end of the present moment; the account counts as one more. */
  readonly #clocks = new Set<number>();
  /** Lets the account's time go on; undefined while it is not held. */
  #release: (() => void) | undefined;
  #accountEnded = false;
  /** What went wrong before the run had begun. */
  #failure: { readonly error: unknown } | undefined;
  #pending: JournalEntry[] = [];
  /** Updates of open bars that the broker was shown and has not matched yet. */
  #offered = 0;
  /** Instruments shown since the last match, and whether the price had left the bar's open by then. */
  readonly #offOpen = new Map<number, boolean>();
  #time = Number.NaN;
  #barrier: Timer | undefined;
  #barrierTime = Number.NaN;
  #flush: Timer | undefined;
  #patience: Timer | undefined;
  /** Set once the run is to end. */
  #exit: ExitPolicy | undefined;
  /** Ends the run; undefined before it has begun. */
  #finish: ((error?: unknown) => void) | undefined;
  /** True once the run has ended: what feeds and timers still say has no effect any more. */
  #over = false;

  constructor(options: DriverOptions) {
    this.#options = options;
    this.#decisions = options.decisions;
    this.#clocked = options.feeds.length > 0 && options.feeds.every(feed => feed.clocked === true);
    const { instruments } = options.run.broker;
    this.#instruments = options.feeds.map(({ instrument }) =>
      instruments.findIndex(({ symbol }) => symbol === instrument.symbol),
    );
    this.#heard = options.feeds.map(() => false);
    this.#ended = options.feeds.map(() => false);
  }

  /** Runs until all feeds have ended or {@link stop} was called; false for the latter. */
  async run(): Promise<boolean> {
    this.check();
    const { feeds, after, run } = this.#options;
    const { warmups } = run.engine;
    const { signal } = this.#controller;
    const iterators = feeds.map((feed, i) =>
      feed.events({ signal, warmup: warmups[i], after: after[i] })[Symbol.asyncIterator](),
    );
    const over = new Promise<void>((resolve, reject) => {
      this.#finish = error => {
        this.#over = true;
        if (error === undefined) resolve();
        else reject(error);
      };
    });
    try {
      if (this.#exit !== undefined) this.#leave();
      const listening = iterators.map((iterator, i) => this.#listen(i, iterator));
      Promise.all(listening).then(() => this.#settleAndFinish());
      await over;
      this.#match();
      // Who leaves gets no more steps: bars in hand are kept, and their step is made when the session goes on.
      if (this.#exit === undefined) this.#advance(true);
      this.#keep();
    } finally {
      this.#over = true;
      this.#barrier?.cancel();
      this.#flush?.cancel();
      this.#patience?.cancel();
      this.#controller.abort();
      await Promise.allSettled(iterators.map(iterator => iterator.return?.()));
    }
    return this.#exit === undefined;
  }

  /** How the run is to end, once somebody has said so. */
  get policy(): ExitPolicy | undefined {
    return this.#exit;
  }

  /** Ends the run. `flatten` waits until the positions are closed, but not for long. */
  stop(policy: ExitPolicy): void {
    if (this.#exit !== undefined) return;
    this.#exit = policy;
    if (this.#finish !== undefined) this.#leave();
  }

  /**
   * Takes what the exchange says of orders and account: it is kept at once, and what it makes necessary is sent. Nothing
   * that comes after the end is taken: it is asked for when the session goes on.
   */
  takeAccount(input: AccountInput): void {
    const { broker } = this.#options.run;
    if (this.#over || !isExchangeBroker(broker)) return;
    this.#guarded(() => {
      broker.take(input);
      this.#pending.push({ kind: 'account', time: input.time, input: JSON.stringify(input) });
      this.#keep();
      if (this.#exit === 'flatten' && broker.waiting === 0) this.#settleAndFinish();
    });
  }

  /** All events of the account before now have been taken; its time stands still until `done` is called. */
  takeAccountTick(end: boolean, done: () => void): void {
    this.#release = done;
    this.#accountEnded ||= end;
    this.#clocks.add(ACCOUNT);
    this.#guarded(() => this.#completeMoment());
  }

  /** Takes orders out of force while the run goes on; `flatten` closes the positions as well. */
  clear(policy: 'entries' | 'cancel' | 'flatten'): void {
    this.#guarded(() => this.#clear(policy));
  }

  /** Ends the run with an error, or lets it not begin. */
  fail(error: unknown): void {
    if (this.#failure !== undefined) return;
    this.#failure = { error };
    this.#finish?.(error);
    this.#options.onFailure?.(error);
  }

  /** Throws what has gone wrong before the run has begun. */
  check(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  #clear(policy: 'entries' | 'cancel' | 'flatten'): void {
    const { engine } = this.#options.run;
    if (!engine.session.running) return;
    this.#match();
    if (policy === 'entries') engine.cancelEntries();
    else if (policy === 'cancel') engine.cancelAll();
    else {
      // A bar in hand would keep the prices after it from the orders that close the positions.
      this.#advance(true);
      engine.flatten();
    }
    this.#pending.push({ kind: 'exit', time: engine.session.time, policy });
    this.#keep();
  }

  #leave(): void {
    const { broker } = this.#options.run;
    const policy = this.#exit!;
    try {
      // At an exchange what protects a position stays, unless the position goes.
      const isReal = this.#options.account !== undefined;
      if (policy !== 'keep') this.#clear(policy === 'cancel' && isReal ? 'entries' : policy);
      if (policy !== 'flatten' || broker.waiting === 0) this.#settleAndFinish();
      else this.#patience = this.#options.timers.after(EXIT_MS, () => this.#finish?.());
    } catch (error) {
      this.fail(error);
    }
  }

  /** Ends the run when what was sent has been answered, and all is known; waits for that, but not for long. */
  #settleAndFinish(): void {
    const { account, timers } = this.#options;
    if (account === undefined) {
      this.#finish?.();
      return;
    }
    this.#patience ??= timers.after(EXIT_MS, () => this.#finish?.());
    account.concluded().then(() => this.#finish?.(), this.#finish);
  }

  async #listen(feed: number, iterator: AsyncIterator<FeedEvent>): Promise<void> {
    try {
      for (;;) {
        const { value, done } = await iterator.next();
        if (done === true) break;
        this.#accept(feed, value);
        // To ask for more lets a local exchange's time go on.
        if (this.#clocked) await this.#options.account?.settled();
      }
      this.#ended[feed] = true;
      this.#accept(feed, { kind: 'clock', upTo: Number.POSITIVE_INFINITY });
    } catch (error) {
      // At once: what another feed says in the meantime must not be acted on.
      this.fail(error);
    }
  }

  #accept(feed: number, event: FeedEvent): void {
    if (this.#over) return;
    switch (event.kind) {
      case 'bars':
        this.#takeBars(feed, event);
        break;
      case 'forming':
        this.#takeForming(feed, event);
        break;
      case 'clock':
        this.#takeClock(feed, event.upTo);
        break;
      case 'gap':
      case 'status': {
        const notice = event.kind === 'gap' ? 'gap' : event.status;
        this.#pending.push({ kind: 'notice', feed, notice });
        this.#options.run.engine.take(feed, event);
        if (notice === 'live') this.#hear(feed);
      }
    }
  }

  #takeBars(feed: number, given: Extract<FeedEvent, { kind: 'bars' }>): void {
    // Who leaves wants no more of the strategy; the bars come again when the session goes on.
    if (this.#exit !== undefined) return;
    const event = unseen(given, this.#options.run.engine.knownTo(feed));
    if (event.bars.length === 0) return;
    this.#match();
    for (const entry of barEntries(feed, this.#options.feeds[feed].columns, event)) this.#pending.push(entry);
    if (event.phase === 'run') this.#hear(feed);
    if (event.late) this.lateBars += event.bars.length;
    this.#options.run.engine.take(feed, event);
    this.#advance(false);
  }

  #takeForming(feed: number, event: Extract<FeedEvent, { kind: 'forming' }>): void {
    const { engine } = this.#options.run;
    const { bar, time } = event;
    this.#hear(feed);
    const { account } = this.#options;
    if (account === undefined && engine.waiting && engine.offerForming(feed, bar, time)) {
      const { open, high, low, close, volume } = bar;
      this.#pending.push({ kind: 'forming', feed, time, stamp: bar.time, open, high, low, close, volume });
      this.#offered++;
      this.#time = time;
      const instrument = this.#instruments[feed];
      if (!this.#offOpen.has(instrument)) this.#offOpen.set(instrument, close !== open);
      // What arrives together is matched together, so that a sale may pay for a purchase.
      if (!this.#clocked)
        this.#flush ??= this.#options.timers.after(0, () => this.#guarded(() => this.#match()));
    }
    this.#options.onForming?.(feed, event);
  }

  #takeClock(feed: number, upTo: number): void {
    const { engine } = this.#options.run;
    this.#hear(feed);
    engine.take(feed, { kind: 'clock', upTo });
    this.#clocks.add(feed);
    this.#completeMoment();
  }

  /** Makes the step of a moment once all that was known at it has been told. */
  #completeMoment(): void {
    const { feeds, account } = this.#options;
    if (feeds.some((_, i) => !this.#ended[i] && !this.#clocks.has(i))) return;
    const isHeld = this.#clocked && account !== undefined && !this.#accountEnded;
    if (isHeld && !this.#clocks.has(ACCOUNT)) return;
    this.#clocks.clear();
    this.#match();
    this.#advance(false);
    const release = this.#release;
    if (release === undefined) return;
    this.#release = undefined;
    account?.settled().then(release, this.#finish);
  }

  /** A feed has spoken: a step that waits may wait for the last one of them, and from now on not for ever. */
  #hear(feed: number): void {
    if (this.#heard[feed]) return;
    this.#heard[feed] = true;
    const next = this.#options.run.engine.nextStep;
    if (next !== undefined && this.#exit === undefined) this.#wait(next.time);
  }

  /** Lets the broker match what it was shown. */
  #match(): void {
    this.#flush?.cancel();
    this.#flush = undefined;
    if (this.#offered === 0) return;
    const { engine, broker } = this.#options.run;
    const { fills } = broker.account;
    const before = fills.length;
    engine.match();
    for (let row = before; row < fills.length; row++) {
      if (this.#offOpen.get(fills.instrument(row)) === true && broker.orders.isMarket(fills.orderId(row)))
        this.lateOrders++;
    }
    this.#offered = 0;
    this.#offOpen.clear();
    this.#pending.push({ kind: 'match', time: this.#time });
    this.#keep();
    if (this.#exit === 'flatten' && broker.waiting === 0) this.#finish?.();
  }

  /** Makes every step that can be made; `all` without waiting for anybody. */
  #advance(all: boolean): void {
    const { engine, broker } = this.#options.run;
    if (this.#exit !== undefined && !all) return;
    for (;;) {
      const next = engine.nextStep;
      if (next === undefined) break;
      const { time, behind } = next;
      if (behind.length > 0 && !all && !(time <= this.#barrierTime && this.#barrier === undefined)) {
        this.#wait(time);
        return;
      }
      if (behind.length > 0) {
        this.releases++;
        this.#pending.push({ kind: 'release', time, behind });
      }
      engine.step();
      const { cash, value } = broker.account;
      this.#pending.push({ kind: 'step', time, cash, value, late: engine.session.late });
      this.#keep();
    }
    this.#barrier?.cancel();
    this.#barrier = undefined;
    if (this.#pending.length > 0 && engine.nextStep === undefined) this.#keep();
  }

  /** Gives the feeds that are behind a while to catch up; nobody guesses where a clock tells. */
  #wait(time: number): void {
    if (this.#clocked || (this.#barrier !== undefined && this.#barrierTime === time)) return;
    if (this.#heard.includes(false)) return;
    this.#barrier?.cancel();
    this.#barrierTime = time;
    this.#barrier = this.#options.timers.after(this.#options.barrierMs, () => {
      this.#barrier = undefined;
      this.#guarded(() => {
        this.#match();
        this.#advance(false);
      });
    });
  }

  #keep(): void {
    this.#decisions.collect(this.#pending);
    if (this.#pending.length === 0) return;
    const entries = this.#pending;
    this.#pending = [];
    const commands = this.#decisions.takeCommands();
    this.#options.commit(entries);
    this.#options.onEntries?.(entries);
    if (commands.length > 0) this.#options.account?.send(commands);
  }

  #guarded(act: () => void): void {
    if (this.#over) return;
    try {
      act();
    } catch (error) {
      this.fail(error);
    }
  }
}
