import { NetworkError, QtError } from '../../model/errors.ts';
import type { Instrument } from '../../model/instrument.ts';
import { barEnd, type Interval, intervalMs, isFixed } from '../../model/interval.ts';
import { BackOff } from '../../net/back-off.ts';
import type { Network } from '../../net/network.ts';
import { sleep } from '../../net/sleep.ts';
import { KLINE_COLUMNS, type Kline, MOST_KLINES, sameKline } from '../../venues/binance/kline.ts';
import type { DataFeed, FeedEvent, FeedRequest } from '../feed.ts';
import type { LiveNotice, LiveStatus, PastBars } from './contract.ts';
import type { MarketClock } from './market-clock.ts';
import type { MarketRest } from './market-rest.ts';
import { Outbox } from './outbox.ts';
import { fetchWarmup } from './warm-up.ts';

/** A frame may overtake another one by this much before REST is asked for what seems missing, ms of the market. */
const GRACE_MS = 250;
/** A bar that is not there so long after its close is asked for, ms of the market. */
export const OVERDUE_MS = 10_000;
/**
 * The last row of a REST answer is still forming unless its bar closed this long before the request, by the exchange's
 * own clock; REST answers come from a database that lags the market. Usually a later row tells sooner.
 */
const SETTLED_MS = 10_000;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 15_000;
/** While the market's time stands still nothing is worth waiting for, ms by this machine's clock. */
const STILL_MS = 5;
/** Answers that must agree that a bar does not exist before the run goes on without it. */
const AGREED = 3;
/** Closed bars ahead of a hole that are kept until it is filled; REST gives the others again. */
const MOST_HELD = 1000;
/** Delivered bars that are remembered, to see whether they come again with other values. */
const REMEMBERED = 64;

/** A forming bar as the stream told it. */
export interface Forming {
  readonly kline: Kline;
  /** When the exchange said so, epoch ms UTC. */
  readonly time: number;
}

/** What a series needs of the feed that it is part of. */
export interface SeriesHost {
  readonly network: Network;
  readonly clock: MarketClock;
  readonly rest: MarketRest;
  readonly past: PastBars | undefined;
  /** The market's time stands still until all has been taken. */
  readonly lockstep: boolean;
  readonly forming: boolean;
  readonly lateMs: number | undefined;
  readonly counters: { -readonly [Name in keyof LiveStatus['counters']]: number };
  notice(level: LiveNotice['level'], code: string, message: string): void;
  /** Begins the run, if this is the first series that does; the market's time at which it began. */
  begin(series: KlineSeries): number;
  /** REST has been seen to know less than the streams. */
  readonly lagging: boolean;
  restLags(): void;
  /** The series has ended. */
  ended(series: KlineSeries): void;
  /** Its consumer waits, or bars have been put in. */
  changed(): void;
  /** When the next bar is due has changed. */
  due(): void;
  /** A frame named the market's time, epoch ms UTC. */
  heard(time: number): void;
  /** A bar that closed at `end` had to be fetched after its time. */
  missed(series: KlineSeries, end: number): void;
}

/**
 * Klines of one symbol and interval. `#next` is the open time of the bar to deliver next: all before it have been
 * delivered, or have been found not to exist; whatever comes is compared with it. `#need` is the moment up to which
 * bars are known to have closed; when the next bar ends at or before it, the bar is missing and is fetched by REST.
 */
