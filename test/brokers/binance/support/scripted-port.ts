import { createHmac } from 'node:crypto';
import { BinanceGateway } from '../../../../src/brokers/binance/gateway/gateway.ts';
import type { Keys } from '../../../../src/brokers/binance/gateway/keys.ts';
import { OwnTransport } from '../../../../src/brokers/binance/gateway/own-transport.ts';
import type { Failure, TradingPort } from '../../../../src/brokers/binance/port.ts';
import { NetworkError } from '../../../../src/model/errors.ts';
import type { HttpResponse, Network, SocketHandlers } from '../../../../src/net/network.ts';
import { VirtualTimers } from '../../../../src/net/virtual-timers.ts';
import { mulberry32 } from '../../../support/random-walk.ts';
import { API_KEY, API_SECRET, hmacKeys } from './keys.ts';

export const REST = 'http://exchange.test';
export const ACCOUNT = 'ws://exchange.test/ws-api/v3';

/** A request as the exchange sees it. */
export interface Heard {
  readonly time: number;
  readonly method: string;
  readonly path: string;
  readonly parameters: Readonly<Record<string, string>>;
}

/** An answer; an Error is a connection that failed, `silent` none at all. */
export type Said =
  | { status?: number; headers?: Readonly<Record<string, string>>; body: unknown; afterMs?: number }
  | Error
  | 'silent';

interface ServerSocket {
  readonly handlers: SocketHandlers;
  readonly sent: { readonly time: number; readonly text: string }[];
  closed: boolean;
  mute: boolean;
}

/**
 * An exchange in virtual time that says what a test wants. It checks signatures and times by itself, as plainly as
 * possible, and keeps what was heard and everything that the gateway has said.
 */
export class ScriptedPort {
  readonly timers: VirtualTimers;
  readonly network: Network;
  readonly heard: Heard[] = [];
  readonly sockets: ServerSocket[] = [];
  readonly connects: number[] = [];
  readonly notices: string[] = [];
  readonly gateway: BinanceGateway;
  /** One way, ms. */
  latency = 20;
  /** The exchange's clock minus this machine's, ms. */
  ahead = 0;
  refusing = false;
  /** Every 20 s, as Binance does. */
  pinging = true;
  local: object | undefined;
  /** What is answered to a request; undefined for nothing special. */
  answer: (request: Heard) => Said | undefined = () => undefined;
  /** What is answered to a message of the WebSocket API; undefined grants it. */
  reply: (message: { id: string; method: string; params?: Record<string, unknown> }) => object | undefined =
    () => undefined;

  constructor(options: { local?: object; keys?: Keys; now?: number; permissions?: boolean } = {}) {
    const { local, keys = hmacKeys(), now = Date.UTC(2026, 6, 1, 12, 0, 5), permissions = true } = options;
    this.timers = new VirtualTimers(now);
    this.local = local;
    const random = mulberry32(7);
    this.network = {
      timers: this.timers,
      random,
      http: request =>
        this.#http(request.method ?? 'GET', request.url, request.headers ?? {}, request.timeoutMs),
      connect: (_, handlers) => this.#connect(handlers),
    };
    this.gateway = new BinanceGateway({
      name: 'test',
      endpoints: { rest: REST, account: ACCOUNT, permissions },
      local: local !== undefined,
      network: this.network,
      keys,
      transport: new OwnTransport(this.network.http, REST, keys),
      onNotice: (level, code, message) => this.notices.push(`${level} ${code} ${message}`),
    });
  }

  get port(): TradingPort {
    return this.gateway;
  }

  now(): number {
    return this.timers.now() + this.ahead;
  }

  /** Lets virtual time pass until a promise has settled. */
  async settle<T>(promise: Promise<T>): Promise<T> {
    let isDone = false;
    const done = () => {
      isDone = true;
    };
    promise.then(done, done);
    await this.timers.run({ done: () => isDone });
    return promise;
  }

  async pass(ms: number): Promise<void> {
    await this.timers.run({ until: this.timers.now() + ms });
  }

  of(path: string): Heard[] {
    return this.heard.filter(request => request.path === path);
  }

  say(message: object, socket = this.sockets.findLast(({ closed }) => !closed)): void {
    this.timers.after(this.latency, () => {
      if (socket !== undefined && !socket.closed && !socket.mute)
        socket.handlers.onMessage(JSON.stringify(message));
    });
  }

  event(event: object): void {
    this.say({ subscriptionId: 0, event });
  }

  cut(socket = this.sockets.findLast(({ closed }) => !closed)!): void {
    socket.closed = true;
    this.timers.after(0, () => socket.handlers.onClose(1006, `cut at ?apiKey=${API_KEY}`));
  }

