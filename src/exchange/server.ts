import { createServer, type IncomingMessage, STATUS_CODES } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { bind, type ListenOptions } from '../net/bind.ts';
import type { Exchange } from './exchange.ts';
import type { Transport } from './link.ts';

export interface Listener {
  readonly port: number;
  /** Closes every socket. */
  close(): Promise<void>;
}

/** What a client may send in one frame, or in the body of a request, bytes. */
const MOST_BYTES = 131_072;

/** Gives an exchange its sockets. Throws `PORT_IN_USE`, `PORT_REFUSED`, `HOST_UNKNOWN`. */
export async function listen(exchange: Exchange, options: ListenOptions): Promise<Listener> {
  const server = createServer(async (request, response) => {
    const { pathname, search } = splitTarget(request.url ?? '/');
    const address = request.socket.remoteAddress ?? '';
    const { method = 'GET' } = request;
    const body = await read(request);
    if (body === undefined) {
      request.socket.destroy();
      return;
    }
    const asked = { method, path: pathname, query: search, headers: flat(request), body };
    exchange.request(asked, address, ({ status, headers, body: answer }) => {
      if (response.destroyed) return;
      response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(answer) });
      response.end(answer);
    });
  });
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: MOST_BYTES });
  server.on('upgrade', (request, socket, head) => {
    const url = request.url ?? '/';
    const address = request.socket.remoteAddress ?? '';
    const refusal = exchange.refusal(url, address);
    if (refusal !== undefined) return refuse(socket, refusal);
    sockets.handleUpgrade(request, socket, head, client => serve(exchange, client, url, address));
  });
  await bind(server, options);
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise(closed => {
        for (const client of sockets.clients) client.terminate();
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}

/** The body of a request; undefined when it is too long, or never ends. */
async function read(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of request) {
      bytes += chunk.length;
      if (bytes > MOST_BYTES) return undefined;
      chunks.push(chunk);
    }
  } catch {
    return undefined;
  }
  return Buffer.concat(chunks).toString('utf8');
}

function flat({ headers }: IncomingMessage): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]),
  );
}

function serve(exchange: Exchange, client: WebSocket, url: string, address: string): void {
  const transport: Transport = {
    send: text => client.send(text, () => {}),
    ping: payload => client.ping(payload),
    close: (code, reason) => client.close(code, reason),
    terminate: () => client.terminate(),
    mute: () => client.pause(),
    get buffered() {
      return client.bufferedAmount;
    },
  };
  const connection = exchange.connect(url, address, transport);
  client.on('message', (data, isBinary) => {
    if (!isBinary) exchange.receive(connection, data.toString());
  });
  client.on('pong', payload => connection.pong(payload.toString()));
  client.on('close', () => exchange.disconnect(connection));
  // What went wrong is told by the close that follows.
  client.on('error', () => {});
}

function refuse(socket: Duplex, status: number): void {
  socket.on('error', () => {});
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

function splitTarget(target: string): { pathname: string; search: string } {
  const mark = target.indexOf('?');
  return mark === -1
    ? { pathname: target, search: '' }
    : { pathname: target.slice(0, mark), search: target.slice(mark + 1) };
}