export class KlineSeries {
  readonly symbol: string;
  readonly interval: Interval;
  readonly feed: DataFeed;
  readonly outbox: Outbox;
  readonly #host: SeriesHost;
  readonly #ending = new AbortController();
  /** NaN where bars differ in length. */
  readonly #length: number;
  readonly #held = new Map<number, Kline>();
  readonly #remembered = new Map<number, Kline>();
  #next = Number.NaN;
  #end = Number.NaN;
  #need = Number.NEGATIVE_INFINITY;
  /** Open time of the newest bar of which the stream has spoken. */
  #seen = Number.NEGATIVE_INFINITY;
  /** Up to here REST has been found to have no more bars than have been delivered. */
  #checked = Number.NEGATIVE_INFINITY;
  /** False as long as where bars begin is only computed: then the first bar that comes says it. */
  #anchored = false;
  #absent = Number.NaN;
  #absences = 0;
  #filling = false;
  #room: (() => void) | undefined;
  #up = false;
  #over = false;
  #forgetSignal = () => {};
  #formingOpen = Number.NEGATIVE_INFINITY;
  #formingTime = Number.NEGATIVE_INFINITY;
  #formingVolume = 0;
  #ahead: Forming[] = [];
  #clock = Number.NEGATIVE_INFINITY;
  started = false;
  ended = false;
  state: LiveStatus['series'][number]['state'] = 'syncing';
  /** Open time of the last bar that was delivered. */
  last = Number.NaN;
  /** When a frame of this series last came, ms by this machine's clock. */
  heardAt = Number.NEGATIVE_INFINITY;

  constructor(host: SeriesHost, instrument: Instrument, interval: Interval) {
    this.#host = host;
    this.symbol = instrument.symbol;
    this.interval = interval;
    this.#length = isFixed(interval) ? intervalMs(interval) : Number.NaN;
    const lateMs = host.lateMs ?? intervalMs(interval);
    this.outbox = new Outbox({
      isLate: time => host.clock.now() - this.#barEnd(time) > lateMs,
      everyForming: host.lockstep,
      onIdle: () => host.changed(),
      onRoom: () => this.#hasRoom(),
      onReturn: () => this.end(),
    });
    this.feed = {
      instrument,
      interval,
      stamps: 'open',
      columns: KLINE_COLUMNS,
      ...(host.lockstep ? { clocked: true } : {}),
      events: request => this.#events(request),
    };
  }

  get name(): string {
    return `${this.symbol} ${this.interval}`;
  }

