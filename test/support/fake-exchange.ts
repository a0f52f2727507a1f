import type { Http, HttpResponse, Network, SocketHandlers } from '../../src/net/network.ts';
import { VirtualTimers } from '../../src/net/virtual-timers.ts';
import { mulberry32 } from './random-walk.ts';

/** A bar as the fake knows it, in the texts of the wire. */
export interface FakeBar {
  readonly symbol: string;
  readonly interval: string;
  readonly open: number;
  readonly end: number;
  /** o, h, l, c, v, q, n, V, Q. */
  readonly texts: readonly string[];
}

export interface FakeOptions {
  readonly symbols: readonly string[];
  /** Lengths in ms by name; default 1m. */
  readonly intervals?: Readonly<Record<string, number>>;
  /** The market's time at the beginning, epoch ms UTC. */
  readonly start?: number;
  /** This machine's clock minus the market's, ms. */
  readonly clockError?: number;
  readonly seed?: number;
  /** Distance of forming updates, ms; default 2,000. */
  readonly updateMs?: number;
  /** One way, ms. */
  readonly latency?: number;
  readonly pingMs?: number;
}

interface FakeSocket {
  readonly url: string;
  readonly handlers: SocketHandlers;
  readonly streams: Set<string>;
  open: boolean;
  /** Frames vanish and nobody hears a goodbye. */
  mute: boolean;
  closed: boolean;
  sent: string[];
}

/**
 * An exchange in memory and in virtual time, written from Binance's documents and nothing of the project but its
 * network contract. It shows what a test wants: hooks change or swallow frames and answers.
 */
export class FakeExchange {
  readonly timers: VirtualTimers;
  readonly network: Network;
  readonly sockets: FakeSocket[] = [];
  readonly requests: { readonly time: number; readonly path: string }[] = [];
  readonly connects: { readonly time: number; readonly url: string }[] = [];
  readonly #options: Required<FakeOptions>;
  readonly #bars = new Map<string, FakeBar>();
  /** Bars that never existed: neither streams nor REST know them. */
  missing: (bar: FakeBar) => boolean = () => false;
  /** What becomes of a kline frame: other texts in its place, none at all. */
  onFrame: (text: string, bar: FakeBar, closed: boolean) => readonly string[] = text => [text];
  /** An answer in place of the exchange's own; a rejection stands for a failed connection. */
  onRequest: (path: string) => HttpResponse | Error | undefined = () => undefined;
  /** REST knows what was known so long ago, ms. */
  lag = 0;
  /** New connections fail. */
  refusing = false;
  stopped = false;

