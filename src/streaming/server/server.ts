import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Duplex, finished } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { RecordSink } from '../../collection/sinks/sink.ts';
import { InputError } from '../../model/errors.ts';
import { bind } from '../../net/bind.ts';
import { realNetwork } from '../../net/real.ts';
import { CLOSE, type RawRecord } from '../protocol.ts';
import { isAllowedOrigin, isLoopback, tokenCheck, tokenOf } from './authentication.ts';
import { Counters } from './counters.ts';
import { answerRequest } from './http.ts';
import { Hub } from './hub.ts';
import { SERVER_LIMITS, type ServerLimits } from './limits.ts';
import { ServerMetrics } from './prometheus.ts';
import { type ClientLink, Session } from './session.ts';
import type { ServerStatus } from './status.ts';

export interface RecordServerOptions {
  /** Default 127.0.0.1, which only this machine reaches. */
  readonly host?: string;
  /** 0 for any that is free; default 8765. */
  readonly port?: number;
  /** What clients must show; without one, anybody who reaches the server may read. */
  readonly token?: string;
  /** Serve other machines without a token. */
  readonly isPublic?: boolean;
  /** Origins whose pages may connect, `https://example.com`, or `*`; default: the server's own page. */
  readonly origins?: readonly string[];
  /** Offer permessage-deflate; default false. */
  readonly compress?: boolean;
  readonly limits?: Partial<ServerLimits>;
  /** The page at `/`; none unless given. */
  readonly page?: string;
  /** Time, µs UTC; default this machine's. */
  readonly clock?: () => number;
}

export interface RecordServer {
  readonly host: string;
  readonly port: number;
  /** `ws://127.0.0.1:8765/`. */
  readonly url: string;
  /** What is written to it goes to whoever has subscribed to it. */
  readonly sink: RecordSink;
  readonly status: ServerStatus;
  /** A line of the wire, for the channel `raw`. */
  raw(record: RawRecord): void;
  /** A venue has nobody any more who tells of it: its books are not to be used until they come anew. */
  down(venue: string, cause: string, detail: string): void;
  /** Says goodbye to every client. */
  close(): Promise<void>;
}

export const SERVER_PORT = 8765;
const TICK_MS = 1000;
/** Clients are asked so often whether they are there, ms. */
const PING_MS = 20_000;
/** Until a connection that was closed must be gone, ms. */
const GOODBYE_MS = 1000;
/** Connections beyond those of clients: requests, and those that are about to be turned away. */
const MORE_CONNECTIONS = 64;

/**
 * Gives out records over websockets: docs/server.md. Throws InputError `PORT_IN_USE`, `PORT_REFUSED`, `HOST_UNKNOWN`,
 * `TOKEN_MISSING` where other machines could read without one.
 */
export async function serveRecords(options: RecordServerOptions = {}): Promise<RecordServer> {
  const { host = '127.0.0.1', port = SERVER_PORT } = options;
  if (!isLoopback(host) && options.token === undefined && options.isPublic !== true) {
    throw new InputError('TOKEN_MISSING', `other machines reach ${host}, and could read everything`, {
      value: host,
      limit: '127.0.0.1',
      fix: 'set QT_SERVE_TOKEN or give --token-file; --public serves without a token',
    });
  }
  const server = new Disseminator(options);
  await bind(server.http, { host, port });
  return server.started(host);
}

const microseconds = () => Math.round((performance.timeOrigin + performance.now()) * 1000);

class Disseminator {
  readonly http: Server;
  readonly #options: RecordServerOptions;
  readonly #limits: ServerLimits;
  readonly #sockets: WebSocketServer;
  readonly #sessions = new Map<WebSocket, Session>();
  readonly #counters = new Counters();
  readonly #hub: Hub;
  readonly #metrics: ServerMetrics;
  readonly #isToken: ((token: string) => boolean) | undefined;
  readonly #clock: () => number;
  readonly #id = randomUUID().slice(0, 8);
  readonly #timers: NodeJS.Timeout[] = [];