  /** When the next bar is overdue, by the market's time; Infinity while that is no question. */
  get deadline(): number {
    if (this.ended || this.#filling || Number.isNaN(this.#next)) return Number.POSITIVE_INFINITY;
    return this.#end + OVERDUE_MS + this.#host.clock.ahead;
  }

  /** Every bar that closed at or before `time` has been put in. */
  complete(time: number): boolean {
    return this.ended || this.#end > time || this.#checked >= time;
  }

  /** A closed bar came on the stream. */
  closed(kline: Kline): void {
    this.heardAt = this.#host.network.timers.now();
    if (!this.started || this.ended) return;
    this.#knowClosed(this.#barEnd(kline.time));
    if (kline.time > this.#seen) this.#seen = kline.time;
    if (kline.time === this.#next && !this.outbox.full) {
      this.#deliver(kline);
      this.#drain();
    } else if (kline.time < this.#next || this.#held.has(kline.time)) {
      this.#host.counters.duplicates++;
      this.#compare(kline);
    } else if (this.#held.size < MOST_HELD && !this.outbox.full) this.#held.set(kline.time, kline);
    this.#check();
  }

  /** The stream spoke of an unfinished bar that opened at `open`: all bars before it have closed. */
  opened(open: number): void {
    this.heardAt = this.#host.network.timers.now();
    if (!this.started || this.ended) return;
    if (open > this.#seen) this.#seen = open;
    if (open === this.#next) this.#host.clock.unfinished(this.#end);
    if (open <= this.#need) return;
    this.#knowClosed(open);
    if (open !== this.#next) this.#check();
  }

  /** A forming bar came on the stream, and the consumer wants them. */
  forming({ kline, time }: Forming): void {
    this.opened(kline.time);
    if (!this.started || this.ended || Number.isNaN(this.#next)) return;
    const { time: open, volume } = kline;
    const older =
      open < this.#formingOpen ||
      (open === this.#formingOpen &&
        (time < this.#formingTime || (time === this.#formingTime && volume <= this.#formingVolume)));
    // A clock must stay true: nothing of an earlier time follows it.
    if (open < this.#next || older || time < this.#clock) return;
    this.#formingOpen = open;
    this.#formingTime = time;
    this.#formingVolume = volume;
    // REST has been asked: what is not there up to this bar's open does not exist, and nothing is to be waited for.
    if (open > this.#next && this.#host.lockstep && this.#checked >= open) this.#skip(open);
    if (open === this.#next) {
      this.#form({ kline, time });
      return;
    }
    if (this.#ahead.length > 0 && (!this.#host.lockstep || this.#ahead.length >= MOST_HELD)) {
      this.#host.counters.dropped++;
      this.#ahead.shift();
    }
    this.#ahead.push({ kline, time });
  }

  /** The exchange says that everything up to `time` has been sent; `over`: that there will be no more. */
  told(time: number, over: boolean): void {
    if (over) this.#over = true;
    this.#knowClosed(time);
    this.#check();
  }

  /** Gives the clock to the consumer. */
  tick(time: number): void {
    this.#clock = time;
    this.outbox.tell({ kind: 'clock', upTo: time });
  }

  /** The next bar is overdue. */
  overdue(): void {
    if (this.#filling || !(this.#end <= this.#host.clock.now())) return;
    this.#knowClosed(this.#end);
    this.#check();
  }

  /** The connection stands and the stream is subscribed. */
  up(): void {
    this.#up = true;
    if (!this.started || this.ended) return;
    if (!this.#host.lockstep && this.#end <= this.#host.clock.now()) this.#knowClosed(this.#end);
    this.#check();
  }

  down(): void {
    this.#up = false;
    if (this.ended || this.state !== 'live') return;
    this.state = 'disconnected';
    this.outbox.tell({ kind: 'status', status: 'disconnected' });
  }

  /** Ends at once; what has not been taken is forgotten. */
  end(error?: unknown): void {
    if (this.ended) return;
    this.outbox.end(error);
    if (error === undefined) this.outbox.discard();
    this.#finish();
  }

  /** Ends after what is waiting has been taken. */
  finish(): void {
    if (this.ended) return;
    this.outbox.end();
    this.#finish();
  }

  #finish(): void {
    this.ended = true;
    this.state = 'ended';
    this.#forgetSignal();
    this.#ending.abort();
    this.#held.clear();
    this.#remembered.clear();
    this.#ahead = [];
    this.#hasRoom();
    this.#host.ended(this);
  }

  #events(request: FeedRequest): AsyncIterable<FeedEvent> {
    if (this.started) {
      throw new QtError('FEED_TAKEN', `the events of ${this.name} were asked for a second time`, {
        value: this.name,
        fix: 'open a feed for each consumer',
      });
    }
    this.started = true;
    if (this.ended) return this.outbox;
    const { signal } = request;
    if (signal.aborted) {
      this.end();
      return this.outbox;
    }
    const abort = () => this.end();
    signal.addEventListener('abort', abort, { once: true });
    this.#forgetSignal = () => signal.removeEventListener('abort', abort);
    const begun = this.#host.begin(this);
    this.#guard(this.#start(request, begun));
    return this.outbox;
  }

  async #start({ warmup, after }: FeedRequest, begun: number): Promise<void> {
    if (after !== undefined) {
      this.#anchored = true;
      this.#advance(this.#barEnd(after));
      if (!this.#host.lockstep) this.#knowClosed(begun);
    } else {
      const { klines, next, anchored } = await fetchWarmup({
        rest: this.#host.rest,
        clock: this.#host.clock,
        timers: this.#host.network.timers,
        lockstep: this.#host.lockstep,
        symbol: this.symbol,
        interval: this.interval,
        count: warmup,
        begun,
        settledMs: SETTLED_MS,
        past: this.#host.past,
        notice: this.#host.notice,
        signal: this.#ending.signal,
      });
      if (this.ended) return;
      for (const kline of klines) {
        this.outbox.bar(kline, 'warmup');
        this.#remember(kline);
      }
      this.last = klines.at(-1)?.time ?? Number.NaN;
      this.#anchored = anchored;
      this.#advance(next);
    }
    for (const time of [...this.#held.keys()]) if (time < this.#next) this.#held.delete(time);
    this.#drain();
    this.#check();
    this.#host.due();
  }

  #barEnd(open: number): number {
    return Number.isNaN(this.#length) ? barEnd(open, this.interval) : open + this.#length;
  }

  #advance(next: number): void {
    this.#next = next;
    this.#end = this.#barEnd(next);
  }

  #knowClosed(time: number): void {
    if (time > this.#need) this.#need = time;
  }

  #deliver(kline: Kline): void {
    this.#anchored = true;
    this.last = kline.time;
    this.#remember(kline);
    this.#advance(this.#end);
    this.outbox.bar(kline, 'run');
  }

  #remember(kline: Kline): void {
    const remembered = this.#remembered;
    remembered.set(kline.time, kline);
    if (remembered.size <= REMEMBERED) return;
    for (const oldest of remembered.keys()) {
      remembered.delete(oldest);
      break;
    }
  }

  /** A bar came again. */
  #compare(kline: Kline): void {
    const known = this.#held.get(kline.time) ?? this.#remembered.get(kline.time);
    if (known === undefined || sameKline(known, kline)) return;
    this.#host.counters.revised++;
    const text = `${this.name}: the bar of ${utc(kline.time)} came again with other values; the first ones stand`;
    this.#host.notice('warning', 'BAR_REVISED', text);
  }

  /** Delivers what is held and follows without a hole; the bars that were delivered. */
  #drain(): number {
    let count = 0;
    for (;;) {
      const kline = this.#held.get(this.#next);
      if (kline === undefined || this.outbox.full) break;
      this.#held.delete(kline.time);
      this.#deliver(kline);
      count++;
    }
    while (this.#ahead.length > 0 && this.#ahead[0].kline.time <= this.#next) {
      const forming = this.#ahead.shift()!;
      if (forming.kline.time === this.#next) this.#form(forming);
    }
    return count;
  }

  #form({ kline, time }: Forming): void {
    const { time: open, high, low, close, volume } = kline;
    const bar = { time: open, open: kline.open, high, low, close, volume };
    this.outbox.forming({ kind: 'forming', bar, time });
  }

  /** Fetches what is missing, or says that nothing is. */
  #check(): void {
    if (this.ended || Number.isNaN(this.#next)) return;
    if (!this.complete(this.#need)) {
      if (!this.#filling) this.#guard(this.#fill());
      return;
    }
    if (this.#up && this.state !== 'live') {
      this.state = 'live';
      this.outbox.tell({ kind: 'status', status: 'live' });
    }
    this.#host.changed();
  }

  async #fill(): Promise<void> {
    const { clock, network, rest, lockstep } = this.#host;
    const { signal } = this.#ending;
    this.#filling = true;
    const backOff = new BackOff({
      first: clock.local(FIRST_PAUSE_MS),
      most: Math.max(clock.local(LONGEST_PAUSE_MS), 250),
      random: network.random,
    });
    const filled: Kline[] = [];
    if (!lockstep) await sleep(network.timers, clock.local(GRACE_MS), signal);
    while (!this.ended && !this.complete(this.#need)) {
      if (this.outbox.full) {
        await new Promise<void>(resolve => {
          this.#room = resolve;
        });
        continue;
      }
      const need = this.#need;
      const from = this.#next;
      const seen = this.#seen;
      try {
        const proof = await this.#proof();
        const rows = await rest.klines(this.symbol, this.interval, { from });
        if (this.ended) return;
        const newest = rows.at(-1)?.time ?? Number.NEGATIVE_INFINITY;
        if (seen >= from && newest < seen && rows.length < MOST_KLINES) this.#host.restLags();
        this.#take(rows, proof, need, filled);
      } catch (error) {
        if (this.ended) return;
        if (!(error instanceof NetworkError)) throw error;
        await rest.pause(`klines of ${this.name}`, error, backOff.next());
        continue;
      }
      if (this.#next > from) backOff.reset();
      else if (!this.complete(this.#need))
        await sleep(network.timers, lockstep ? STILL_MS : 20 + backOff.next(), signal);
    }
    this.#filling = false;
    if (this.ended) return;
    if (filled.length > 0) this.#tellFilled(filled);
    this.#check();
    this.#host.due();
  }

  /** The market's time as the exchange named it before now, less what REST may lag. */
  async #proof(): Promise<number> {
    const { clock, rest, lockstep } = this.#host;
    // Nothing changes while time stands still; nor does REST ever catch up, if it lags.
    if (lockstep) return this.#host.lagging ? Number.NEGATIVE_INFINITY : clock.told;
    // The exchange's own clock may have stopped with the data.
    if (this.#over) return clock.now() - SETTLED_MS;
    const settled = SETTLED_MS + clock.ahead;
    if (clock.now() >= this.#end + settled) {
      try {
        await rest.measure(clock);
      } catch (error) {
        if (!(error instanceof NetworkError)) throw error;
      }
    }
    return clock.told - settled;
  }

  /** Uses a REST answer of bars from `#next` on, or from an earlier one. */
  #take(rows: readonly Kline[], proof: number, need: number, filled: Kline[]): void {
    const last = rows.at(-1);
    const open = last !== undefined && this.#barEnd(last.time) > proof ? last : undefined;
    const fetched = new Set<Kline>();
    for (const row of rows) {
      if (row === open) break;
      if (row.time < this.#next || this.#held.has(row.time)) this.#compare(row);
      else {
        this.#held.set(row.time, row);
        fetched.add(row);
      }
    }
    const before = this.#next;
    this.#flush(fetched, filled);
    const later = rows.find(row => row.time > this.#next);
    if (later !== undefined && !this.outbox.full) {
      if (this.#agreed(this.#anchored ? AGREED : 1)) {
        this.#skip(later.time);
        this.#flush(fetched, filled);
      }
    } else if (this.#next === before && this.#host.lockstep) {
      // Time stands still: what is not there now does not exist, once the answers agree.
      if (this.#agreed(AGREED)) this.#checked = need;
    } else if (this.#over && proof >= need && this.#agreed(AGREED)) this.#checked = need;
  }

  #flush(fetched: ReadonlySet<Kline>, filled: Kline[]): void {
    const from = this.#next;
    const candidates = [...fetched].filter(row => row.time >= from);
    this.#drain();
    const given = candidates.filter(row => row.time < this.#next);
    if (given.length === 0) return;
    filled.push(...given);
    this.#host.counters.gapsFilled += given.length;
    this.#host.missed(this, this.#barEnd(given[0].time));
  }

  /** Counts answers without the next bar; true once enough of them agree. */
  #agreed(enough: number): boolean {
    if (this.#absent !== this.#next) this.#absences = 0;
    this.#absent = this.#next;
    return ++this.#absences >= enough;
  }

  /** The exchange has no bars from the next one up to `later`, or to the first that is held. */
  #skip(later: number): void {
    let to = later;
    for (const time of this.#held.keys()) if (time > this.#next && time < to) to = time;
    const from = this.#next;
    this.#advance(to);
    if (!this.#anchored) return;
    this.outbox.tell({ kind: 'gap', from, to, cause: 'the exchange has no bars of this time' });
    const text = `${this.name}: the exchange has no bars from ${utc(from)} to ${utc(to)}`;
    this.#host.notice('warning', 'GAP', text);
  }

  #tellFilled(filled: readonly Kline[]): void {
    const first = utc(filled[0].time);
    const last = utc(filled[filled.length - 1].time);
    const what =
      filled.length === 1 ? `the bar of ${first}` : `${filled.length} bars from ${first} to ${last}`;
    this.#host.notice('info', 'GAP_FILLED', `${this.name}: ${what} came by REST`);
  }

  #hasRoom(): void {
    if (!this.ended) this.#drain();
    const room = this.#room;
    this.#room = undefined;
    room?.();
  }

  /** What fails unforeseen ends the feed with the error, instead of being lost. */
  #guard(work: Promise<void>): void {
    work.catch(error => {
      if (!this.#ending.signal.aborted) this.end(error);
    });
  }
}

function utc(time: number): string {
  return `${new Date(time).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}
