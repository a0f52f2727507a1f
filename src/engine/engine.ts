import type { Broker } from '../brokers/broker.ts';
import type { DataFeed, FeedEvent } from '../feeds/feed.ts';
import type { Arrays } from '../model/array-pool.ts';
import type { Bar } from '../model/bars.ts';
import { InputError } from '../model/errors.ts';
import { intervalMs } from '../model/interval.ts';
import { resolveParameters } from '../model/parameters.ts';
import { run as computeKernel } from '../series/clock.ts';
import type { Kernel } from '../series/kernel.ts';
import { crossingKernels } from '../series/on.ts';
import { AccountHistory } from './account-history.ts';
import type { Analyzer, Midnight, RunStart } from './analyzers/analyzer.ts';
import { type FeedCursor, matchingInterval } from './cursor.ts';
import { checkFills, cursorsOf } from './cursors.ts';
import { letDerive } from './derivation.ts';
import type { EquityCurve } from './equity.ts';
import { cancelAll, cancelEntries, flatten } from './exits.ts';
import type { Recorder } from './recorder.ts';
import type { LogEntry } from './run-log.ts';
import type { EngineProgress, RunStats } from './run-stats.ts';
import { RunSession } from './session.ts';
import type { Sizer } from './sizers/sizer.ts';
import type { Strategy, StrategyClass } from './strategy.ts';
import { asynchronous, strategyFailure } from './strategy-failure.ts';
import { touch } from './touch.ts';

