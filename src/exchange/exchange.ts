import type { Timers } from '../net/network.ts';
import { type LocalInfo, REPLAY_STREAM, type ReplayTick } from '../venues/binance/replay.ts';
import { Connection } from './connection.ts';
import { LEAST_STEP, type SymbolInfo, symbolInfo } from './exchange-info.ts';
import type { FaultScript } from './fault-script.ts';
import { type Chosen, Faults, type InjectedFault } from './faults.ts';
import { type Frame, framesOf, tickStreams } from './frames.ts';
import type { Peer, Transport } from './link.ts';
import type { Market } from './market.ts';
import { Replay } from './replay.ts';
import type { RestRequest, RestResponse } from './rest.ts';
import { RestService } from './rest-service.ts';
import type { Happening } from './schedule.ts';
import { parseStreamPath } from './streams.ts';
import { Tape } from './tape.ts';
import type { AccountOptions } from './trading/account.ts';
import type { AccountState } from './trading/account-state.ts';
import { ApiConnection } from './trading/api-connection.ts';
import { TradingService } from './trading/trading-service.ts';

export interface ExchangeOptions {
  readonly market: Market;
  readonly timers: Timers;
  /** Market milliseconds a millisecond; `lockstep`: time goes on when the clients have acknowledged. */
  readonly pace: number | 'lockstep';
  /** Where the replay begins, epoch ms UTC; bars before are history. Default: the first bar. */
  readonly from?: number | undefined;
  /** The replay begins when so many clients listen. Default: 0, in lockstep 1. */
  readonly clients?: number | undefined;
  /** Updates of each open bar; default in {@link Tape}. */
  readonly updates?: number | undefined;
  /** Symbols of a real exchangeInfo; others have filters that do not bind. */
  readonly symbols?: ReadonlyMap<string, SymbolInfo> | undefined;
  /** Who may trade; default nobody. */
  readonly accounts?: readonly AccountOptions[] | undefined;
  /** What goes wrong; default nothing. */
  readonly faults?: FaultScript | undefined;
  /** Decides when; default 1. */
  readonly seed?: number | undefined;
  /** Hears each `executionReport` when it comes about, whatever becomes of it on its way to the account. */
  readonly onReport?: ((report: object) => void) | undefined;
  readonly onEvent?: ((event: ExchangeEvent) => void) | undefined;
}

/** What someone who watches the exchange should see. */
export interface ExchangeEvent {
  readonly kind: 'connected' | 'disconnected' | 'warning' | 'ended';
  /** Stable. */
  readonly code: string;
  /** One line. */
  readonly message: string;
  /** The market's time, epoch ms UTC. */
  readonly time: number;
}

export interface ExchangeStatus {
  /** The market's time, epoch ms UTC. */
  readonly time: number;
  readonly begun: boolean;
  readonly ended: boolean;
  /** How late the replay is, ms of real time. */
  readonly behind: number;
  /** Clients, but for those whose connection is half-open. */
  readonly connections: number;
  readonly subscriptions: number;
  readonly counters: Readonly<Record<ExchangeCounter, number>>;
  /** Executions so far, of all accounts. */
  readonly executions: number;
  /** Injected so far, by kind. */
  readonly faults: Readonly<Partial<Record<string, number>>>;
}

export type ExchangeCounter = 'frames' | 'requests' | 'refused' | 'slowClients' | 'dropped';

/** Binance's limit of attempts to connect an address. */
const CONNECT_LIMIT = 300;
const CONNECT_WINDOW = 300_000;
/** Unknown streams are named so often. */
const WARNINGS = 100;

