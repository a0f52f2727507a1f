import type { Timers } from '../net/network.ts';
import { REPLAY_STREAM } from '../venues/binance/replay.ts';
import type { Chosen } from './faults.ts';
import { Link, type Peer, type Transport } from './link.ts';
import { type StreamPath, StreamSession } from './streams.ts';

/** What a connection tells the exchange. */
export interface ConnectionCalls {
  subscribed(connection: Connection, streams: readonly string[]): void;
  unsubscribed(connection: Connection, streams: readonly string[]): void;
  acknowledged(connection: Connection, tick: number): void;
  /** The exchange ended it; `code` is stable, the reason one line. */
  dropped(connection: Connection, code: string, reason: string): void;
}

/** One client's connection to the market's streams: its session and its wire. */
export class Connection implements Peer {
  readonly number: number;
  readonly session: StreamSession;
  acknowledged = -1;
  readonly #link: Link;
  readonly #timers: Timers;

  constructor(options: {
    readonly number: number;
    readonly path: StreamPath;
    readonly lockstep: boolean;
    readonly transport: Transport;
    readonly timers: Timers;
    readonly calls: ConnectionCalls;
  }) {
    const { calls, timers } = options;
    this.number = options.number;
    this.#timers = timers;
    this.#link = new Link(options.transport, timers, (code, reason) => calls.dropped(this, code, reason));
    this.session = new StreamSession(options.path, options.lockstep, {
      send: text => this.#link.write(text),
      close: (code, reason) => this.drop('RULE_BROKEN', reason, code),
      subscribed: streams => calls.subscribed(this, streams),
      unsubscribed: streams => calls.unsubscribed(this, streams),
      acknowledged: tick => calls.acknowledged(this, tick),
    });
    this.#link.begin();
  }

  get isReplayed(): boolean {
    return !this.isMute && !this.isOver && this.session.streams.has(REPLAY_STREAM);
  }

  get isOver(): boolean {
    return this.#link.isOver;
  }

  get isMute(): boolean {
    return this.#link.isMute;
  }

  /** Sends a stream's payload, with the mishap that it meets on its way. */
  tell(stream: string, payload: string, fault?: Chosen): void {
    this.#link.deliver(this.session.framed(stream, payload), fault);
  }

  tick(text: string): void {
    this.tell(REPLAY_STREAM, text);
  }

  receive(text: string): void {
    if (!this.isOver && !this.isMute) this.session.receive(text, this.#timers.now());
  }

  pong(payload: string): void {
    this.#link.pong(payload);
  }

  mute(): void {
    this.#link.mute();
  }

  shutDown(time: number, ms: number): void {
    this.#link.shutDown(this.session.framed('!serverShutdown', `{"e":"serverShutdown","E":${time}}`), ms);
  }

  drop(code: string, reason: string, websocketCode?: number): void {
    this.#link.drop(code, reason, websocketCode);
  }

  ended(): void {
    this.#link.ended();
  }
}
