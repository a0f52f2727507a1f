import { BackOff } from '../../../net/back-off.ts';
import { ConnectBudget } from '../../../net/connect-budget.ts';
import { KeptConnection, type Link } from '../../../net/kept-connection.ts';
import type { Network, Timer } from '../../../net/network.ts';
import { REPLAY_METHOD } from '../../../venues/binance/replay.ts';
import { acknowledgement, REQUEST_PACE_MS, STREAM_LIMITS } from '../../../venues/binance/streams.ts';
import type { AccountStream, AccountStreamHandlers } from '../port.ts';
import { readStreamMessage, type StreamMessage } from './decode-events.ts';
import { classify, type Verdict } from './failures.ts';
import type { Keys } from './keys.ts';
import type { Requests } from './requests.ts';
import { signedParameters } from './signing.ts';

const SECOND = 1000;
const HOUR = 3_600_000;
/** A server pings three times in a minute, so that silence of a minute means that it is gone. */
const SILENCE_MS = 60 * SECOND;
const READY_MS = 20 * SECOND;
const OVERLAP_MS = 5 * SECOND;
const STABLE_MS = 30 * SECOND;
const BACK_OFF = { first: SECOND / 2, most: 30 * SECOND };
/** Before the server cuts at 24 hours. */
const ROTATE = { from: 22.5 * HOUR, to: 23 * HOUR };
/** The clock is measured again after so long, so that a reconnection finds it right. */
const CLOCK_MS = 600 * SECOND;
/** Reports that cannot be read are told of, and made up for by asking, at most once in so long. */
const QUIET_MS = 5 * SECOND;
/** A key that has worked before is taken for refused only when it is refused so many times in a row. */
const MOST_AUTH_REFUSALS = 3;
/** Before a local exchange in lockstep that asked for silence is asked again, ms. */
const LOCKSTEP_PAUSE_MS = 5 * SECOND;
const SUBSCRIBE_ID = 'account';
const REPLAY_ID = 'replay';

export interface AccountStreamOptions {
  readonly network: Network;
  /** Of the WebSocket API. */
  readonly url: string;
  readonly keys: Keys;
  readonly requests: Requests;
  readonly recvWindowMs: number;
  readonly counts: StreamCounts;
  onNotice(level: 'info' | 'warning', code: string, message: string): void;
}

export interface StreamCounts {
  events: number;
  connects: number;
  /** Subscriptions that were refused, and asked for again. */
  refused: number;
  unreadable: number;
}

/** The account's events by the WebSocket API: subscribed by signature, kept up, and subscribed again wherever it was lost. */
export class KeptAccountStream implements AccountStream {
  readonly #options: AccountStreamOptions;
  readonly #handlers: AccountStreamHandlers;
  readonly #budget = new ConnectBudget(STREAM_LIMITS.connects, STREAM_LIMITS.connectsWindowMs);
  #connection: KeptConnection | undefined;
  #pause: Timer | undefined;
  #clockTimer: Timer | undefined;
  /** Requests of a socket that have been granted. */
  readonly #granted = new WeakMap<Link, Set<string>>();
  /** Sockets that wait for a tick to be acknowledged, and the tick. */
  readonly #waiting = new Map<Link, number>();
  #tick = -1;
  #done = -1;
  #toldUnreadable = Number.NEGATIVE_INFINITY;
  #authRefusals = MOST_AUTH_REFUSALS - 1;
  #isClosed = false;

  constructor(options: AccountStreamOptions, handlers: AccountStreamHandlers) {
    this.#options = options;
    this.#handlers = handlers;
  }