  constructor(options: FakeOptions) {
    this.#options = {
      intervals: { '1m': 60_000 },
      start: Date.UTC(2026, 0, 5, 12, 0, 7),
      clockError: 0,
      seed: 1,
      updateMs: 2000,
      latency: 20,
      pingMs: 20_000,
      ...options,
    };
    this.timers = new VirtualTimers(this.#options.start + this.#options.clockError);
    const random = mulberry32(this.#options.seed + 77);
    this.network = {
      timers: this.timers,
      random,
      connect: (url, handlers) => this.#connect(url, handlers),
      http: this.#http,
    };
    this.#drive();
    this.#ping();
  }

  /** The market's time. */
  now(): number {
    return this.timers.now() - this.#options.clockError;
  }

  /** The local machine's time of a market's time. */
  local(market: number): number {
    return market + this.#options.clockError;
  }

  get openSockets(): number {
    return this.sockets.filter(({ closed }) => !closed).length;
  }

  /** Stops making frames, so that only the client's timers are left. */
  stop(): void {
    this.stopped = true;
  }

  bar(symbol: string, interval: string, open: number): FakeBar {
    const key = `${symbol} ${interval} ${open}`;
    const known = this.#bars.get(key);
    if (known !== undefined) return known;
    const length = this.#options.intervals[interval];
    const random = mulberry32(
      (open / 1000 + symbol.length * 7919 + symbol.charCodeAt(0) + length) ^ this.#options.seed,
    );
    const price = (spread: number) => (100 + spread * random()).toFixed(2);
    const texts = [price(1), price(2), price(0.5), price(1), (random() * 10 + 1).toFixed(5)];
    texts.push((random() * 1000).toFixed(4), String(Math.floor(random() * 100) + 1), '0.5', '50.5');
    const bar = { symbol, interval, open, end: open + length, texts };
    this.#bars.set(key, bar);
    return bar;
  }

  /** Every bar that exists and closed after `from` and at or before `to`. */
  truth(symbol: string, interval: string, from: number, to: number): FakeBar[] {
    const length = this.#options.intervals[interval];
    const bars: FakeBar[] = [];
    for (let open = Math.floor(from / length) * length; open + length <= to; open += length) {
      const bar = this.bar(symbol, interval, open);
      if (bar.end > from && !this.missing(bar)) bars.push(bar);
    }
    return bars;
  }

  /** A kline frame as the exchange writes it; a forming one has had a part of the volume. */
  frame(bar: FakeBar, closed: boolean, time = this.now(), raw = false): string {
    const { symbol, interval, open, end, texts } = bar;
    const part = closed ? 1 : Math.min(1, (time - open) / (end - open));
    const [o, h, l, c, v, q, n, V, Q] = texts;
    const k = {
      t: open,
      T: end - 1,
      s: symbol,
      i: interval,
      f: 1,
      L: 2,
      o,
      c: closed ? c : (Number(o) + part / 10).toFixed(4),
      h,
      l,
      v: closed ? v : (Number(v) * part).toFixed(5),
      n: Math.floor(Number(n) * part),
      x: closed,
      q,
      V,
      Q,
      B: '0',
    };
    const event = { e: 'kline', E: time, s: symbol, k };
    return JSON.stringify(raw ? event : { stream: `${symbol.toLowerCase()}@kline_${interval}`, data: event });
  }

  /** Sends a text to every socket, or to those that have the stream. */
  say(text: string, stream?: string): void {
    for (const socket of this.sockets) {
      if (stream === undefined || socket.streams.has(stream)) this.#deliver(socket, text);
    }
  }

  /** The server's side of the newest socket that is not closed. */
  newest(): FakeSocket | undefined {
    return this.sockets.findLast(({ closed }) => !closed);
  }

  cut(socket = this.newest()): void {
    if (socket === undefined || socket.closed) return;
    socket.closed = true;
    this.timers.after(this.#options.latency, () => socket.handlers.onClose(1006, 'cut'));
  }

  #connect(url: string, handlers: SocketHandlers) {
    const streams = new Set(new URL(url).searchParams.get('streams')?.split('/') ?? []);
    const socket: FakeSocket = { url, handlers, streams, open: false, mute: false, closed: false, sent: [] };
    this.connects.push({ time: this.timers.now(), url });
    this.sockets.push(socket);
    const bye = (code: number, reason: string) => {
      if (socket.closed) return;
      socket.closed = true;
      this.timers.after(0, () => handlers.onClose(code, reason));
    };
    this.timers.after(this.#options.latency, () => {
      if (socket.closed) return;
      if (this.refusing) return bye(1006, 'the connection was refused');
      socket.open = true;
      handlers.onOpen();
    });
    return {
      send: (text: string) => {
        if (!socket.open || socket.closed) return;
        socket.sent.push(text);
        this.timers.after(this.#options.latency, () => this.#heard(socket, text));
      },
      close: () => bye(1000, 'closed'),
      terminate: () => bye(1006, 'terminated'),
    };
  }

  #heard(socket: FakeSocket, text: string): void {
    const { method, params, id } = JSON.parse(text) as { method: string; params: string[]; id: number };
    if (method !== 'SUBSCRIBE') return;
    for (const name of params) socket.streams.add(name);
    this.#deliver(socket, JSON.stringify({ result: null, id }));
  }

