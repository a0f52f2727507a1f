import type { Run } from '../../backtest/run.ts';
import { isExchangeBroker } from '../../brokers/binance/commands.ts';
import { instrumentsOf } from '../../engine/cursors.ts';
import { Strategy } from '../../engine/strategy.ts';
import type { DataFeed } from '../../feeds/feed.ts';
import type { Instrument } from '../../model/instrument.ts';
import { intervalMs } from '../../model/interval.ts';
import type { JournalEntry } from '../../store/journal.ts';
import { AccountRecord } from './account-record.ts';
import { type Incident, iso } from './incident.ts';

/** The first price that an order met, when that was an update of an open bar. */
export interface FirstUpdate {
  /** When the exchange sent it, epoch ms UTC. */
  readonly time: number;
  readonly price: number;
  /** At which its bar had opened. */
  readonly open: number;
  /** How far its bar had gone by then. */
  readonly high: number;
  readonly low: number;
  /** Its number in the journal. */
  readonly seq: number;
  /** The process was another one when the order was placed. */
  readonly restarted: boolean;
}

/** What came otherwise than in a history, counted. */
export interface IncidentCounts {
  /** Bars that were given too late to open a position on. */
  lateBars: number;
  /** Steps that were made for a bar after the step it belonged to. */
  lateSteps: number;
  /** Steps that were made without a series that was behind. */
  releases: number;
  gaps: number;
  disconnects: number;
  exits: number;
  /** Times the session was begun again. */
  restarts: number;
}

/** Released steps of which it is remembered that a bar may still come for them. */
const RELEASES = 10_000;

interface Waiting {
  readonly id: number;
  readonly seq: number;
}

/**
 * Watches a run that lives through a journal, and keeps whatever its inputs have beyond the bars. With the same code and
 * settings nothing else can make a backtest over these bars do anything else.
 */
export class Circumstances {
  readonly counts: IncidentCounts;
  /** Orders that an exit placed or took out of force, and how it was to leave the account. */
  readonly exits = new Map<
    number,
    {
      readonly placed: boolean;
      readonly policy: string;
      readonly time: number;
      /** Why the account was halted then; undefined if it was not. */
      readonly halted: string | undefined;
    }
  >();
  /** What the exchange said of orders; undefined for a session on paper. */
  readonly account: AccountRecord | undefined;
  /** In the order of the journal. */
  readonly incidents: Incident[] = [];
  readonly #run: Run;
  readonly #names: readonly string[];
  /** The feed on which each instrument's orders are matched. */
  readonly matching: readonly number[];
  /** True when the strategy hears of gaps and connections. */
  readonly #listens: boolean;
  readonly #restarts: readonly number[];
  readonly #updates = new Map<number, FirstUpdate>();
  /** Orders of steps that were made late, with the moments of their bars. */
  readonly #late = new Map<
    number,
    { readonly time: number; readonly behind: boolean; readonly name: string }
  >();
  /** Orders of each instrument that have met no price yet. */
  readonly #waiting: Waiting[][];
  #waits = 0;
  /** Up to date while an order waits. */
  #lastBars: readonly number[] = [];
  #orders = 0;
  /** Bars of each series that have been given. */
  readonly #given: number[];
  /** The same for the order's series, when it was filled. */
  readonly #givenAtFill = new Map<number, number>();
  #fills = 0;
  #notices: { readonly feed: number; readonly notice: string }[] = [];
  #behind: readonly number[] = [];
  /** Steps that were made without some feeds, the last ones. */
  readonly #released = new Map<number, readonly number[]>();