  /** Connects, as soon as the exchange has told its time: without that nothing can be signed. */
  async open(): Promise<void> {
    const { network, requests } = this.#options;
    const backOff = new BackOff({ ...BACK_OFF, random: network.random });
    while (requests.clock === undefined && !this.#isClosed) {
      const answer = await requests.syncClock();
      if (answer.ok || this.#isClosed) break;
      const pause = Math.max(backOff.next(), (answer.failure.retryAt ?? 0) - requests.now());
      const seconds = (pause / SECOND).toFixed(1);
      this.#notice(
        'warning',
        'UNREACHABLE',
        `${answer.failure.message}; asking for the time again in ${seconds} s`,
      );
      await new Promise<void>(resolve => {
        this.#pause = network.timers.after(pause, resolve);
      });
    }
    if (this.#isClosed) return;
    const measure = () => {
      this.#clockTimer = network.timers.after(CLOCK_MS, () => {
        void requests.syncClock();
        measure();
      });
    };
    measure();
    this.#connect();
  }

  close(): void {
    this.#isClosed = true;
    this.#clockTimer?.cancel();
    this.#pause?.cancel();
    this.#waiting.clear();
    void this.#connection?.close();
  }

  #connect(): void {
    const { network, onNotice, url } = this.#options;
    const connection = new KeptConnection({
      url,
      name: url,
      network,
      budget: this.#budget,
      requests: () => this.#subscriptions(),
      messageMs: REQUEST_PACE_MS,
      backOff: BACK_OFF,
      readyMs: READY_MS,
      silenceMs: SILENCE_MS,
      rotate: ROTATE,
      overlapMs: OVERLAP_MS,
      stableMs: STABLE_MS,
      onMessage: (text, link) => this.#message(text, link),
      onUp: () => {
        this.#options.counts.connects++;
        this.#authRefusals = 0;
        this.#handlers.onConnected();
      },
      onDown: reason => {
        this.#waiting.clear();
        this.#handlers.onDisconnected(this.#line(reason));
      },
      onNotice: (level, code, message) => onNotice(level, code, this.#line(message)),
    });
    this.#connection = connection;
    connection.open();
  }

  /** What a new socket asks for, with the time of now. */
  #subscriptions(): string[] {
    const { keys, recvWindowMs, requests } = this.#options;
    const params = signedParameters(keys, { recvWindow: recvWindowMs, timestamp: requests.now() });
    const subscribe = { id: SUBSCRIBE_ID, method: 'userDataStream.subscribe.signature', params };
    const texts = [JSON.stringify(subscribe)];
    if (requests.isLockstep) texts.push(JSON.stringify({ id: REPLAY_ID, method: REPLAY_METHOD }));
    return texts;
  }

  #message(text: string, link: Link): void {
    const { counts, requests } = this.#options;
    const message = readStreamMessage(text);
    switch (message.kind) {
      case 'event':
        counts.events++;
        requests.clock?.heard(message.time);
        this.#handlers.onEvent(message.event);
        return;
      case 'tick':
        requests.clock?.heard(message.time);
        this.#ticked(link, message.n, message.time, message.end);
        return;
      case 'shutdown':
        if (link !== this.#connection?.current) return;
        this.#notice(
          'info',
          'SERVER_SHUTDOWN',
          `${this.#options.url}: the server is about to go; connecting anew`,
        );
        this.#connection.rotate();
        return;
      case 'terminated':
        link.refuse('the exchange ended the subscription');
        return;
      case 'reply':
        this.#replied(message, link);
        return;
      case 'unreadable':
        this.#unreadable(message.problem);
        return;
    }
  }

  #ticked(link: Link, n: number, time: number, end: boolean): void {
    if (n <= this.#done) {
      link.send(acknowledgement(n));
      return;
    }
    this.#waiting.set(link, n);
    if (n <= this.#tick) return;
    this.#tick = n;
    this.#handlers.onTick(time, end, () => {
      this.#done = Math.max(this.#done, n);
      for (const [waiting, tick] of this.#waiting) {
        if (tick > n) continue;
        waiting.send(acknowledgement(tick));
        this.#waiting.delete(waiting);
      }
    });
  }

  #replied(reply: Extract<StreamMessage, { kind: 'reply' }>, link: Link): void {
    const { requests } = this.#options;
    for (const { kind, spanMs, count } of reply.limits) {
      if (count !== undefined) requests.governor.used(kind, spanMs, count);
    }
    if (reply.error === undefined && reply.status < 400) {
      const granted = this.#granted.get(link) ?? new Set();
      this.#granted.set(link, granted.add(reply.id));
      if (granted.has(SUBSCRIBE_ID) && (!requests.isLockstep || granted.has(REPLAY_ID))) link.ready();
      return;
    }
    this.#options.counts.refused++;
    const now = requests.now();
    this.#refused(
      classify({ status: reply.status, headers: {}, json: reply.error }, now),
      reply.retryAt - now,
      link,
    );
  }

  #refused(verdict: Verdict, retryMs: number, link: Link): void {
    const { network, requests } = this.#options;
    const reason = this.#line(`the exchange refused the subscription: ${verdict.message}`);
    switch (verdict.class) {
      case 'auth':
        if (++this.#authRefusals < MOST_AUTH_REFUSALS) {
          this.#notice('warning', 'KEY_REFUSED', `${reason}; asking again, for it has been granted before`);
          link.refuse(reason);
          return;
        }
        this.close();
        this.#handlers.onRefused({
          class: 'auth',
          code: verdict.code,
          message: reason,
          sentAt: requests.now(),
        });
        return;
      case 'time':
        // The next attempt is to be made with the right time.
        void requests.syncClock().finally(() => link.refuse(reason));
        return;
      case 'limits': {
        // Where time stands still the moment that is named says nothing.
        const asked = Math.max(verdict.silenceMs ?? 0, Number.isNaN(retryMs) ? 0 : retryMs, SECOND);
        const wait = requests.isLockstep ? LOCKSTEP_PAUSE_MS : asked;
        requests.governor.silence(wait, false);
        this.#notice(
          'warning',
          'EXCHANGE_LIMITS',
          `${reason}; connecting again in ${(wait / 1000).toFixed(1)} s`,
        );
        const wasUp = this.#connection?.state === 'open';
        void this.#connection?.close();
        this.#connection = undefined;
        if (wasUp) this.#handlers.onDisconnected(reason);
        this.#pause = network.timers.after(wait, () => this.#connect());
        return;
      }
      default:
        link.refuse(reason);
    }
  }

  #unreadable(problem: string): void {
    const { counts, network, url } = this.#options;
    counts.unreadable++;
    const now = network.timers.now();
    if (now - this.#toldUnreadable < QUIET_MS) return;
    this.#toldUnreadable = now;
    this.#notice('warning', 'EVENT_UNREADABLE', `${url}: ${problem}; what it said is asked for`);
    // Whoever listens asks for what it may have missed, as after a reconnection.
    if (this.#connection?.state === 'open') this.#handlers.onConnected();
  }

  #line(text: string): string {
    return this.#options.keys.redactor.line(text);
  }

  #notice(level: 'info' | 'warning', code: string, message: string): void {
    this.#options.onNotice(level, code, this.#line(message));
  }
}
