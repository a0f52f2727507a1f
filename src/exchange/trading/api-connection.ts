import type { Timers } from '../../net/network.ts';
import type { Faults } from '../faults.ts';
import { Link, type Peer, type Transport } from '../link.ts';
import { ApiSession, type ApiSessionCalls } from './api-session.ts';
import type { TradingService } from './trading-service.ts';

/** What a connection tells the exchange. */
export interface ApiConnectionCalls
  extends Pick<ApiSessionCalls, 'market' | 'replaySubscribed' | 'acknowledged' | 'count' | 'refund'> {
  dropped(code: string, reason: string): void;
  /** It is to be cut, or to hear nothing any more. */
  struck(kind: 'cut' | 'halfopen'): void;
}

/** One client's connection to the WebSocket API. */
export class ApiConnection implements Peer {
  readonly number: number;
  readonly session: ApiSession;
  acknowledged = -1;
  readonly #link: Link;

  constructor(options: {
    readonly number: number;
    readonly tellsLimits: boolean;
    readonly lockstep: boolean;
    readonly transport: Transport;
    readonly timers: Timers;
    readonly faults: Faults;
    readonly trading: TradingService;
    readonly calls: ApiConnectionCalls;
  }) {
    const { number, lockstep, faults, trading, tellsLimits, calls } = options;
    this.number = number;
    this.#link = new Link(options.transport, options.timers, (code, reason) => {
      this.session.end();
      calls.dropped(code, reason);
    });
    this.session = new ApiSession({
      ...{ number, lockstep, faults, trading, tellsLimits },
      calls: {
        ...calls,
        send: text => this.#link.write(text),
        event: (text, name) => this.#tell(text, name, faults, trading, calls),
      },
    });
    this.#link.begin();
  }

  get isReplayed(): boolean {
    return !this.isMute && !this.isOver && this.session.isReplayed;
  }

  get isOver(): boolean {
    return this.#link.isOver;
  }

  get isMute(): boolean {
    return this.#link.isMute;
  }

  receive(text: string): void {
    if (!this.isOver && !this.isMute) this.session.receive(text);
  }

  tick(text: string): void {
    this.#link.deliver(`{"event":${text}}`);
  }

  pong(payload: string): void {
    this.#link.pong(payload);
  }

  mute(): void {
    this.session.end();
    this.#link.mute();
  }

  shutDown(time: number, ms: number): void {
    this.#link.shutDown(`{"event":{"e":"serverShutdown","E":${time}}}`, ms);
  }

  drop(code: string, reason: string, websocketCode?: number): void {
    this.#link.drop(code, reason, websocketCode);
  }

  ended(): void {
    this.session.end();
    this.#link.ended();
  }

  #tell(
    text: string,
    event: string,
    faults: Faults,
    trading: TradingService,
    calls: ApiConnectionCalls,
  ): void {
    if (this.isOver || this.isMute) return;
    const name = `client ${this.number} ${event}`;
    const fault = faults.ofReport(name);
    if (fault !== undefined) faults.record(fault, trading.clock.time, name);
    if (fault?.kind === 'account-cut' || fault?.kind === 'account-halfopen') {
      calls.struck(fault.kind === 'account-cut' ? 'cut' : 'halfopen');
      return;
    }
    const mishap = fault && { amount: fault.amount, kind: fault.kind.slice('report-'.length) };
    this.#link.deliver(text, mishap);
  }
}