export interface EngineOptions {
  readonly strategy: StrategyClass;
  readonly params?: Readonly<Record<string, unknown>>;
  /** The first one is the strategy's `data`. */
  readonly feeds: readonly DataFeed[];
  /** Finer feeds of some of the instruments, on which their orders are matched; they make no steps. */
  readonly fillFeeds?: readonly DataFeed[] | undefined;
  /** Its instruments are {@link instrumentsOf} the feeds. */
  readonly broker: Broker;
  readonly sizer: Sizer;
  readonly analyzers: readonly Analyzer[];
  /** See {@link RunStart.midnight}; default `ends`. */
  readonly midnight?: Midnight | undefined;
  readonly recorder?: Recorder | undefined;
  readonly onLog?: ((entry: LogEntry) => void) | undefined;
  /** False for a run of which only figures are wanted; default true. */
  readonly keepEquity?: boolean | undefined;
  /** Of its lines and tables. */
  readonly arrays?: Arrays | undefined;
  /** Called after each chunk. */
  readonly onProgress?: ((progress: EngineProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Why a feed's signal is raised in the end. One for all runs: a new one would take down the stack each time. */
const OVER = new DOMException('The run is over', 'AbortError');

/**
 * Runs one strategy over its feeds. A step is one moment at which bars became known: every feed that has a bar for it
 * advances, the broker matches, the strategy hears of its orders and trades, `next` runs, the account's value is
 * taken. The same inputs give the same steps however the feeds cut them into chunks.
 */
export class Engine {
  readonly session: RunSession;
  readonly strategy: Strategy;
  readonly #options: EngineOptions;
  readonly #broker: Broker;
  /** Those of feeds that orders are matched on and nothing else, those of the strategy's, those that it has derived. */
  readonly #cursors: FeedCursor[];
  /** Those of the strategy's feeds. */
  readonly #datas: readonly FeedCursor[];
  /** Those that make steps: of the strategy's feeds, and derived. */
  readonly #stepping: FeedCursor[];
  /** What reads lines of several clocks, in the order in which it is computed: when a step's bars have become current. */
  readonly #crossing: readonly { readonly kernel: Kernel; readonly cursor: FeedCursor }[];
  /** True when some cursor has lines that are computed only when a step is made. */
  readonly #stepwiseLines: boolean;
  /** True when some orders are matched on a feed that the strategy does not see. */
  readonly #hasFills: boolean;
  #started = false;
  /** True once `nextstartOpen` has been called. */
  #opened = false;
  #bars = 0;
  #warmupBars = 0;
  #from = Number.NaN;
  readonly #firstPrices: number[];
  readonly #history: AccountHistory;
  /** The analyzers that are called after every step. */
  readonly #stepwise: readonly Analyzer[];
  /** Those of them that look at the account before the strategy acts. */
  readonly #witnesses: readonly Analyzer[];
  /** When the last step was, epoch ms UTC. */
  #lastTime = Number.NEGATIVE_INFINITY;

  constructor(options: EngineOptions) {
    const { feeds, broker, strategy } = options;
    if (feeds.length === 0) {
      throw new InputError('NO_DATA', 'the run has no data', { fix: 'give at least one feed or file' });
    }
    this.#options = options;
    this.#broker = broker;
    this.#firstPrices = broker.instruments.map(() => Number.NaN);
    this.#history = new AccountHistory(
      broker.account,
      options.analyzers,
      this.#firstPrices,
      Math.max(...feeds.map(feed => feed.length ?? 0)),
      options.keepEquity,
      options.arrays,
    );
    this.#stepwise = options.analyzers.filter(analyzer => analyzer.step !== undefined);
    this.#witnesses = this.#stepwise.filter(analyzer => analyzer.told !== undefined);
    const lines = { lookback: strategy.options?.lookback, arrays: options.arrays };
    this.#cursors = cursorsOf(feeds, options.fillFeeds ?? [], broker, lines);
    this.#datas = this.#cursors.filter(cursor => !cursor.fillsOnly);
    this.#hasFills = this.#datas.length !== this.#cursors.length;
    this.#stepping = [...this.#datas];
    const add = (cursor: FeedCursor) => {
      this.#cursors.push(cursor);
      this.#stepping.push(cursor);
      this.session.add(cursor);
    };
    for (const cursor of this.#datas) letDerive(cursor, lines, add);
    const params = resolveParameters(strategy.parameters ?? {}, options.params ?? {});
    this.session = new RunSession(broker, options.sizer, this.#cursors, params, options.onLog);
    this.strategy = this.#guard(() => new strategy(this.session));
    this.#guard(() => this.strategy.init());
    this.session.attach(this.strategy, options.analyzers);
    const kernels = crossingKernels(this.#cursors.map(cursor => cursor.writer.clock));
    this.#crossing = kernels.map(kernel => ({
      kernel,
      cursor: this.#cursors.find(({ writer }) => writer.clock === kernel.clock)!,
    }));
    for (const cursor of this.#cursors) {
      const { clock } = cursor.writer;
      if (clock.crossing.length > 0) cursor.stepwise = true;
      clock.seal();
    }
    this.#stepwiseLines = this.#cursors.some(cursor => cursor.stepwise);
    options.recorder?.attach(this.strategy, this.#stepping);
  }

  /** The account's value at every step so far. */
  get equity(): EquityCurve {
    return this.#history.curve;
  }

  /** Number of the last bar of each instrument's matching feed; -1 without one. */
  get lastBars(): number[] {
    return this.#broker.instruments.map(
      (_, i) =>
        this.#cursors.find(cursor => cursor.matches && cursor.instrument === i)?.writer.clock.bar ?? -1,
    );
  }

  /** Sentences about the run that its figures do not tell. */
  get notes(): string[] {
    const notes: string[] = [];
    if (!this.#started && this.#history.length > 0) {
      for (const { writer } of this.#stepping) {
        const { data, clock } = writer;
        if (clock.isReady) continue;
        const has = `next() never ran: ${data.name} has ${data.length} bars`;
        const [missing] = clock.crossing.filter(kernel => !(kernel.firstBar <= clock.bar));
        notes.push(
          data.length < clock.minPeriod || missing === undefined
            ? `${has}, its lines need ${clock.minPeriod}`
            : `${has}, and ${missing.label} has no value at the last one`,
        );
      }
    }
    return notes;
  }

  /** Bars that each feed should give before the run, in the order of the feeds. */
  get warmups(): number[] {
    return this.#datas.map(({ wanted }) => wanted);
  }

  /** Asks the feeds for everything they have, in the order of time, to their end. */
  async run(): Promise<RunStats> {
    const controller = new AbortController();
    const abort = () => controller.abort();
    this.#options.signal?.addEventListener('abort', abort);
    if (this.#options.signal?.aborted) abort();
    const cursors = this.#cursors;
    try {
      for (const cursor of cursors) {
        if (!cursor.isDerived) cursor.start({ signal: controller.signal, warmup: cursor.wanted });
      }
      await (this.#isPlain ? this.#runOne(cursors[0], controller.signal) : this.#runMany(controller.signal));
      if (!controller.signal.aborted) for (const { writer } of cursors) writer.clock.keep();
      return this.finish();
    } finally {
      this.#options.signal?.removeEventListener('abort', abort);
      controller.abort(OVER);
      await Promise.allSettled(cursors.map(cursor => cursor.close()));
    }
  }

  /**
   * Takes what feed number `feed` has said: the way of a live run, whose feeds are not asked but listened to. Warm-up
   * bars are computed at once, or where lines of several clocks meet before the next step, in the order of time; a bar of the
   * run waits for {@link step}.
   */
  take(feed: number, event: FeedEvent): void {
    const cursor = this.#cursors[feed];
    cursor.take(event);
    if (this.#crossing.length > 0) {
      for (const one of this.#cursors) one.proceed();
      return;
    }
    if (cursor.derived.length > 0) this.#takeFamily(cursor);
    if (event.kind !== 'bars') return;
    cursor.proceed();
    while (cursor.hasRow && cursor.warmup) {
      const to = cursor.load();
      const { clock } = cursor.writer;
      const { bar } = clock;
      const { close } = cursor.bars!;
      while (cursor.row < to) {
        cursor.advance();
        cursor.tellRow();
      }
      this.#bars += clock.bar - bar;
      this.#warmupBars += clock.bar - bar;
      if (cursor.matches) this.#broker.account.marks[cursor.instrument] = close[to - 1];
      cursor.proceed();
    }
  }

  /** Computes the warm-up bars of a feed and of the datas derived from it, in the order of time. */
  #takeFamily(base: FeedCursor): void {
    const family = [base];
    for (const { derived } of family) family.push(...derived.map(({ cursor }) => cursor));
    for (;;) {
      for (const one of family) one.proceed();
      const warming = family.filter(one => one.hasRow && one.warmup);
      if (warming.length === 0) return;
      const time = Math.min(...warming.map(one => one.closeTime(one.row)));
      for (const one of warming) {
        if (one.closeTime(one.row) !== time) continue;
        const { row } = one;
        const { bar } = one.writer.clock;
        one.load();
        one.advance();
        one.tellRow();
        if (!one.isDerived) {
          this.#bars += one.writer.clock.bar - bar;
          this.#warmupBars += one.writer.clock.bar - bar;
        }
        if (one.matches) this.#broker.account.marks[one.instrument] = one.bars!.close[row];
      }
    }
  }

  /** Up to when feed number `feed` has told of bars that grow, epoch ms UTC; -Infinity before the first, and for others. */
  knownTo(feed: number): number {
    const { last, writer } = this.#cursors[feed];
    return writer.grows ? last : Number.NEGATIVE_INFINITY;
  }

  /** The next moment at which a bar in hand was complete, and the feeds that may still have one for it; or undefined. */
  get nextStep(): { readonly time: number; readonly behind: readonly number[] } | undefined {
    const time = this.#nextRunTime();
    if (time === Number.POSITIVE_INFINITY) return undefined;
    const behind: number[] = [];
    // The step of a late bar has been made already: nobody is waited for.
    if (time <= this.#lastTime) return { time, behind };
    for (let i = 0; i < this.#cursors.length; i++) {
      const cursor = this.#cursors[i];
      // A derived one has been given all that its source's bars hold.
      if (cursor.isDerived) continue;
      const hasRow = this.#crossing.length > 0 ? Number.isFinite(cursor.runTime) : cursor.hasRow;
      if (!hasRow && !cursor.passed(time)) behind.push(i);
    }
    return { time, behind };
  }

  /**
   * Makes the step of {@link nextStep}, without the feeds that are behind. A bar that comes after its step has been made
   * gets a step of its own, at the time of the last one, in which no position is opened.
   */
  step(): void {
    const time = this.#nextRunTime();
    for (;;) {
      const next = this.#nextTime();
      this.#guard(() => this.#stepMany(next, next < time));
      for (const cursor of this.#cursors) cursor.proceed();
      if (next >= time) return;
    }
  }

  /** The same as {@link #nextTime} for bars of the run: only where lines of several clocks meet does warm-up wait as well. */
  #nextRunTime(): number {
    if (this.#crossing.length === 0) return this.#nextTime();
    return Math.min(...this.#cursors.map(cursor => cursor.runTime));
  }

  /** Shows the broker the open bar of a feed; it is matched by {@link match}. False when a closed bar comes before it. */
  offerForming(feed: number, bar: Bar, time: number): boolean {
    const cursor = this.#cursors[feed];
    if (!cursor.matches || cursor.hasRow) return false;
    this.#broker.offerForming(cursor.instrument, bar, time, cursor.writer.clock.bar + 1, cursor.part + 1);
    this.#mark(cursor.instrument, bar.close);
    return true;
  }

  /** Takes all orders out of force. */
  cancelAll(): void {
    cancelAll(this.session);
  }

  /** Takes the orders out of force that would open a position or make one larger; those that protect one stay. */
  cancelEntries(): void {
    cancelEntries(this.session, this.#broker);
  }

  /** Takes all orders out of force and orders every position to be closed at the market. */
  flatten(): void {
    flatten(this.session, this.#broker, this.#cursors);
  }

  /** True while an order waits for a price. */
  get waiting(): boolean {
    return this.#broker.waiting !== 0;
  }

  match(): void {
    this.#broker.match();
  }

  /** Ends the run: no bar comes any more. */
  finish(): RunStats {
    this.#broker.end();
    this.#guard(() => this.session.deliver(this.strategy));
    this.session.running = false;
    this.#guard(() => this.strategy.stop());
    return this.stats;
  }

  /** One feed whose bars all have the same length, and nothing to be asked at every bar: the hot loop is made for it. */
  get #isPlain(): boolean {
    const { account, cheatsOnOpen, watches } = this.#broker;
    return (
      this.#cursors.length === 1 &&
      watches !== true &&
      !Number.isNaN(this.#cursors[0].closeShift) &&
      account.linear &&
      !this.#cursors[0].writer.grows &&
      !cheatsOnOpen &&
      this.#stepwise.length === 0 &&
      !this.session.tellsSteps
    );
  }

  async #runOne(cursor: FeedCursor, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      if (cursor.hasRow) {
        this.#guard(() => this.#runChunk(cursor));
        this.#report();
      } else if (cursor.done) return;
      else await cursor.pull();
    }
  }

  #runChunk(cursor: FeedCursor): void {
    this.session.tellNotices(this.strategy, cursor);
    const { length, close } = cursor.bars!;
    this.#bars += length;
    while (cursor.row < length) {
      const to = cursor.load();
      if (cursor.warmup) {
        this.#warmupBars += to - cursor.row;
        while (cursor.row < to) cursor.advance();
        this.#broker.account.marks[cursor.instrument] = close[to - 1];
      } else {
        if (!this.session.running) this.#begin(cursor);
        this.#runRows(cursor, to);
      }
    }
  }

  /**
   * One feed, rows up to `to`, nothing allocated a bar. Functions of their own, called once a block or more, so that each is
   * compiled as a whole; as inner loops they would be thrown back to the interpreter after every block.
   */
  #runRows(cursor: FeedCursor, to: number): void {
    const { session, strategy } = this;
    const broker = this.#broker;
    const { events } = broker;
    const { clock, first } = cursor.writer;
    const { instrument } = cursor;
    const { marks } = broker.account;
    const bars = cursor.bars!;
    const { close } = bars;
    const from = cursor.row;
    const values = this.#history.beginRows(bars, from, to, cursor.closeShift);
    let valued = from;
    touch(bars.open, from, to);
    // Every order asks for the time.
    touch(bars.time, from, to);
    cursor.row = to;
    session.current = cursor;
    for (let row = from; row < to; row = this.#askRows(cursor, row, to)) {
      clock.move(first + row);
      if (broker.waiting !== 0) {
        // Fills change the account: the steps before them are valued first.
        this.#history.setRows(values, valued - from, close, valued, row);
        valued = row;
        broker.offer(instrument, bars, row, cursor.openTime(row), cursor.closeTime(row), first + row);
        broker.match();
      }
      marks[instrument] = close[row];
      if (events.length !== 0) session.deliver(strategy);
    }
    this.#history.setRows(values, valued - from, close, valued, to);
    this.#history.endRows(values, bars, from, cursor.closeShift);
  }

  /**
   * The hot loop: the strategy's part of the steps from `row` on, as long as nothing it does asks for a match or has to be
   * told. Returns the first row whose step has not been made.
   */
  #askRows(cursor: FeedCursor, row: number, to: number): number {
    const { strategy } = this;
    if (!this.#started) {
      if (this.#early() !== undefined) throw asynchronous();
      return row + 1;
    }
    const broker = this.#broker;
    const { events } = broker;
    const { clock, first } = cursor.writer;
    const { instrument } = cursor;
    const { marks } = broker.account;
    const { close } = cursor.bars!;
    for (let i = row; i < to; i++) {
      clock.move(first + i);
      marks[instrument] = close[i];
      const returned: unknown = strategy.next();
      if (returned !== undefined) throw asynchronous();
      if (broker.waiting !== 0 || events.length !== 0) return i + 1;
    }
    return to;
  }

  async #runMany(signal: AbortSignal): Promise<void> {
    while (!signal.aborted && !this.#stepping.every(cursor => cursor.done && !cursor.hasRow)) {
      const time = this.#nextTime();
      const behind = this.#cursors.find(
        cursor => !cursor.isDerived && !cursor.hasRow && !cursor.done && !(cursor.frontier >= time),
      );
      if (behind !== undefined) {
        await behind.pull();
        this.#report();
      } else if (time === Number.POSITIVE_INFINITY) return;
      else this.#guard(() => this.#stepMany(time));
    }
  }

  /** The earliest time at which a bar in hand became known; Infinity when none is in hand. */
  #nextTime(): number {
    let time = Number.POSITIVE_INFINITY;
    for (const cursor of this.#cursors)
      if (cursor.hasRow) time = Math.min(time, cursor.closeTime(cursor.row));
    return time;
  }

  /** `silent`: of bars that only feed indicators, and that nothing else is to see. */
  #stepMany(time: number, silent = false): void {
    const { session } = this;
    const broker = this.#broker;
    const isWaiting =
      broker.waiting !== 0 || broker.watches === true || broker.cheatsOnOpen || session.hasEarlyTimers;
    const waiting = isWaiting && !silent;
    let run = false;
    let late = time <= this.#lastTime;
    for (const cursor of this.#cursors) {
      if (!cursor.hasRow) continue;
      if (cursor.closeTime(cursor.row) !== time) {
        if (waiting) this.#offerOpen(cursor, time);
        continue;
      }
      const { row, instrument } = cursor;
      const { bar } = cursor.writer.clock;
      cursor.load();
      cursor.advance();
      const isNew = cursor.writer.clock.bar !== bar;
      if (cursor.fillsOnly) {
        if (waiting && session.running) this.#offer(cursor, row, time);
        continue;
      }
      session.current = cursor;
      if (cursor.isDerived) {
        if (!cursor.warmup) run = true;
        if (!cursor.warmup && cursor.late) late = true;
        continue;
      }
      if (isNew) this.#bars++;
      if (cursor.warmup) {
        if (isNew) this.#warmupBars++;
      } else {
        run = true;
        if (cursor.late) late = true;
        if (!session.running || Number.isNaN(this.#firstPrices[instrument])) this.#begin(cursor, row);
      }
      if (waiting && !cursor.matches && this.#hasFills)
        checkFills(cursor, cursor.openTime(row), this.#cursors);
      if (waiting && cursor.matches) this.#offer(cursor, row, time);
    }
    this.#cross();
    if (run) {
      session.late = late;
      session.notBefore = this.#lastTime;
      if (session.hasEarlyTimers || broker.cheatsOnOpen) this.#markCloses();
      session.tellTimers(this.strategy, true);
      if (broker.cheatsOnOpen) this.#open();
    }
    if (waiting) broker.match();
    this.#markCloses();
    if (!run) return;
    for (const cursor of this.#datas) session.tellNotices(this.strategy, cursor);
    this.#act(time);
  }

  /** Shows the broker the row that has just become current: a closed bar, or the part by which one has grown. */
  #offer(cursor: FeedCursor, row: number, time: number): void {
    const { instrument, writer, part } = cursor;
    this.#broker.offer(instrument, cursor.parts!, row, cursor.openTime(row), time, writer.clock.bar, part);
  }

  /** Computes what reads lines of several clocks, on those clocks that have a new bar or a revised one. */
  #cross(): void {
    if (!this.#stepwiseLines) return;
    for (const { kernel, cursor } of this.#crossing) {
      const { bar } = kernel.clock;
      if (cursor.stepped) computeKernel(kernel, bar, bar + 1);
    }
    for (const cursor of this.#cursors) if (cursor.stepped) cursor.tellRow();
  }

  /**
   * The price at which a longer bar has opened before this step is known by now, though the bar has not closed: an order
   * that is due there fills, as it would live.
   */
  #offerOpen(cursor: FeedCursor, time: number): void {
    const { row, instrument } = cursor;
    const number = cursor.writer.clock.bar + 1;
    const part = cursor.part + 1;
    const openTime = cursor.openTime(row);
    if (!cursor.matches || cursor.warmup || cursor.opened === part || !(openTime < time)) return;
    cursor.opened = part;
    const open = cursor.parts!.open[row];
    const bar = { time: cursor.parts!.time[row], open, high: open, low: open, close: open, volume: 0 };
    this.#broker.offerForming(instrument, bar, openTime, number, part);
    this.#mark(instrument, open);
  }

  /** What is bought before the first bar has closed is valued at the first price that is known. */
  #mark(instrument: number, price: number): void {
    const { marks } = this.#broker.account;
    if (Number.isNaN(marks[instrument])) marks[instrument] = price;
  }

  #begin(cursor: FeedCursor, row = cursor.row): void {
    const time = cursor.openTime(row);
    this.#firstPrices[cursor.instrument] = cursor.parts!.open[row];
    if (this.session.running) return;
    this.session.running = true;
    this.#from = time;
    const { account } = this.#broker;
    const stepMs = Math.min(...this.#datas.map(one => intervalMs(matchingInterval(one.feed))));
    const start: RunStart = {
      time,
      value: account.value,
      stepMs,
      account,
      datas: this.session.datas,
      instruments: this.#datas.map(one => one.instrument),
      positionValue: instrument => this.#broker.valueOf(instrument),
      midnight: this.#options.midnight ?? 'ends',
    };
    for (const analyzer of this.#options.analyzers) analyzer.begin?.(start);
  }

  /** The strategy's part of a step, and the account's value after it. */
  #act(time: number): void {
    const { session, strategy } = this;
    // What a timer orders is told at the next step, as what next() orders is.
    const told = this.#broker.events.length;
    session.tellTimers(strategy, false);
    if (told !== 0) session.deliver(strategy, told);
    session.tellAccount(strategy);
    for (const analyzer of this.#witnesses) analyzer.told!();
    const returned: unknown = this.#started ? strategy.next() : this.#early();
    if (returned !== undefined) throw asynchronous();
    // A late step adds nothing to the curve, whose times go forwards; the next one has what it did.
    if (time <= this.#lastTime) return;
    this.#lastTime = time;
    this.#history.add(time);
    for (const analyzer of this.#stepwise) analyzer.step!(time, this.#started);
  }

  #markCloses(): void {
    const { marks } = this.#broker.account;
    for (const cursor of this.#cursors) {
      if (!cursor.fresh) continue;
      cursor.fresh = false;
      const { row, bars } = cursor.writer;
      if (cursor.matches || this.#hasFills) marks[cursor.instrument] = bars.close[row];
    }
  }

  /**
   * Lets the strategy order at the open of the bars that have just become current, where the broker allows it. Whether its
   * lines have values goes by the step before, as in backtrader: `nextOpen` begins a step later than `next`.
   */
  #open(): void {
    const { strategy } = this;
    if (!this.#started) strategy.prenextOpen();
    else if (this.#opened) strategy.nextOpen();
    else {
      this.#opened = true;
      strategy.nextstartOpen();
    }
  }

  #early(): unknown {
    for (const { writer } of this.#stepping) if (!writer.clock.isReady) return this.strategy.prenext();
    this.#started = true;
    return this.strategy.nextstart();
  }

  #report(): void {
    const { onProgress } = this.#options;
    if (onProgress === undefined) return;
    let done = 0;
    for (const { feed } of this.#cursors) done += feed.progress?.() ?? Number.NaN;
    onProgress({ bars: this.#bars, time: this.session.time, done: done / this.#cursors.length });
  }

  /** Runs the strategy's code; what it throws is told with the moment at which it happened. */
  #guard<R>(run: () => R): R {
    try {
      return run();
    } catch (error) {
      throw strategyFailure(error, this.#options.strategy.name, this.session?.time ?? Number.NaN);
    }
  }

  /** What the run has been through so far. */
  get stats(): RunStats {
    const { session } = this;
    this.#history.flush();
    return {
      bars: this.#bars,
      warmupBars: this.#warmupBars,
      steps: this.#history.length,
      exposedSteps: this.#history.exposedSteps,
      from: this.#from,
      to: session.time,
      firstPrices: this.#firstPrices,
      lastPrices: Array.from(session.account.marks),
    };
  }
}
