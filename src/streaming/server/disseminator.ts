import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Duplex, finished } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { microseconds, realNetwork } from '../../net/real.ts';
import { CLOSE } from '../protocol.ts';
import { tokenCheck, tokenOf } from './authentication.ts';
import type { RecordServer, RecordServerOptions } from './contract.ts';
import { Counters } from './counters.ts';
import { answerRequest } from './http.ts';
import { Hub } from './hub.ts';
import { SERVER_LIMITS, type ServerLimits } from './limits.ts';
import { ServerMetrics } from './prometheus.ts';
import { refusalOf, refuse } from './refusal.ts';
import { Session } from './session.ts';
import { GOODBYE_MS, socketLink } from './socket-link.ts';
import type { ServerStatus } from './status.ts';

const TICK_MS = 1000;
/** Clients are asked so often whether they are there, ms. */
const PING_MS = 20_000;
/** Connections beyond those of clients: requests, and those that are about to be turned away. */
const MORE_CONNECTIONS = 64;

/** The server without its door: sessions of those who were let in, and what they are given. */
export class Disseminator {
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
    const refusal = refusalOf(request, {
      ...{ clients: this.#sessions.size, most: this.#limits.clients },
      ...{ origins: this.#options.origins ?? [], isToken: this.#isToken },
    });
    if (refusal !== undefined) {
      this.#counters.rejected++;
      refuse(socket, refusal);
    } else {
      // A token that has been shown need not be shown again.
      const isToken = tokenOf(request) === undefined ? this.#isToken : undefined;
      this.#sockets.handleUpgrade(request, socket, head, client => this.#accept(client, socket, isToken));
    }
  }

  #accept(client: WebSocket, socket: Duplex, isToken: ((token: string) => boolean) | undefined): void {
    this.#counters.accepted++;
    const session = new Session({
      ...{
        hub: this.#hub,
        link: socketLink(client, socket),
        limits: this.#limits,
        counters: this.#counters,
        server: this.#id,
        isToken,
      },
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
