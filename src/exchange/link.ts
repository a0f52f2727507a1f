import type { Timer, Timers } from '../net/network.ts';
import { Delivery } from './delivery.ts';
import type { Chosen } from './faults.ts';

/** A websocket as the exchange sees it. */
export interface Transport {
  send(text: string): void;
  ping(payload: string): void;
  /** Says goodbye. */
  close(code: number, reason: string): void;
  /** Drops it without a word. */
  terminate(): void;
  /** From now on nothing is read or answered, as if nobody were there. */
  mute(): void;
  /** Bytes that the network has not taken yet. */
  readonly buffered: number;
}

/** A client's websocket, whatever is spoken on it. */
export interface Peer {
  readonly number: number;
  readonly isOver: boolean;
  /** Open as far as the client can tell, but nothing comes any more. */
  readonly isMute: boolean;
  /** True while the market waits for this client's acknowledgements. */
  readonly isReplayed: boolean;
  /** The last tick that the client has acknowledged. */
  acknowledged: number;
  receive(text: string): void;
  pong(payload: string): void;
  tick(text: string): void;
  mute(): void;
  /** Tells the client to go elsewhere, and drops it `ms` later; `time` is the exchange's clock. */
  shutDown(time: number, ms: number): void;
  /** Ends it from the exchange's side: with a close frame when there is a websocket code, without a word otherwise. */
  drop(code: string, reason: string, websocketCode?: number): void;
  /** It is over, whoever ended it: frees its timers. */
  ended(): void;
}

/** Binance's rules for connections, ms of real time. */
const PING_EVERY = 20_000;
const PONG_WITHIN = 60_000;
const LIFETIME = 24 * 3_600_000;
/** Who reads slower than this many bytes behind is dropped. */
const BUFFER_LIMIT = 16 * 1024 * 1024;
/** Going away (RFC 6455). */
const GOING_AWAY = 1001;

/** The wire to a client: its heartbeat, what goes wrong on it, and its end. */
export class Link {
  #isMute = false;
  #isOver = false;
  readonly #delivery: Delivery;
  readonly #transport: Transport;
  readonly #timers: Timers;
  readonly #dropped: (code: string, reason: string) => void;
  #heartbeat: Timer | undefined;
  #lifetime: Timer | undefined;
  #shutdown: Timer | undefined;
  /** Pings without an answer: their payloads, and when the first of them was sent. */
  #unanswered: { readonly since: number; readonly payloads: string[] } | undefined;

  /** `dropped`: the exchange ended it; `code` is stable, the reason one line. */
  constructor(transport: Transport, timers: Timers, dropped: (code: string, reason: string) => void) {
    this.#transport = transport;
    this.#timers = timers;
    this.#dropped = dropped;
    this.#delivery = new Delivery(timers, text => this.write(text));
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  get isMute(): boolean {
    return this.#isMute;
  }

  /** Begins to ping, and to count the hours. */
  begin(): void {
    if (this.#isOver) return;
    this.#beat();
    const leave = () => this.drop('LIFETIME', 'connected for 24 hours', GOING_AWAY);
    this.#lifetime = this.#timers.after(LIFETIME, leave);
  }

  write(text: string): void {
    if (this.#isOver || this.#isMute) return;
    this.#transport.send(text);
    if (this.#transport.buffered > BUFFER_LIMIT) {
      this.drop('SLOW_CLIENT', `more than ${BUFFER_LIMIT} bytes behind`);
    }
  }

  /** Sends a frame with the mishap that it meets on its way. */
  deliver(text: string, fault?: Pick<Chosen, 'amount'> & { readonly kind: string }): void {
    switch (fault?.kind) {
      case 'drop':
        return;
      case 'delay':
        this.#delivery.delay(text, fault.amount);
        return;
      case 'reorder':
        this.#delivery.hold(text);
        return;
      case 'duplicate':
        this.#delivery.send(text);
        this.#delivery.send(text);
        return;
      default:
        this.#delivery.send(text);
    }
  }

  /** Lets the client believe that all is well. */
  mute(): void {
    this.#isMute = true;
    this.#delivery.end();
    this.#shutdown?.cancel();
    this.#transport.mute();
  }

  /** Says `goodbye`, and drops the client `ms` later. */
  shutDown(goodbye: string, ms: number): void {
    if (this.#shutdown !== undefined || this.#isMute || this.#isOver) return;
    this.write(goodbye);
    this.#shutdown = this.#timers.after(ms, () => this.drop('SHUTDOWN', 'the server shuts down', GOING_AWAY));
  }

  /** Only the answer to a ping counts: unsolicited pongs do not keep a connection. */
  pong(payload: string): void {
    if (this.#unanswered?.payloads.includes(payload)) this.#unanswered = undefined;
  }

  drop(code: string, reason: string, websocketCode?: number): void {
    if (this.#isOver) return;
    this.ended();
    if (websocketCode === undefined) this.#transport.terminate();
    else this.#transport.close(websocketCode, reason);
    this.#dropped(code, reason);
  }

  ended(): void {
    this.#isOver = true;
    this.#heartbeat?.cancel();
    this.#lifetime?.cancel();
    this.#shutdown?.cancel();
    this.#delivery.end();
  }

  #beat(): void {
    this.#heartbeat = this.#timers.after(PING_EVERY, () => {
      const now = this.#timers.now();
      if (this.#unanswered !== undefined && now - this.#unanswered.since >= PONG_WITHIN && !this.#isMute) {
        return this.drop('NO_PONG', `no pong within ${PONG_WITHIN / 1000} s`);
      }
      if (!this.#isMute) {
        const payload = String(now);
        this.#unanswered ??= { since: now, payloads: [] };
        this.#unanswered.payloads.push(payload);
        this.#transport.ping(payload);
      }
      this.#beat();
    });
  }
}
