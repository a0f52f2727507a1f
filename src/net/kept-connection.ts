import { BackOff } from './back-off.ts';
import type { ConnectBudget } from './connect-budget.ts';
import type { Network, Socket, Timer } from './network.ts';

/** One socket of a kept connection. */
export interface Link {
  /** When it was ready, ms by this machine's clock; NaN before. */
  readonly readyAt: number;
  /** Sends at once; see {@link KeptConnectionOptions.messageMs} for what the server bears. */
  send(text: string): void;
  /** All that was asked for at the beginning has been granted. */
  ready(): void;
  /** The server refused what was asked for: another attempt, after a pause. */
  refuse(reason: string): void;
}

export interface KeptConnectionOptions {
  /** Where to; a function is asked anew for each attempt. */
  readonly url: string | (() => Promise<string>);
  /** What people are told that it is. */
  readonly name: string;
  readonly network: Network;
  readonly budget: ConnectBudget;
  /**
   * What to ask for once a socket is open, before it is ready; sent `messageMs` apart. A function is asked anew for each
   * socket and each request, where they hold a time.
   */
  readonly requests: readonly string[] | (() => readonly string[]);
  readonly messageMs: number;
  /** Requests are sent after the first message for which this is true, rather than on opening. */
  readonly isWelcome?: (text: string) => boolean;
  /** What the server must hear from time to time, asked for anew each time. */
  readonly keepAlive?: { readonly text: () => string; readonly everyMs: number };
  readonly backOff: { readonly first: number; readonly most: number };
  /** Until a socket must be ready, ms. */
  readonly readyMs: number;
  /** A socket on which nothing came for so long, not even a ping, is taken for dead, ms. */
  readonly silenceMs: number;
  /** A socket is replaced between `rotate.from` and `rotate.to` ms after it was ready. */
  readonly rotate: { readonly from: number; readonly to: number };
  /** How long the old socket is still heard after the new one is ready, ms. */
  readonly overlapMs: number;
  /** A connection that stood so long makes the next pause a first one again, ms. */
  readonly stableMs: number;
  onMessage(text: string, link: Link): void;
  onBinary?(bytes: Uint8Array, link: Link): void;
  /** A socket stands, before anything is sent on it. */
  onOpened?(link: Link, url: string): void;
  /** Something was sent. */
  onSent?(link: Link, text: string): void;
  /** A socket that stood is gone, whether it was in use or not. */
  onClosed?(link: Link, reason: string): void;
  /** There is a ready socket, where there was none. */
  onUp(link: Link): void;
  /** There is none any more. */
  onDown(reason: string): void;
  onNotice(level: 'info' | 'warning', code: string, message: string): void;
}

/**
 * A websocket that is kept up: it reconnects with growing, jittered pauses, takes a silent socket for dead, and
 * replaces one that grows old by opening the new one first. While two sockets overlap, messages of both are heard.
 */
export class KeptConnection {
  readonly #options: KeptConnectionOptions;
  readonly #backOff: BackOff;
  readonly #links = new Set<OneSocket>();
  #current: OneSocket | undefined;
  #coming: OneSocket | undefined;
  #retry: Timer | undefined;
  #closing: PromiseWithResolvers<void> | undefined;
  #attempted = false;
  /** Sockets opened after the first one. */
  reconnects = 0;

  constructor(options: KeptConnectionOptions) {
    this.#options = options;
    this.#backOff = new BackOff({ ...options.backOff, random: options.network.random });
  }

  /** Empty where it is asked for anew each time. */
  get url(): string {
    const { url } = this.#options;
    return typeof url === 'string' ? url : '';
  }

