import type { ConnectBudget } from '../../net/connect-budget.ts';
import { KeptConnection, type Link } from '../../net/kept-connection.ts';
import { type FormingScan, readFrame, scanForming } from '../../venues/binance/frames.ts';
import { REPLAY_STREAM, type ReplayTick } from '../../venues/binance/replay.ts';
import {
  acknowledgement,
  type ConnectionPlan,
  klineStream,
  planStreams,
  REQUEST_PACE_MS,
} from '../../venues/binance/streams.ts';
import type { TickSource } from './lockstep.ts';
import { type KlineSeries, OVERDUE_MS, type SeriesHost } from './series.ts';

const SECOND = 1000;
const HOUR = 3_600_000;
/** A server pings three times in a minute, so that silence of a minute means that it is gone. */
const SILENCE_MS = 60 * SECOND;
const READY_MS = 20 * SECOND;
const OVERLAP_MS = 5 * SECOND;
const STABLE_MS = 30 * SECOND;
const BACK_OFF = { first: SECOND / 2, most: 30 * SECOND };
/** Before the server cuts at 24 hours; spread, so that several connections do not go at once. */
const ROTATE = { from: 22.5 * HOUR, to: 23 * HOUR };
/** Frames that cannot be read are told of once in so long. */
const QUIET_MS = 60 * SECOND;

export interface StreamsOptions {
  readonly host: SeriesHost;
  readonly address: string;
  readonly series: readonly KlineSeries[];
  /** Ask for the ticks of a local exchange's replay. */
  readonly replay: boolean;
  readonly budget: ConnectBudget;
  onTick(source: StreamConnection, tick: ReplayTick): void;
}

/** The connections that bring the frames of all series, and the way of a frame to its series. */
export class Streams {
  readonly connections: readonly StreamConnection[];

  constructor(options: StreamsOptions) {
    const byStream = new Map(
      options.series.map(series => [klineStream(series.symbol, series.interval), series] as const),
    );
    const plans = planStreams([...byStream.keys()], options.replay ? REPLAY_STREAM : undefined);
    this.connections = plans.map(
      plan =>
        new StreamConnection(
          options,
          plan,
          plan.streams.map(name => byStream.get(name)!),
        ),
    );
  }

  of(series: KlineSeries): StreamConnection | undefined {
    return this.connections.find(connection => connection.series.includes(series));
  }
}

/** One connection and the series that it serves. */
export class StreamConnection implements TickSource {
  readonly series: readonly KlineSeries[];
  readonly #options: StreamsOptions;
  readonly #connection: KeptConnection;
  readonly #bySymbol = new Map<string, Map<string, KlineSeries>>();
  readonly #requests: number;
  /** Requests that are not granted yet, by socket. */
  readonly #open = new WeakMap<Link, number>();
  /** Sockets that wait for a tick to be acknowledged, and the tick. */
  readonly #waiting = new Map<Link, number>();
  readonly #found: FormingScan = { symbol: '', interval: '', open: 0 };
  #toldUnreadable = Number.NEGATIVE_INFINITY;
  tick = -1;

  constructor(options: StreamsOptions, plan: ConnectionPlan, series: readonly KlineSeries[]) {
    this.#options = options;
    this.series = series;
    this.#requests = plan.requests.length;
    for (const one of series) {
      const own = this.#bySymbol.get(one.symbol) ?? new Map<string, KlineSeries>();
      this.#bySymbol.set(one.symbol, own.set(one.interval, one));
    }
    const { host } = options;
    this.#connection = new KeptConnection({
      url: options.address + plan.path,
      name: options.address,
      network: host.network,
      budget: options.budget,
      requests: plan.requests,
      messageMs: REQUEST_PACE_MS,
      backOff: BACK_OFF,
      readyMs: READY_MS + plan.requests.length * REQUEST_PACE_MS,
      silenceMs: SILENCE_MS,
      rotate: ROTATE,
      overlapMs: OVERLAP_MS,
      stableMs: STABLE_MS,
      onMessage: (text, link) => this.#message(text, link),
      onUp: () => {
        for (const one of series) one.up();
      },
      onDown: () => {
        this.#waiting.clear();
        for (const one of series) one.down();
      },
      onNotice: (level, code, message) => host.notice(level, code, message),
    });
  }

  get url(): string {
    return this.#connection.url;
  }

  get state(): 'connecting' | 'open' | 'waiting' {
    return this.#connection.state;
  }

  get reconnects(): number {
    return this.#connection.reconnects;
  }

  open(): void {
    this.#connection.open();
  }

  close(): Promise<void> {
    this.#waiting.clear();
    return this.#connection.close();
  }

  acknowledge(n: number): void {
    for (const [link, waiting] of this.#waiting) {
      if (waiting > n) continue;
      link.send(acknowledgement(waiting));
      this.#waiting.delete(link);
    }
  }

  /** A bar of `series` that closed at `end` came by REST: does the socket still bring anything? */
  missed(series: KlineSeries, end: number): void {
    const { clock, lockstep, network } = this.#options.host;
    const link = this.#connection.current;
    if (lockstep || link === undefined) return;
    const now = network.timers.now();
    // When the bar closed, and when it was taken for overdue, by this machine's clock.
    const closed = now - clock.local(clock.now() - end);
    if (now - closed < clock.local(OVERDUE_MS) || !(link.readyAt < closed) || series.heardAt >= closed)
      return;
    if (this.#connection.heardAt < closed) {
      this.#connection.drop(`${series.name} had bars that it did not bring`);
      return;
    }
    this.#connection.rotate();
  }

  #message(text: string, link: Link): void {
    const { address, host } = this.#options;
    host.counters.frames++;
    const found = this.#found;
    // Most frames are of bars that still form; where nobody wants them, only their time counts.
    if (!host.forming && scanForming(text, found)) {
      this.#bySymbol.get(found.symbol)?.get(found.interval)?.opened(found.open);
      return;
    }
    const frame = readFrame(text);
    switch (frame.kind) {
      case 'kline': {
        const series = this.#bySymbol.get(frame.symbol)?.get(frame.interval);
        if (series === undefined) return;
        host.heard(frame.time);
        if (frame.closed) series.closed(frame.kline);
        else if (host.forming) series.forming({ kline: frame.kline, time: frame.time });
        else series.opened(frame.kline.time);
        return;
      }
      case 'replay':
        this.#waiting.set(link, frame.tick.n);
        this.#options.onTick(this, frame.tick);
        return;
      case 'shutdown':
        if (link !== this.#connection.current) return;
        host.notice('info', 'SERVER_SHUTDOWN', `${address}: the server is about to go; connecting anew`);
        this.#connection.rotate();
        return;
      case 'reply':
        this.#replied(link, frame.error);
        return;
      case 'unreadable':
        this.#unreadable(text);
        return;
    }
  }

  #replied(link: Link, error: string | undefined): void {
    if (error !== undefined) link.refuse(`the server refused the streams: ${error}`);
    if (error !== undefined || this.#requests === 0) return;
    const left = (this.#open.get(link) ?? this.#requests) - 1;
    this.#open.set(link, left);
    if (left === 0) link.ready();
  }

  #unreadable(text: string): void {
    const { address, host } = this.#options;
    const now = host.network.timers.now();
    if (now - this.#toldUnreadable < QUIET_MS) return;
    this.#toldUnreadable = now;
    const begin = JSON.stringify(text.slice(0, 60));
    host.notice('warning', 'FRAME_UNREADABLE', `${address}: a message cannot be read: ${begin}`);
  }
}