  constructor(options: RecordServerOptions) {
    this.#options = options;
    this.#limits = { ...SERVER_LIMITS, ...options.limits };
    this.#clock = options.clock ?? microseconds;
    this.#isToken = options.token === undefined ? undefined : tokenCheck(options.token);
    this.#hub = new Hub({ timers: realNetwork.timers, clock: this.#clock, limits: this.#limits });
    this.#metrics = new ServerMetrics(() => this.#status, this.#counters);
    this.#sockets = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      // Pongs are bounded by the same limits as all that a client asks for.
      autoPong: false,
      maxPayload: this.#limits.messageBytes,
      maxFragments: 64,
      perMessageDeflate: options.compress === true && {
        serverNoContextTakeover: true,
        clientNoContextTakeover: true,
        // Frames are compressed once for all: nobody can have a window of their own.
        serverMaxWindowBits: 15,
      },
    });
    this.http = createServer({
      headersTimeout: this.#limits.requestMs,
      requestTimeout: this.#limits.requestMs,
      connectionsCheckingInterval: TICK_MS,
      keepAliveTimeout: 5000,
      maxHeaderSize: 8192,
    });
    this.http.maxConnections = this.#limits.clients + MORE_CONNECTIONS;
    const { page } = options;
    this.http.on('request', (request, response) => {
      const isAllowed = () => {
        const token = tokenOf(request);
        return this.#isToken === undefined || (token !== undefined && this.#isToken(token));
      };
      answerRequest(request, response, { page, status: this.#status, metrics: this.#metrics, isAllowed });
    });
    this.http.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
    // What is no HTTP gets one line, and is gone.
    this.http.on('clientError', (_, socket) => {
      if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n');
      else socket.destroy();
    });
  }

  started(host: string): RecordServer {
    const { port } = this.http.address() as AddressInfo;
    this.#timers.push(
      setInterval(() => {
        for (const session of this.#sessions.values()) session.tick();
      }, TICK_MS),
      setInterval(() => {
        for (const socket of this.#sessions.keys()) if (socket.readyState === socket.OPEN) socket.ping();
      }, PING_MS),
    );
    const status = () => this.#status;
    return {
      ...{ host, port, url: `ws://${host.includes(':') ? `[${host}]` : host}:${port}/`, sink: this.#hub },
      get status() {
        return status();
      },
      raw: record => this.#hub.raw(record),
      down: (venue, cause, detail) => this.#hub.down(venue, cause, detail),
      close: () => this.#close(),
    };
  }

  get #status(): ServerStatus {
    let [subscriptions, backlog, behind] = [0, 0, 0];
    for (const session of this.#sessions.values()) {
      subscriptions += session.subscriptions;
      backlog += session.backlog;
      if (session.isBehind) behind++;
    }
    const { delivered, lagged, slow } = this.#counters;
    const { published, refused, streamCount } = this.#hub;
    return {
      ...{ clients: this.#sessions.size, subscriptions, streams: streamCount, backlog, behind },
      ...{ published, refused, delivered, lagged, slow },
    };
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    // Until it is a websocket, an error of it is nobody's.
    socket.on('error', () => {});
    const refuse = (status: string, text: string) => {
      this.#counters.rejected++;
      const body = `${text}\n`;
      socket.end(
        `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: text/plain\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
      );
      setTimeout(() => socket.destroy(), GOODBYE_MS).unref();
    };
    const token = tokenOf(request);
    if (!isAllowedOrigin(request, this.#options.origins ?? []))
      refuse('403 Forbidden', 'this origin may not connect');
    else if (this.#sessions.size >= this.#limits.clients)
      refuse('503 Service Unavailable', `at most ${this.#limits.clients} clients`);
    else if (token !== undefined && this.#isToken !== undefined && !this.#isToken(token))
      refuse('401 Unauthorized', 'that is not the token');
    else {
      // A token that has been shown need not be shown again.
      const isToken = token === undefined ? this.#isToken : undefined;
      this.#sockets.handleUpgrade(request, socket, head, client => this.#accept(client, socket, isToken));
    }
  }

  #accept(client: WebSocket, socket: Duplex, isToken: ((token: string) => boolean) | undefined): void {
    this.#counters.accepted++;
    const link: ClientLink = {
      /*
       * Past ws: frames are made once for all clients. ws writes whole frames to the same socket, at once, as long as it
       * compresses none itself: its own are control frames, which are never compressed.
       */
      write: bytes => {
        if (socket.writable) socket.write(bytes);
      },
      get buffered() {
        return socket.writableLength;
      },
      close: (code, reason) => {
        client.close(code, reason);
        // One that does not listen does not hear it either.
        const timer = setTimeout(() => client.terminate(), GOODBYE_MS).unref();
        client.once('close', () => clearTimeout(timer));
      },
      terminate: () => client.terminate(),
    };
    const session = new Session({
      ...{ hub: this.#hub, link, limits: this.#limits, counters: this.#counters, server: this.#id, isToken },
      isDeflated: client.extensions.includes('permessage-deflate'),
      now: () => performance.now(),
      clock: this.#clock,
    });
    this.#sessions.set(client, session);
    client.on('message', (data, isBinary) => {
      if (!isBinary) session.receive(data.toString());
      else {
        this.#counters.violations++;
        session.close(CLOSE.binary, 'text only');
      }
    });
    client.on('ping', payload => {
      if (session.mayAsk()) client.pong(payload);
    });
    client.on('pong', () => session.heard());
    client.on('error', () => {
      this.#counters.violations++;
    });
    socket.on('drain', () => session.drained());
    const gone = () => {
      session.end();
      this.#sessions.delete(client);
    };
    client.on('close', gone);
    // One that never says goodbye back is gone all the same.
    finished(socket, gone);
  }

  async #close(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    this.#hub.close();
    for (const session of this.#sessions.values()) session.close(CLOSE.goingAway, 'the server ends');
    const sockets = [...this.#sessions.keys()];
    const deadline = setTimeout(() => {
      for (const socket of sockets) socket.terminate();
      this.http.closeAllConnections();
    }, GOODBYE_MS);
    await new Promise<void>(resolve => {
      this.http.close(() => resolve());
      this.http.closeIdleConnections();
    });
    clearTimeout(deadline);
    this.#metrics.close();
  }
}