  #http(
    method: string,
    url: string,
    headers: Readonly<Record<string, string>>,
    timeoutMs: number,
  ): Promise<HttpResponse> {
    return new Promise((resolve, reject) => {
      const limit = this.timers.after(timeoutMs, () =>
        reject(new NetworkError('TIMED_OUT', `no answer to ${url}`, { value: url })),
      );
      this.timers.after(this.latency, () => {
        const said = this.#hear(method, url, headers);
        if (said === 'silent') return;
        const afterMs = said instanceof Error ? 0 : (said.afterMs ?? 0);
        this.timers.after(this.latency + afterMs, () => {
          limit.cancel();
          if (said instanceof Error) {
            reject(new NetworkError('CONNECTION_LOST', said.message, { value: url, cause: said }));
            return;
          }
          const body = typeof said.body === 'string' ? said.body : JSON.stringify(said.body);
          resolve({ status: said.status ?? 200, headers: said.headers ?? {}, body });
        });
      });
    });
  }

  #hear(method: string, url: string, headers: Readonly<Record<string, string>>): Said {
    const [address, query = ''] = url.split('?');
    const path = address.slice(REST.length);
    const parameters = Object.fromEntries(new URLSearchParams(query));
    const request = { time: this.timers.now(), method, path, parameters };
    this.heard.push(request);
    const special = this.answer(request);
    if (special !== undefined) return special;
    if (path === '/api/v3/time') return { body: { serverTime: this.now() } };
    if (path === '/local/v1/info' && this.local !== undefined) return { body: this.local };
    if (parameters.timestamp === undefined) return { status: 404, body: 'not found' };
    return this.#unsigned(query, parameters, headers) ?? { body: {} };
  }

  #unsigned(
    query: string,
    { timestamp, recvWindow }: Readonly<Record<string, string>>,
    headers: Readonly<Record<string, string>>,
  ): Said | undefined {
    const [payload, signature] = query.split('&signature=');
    if (headers['X-MBX-APIKEY'] !== API_KEY)
      return error(401, -2015, 'Invalid API-key, IP, or permissions for action.');
    if (signature !== hmac(payload)) return error(400, -1022, 'Signature for this request is not valid.');
    const late = this.now() - Number(timestamp);
    if (late > Number(recvWindow) || late < -1000)
      return error(400, -1021, 'Timestamp is outside of the recvWindow.');
    return undefined;
  }

  #connect(handlers: SocketHandlers) {
    const socket: ServerSocket = { handlers, sent: [], closed: false, mute: false };
    this.connects.push(this.timers.now());
    this.sockets.push(socket);
    const bye = (code: number) => {
      if (socket.closed) return;
      socket.closed = true;
      this.timers.after(0, () => handlers.onClose(code, ''));
    };
    this.timers.after(this.latency, () => {
      if (socket.closed) return;
      if (this.refusing) return bye(1006);
      handlers.onOpen();
      this.#ping(socket);
    });
    return {
      send: (text: string) => {
        socket.sent.push({ time: this.timers.now(), text });
        const message = JSON.parse(text) as { id: string; method: string; params?: Record<string, unknown> };
        if (message.method === 'ACK') return;
        const special = this.reply(message) ?? this.#subscribe(message);
        this.say({ id: message.id, ...special }, socket);
      },
      close: () => bye(1000),
      terminate: () => bye(1006),
    };
  }

  #subscribe({ method, params = {} }: { method: string; params?: Record<string, unknown> }): object {
    if (method === 'replay.subscribe') return { status: 200, result: null };
    const { signature, ...signed } = params;
    const payload = Object.keys(signed)
      .sort()
      .map(name => `${name}=${signed[name]}`)
      .join('&');
    const refuse = (code: number, msg: string) => ({ status: 400, error: { code, msg } });
    if (method !== 'userDataStream.subscribe.signature') return refuse(-1125, 'unknown method');
    if (signature !== hmac(payload)) return refuse(-1022, 'Signature for this request is not valid.');
    const late = this.now() - Number(params.timestamp);
    if (late > 5000 || late < -1000) return refuse(-1021, 'Timestamp is outside of the recvWindow.');
    return { status: 200, result: { subscriptionId: 0 } };
  }

  #ping(socket: ServerSocket): void {
    if (socket.closed) return;
    if (this.pinging && !socket.mute) socket.handlers.onPing?.();
    this.timers.after(20_000, () => this.#ping(socket));
  }
}

export function error(status: number, code: number, msg: string, headers: Record<string, string> = {}): Said {
  return { status, headers, body: { code, msg } };
}

function hmac(payload: string): string {
  return createHmac('sha256', API_SECRET).update(payload).digest('hex');
}

/** The failure of an answer that must be one. */
export function failureOf(answer: { ok: true } | { ok: false; failure: Failure }): Failure {
  if (answer.ok) throw new Error('it succeeded');
  return answer.failure;
}
