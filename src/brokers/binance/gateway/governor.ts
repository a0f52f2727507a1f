import type { Timer, Timers } from '../../../net/network.ts';
import { REQUEST_WEIGHT_LIMIT } from '../../../venues/binance/rest.ts';

/** `urgent`: cancelling, asking for orders whose fate is unknown, protection. It goes first, and has room kept for it. */
export type Rank = 'urgent' | 'normal';

export interface Need {
  /** Request weight. */
  readonly weight: number;
  /** Orders that it places. */
  readonly orders: number;
  readonly rank: Rank;
}

/** One limit of exchangeInfo's `rateLimits`. */
export interface RateLimit {
  readonly kind: 'REQUEST_WEIGHT' | 'ORDERS' | 'RAW_REQUESTS';
  readonly spanMs: number;
  readonly limit: number;
}

/** May it go? `done` is to be called when it has been answered, or given up. */
export type Passage =
  | { readonly go: true; done(): void }
  /** Nothing of it has been sent. It is not worth trying for so long, ms. */
  | { readonly go: false; readonly waitMs: number; readonly why: string };

/** What is used without urgency: others behind the same address or of the same account need some, and trouble does, too. */
const NORMAL_SHARE = 0.8;
/** The server's counting lags behind. */
const URGENT_SHARE = 0.97;
/** How far the server's windows may begin from where ours do, ms. */
const SLACK_MS = 1000;
const CONCURRENT = 8;
const LONGEST_QUEUE = 200;
/** How long a request may wait for its turn, ms: later, what it was to do would be of yesterday. */
const PATIENCE: Readonly<Record<Rank, number>> = { urgent: 20_000, normal: 3000 };
/** After a silence everybody waits: for so long they go one after the other, and so far apart, ms. */
const RECOVERY_MS = 10_000;
const RECOVERY_PACE_MS = 200;

const MINUTE = 60_000;
const DAY = 86_400_000;
/** Binance's, until exchangeInfo says otherwise. */
const DEFAULTS: readonly RateLimit[] = [
  { kind: 'REQUEST_WEIGHT', spanMs: MINUTE, limit: REQUEST_WEIGHT_LIMIT },
  { kind: 'RAW_REQUESTS', spanMs: 5 * MINUTE, limit: 61_000 },
  { kind: 'ORDERS', spanMs: 10_000, limit: 50 },
  { kind: 'ORDERS', spanMs: DAY, limit: 160_000 },
];

interface Waiting {
  readonly need: Need;
  /** By this machine's clock, ms. */
  readonly until: number;
  readonly since: number;
  readonly settle: (passage: Passage) => void;
}

export interface GovernorCounts {
  passed: number;
  /** Had to wait for their turn. */
  waited: number;
  /** Were not sent, because they would have had to wait too long, or too many waited already. */
  refused: number;
  /** Times that the exchange asked for silence. */
  silences: number;
}

/**
 * Keeps requests within what an exchange allows: weight, orders and requests in their windows, as exchangeInfo tells the
 * limits and each answer what has been used. What would have to wait too long is refused at once; when the exchange asks
 * for silence nothing is sent, and afterwards no burst.
 */
export class Governor {
  readonly counts: GovernorCounts = { passed: 0, waited: 0, refused: 0, silences: 0 };
  readonly #timers: Timers;
  #windows: LimitWindow[] = DEFAULTS.map(limit => new LimitWindow(limit));
  #waiting: Waiting[] = [];
  #timer: Timer | undefined;
  #active = 0;
  #activeWeight = 0;
  #activeOrders = 0;
  #silentUntil = Number.NEGATIVE_INFINITY;
  #noOrdersUntil = Number.NEGATIVE_INFINITY;
  #lastSent = Number.NEGATIVE_INFINITY;

  constructor(timers: Timers) {
    this.#timers = timers;
  }

  /** Resolves when it is its turn, or when it is clear that it will not be soon enough. */
  pass(need: Need): Promise<Passage> {
    return new Promise(resolve => {
      const now = this.#timers.now();
      const entry = { need, until: now + PATIENCE[need.rank], since: now, settle: resolve };
      if (this.#waiting.length >= LONGEST_QUEUE) {
        this.#refuse(entry, RECOVERY_PACE_MS, `${LONGEST_QUEUE} requests wait already`);
        return;
      }
      const behind = this.#waiting.findIndex(({ need: { rank } }) => rank === 'normal');
      if (need.rank === 'normal' || behind < 0) this.#waiting.push(entry);
      else this.#waiting.splice(behind, 0, entry);
      this.#pump();
    });
  }