  #deliver(socket: FakeSocket, text: string): void {
    if (socket.mute || socket.closed || !socket.open) return;
    this.timers.after(this.#options.latency, () => {
      if (!socket.mute && !socket.closed) socket.handlers.onMessage(text);
    });
  }

  #drive(): void {
    const { symbols, intervals, updateMs } = this.#options;
    const step = () => {
      if (this.stopped) return;
      const now = this.now();
      for (const symbol of symbols) {
        for (const [interval, length] of Object.entries(intervals)) {
          const open = Math.floor(now / length) * length;
          if (now === open) this.#emit(this.bar(symbol, interval, open - length), true);
          this.#emit(this.bar(symbol, interval, open), false);
        }
      }
      this.timers.after(updateMs - (now % updateMs), step);
    };
    this.timers.after(updateMs - (this.now() % updateMs), step);
  }

  #emit(bar: FakeBar, closed: boolean): void {
    if (this.missing(bar)) return;
    const stream = `${bar.symbol.toLowerCase()}@kline_${bar.interval}`;
    if (!this.sockets.some(socket => !socket.closed && socket.streams.has(stream))) return;
    for (const text of this.onFrame(this.frame(bar, closed), bar, closed)) this.say(text, stream);
  }

  #ping(): void {
    this.timers.after(this.#options.pingMs, () => {
      if (this.stopped) return;
      for (const socket of this.sockets) {
        if (socket.open && !socket.closed && !socket.mute) socket.handlers.onPing?.();
      }
      this.#ping();
    });
  }

  #http: Http = ({ url, signal }) => {
    const path = url.slice(url.indexOf('/', 8));
    this.requests.push({ time: this.timers.now(), path });
    return new Promise((resolve, reject) => {
      const { latency } = this.#options;
      const abort = () => {
        timer.cancel();
        reject(new Error('aborted'));
      };
      let timer = this.timers.after(latency, () => {
        const answer = this.onRequest(path) ?? this.#answer(path);
        timer = this.timers.after(latency, () => {
          signal?.removeEventListener('abort', abort);
          if (answer instanceof Error) reject(answer);
          else resolve(answer);
        });
      });
      signal?.addEventListener('abort', abort, { once: true });
    });
  };

  #answer(path: string): HttpResponse {
    const url = new URL(path, 'http://fake');
    const query = url.searchParams;
    switch (url.pathname) {
      case '/api/v3/time':
        return json({ serverTime: this.now() });
      case '/api/v3/exchangeInfo': {
        const asked = query.has('symbols')
          ? (JSON.parse(query.get('symbols')!) as string[])
          : query.getAll('symbol');
        if (asked.some(symbol => !this.#options.symbols.includes(symbol))) {
          return json({ code: -1121, msg: 'Invalid symbol.' }, 400);
        }
        const listed = asked.length === 0 ? this.#options.symbols : asked;
        return json({ symbols: listed.map(terms) });
      }
      case '/api/v3/klines':
        return json(this.#klines(query));
      default:
        return json({ code: -1, msg: 'no such path' }, 404);
    }
  }

  #klines(query: URLSearchParams): unknown[] {
    const symbol = query.get('symbol')!;
    const interval = query.get('interval')!;
    const length = this.#options.intervals[interval];
    const limit = Math.min(1000, Number(query.get('limit') ?? 500));
    const now = this.now() - this.lag;
    const to = Math.min(now, Number(query.get('endTime') ?? now));
    const newest = Math.floor(to / length) * length;
    const given = query.has('startTime')
      ? Math.ceil(Number(query.get('startTime')) / length) * length
      : undefined;
    const rows: unknown[] = [];
    for (let open = given ?? newest - (limit + 50) * length; open <= newest; open += length) {
      const bar = this.bar(symbol, interval, open);
      if (this.missing(bar)) continue;
      const { k } = JSON.parse(this.frame(bar, bar.end <= now, now, true)) as { k: Record<string, unknown> };
      rows.push([k.t, k.o, k.h, k.l, k.c, k.v, k.T, k.q, k.n, k.V, k.Q, '0']);
      if (given !== undefined && rows.length === limit) break;
    }
    return given === undefined ? rows.slice(-limit) : rows;
  }
}

export function json(document: unknown, status = 200, headers: Record<string, string> = {}): HttpResponse {
  return { status, headers, body: JSON.stringify(document) };
}

function terms(symbol: string) {
  return {
    symbol,
    status: 'TRADING',
    baseAsset: symbol.slice(0, -4),
    quoteAsset: symbol.slice(-4),
    filters: [
      { filterType: 'PRICE_FILTER', minPrice: '0.01', maxPrice: '1000000', tickSize: '0.01' },
      { filterType: 'LOT_SIZE', minQty: '0.00001', maxQty: '9000', stepSize: '0.00001' },
      { filterType: 'NOTIONAL', minNotional: '5.00', applyMinToMarket: true },
    ],
  };
}