  get state(): 'connecting' | 'open' | 'waiting' {
    if (this.#current !== undefined) return 'open';
    return this.#coming !== undefined ? 'connecting' : 'waiting';
  }

  /** The socket that is in use; undefined while there is none. */
  get current(): Link | undefined {
    return this.#current;
  }

  /** When something last came, ms by this machine's clock; NaN without a socket. */
  get heardAt(): number {
    return this.#current?.heardAt ?? Number.NaN;
  }

  open(): void {
    this.#schedule(0);
  }

  /** Opens a new socket, and drops the one in use once the new one is ready. */
  rotate(): void {
    if (this.#closing !== undefined || this.#coming !== undefined || this.#retry !== undefined) return;
    this.#schedule(0);
  }

  /** Drops the socket in use as dead. */
  drop(reason: string): void {
    this.#current?.fail(reason);
  }

  /** Resolves when no socket and no timer is left. */
  close(): Promise<void> {
    this.#retry?.cancel();
    this.#retry = undefined;
    this.#closing ??= Promise.withResolvers();
    for (const link of this.#links) link.close();
    if (this.#links.size === 0) this.#closing.resolve();
    return this.#closing.promise;
  }

  #schedule(pause: number): void {
    const { timers } = this.#options.network;
    const wait = pause + this.#options.budget.book(timers.now() + pause);
    if (wait === 0) {
      this.#connect();
      return;
    }
    this.#retry = timers.after(wait, () => {
      this.#retry = undefined;
      this.#connect();
    });
  }

  #connect(): void {
    if (this.#attempted) this.reconnects++;
    this.#attempted = true;
    const link = new OneSocket(this.#options, {
      onMessage: text => {
        // The other side goes on speaking until it has heard the goodbye.
        if (this.#closing === undefined) this.#options.onMessage(text, link);
      },
      onBinary: bytes => {
        if (this.#closing === undefined) this.#options.onBinary?.(bytes, link);
      },
      onReady: () => this.#ready(link),
      onOld: () => {
        if (link === this.#current) this.rotate();
      },
      onGone: reason => this.#gone(link, reason),
    });
    this.#coming = link;
    this.#links.add(link);
    link.connect();
  }

  #ready(link: OneSocket): void {
    if (link !== this.#coming) return;
    const old = this.#current;
    this.#coming = undefined;
    this.#current = link;
    if (old === undefined) {
      this.#options.onNotice('info', 'CONNECTED', `connected to ${this.#options.name}`);
      this.#options.onUp(link);
    } else {
      this.#options.onNotice(
        'info',
        'ROTATED',
        `a new connection to ${this.#options.name} replaced the old one`,
      );
      old.retire(this.#options.overlapMs);
    }
  }

  #gone(link: OneSocket, reason: string): void {
    this.#links.delete(link);
    const { network, onDown, onNotice, stableMs, name } = this.#options;
    if (this.#closing !== undefined) {
      this.#current = undefined;
      this.#coming = undefined;
      if (this.#links.size === 0) this.#closing.resolve();
      return;
    }
    const stood = network.timers.now() - link.readyAt;
    if (link === this.#current) {
      this.#current = undefined;
      if (stood >= stableMs) this.#backOff.reset();
      onNotice('warning', 'DISCONNECTED', `the connection to ${name} was lost: ${reason}`);
      onDown(reason);
    } else if (link === this.#coming) this.#coming = undefined;
    else return;
    if (this.#coming !== undefined || this.#retry !== undefined) return;
    const pause = this.#backOff.next();
    const tries = this.#backOff.attempts;
    if (Number.isNaN(link.readyAt) || tries > 1) {
      const text = `${name}: ${reason}; attempt ${tries + 1} in ${(pause / 1000).toFixed(1)} s`;
      onNotice('warning', 'RECONNECTING', text);
    }
    this.#schedule(pause);
  }
}

interface Events {
  onMessage(text: string): void;
  onBinary(bytes: Uint8Array): void;
  onReady(): void;
  onOld(): void;
  onGone(reason: string): void;
}

/** A socket from its first attempt to its end, with its timers. */
class OneSocket implements Link {
  readonly #options: KeptConnectionOptions;
  readonly #events: Events;
  readonly #timers = new Set<Timer>();
  #socket: Socket | undefined;
  #reason: string | undefined;
  #retired = false;
  #opened = false;
  #gone = false;
  readyAt = Number.NaN;
  heardAt = Number.NaN;

  constructor(options: KeptConnectionOptions, events: Events) {
    this.#options = options;
    this.#events = events;
  }

  connect(): void {
    const { readyMs, url } = this.#options;
    this.#after(readyMs, () => {
      if (Number.isNaN(this.readyAt)) this.fail(`not ready within ${readyMs / 1000} s`);
    });
    if (typeof url === 'string') {
      this.#open(url);
      return;
    }
    url().then(
      address => {
        if (this.#reason === undefined) this.#open(address);
      },
      (error: unknown) => this.fail(error instanceof Error ? error.message : String(error)),
    );
  }

  #open(url: string): void {
    const { isWelcome, network, onClosed, onOpened } = this.#options;
    const { timers } = network;
    let isWaiting = isWelcome !== undefined;
    this.#socket = network.connect(url, {
      onOpen: () => {
        this.heardAt = timers.now();
        onOpened?.(this, url);
        this.#opened = true;
        this.#watch();
        this.#keepAlive();
        if (!isWaiting) this.#ask(0);
      },
      onMessage: text => {
        this.heardAt = timers.now();
        this.#events.onMessage(text);
        if (!isWaiting || !isWelcome!(text)) return;
        isWaiting = false;
        this.#ask(0);
      },
      onBinary: bytes => {
        this.heardAt = timers.now();
        this.#events.onBinary(bytes);
      },
      onPing: () => {
        this.heardAt = timers.now();
      },
      onClose: (code, reason) => {
        const why = this.#reason ?? (reason || `closed with code ${code}`);
        if (this.#opened) onClosed?.(this, why);
        this.#end(why);
      },
    });
  }

  #end(reason: string): void {
    if (this.#gone) return;
    this.#gone = true;
    for (const timer of this.#timers) timer.cancel();
    this.#timers.clear();
    this.#events.onGone(reason);
  }

  send(text: string): void {
    if (this.#socket === undefined) return;
    this.#socket.send(text);
    this.#options.onSent?.(this, text);
  }

  ready(): void {
    if (!Number.isNaN(this.readyAt)) return;
    const { network, rotate } = this.#options;
    this.readyAt = network.timers.now();
    const age = rotate.from + (rotate.to - rotate.from) * network.random();
    this.#after(age, () => this.#events.onOld());
    this.#events.onReady();
  }

  refuse(reason: string): void {
    this.fail(reason);
  }

  fail(reason: string): void {
    this.#reason ??= reason;
    // Without a socket, its address was still being asked for.
    if (this.#socket === undefined) this.#end(this.#reason);
    else this.#socket.terminate();
  }

  close(): void {
    if (this.#socket === undefined || Number.isNaN(this.readyAt)) this.fail('closed');
    else this.#socket.close();
  }

  /** Still heard for a while, then dropped. */
  retire(overlapMs: number): void {
    if (this.#retired) return;
    this.#retired = true;
    this.#after(overlapMs, () => this.close());
  }

  /** Sends the requests from number `from` on, one after the other. */
  #ask(from: number): void {
    const { messageMs, requests: given } = this.#options;
    const requests = typeof given === 'function' ? given() : given;
    if (requests.length === 0) this.ready();
    else this.send(requests[from]);
    if (from + 1 < requests.length) this.#after(messageMs, () => this.#ask(from + 1));
  }

  #keepAlive(): void {
    const { keepAlive } = this.#options;
    if (keepAlive === undefined) return;
    this.#after(keepAlive.everyMs, () => {
      this.send(keepAlive.text());
      this.#keepAlive();
    });
  }

  #watch(): void {
    const { network, onNotice, silenceMs, name } = this.#options;
    const left = this.heardAt + silenceMs - network.timers.now();
    if (left > 0) {
      this.#after(left, () => this.#watch());
      return;
    }
    onNotice('warning', 'STALE', `${name} was silent for ${silenceMs / 1000} s`);
    this.fail(`silent for ${silenceMs / 1000} s`);
  }

  #after(ms: number, run: () => void): void {
    const timer = this.#options.network.timers.after(ms, () => {
      this.#timers.delete(timer);
      run();
    });
    this.#timers.add(timer);
  }
}