/** The exchange without its sockets: whoever has some gives it connections and requests. */
export class Exchange {
  readonly tape: Tape;
  readonly #options: ExchangeOptions;
  readonly #replay: Replay;
  readonly #rest: RestService;
  readonly #trading: TradingService;
  /** Connections to the WebSocket API. */
  readonly #apis = new Set<ApiConnection>();
  readonly #faults: Faults;
  readonly #from: number;
  readonly #connections = new Set<Connection>();
  readonly #listeners = new Map<string, Set<Connection>>();
  readonly #attempts = new Map<string, number[]>();
  readonly #known = new Set<string>([REPLAY_STREAM]);
  readonly #counters: Record<Exclude<ExchangeCounter, 'requests'>, number> = {
    frames: 0,
    refused: 0,
    slowClients: 0,
    dropped: 0,
  };
  #connected = 0;
  #tries = 0;
  #warnings = 0;
  #hasStranger = false;

  constructor(options: ExchangeOptions) {
    this.#options = options;
    const { market, timers, pace } = options;
    const lockstep = pace === 'lockstep';
    this.tape = new Tape(market, { speed: lockstep ? null : pace, updates: options.updates });
    for (const { symbol, series } of market.listings.values()) {
      for (const { stream } of series.values()) this.#known.add(stream);
      for (const stream of tickStreams(symbol)) this.#known.add(stream);
    }
    this.#faults = new Faults(options.faults ?? [], options.seed ?? 1);
    this.#from = options.from ?? market.start;
    const exchange = this;
    this.#replay = new Replay({
      tape: this.tape,
      timers,
      from: this.#from,
      clients: lockstep ? Math.max(1, options.clients ?? 1) : (options.clients ?? 0),
      audience: {
        get size() {
          return lockstep ? exchange.#replayed().length : exchange.#listening();
        },
        get isFollowed() {
          return exchange.#replayed().length > 0;
        },
        replayed: () => [...this.#replayed(), ...[...this.#apis].filter(({ isReplayed }) => isReplayed)],
        tell: (happening, to, streams) => this.#tell(happening, to, streams),
        tick: (time, number, end, to) => this.#tick(time, number, end, to),
        ended: () => this.#event('ended', 'DATA_ENDED', 'the data is over'),
      },
    });
    const accounts = options.accounts ?? [];
    const least = accounts.length > 0 ? LEAST_STEP : 0;
    const symbols = new Map(
      [...market.listings.values()].map(listing => [
        listing.symbol,
        options.symbols?.get(listing.symbol) ?? symbolInfo(listing, least),
      ]),
    );
    this.#trading = new TradingService({
      ...{ tape: this.tape, timers, faults: this.#faults, symbols, from: this.#from },
      accounts,
      now: () => ({ moment: this.#replay.moment, time: this.#replay.time }),
      onStranger: () => this.#stranger(),
      onReport: options.onReport,
    });
    this.#rest = new RestService({
      ...{ tape: this.tape, timers, faults: this.#faults, symbols, trading: this.#trading },
      now: () => ({
        moment: this.#replay.moment,
        time: this.#replay.time,
        clock: this.#replay.clock,
        info: this.info,
      }),
    });
  }

  /** Lets time begin, as soon as there are clients enough. */
  start(): void {
    this.#replay.begin();
  }

  get status(): ExchangeStatus {
    let subscriptions = 0;
    for (const { session } of this.#connections) subscriptions += session.streams.size;
    for (const { session } of this.#apis) subscriptions += session.subscriptions;
    return {
      time: this.#replay.time,
      begun: this.#replay.hasBegun,
      ended: this.#replay.hasEnded,
      behind: this.#replay.behind,
      connections: this.#peers.filter(({ isMute }) => !isMute).length,
      subscriptions,
      counters: { ...this.#counters, requests: this.#rest.requests },
      executions: this.#trading.engine.executions,
      faults: { ...this.#faults.counts },
    };
  }

  /** The accounts as they are. */
  get accounts(): readonly AccountState[] {
    return this.#trading.states;
  }

  /**
   * Pays into an account, or, with a minus, out of what is free in it: what an account does not order itself. Throws an
   * InputError for an account or an amount that cannot be.
   */
  transfer(uid: number, asset: string, amount: string): void {
    this.#trading.transfer(uid, asset, amount);
  }

  /** From now on nothing goes wrong any more, whatever the script has; what has begun takes its time. */
  calm(): void {
    this.#faults.end();
  }

  get #peers(): Peer[] {
    return [...this.#connections, ...this.#apis];
  }

  /** The first of the faults injected, one by one. */
  get injected(): readonly InjectedFault[] {
    return this.#faults.injected;
  }

  get info(): LocalInfo {
    const { market } = this.#options;
    return {
      lockstep: this.tape.pace.speed === null,
      speed: this.tape.pace.speed,
      time: this.#replay.time,
      end: market.end,
      series: market.sources.map(({ symbol, interval }) => ({ symbol, interval })),
    };
  }

  /** Why a connection to this address is refused, as an HTTP status; undefined when it is welcome. */
  refusal(url: string, address: string): number | undefined {
    const status = this.#refusal(url, address);
    if (status !== undefined) this.#counters.refused++;
    return status;
  }

  #refusal(url: string, address: string): number | undefined {
    if (!isApi(url) && parseStreamPath(url) === undefined) return 404;
    const now = this.#options.timers.now();
    const attempts = (this.#attempts.get(address) ?? []).filter(time => time > now - CONNECT_WINDOW);
    if (attempts.length >= CONNECT_LIMIT) return 429;
    attempts.push(now);
    this.#attempts.set(address, attempts);
    const name = `attempt ${++this.#tries}`;
    if (!this.#faults.refuses(name)) return undefined;
    this.#faults.record({ kind: 'reject-connect', amount: 0 }, this.#replay.time, name);
    return 503;
  }

  /** A websocket has been opened at `url` (path and query). */
  connect(url: string, address: string, transport: Transport): Peer {
    if (isApi(url)) return this.#connectApi(url, address, transport);
    const connection = new Connection({
      number: ++this.#connected,
      path: parseStreamPath(url)!,
      lockstep: this.tape.pace.speed === null,
      transport,
      timers: this.#options.timers,
      calls: {
        subscribed: (client, streams) => this.#subscribed(client, streams),
        unsubscribed: (client, streams) => this.#unsubscribed(client, streams),
        acknowledged: (client, tick) => this.#replay.acknowledged(client, tick),
        dropped: (client, code, reason) => this.#dropped(client, code, reason),
      },
    });
    if (connection.isOver) return connection;
    this.#connections.add(connection);
    this.#event('connected', 'CONNECTED', `client ${connection.number} connected`);
    if (connection.session.streams.size > 0) this.#subscribed(connection, [...connection.session.streams]);
    return connection;
  }

  #connectApi(url: string, address: string, transport: Transport): ApiConnection {
    const { timers } = this.#options;
    const number = ++this.#connected;
    const connection: ApiConnection = new ApiConnection({
      ...{ number, transport, timers, faults: this.#faults, trading: this.#trading },
      lockstep: this.tape.pace.speed === null,
      tellsLimits: new URLSearchParams(url.split('?', 2)[1]).get('returnRateLimits') !== 'false',
      calls: {
        market: (path, parameters) => this.#rest.marketAnswer(path, parameters),
        count: weight => this.#rest.count(address, weight),
        refund: weight => this.#rest.refund(address, weight),
        replaySubscribed: () => this.#replay.joined(connection),
        acknowledged: tick => this.#replay.acknowledged(connection, tick),
        dropped: (code, reason) => this.#apiDropped(connection, code, reason),
        struck: kind => this.#strike({ kind, amount: 0 }, connection),
      },
    });
    this.#apis.add(connection);
    this.#event('connected', 'CONNECTED', `client ${number} connected to the WebSocket API`);
    return connection;
  }

  /** A client has sent something. */
  receive(connection: Peer, text: string): void {
    // An order meets the price as it is when it comes.
    if (connection instanceof ApiConnection) this.#replay.catchUp();
    connection.receive(text);
  }

  /** The client is gone. */
  disconnect(connection: Peer): void {
    connection.ended();
    if (connection instanceof ApiConnection) {
      if (!this.#apis.delete(connection)) return;
      this.#replay.settle();
    } else if (connection instanceof Connection) {
      if (!this.#connections.delete(connection)) return;
      this.#unsubscribed(connection, [...connection.session.streams]);
    }
    this.#event('disconnected', 'DISCONNECTED', `client ${connection.number} left`);
  }

  /** Answers a request by `respond`: now, later, or, when a fault will have it so, never. */
  request(request: RestRequest, address: string, respond: (response: RestResponse) => void): void {
    this.#replay.catchUp();
    this.#rest.request(request, address, respond);
  }

  /** Says goodbye to everybody and stops the time. */
  close(): void {
    this.#replay.close();
    this.#rest.close();
    this.#trading.close();
    for (const connection of this.#peers) connection.drop('CLOSED', 'the exchange closes', 1001);
  }

  #replayed(): Connection[] {
    return [...(this.#listeners.get(REPLAY_STREAM) ?? [])].filter(connection => connection.isReplayed);
  }

  #listening(): number {
    return [...this.#connections].filter(({ session }) => session.streams.size > 0).length;
  }

  #subscribed(connection: Connection, streams: readonly string[]): void {
    for (const stream of streams) {
      let listeners = this.#listeners.get(stream);
      if (listeners === undefined) {
        listeners = new Set();
        this.#listeners.set(stream, listeners);
      }
      listeners.add(connection);
      if (!this.#known.has(stream)) this.#unknown(stream);
    }
    if (streams.length > 0)
      this.#replay.subscribed(connection, new Set(streams), streams.includes(REPLAY_STREAM));
  }

  #unsubscribed(connection: Connection, streams: readonly string[]): void {
    for (const stream of streams) {
      const listeners = this.#listeners.get(stream);
      listeners?.delete(connection);
      if (listeners?.size === 0) this.#listeners.delete(stream);
    }
    this.#replay.settle();
  }

  #dropped(connection: Connection, code: string, reason: string): void {
    this.#counters.dropped++;
    if (code === 'SLOW_CLIENT') this.#counters.slowClients++;
    if (!this.#connections.delete(connection)) return;
    this.#unsubscribed(connection, [...connection.session.streams]);
    this.#event('disconnected', code, `client ${connection.number} was dropped: ${reason}`);
  }

  #apiDropped(connection: ApiConnection, code: string, reason: string): void {
    this.#counters.dropped++;
    if (code === 'SLOW_CLIENT') this.#counters.slowClients++;
    if (!this.#apis.delete(connection)) return;
    this.#replay.settle();
    this.#event('disconnected', code, `client ${connection.number} was dropped: ${reason}`);
  }

  #tell(happening: Happening, to?: Connection, streams?: ReadonlySet<string>): void {
    if (to === undefined) {
      this.#strikeDue(happening.time);
      this.#trading.happened(happening);
    }
    const heard = to === undefined ? this.#listeners : (streams ?? to.session.streams);
    for (const frame of framesOf(this.tape, happening, this.#faults.skew, stream => heard.has(stream))) {
      if (this.#isOmitted(frame, happening, to === undefined)) continue;
      // A copy: who is dropped while it is told leaves the set.
      const listeners = to === undefined ? [...(this.#listeners.get(frame.stream) ?? [])] : [to];
      for (const connection of listeners) this.#send(connection, frame, happening);
    }
  }

  #send(connection: Connection, { stream, text }: Frame, { time, opened }: Happening): void {
    if (connection.isOver || connection.isMute) return;
    this.#counters.frames++;
    const name = `client ${connection.number} ${stream} ${time}${opened ? '' : ' close'}`;
    const fault = this.#faults.ofFrame(name);
    if (fault !== undefined) this.#faults.record(fault, time, name);
    if (fault?.kind === 'cut' || fault?.kind === 'halfopen' || fault?.kind === 'shutdown') {
      this.#strike(fault, connection);
    }
    connection.tell(stream, text, fault);
  }

  /** True when nobody is to hear that this kline has closed. */
  #isOmitted({ stream, closes }: Frame, { time }: Happening, isFirst: boolean): boolean {
    if (closes === undefined) return false;
    const name = `${stream} ${closes}`;
    if (!this.#faults.omits(name)) return false;
    if (isFirst) this.#faults.record({ kind: 'missing-close', amount: 0 }, time, name);
    return true;
  }

  /** Faults that a script has for a certain time, at the first moment after it. */
  #strikeDue(time: number): void {
    for (const fault of this.#faults.due(time - this.#from)) {
      if (fault.kind === 'rest-418') {
        this.#faults.record(fault, time, 'everybody');
        this.#rest.ban(fault.amount);
        continue;
      }
      if (fault.kind === 'cancel-only') {
        this.#faults.record(fault, time, 'all symbols');
        this.#trading.cancelOnly(fault.amount);
        continue;
      }
      const isAccount = fault.kind === 'account-cut' || fault.kind === 'account-halfopen';
      for (const connection of isAccount ? [...this.#apis] : this.#peers) {
        if (connection.isMute) continue;
        this.#faults.record(fault, time, `client ${connection.number}`);
        this.#strike(fault, connection);
      }
    }
  }

  #strike({ kind, amount }: Chosen, connection: Peer): void {
    if (kind === 'cut' || kind === 'account-cut') connection.drop('FAULT_CUT', 'a fault cut the connection');
    else if (kind === 'shutdown') connection.shutDown(this.#replay.time + this.#faults.skew, amount);
    else {
      connection.mute();
      this.#replay.settle();
      this.#event('disconnected', 'FAULT_HALFOPEN', `client ${connection.number} hears nothing any more`);
    }
  }

  #tick(time: number, number: number, end: boolean, to?: Peer): void {
    if (!end && this.tape.pace.speed !== null) return;
    const tick: ReplayTick = { e: 'replay', E: time + this.#faults.skew, n: number, end };
    const text = JSON.stringify(tick);
    // Accounts first: what is decided on a moment of the market may need what they have told.
    const all = [...[...this.#apis].filter(({ isReplayed }) => isReplayed), ...this.#replayed()];
    for (const connection of to === undefined ? all : [to]) connection.tick(text);
  }

  #stranger(): void {
    if (this.#hasStranger) return;
    this.#hasStranger = true;
    const message = 'somebody wants to trade, and there is no account: give one with --balance or --account';
    this.#event('warning', 'NO_ACCOUNT', message);
  }

  /** Binance says nothing when nobody will ever hear of a stream. A person who rehearses should know. */
  #unknown(stream: string): void {
    if (++this.#warnings > WARNINGS) return;
    const fix =
      stream !== stream.toLowerCase() && this.#known.has(stream.toLowerCase())
        ? ', symbols are lower case'
        : '';
    this.#event('warning', 'STREAM_UNKNOWN', `nothing will come on the stream "${stream}"${fix}`);
  }

  #event(kind: ExchangeEvent['kind'], code: string, message: string): void {
    this.#options.onEvent?.({ kind, code, message, time: this.#replay.time });
  }
}

/** True for the address of the WebSocket API. */
function isApi(url: string): boolean {
  return url.split('?', 1)[0].replace(/\/$/, '') === '/ws-api/v3';
}
