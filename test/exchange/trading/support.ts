import { createHmac } from 'node:crypto';
import type { AccountOptions } from '../../../src/exchange/trading/account.ts';
import type { ColumnsInput } from '../../../src/feeds/memory.ts';
import type { HttpRequest, Network } from '../../../src/net/network.ts';
import { type Heard, listenTo, MINUTE, START } from '../support.ts';

export const API_KEY = 'rehearsal'.padEnd(64, '0');
export const API_SECRET = 'not a secret'.padEnd(64, '.');

/** An account with some of everything, and no fees. */
export function account(options: Partial<AccountOptions> = {}): AccountOptions {
  return {
    apiKey: API_KEY,
    apiSecret: API_SECRET,
    balances: { USDT: '10000', BTC: '10' },
    commission: { standard: {} },
    ...options,
  };
}

/** Bars of a minute: `[open, high, low, close]`. */
export function bars(...rows: readonly (readonly [number, number, number, number])[]): ColumnsInput {
  const column = (at: number) => Float64Array.from(rows, row => row[at]);
  return {
    time: Float64Array.from(rows, (_, i) => START + i * MINUTE),
    open: column(0),
    high: column(1),
    low: column(2),
    close: column(3),
    volume: Float64Array.from(rows, () => 100),
  };
}

export type Payload = Record<string, unknown>;

export interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of any shape.
  readonly body: any;
}

/** An account's owner: signs what he asks. */
export class Trader {
  readonly #network: Network;
  readonly #url: string;
  readonly #now: () => number;
  readonly apiKey: string;
  readonly secret: string;

  /** `now`: the exchange's clock, epoch ms UTC. */
  constructor(network: Network, url: string, now: () => number, apiKey = API_KEY, secret = API_SECRET) {
    this.#network = network;
    this.#url = url;
    this.#now = now;
    this.apiKey = apiKey;
    this.secret = secret;
  }

  sign(payload: string): string {
    return createHmac('sha256', this.secret).update(payload).digest('hex');
  }

  query(parameters: Payload = {}): string {
    const asked = { ...parameters, timestamp: parameters.timestamp ?? this.#now() };
    const query = new URLSearchParams(
      Object.entries(asked)
        .filter(([, value]) => value !== undefined)
        .map(([name, value]) => [name, String(value)] as [string, string]),
    ).toString();
    return `${query}&signature=${this.sign(query)}`;
  }

  async ask(
    method: NonNullable<HttpRequest['method']>,
    path: string,
    parameters: Payload = {},
    timeoutMs = 20_000,
  ): Promise<Answered> {
    return this.send(method, `${path}?${this.query(parameters)}`, undefined, timeoutMs);
  }

  async send(
    method: NonNullable<HttpRequest['method']>,
    target: string,
    body?: string,
    timeoutMs = 20_000,
  ): Promise<Answered> {
    const response = await this.#network.http({
      method,
      url: this.#url + target,
      headers: { 'X-MBX-APIKEY': this.apiKey },
      ...(body === undefined ? {} : { body }),
      timeoutMs,
    });
    const isJson = response.headers['content-type']?.includes('json') === true;
    return { ...response, body: isJson ? JSON.parse(response.body) : response.body };
  }

  place(parameters: Payload): Promise<Answered> {
    return this.ask('POST', '/api/v3/order', { symbol: 'BTCUSDT', ...parameters });
  }

  limit(side: 'BUY' | 'SELL', price: number | string, quantity: number | string, more: Payload = {}) {
    return this.place({ side, type: 'LIMIT', timeInForce: 'GTC', price, quantity, ...more });
  }

  market(side: 'BUY' | 'SELL', quantity: number | string, more: Payload = {}) {
    return this.place({ side, type: 'MARKET', quantity, ...more });
  }

  order(parameters: Payload): Promise<Answered> {
    return this.ask('GET', '/api/v3/order', { symbol: 'BTCUSDT', ...parameters });
  }

  cancel(parameters: Payload): Promise<Answered> {
    return this.ask('DELETE', '/api/v3/order', { symbol: 'BTCUSDT', ...parameters });
  }

  /** Parameters of a signed request on the WebSocket API. */
  signed(parameters: Payload = {}): Payload {
    const all: Payload = { ...parameters, apiKey: this.apiKey, timestamp: this.#now() };
    const payload = Object.keys(all)
      .sort()
      .map(name => `${name}=${all[name]}`)
      .join('&');
    return { ...all, signature: this.sign(payload) };
  }

  /** Listens to the account; `lockstep`: is waited for, and acknowledges each tick. */
  listen(options: { lockstep?: boolean } = {}): Heard & { events(): Payload[] } {
    let isAsked = false;
    const url = `${this.#url.replace('http', 'ws')}/ws-api/v3`;
    const heard = listenTo(this.#network, url, (message, socket) => {
      const { event } = message as { event?: { e: string; n: number } };
      if (event?.e === 'replay') socket.send(JSON.stringify({ method: 'ACK', params: [event.n] }));
    });
    const begin = () => {
      if (isAsked) return;
      isAsked = true;
      const params = this.signed();
      heard.socket.send(JSON.stringify({ id: 1, method: 'userDataStream.subscribe.signature', params }));
      if (options.lockstep) heard.socket.send(JSON.stringify({ id: 2, method: 'replay.subscribe' }));
    };
    this.#network.timers.after(50, begin);
    const events = () =>
      heard.messages
        .map(message => (message as { event?: Payload }).event)
        .filter(event => event !== undefined && event.e !== 'replay') as Payload[];
    return Object.assign(heard, { events });
  }
}

/** A client of the market in lockstep: time goes on when `go` is called, by one moment or until `until`. */
export class Follower {
  readonly heard: Heard;
  #tick: { n: number; E: number; end: boolean } | undefined;

  constructor(network: Network, url: string, symbol = 'btcusdt') {
    const streams = `${url.replace('http', 'ws')}/stream?streams=${symbol}@kline_1m/!replay`;
    this.heard = listenTo(network, streams, message => {
      const { stream, data } = message as { stream: string; data: { n: number; E: number; end: boolean } };
      if (stream === '!replay') this.#tick = data;
    });
  }

  /** The moment at which time stands still; undefined while it goes on. */
  get tick(): { n: number; E: number; end: boolean } | undefined {
    return this.#tick;
  }

  acknowledge(): void {
    const tick = this.#tick!;
    this.#tick = undefined;
    this.heard.socket.send(JSON.stringify({ method: 'ACK', params: [tick.n] }));
  }
}
