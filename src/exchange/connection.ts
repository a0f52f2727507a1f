import type { Timer, Timers } from '../net/network.ts';
import { REPLAY_STREAM } from '../venues/binance/replay.ts';
import { Delivery } from './delivery.ts';
import type { Chosen } from './faults.ts';
import { type StreamPath, StreamSession } from './streams.ts';

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

/** What a connection tells the exchange. */
export interface ConnectionCalls {
  subscribed(connection: Connection, streams: readonly string[]): void;
  unsubscribed(connection: Connection, streams: readonly string[]): void;
  acknowledged(connection: Connection, tick: number): void;
  /** The exchange ended it; `code` is stable, the reason one line. */
  dropped(connection: Connection, code: string, reason: string): void;
}

/** Binance's rules for connections, ms of real time. */
const PING_EVERY = 20_000;
const PONG_WITHIN = 60_000;
const LIFETIME = 24 * 3_600_000;
/** Who reads slower than this many bytes behind is dropped. */
const BUFFER_LIMIT = 16 * 1024 * 1024;
/** Going away (RFC 6455). */
const GOING_AWAY = 1001;

/** One client's connection: its session, its heartbeat, and its end. */
export class Connection {
  readonly number: number;
  readonly address: string;
  readonly session: StreamSession;
  /** The last tick that the client has acknowledged. */
  acknowledged = -1;
  /** Open as far as the client can tell, but nothing comes any more. */
  #isMute = false;
  readonly #delivery: Delivery;
  #shutdown: Timer | undefined;
  readonly #transport: Transport;
  readonly #timers: Timers;
  readonly #calls: ConnectionCalls;
  #heartbeat: Timer | undefined;
  #lifetime: Timer | undefined;
  /** Pings without an answer: their payloads, and when the first of them was sent. */
  #unanswered: { readonly since: number; readonly payloads: string[] } | undefined;
  #isOver = false;

  constructor(options: {
    readonly number: number;
    readonly address: string;
    readonly path: StreamPath;
    readonly lockstep: boolean;
    readonly transport: Transport;
    readonly timers: Timers;
    readonly calls: ConnectionCalls;
  }) {
    const { calls, transport } = options;
    this.number = options.number;
    this.address = options.address;
    this.#transport = transport;
    this.#timers = options.timers;
    this.#calls = calls;
    this.#delivery = new Delivery(this.#timers, text => this.write(text));
    this.session = new StreamSession(options.path, options.lockstep, {
      send: text => this.write(text),
      close: (code, reason) => this.drop('RULE_BROKEN', reason, code),
      subscribed: streams => calls.subscribed(this, streams),
      unsubscribed: streams => calls.unsubscribed(this, streams),
      acknowledged: tick => calls.acknowledged(this, tick),
    });
    if (this.#isOver) return;
    this.#beat();
    const leave = () => this.drop('LIFETIME', 'connected for 24 hours', GOING_AWAY);
    this.#lifetime = this.#timers.after(LIFETIME, leave);
  }

  /** True while the market waits for this client's acknowledgements. */
  get isReplayed(): boolean {
    return !this.#isMute && !this.#isOver && this.session.streams.has(REPLAY_STREAM);
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  get isMute(): boolean {
    return this.#isMute;
  }

  /** Sends a stream's payload, with the mishap that it meets on its way. */
  tell(stream: string, payload: string, fault?: Chosen): void {
    const text = this.session.framed(stream, payload);
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

  /** Tells the client to go elsewhere, and drops it `ms` later. */
  shutDown(time: number, ms: number): void {
    if (this.#shutdown !== undefined || this.#isMute || this.#isOver) return;
    this.write(this.session.framed('!serverShutdown', `{"e":"serverShutdown","E":${time}}`));
    this.#shutdown = this.#timers.after(ms, () => this.drop('SHUTDOWN', 'the server shuts down', GOING_AWAY));
  }

  write(text: string): void {
    if (this.#isOver || this.#isMute) return;
    this.#transport.send(text);
    if (this.#transport.buffered > BUFFER_LIMIT) {
      this.drop('SLOW_CLIENT', `more than ${BUFFER_LIMIT} bytes behind`);
    }
  }

  receive(text: string): void {
    if (this.#isOver || this.#isMute) return;
    this.session.receive(text, this.#timers.now());
  }

  /** Only the answer to a ping counts: unsolicited pongs do not keep a connection. */
  pong(payload: string): void {
    if (this.#unanswered?.payloads.includes(payload)) this.#unanswered = undefined;
  }

  /** Ends it from the exchange's side: with a close frame when there is a websocket code, without a word otherwise. */
  drop(code: string, reason: string, websocketCode?: number): void {
    if (this.#isOver) return;
    this.ended();
    if (websocketCode === undefined) this.#transport.terminate();
    else this.#transport.close(websocketCode, reason);
    this.#calls.dropped(this, code, reason);
  }

  /** It is over, whoever ended it: frees its timers. */
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
