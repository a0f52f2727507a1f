import { Random } from '../feeds/synthetic/random.ts';
import { NetworkError } from '../model/errors.ts';
import type {
  Http,
  HttpRequest,
  HttpResponse,
  Network,
  Socket,
  SocketHandlers,
  Timers,
} from '../net/network.ts';
import { Exchange, type ExchangeOptions } from './exchange.ts';
import type { Peer, Transport } from './link.ts';

export interface InProcessOptions extends ExchangeOptions {
  /** Of the latencies; default 1. */
  readonly seed?: number | undefined;
  /** How long anything takes from one side to the other, ms; default 1 to 20. */
  readonly latency?: { readonly least: number; readonly most: number } | undefined;
}

/** An exchange and the network that leads to it, without sockets: everything happens by the given timers. */
export interface InProcessExchange {
  readonly exchange: Exchange;
  /** Reaches nothing but the exchange, whatever the host of a URL. */
  network(): Network;
  /** Sockets of clients whose end has not been told yet. */
  readonly openSockets: number;
  close(): void;
}

const ADDRESS = '127.0.0.1';
/** What a websocket waits for the answer to its goodbye, ms. */
const GOODBYE = 1000;
const NO_STATUS = 1005;
const ABNORMAL = 1006;

/** Starts an exchange whose clients reach it by {@link InProcessExchange.network}. */
export function inProcessExchange(options: InProcessOptions): InProcessExchange {
  const { seed = 1, latency = { least: 1, most: 20 }, timers } = options;
  const exchange = new Exchange(options);
  const random = Random.seeded(seed, 'network');
  const delay = () => latency.least + Math.floor(random.uniform() * (latency.most - latency.least + 1));
  const sockets = new Set<Wire>();
  exchange.start();
  return {
    exchange,
    network: () => ({
      timers,
      connect: (url, handlers) => new Wire(url, handlers, { exchange, timers, delay, sockets }),
      http: requests(exchange, timers, delay),
      random: () => random.uniform(),
    }),
    get openSockets() {
      return sockets.size;
    },
    close: () => exchange.close(),
  };
}

interface Wiring {
  readonly exchange: Exchange;
  readonly timers: Timers;
  readonly delay: () => number;
  readonly sockets: Set<Wire>;
}

/** One direction of a connection: what is sent arrives later, in order. */
class Lane {
  readonly #wiring: Wiring;
  #last = 0;

  constructor(wiring: Wiring) {
    this.#wiring = wiring;
  }

  send(arrive: () => void): void {
    const { timers, delay } = this.#wiring;
    const now = timers.now();
    this.#last = Math.max(this.#last, now + delay());
    timers.after(this.#last - now, arrive);
  }
}

/** Both ends of a websocket. */
class Wire implements Socket {
  readonly #wiring: Wiring;
  readonly #handlers: SocketHandlers;
  readonly #up: Lane;
  readonly #down: Lane;
  #state: 'connecting' | 'open' | 'closing' | 'closed' = 'connecting';
  /** The exchange's end, once it is open. */
  #connection: Peer | undefined;

  constructor(url: string, handlers: SocketHandlers, wiring: Wiring) {
    this.#wiring = wiring;
    this.#handlers = handlers;
    this.#up = new Lane(wiring);
    this.#down = new Lane(wiring);
    wiring.sockets.add(this);
    const { pathname, search } = new URL(url);
    this.#up.send(() => this.#arrive(pathname + search));
  }

  send(text: string): void {
    if (this.#state !== 'open') return;
    this.#up.send(() => {
      if (this.#connection !== undefined) this.#wiring.exchange.receive(this.#connection, text);
    });
  }

  close(): void {
    if (this.#state === 'closing' || this.#state === 'closed') return;
    if (this.#state === 'connecting') {
      this.#gone(ABNORMAL, 'closed before it was open');
      return;
    }
    this.#state = 'closing';
    this.#up.send(() => {
      const connection = this.#connection;
      if (connection === undefined || connection.isMute) return;
      this.#leave();
      this.#down.send(() => this.#over(NO_STATUS, ''));
    });
    // Nobody may be there any more to answer.
    const timer = this.#wiring.timers.after(GOODBYE, () => this.#gone(ABNORMAL, ''));
    this.#goodbye = () => timer.cancel();
  }
  #goodbye: (() => void) | undefined;

  terminate(): void {
    if (this.#state !== 'closed') this.#gone(ABNORMAL, '');
  }

  /** The request to connect has reached the exchange. */
  #arrive(url: string): void {
    if (this.#state === 'closed') return;
    const { exchange } = this.#wiring;
    const refusal = exchange.refusal(url, ADDRESS);
    if (refusal !== undefined) {
      this.#down.send(() => this.#over(ABNORMAL, `Unexpected server response: ${refusal}`));
      return;
    }
    this.#down.send(() => {
      if (this.#state !== 'connecting') return;
      this.#state = 'open';
      this.#handlers.onOpen();
    });
    this.#connection = exchange.connect(url, ADDRESS, this.#transport());
  }

  #transport(): Transport {
    return {
      send: text =>
        this.#down.send(() => {
          if (this.#state === 'open' || this.#state === 'closing') this.#handlers.onMessage(text);
        }),
      ping: payload =>
        this.#down.send(() => {
          if (this.#state !== 'open') return;
          this.#up.send(() => this.#connection?.pong(payload));
          this.#handlers.onPing?.();
        }),
      close: (code, reason) => this.#down.send(() => this.#over(code, reason)),
      terminate: () => this.#down.send(() => this.#over(ABNORMAL, '')),
      mute: () => {},
      buffered: 0,
    };
  }

  /** The client's end is gone at once; the exchange learns of it later. */
  #gone(code: number, reason: string): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#goodbye?.();
    this.#up.send(() => this.#leave());
    this.#wiring.timers.after(0, () => this.#tellClosed(code, reason));
  }

  /** The client learns that it is over. */
  #over(code: number, reason: string): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#goodbye?.();
    this.#tellClosed(code, reason);
  }

  #leave(): void {
    if (this.#connection !== undefined) this.#wiring.exchange.disconnect(this.#connection);
  }

  #tellClosed(code: number, reason: string): void {
    this.#wiring.sockets.delete(this);
    this.#handlers.onClose(code, reason);
  }
}

function requests(exchange: Exchange, timers: Timers, delay: () => number): Http {
  return ({ method = 'GET', url, headers = {}, body, timeoutMs, signal }: HttpRequest) =>
    new Promise<HttpResponse>((resolve, reject) => {
      let isOver = false;
      const over = (settle: () => void) => {
        if (isOver) return;
        isOver = true;
        timer.cancel();
        signal?.removeEventListener('abort', abort);
        settle();
      };
      const fail = (code: string, problem: string) =>
        over(() => reject(new NetworkError(code, problem, { value: url })));
      const abort = () => fail('REQUEST_ABORTED', `${url} was given up`);
      const timer = timers.after(timeoutMs, () => fail('REQUEST_TIMEOUT', `${url} did not answer in time`));
      if (signal?.aborted) return abort();
      signal?.addEventListener('abort', abort);
      const { pathname, search } = new URL(url);
      timers.after(delay(), () => {
        if (isOver) return;
        const asked = { method, path: pathname, query: search.slice(1), headers: lowerCase(headers), body };
        exchange.request(asked, ADDRESS, response => {
          timers.after(delay(), () => over(() => resolve(response)));
        });
      });
    });
}

function lowerCase(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