  /** The exchange said what it allows. What has been counted so far is kept. */
  allow(limits: readonly RateLimit[]): void {
    const known = this.#windows;
    this.#windows = limits.map(
      limit =>
        known
          .find(({ kind, spanMs }) => kind === limit.kind && spanMs === limit.spanMs)
          ?.allowing(limit.limit) ?? new LimitWindow(limit),
    );
    this.#pump();
  }

  /** The exchange said what has been used in a window. */
  used(kind: RateLimit['kind'], spanMs: number, count: number): void {
    const window = this.#windows.find(one => one.kind === kind && one.spanMs === spanMs);
    const underWay =
      kind === 'ORDERS' ? this.#activeOrders : kind === 'REQUEST_WEIGHT' ? this.#activeWeight : 0;
    window?.told(this.#timers.now(), count + underWay);
  }

  /** The exchange asked for silence, or only for no more orders. */
  silence(ms: number, ordersOnly: boolean): void {
    this.counts.silences++;
    const until = this.#timers.now() + ms;
    if (ordersOnly) this.#noOrdersUntil = Math.max(this.#noOrdersUntil, until);
    else this.#silentUntil = Math.max(this.#silentUntil, until);
    this.#pump();
  }

  /** Refuses whatever waits. */
  close(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    for (const entry of this.#waiting.splice(0)) this.#refuse(entry, 0, 'closed');
  }

  #pump(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    const now = this.#timers.now();
    let soonest = Number.POSITIVE_INFINITY;
    const still: Waiting[] = [];
    for (const entry of this.#waiting) {
      const [pause, why] = this.#pause(entry.need, now);
      if (now + pause > entry.until) this.#refuse(entry, pause, why);
      else if (pause > 0 || this.#active >= CONCURRENT) {
        still.push(entry);
        soonest = Math.min(soonest, pause > 0 ? pause : entry.until - now + 1);
      } else this.#go(entry, now);
    }
    this.#waiting = still;
    if (still.length > 0) {
      this.#timer = this.#timers.after(soonest, () => this.#pump());
    }
  }

  #go({ need, since, settle }: Waiting, now: number): void {
    for (const window of this.#windows) window.add(now, amount(window.kind, need));
    this.#active++;
    this.#activeWeight += need.weight;
    this.#activeOrders += need.orders;
    this.#lastSent = now;
    this.counts.passed++;
    if (now > since) this.counts.waited++;
    let isDone = false;
    settle({
      go: true,
      done: () => {
        if (isDone) return;
        isDone = true;
        this.#active--;
        this.#activeWeight -= need.weight;
        this.#activeOrders -= need.orders;
        this.#pump();
      },
    });
  }

  #refuse({ settle }: Waiting, waitMs: number, why: string): void {
    this.counts.refused++;
    settle({ go: false, waitMs: Math.ceil(waitMs), why });
  }

  /** How long a request has to wait at least, ms, and for what. */
  #pause(need: Need, now: number): readonly [ms: number, why: string] {
    if (now < this.#silentUntil) return [this.#silentUntil - now, 'the exchange asked for silence'];
    if (need.orders > 0 && now < this.#noOrdersUntil) {
      return [this.#noOrdersUntil - now, 'the exchange asked for no more orders'];
    }
    const share = need.rank === 'urgent' ? URGENT_SHARE : NORMAL_SHARE;
    let pause = 0;
    let why = '';
    for (const window of this.#windows) {
      const wait = window.wait(now, amount(window.kind, need), share);
      if (wait > pause)
        [pause, why] = [wait, `${window.kind} would go beyond ${share * 100} % of ${window.limit}`];
    }
    if (pause === 0 && now < this.#silentUntil + RECOVERY_MS) {
      if (this.#active > 0) return [RECOVERY_PACE_MS, 'requests go one after the other after a silence'];
      const gap = this.#lastSent + RECOVERY_PACE_MS - now;
      if (gap > 0) return [gap, 'requests go one after the other after a silence'];
    }
    return [pause, why];
  }
}

function amount(kind: RateLimit['kind'], need: Need): number {
  if (kind === 'REQUEST_WEIGHT') return need.weight;
  return kind === 'ORDERS' ? need.orders : 1;
}

/**
 * What is used of one limit. Windows begin at whole multiples of their length by the server's clock, which may be off ours:
 * near a boundary a request counts in both windows.
 */
class LimitWindow {
  readonly kind: RateLimit['kind'];
  readonly spanMs: number;
  limit: number;
  readonly #slackMs: number;
  /** By number of the window; those that may be the server's now. */
  #used = new Map<number, number>();

  constructor({ kind, spanMs, limit }: RateLimit) {
    this.kind = kind;
    this.spanMs = spanMs;
    this.limit = limit;
    this.#slackMs = Math.min(SLACK_MS, spanMs / 2);
  }

  allowing(limit: number): this {
    this.limit = limit;
    return this;
  }

  add(now: number, count: number): void {
    const numbers = this.#turn(now);
    for (const number of numbers) this.#used.set(number, (this.#used.get(number) ?? 0) + count);
  }

  told(now: number, count: number): void {
    const numbers = this.#turn(now);
    // Near a boundary nobody knows which window is spoken of.
    const least = numbers.length === 1 ? 0 : 1;
    for (const number of numbers) {
      this.#used.set(number, Math.max(count, least * (this.#used.get(number) ?? 0)));
    }
  }

  /** Until there is room for `count` more, ms; what is larger than the room of an empty window goes alone. */
  wait(now: number, count: number, share: number): number {
    if (count === 0) return 0;
    for (const number of this.#turn(now).toReversed()) {
      const used = this.#used.get(number) ?? 0;
      if (used > 0 && used + count > this.limit * share) {
        return (number + 1) * this.spanMs + this.#slackMs - now;
      }
    }
    return 0;
  }

  /** The windows that it may be now, ascending; those that are over are forgotten. */
  #turn(now: number): number[] {
    const of = (time: number) => Math.floor(time / this.spanMs);
    const numbers = [...new Set([of(now - this.#slackMs), of(now), of(now + this.#slackMs)])];
    for (const number of this.#used.keys()) if (number < numbers[0]) this.#used.delete(number);
    return numbers;
  }
}