  /** `restarts`: the numbers of the entries with which a new process began. */
  constructor(
    run: Run,
    feeds: readonly Pick<DataFeed, 'instrument' | 'interval'>[],
    restarts: readonly number[],
  ) {
    this.#run = run;
    this.#names = feeds.map(({ instrument, interval }) => `${instrument.symbol} ${interval}`);
    this.#restarts = restarts;
    this.#listens = run.engine.strategy.notifyData !== Strategy.prototype.notifyData;
    const instruments = instrumentsOf(feeds as readonly DataFeed[]);
    this.matching = instruments.map(({ symbol }) => finest(feeds, symbol));
    this.#waiting = instruments.map(() => []);
    this.#given = feeds.map(() => 0);
    const { broker } = run;
    if (isExchangeBroker(broker)) {
      this.account = new AccountRecord(broker, restarts, incident => this.#add(incident));
    }
    this.counts = {
      lateBars: 0,
      lateSteps: 0,
      releases: 0,
      gaps: 0,
      disconnects: 0,
      exits: 0,
      restarts: restarts.length,
    };
  }

  /** To be called with each entry, when the run has lived through it. */
  observe(entry: JournalEntry, seq: number): void {
    this.account?.observe(entry, seq);
    switch (entry.kind) {
      case 'warmup':
      case 'bar':
      case 'late':
        if (entry.kind === 'late') this.counts.lateBars++;
        this.#given[entry.feed]++;
        return;
      case 'notice':
        if (entry.notice === 'gap') this.counts.gaps++;
        if (entry.notice === 'disconnected') this.counts.disconnects++;
        if (this.#listens) this.#notices.push(entry);
        return;
      case 'release':
        this.counts.releases++;
        this.#behind = entry.behind;
        return;
      case 'forming':
        if (this.#waits > 0) this.#update(entry, seq);
        return;
      case 'match':
        this.#fill();
        return;
      case 'exit':
        this.#exit(entry);
        return;
      case 'step':
        this.#step(seq);
    }
  }

  instrument(symbol: string): Instrument {
    return this.#run.broker.instruments.find(one => one.symbol === symbol)!;
  }

  /** The first update that the order met; undefined when the first price it met was a closed bar's open. */
  update(id: number): FirstUpdate | undefined {
    return this.#updates.get(id);
  }

  /** Of an order that was decided on a late bar: the moment of the bar, and whether its step had been made before. */
  late(id: number): { readonly time: number; readonly behind: boolean; readonly name: string } | undefined {
    return this.#late.get(id);
  }

  /** Bars of the order's series that had been given when it was filled; undefined without a fill. */
  givenAtFill(id: number): number | undefined {
    return this.#givenAtFill.get(id);
  }

  #fill(): void {
    const { fills } = this.#run.broker.account;
    for (; this.#fills < fills.length; this.#fills++) {
      const feed = this.matching[fills.instrument(this.#fills)];
      this.#givenAtFill.set(fills.orderId(this.#fills), this.#given[feed]);
    }
  }

  #step(seq: number): void {
    this.#fill();
    const { engine, broker } = this.#run;
    const { session } = engine;
    const { data } = session.current!.writer;
    const { closeTime: time } = data.bar;
    const behind = session.late && time <= session.notBefore;
    for (const { feed, notice } of this.#notices) {
      const what = notice === 'gap' ? 'a gap' : notice === 'live' ? 'a connection' : 'a cut connection';
      const cause = notice === 'gap' ? 'gap' : 'connection';
      this.#add({ cause, time, detail: `the strategy was told of ${what} of ${this.#names[feed]}` });
    }
    this.#notices = [];
    if (this.#behind.length > 0) {
      this.#released.set(time, this.#behind);
      if (this.#released.size > RELEASES) this.#released.delete(this.#released.keys().next().value!);
      this.#behind = [];
    }
    if (behind) this.#lateStep(data.name, time);
    else this.account?.step(time);
    if (this.#waits > 0) this.#forget();
    const { orders } = broker;
    while (this.#orders < orders.length) {
      const id = ++this.#orders;
      if (session.late) this.#late.set(id, { time, behind, name: data.name });
      if (this.#waits++ === 0) this.#lastBars = engine.lastBars;
      this.#waiting[orders.instrument(id)].push({ id, seq });
    }
  }

  /** Only now is it known that a step was made without a bar: a series that is behind may have none for that moment. */
  #lateStep(name: string, time: number): void {
    this.counts.lateSteps++;
    const released = this.#released.get(time);
    if (released !== undefined) {
      const names = released.map(feed => this.#names[feed]).join(', ');
      this.#add({ cause: 'barrier', time, detail: `the step of ${iso(time)} was made without ${names}` });
      this.#released.delete(time);
    }
    this.#add({ cause: 'late bar', time, detail: lateText(name, time) });
  }

  #add(incident: Incident): void {
    this.incidents.push(incident);
  }

  /** Leaves out the orders that the step's bars have met: not those that came after the bar had opened. */
  #forget(): void {
    const { engine, broker } = this.#run;
    const { lastBars } = engine;
    for (let i = 0; i < lastBars.length; i++) {
      if (lastBars[i] === this.#lastBars[i] || this.#waiting[i].length === 0) continue;
      const { openTime } = engine.session.datas[this.matching[i]].bar;
      const left = this.#waiting[i].filter(({ id }) => openTime < broker.orders.notBefore(id));
      this.#waits -= this.#waiting[i].length - left.length;
      this.#waiting[i] = left;
    }
    this.#lastBars = lastBars;
  }

  #update(entry: Extract<JournalEntry, { kind: 'forming' }>, seq: number): void {
    const { orders } = this.#run.broker;
    const instrument = this.matching.indexOf(entry.feed);
    if (instrument < 0) return;
    const { time, close: price, open, high, low } = entry;
    const left: Waiting[] = [];
    for (const one of this.#waiting[instrument]) {
      // An update from before the order was placed is none that it meets.
      if (time < orders.createdAt(one.id) || time < orders.notBefore(one.id)) {
        left.push(one);
        continue;
      }
      const restarted = this.#restarts.some(restart => one.seq < restart && restart <= seq);
      this.#updates.set(one.id, { time, price, open, high, low, seq, restarted });
    }
    this.#waits -= this.#waiting[instrument].length - left.length;
    this.#waiting[instrument] = left;
  }

  #exit({ policy, time }: Extract<JournalEntry, { kind: 'exit' }>): void {
    const { orders } = this.#run.broker;
    const why = this.account?.halted;
    const halted = why === undefined ? undefined : `${why.message} (${why.code})`;
    this.counts.exits++;
    for (const { id } of this.#run.engine.session.openOrders) {
      if (id <= this.#orders) this.exits.set(id, { placed: false, policy, time, halted });
    }
    while (this.#orders < orders.length)
      this.exits.set(++this.#orders, { placed: true, policy, time, halted });
  }
}

/** `the bar of ETHUSDT 1m that closed at … came after its step had been made`. */
export function lateText(name: string, time: number): string {
  return `the bar of ${name} that closed at ${iso(time)} came after its step had been made`;
}

/** The feed of an instrument that has the shortest bars, the first of equals. */
function finest(feeds: readonly Pick<DataFeed, 'instrument' | 'interval'>[], symbol: string): number {
  let best = -1;
  for (const [i, { instrument, interval }] of feeds.entries()) {
    if (instrument.symbol !== symbol) continue;
    if (best < 0 || intervalMs(interval) < intervalMs(feeds[best].interval)) best = i;
  }
  return best;
}
