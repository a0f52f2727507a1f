import { WebSocket } from 'ws';
import { networkError } from './failure.ts';
import type { Connect, SocketHandlers } from './network.ts';

/** Until a connection must stand, ms. */
const HANDSHAKE_MS = 10_000;
/** How long the other side may take to say goodbye, ms. */
const GOODBYE_MS = 1000;
const MOST_BYTES = 16 * 2 ** 20;

/** Websockets by `ws`. Pings are answered by themselves. */
export const realConnect: Connect = (url, handlers) => {
  const socket = new WebSocket(url, {
    handshakeTimeout: HANDSHAKE_MS,
    perMessageDeflate: false,
    maxPayload: MOST_BYTES,
  });
  listen(socket, url, handlers);
  return {
    send: text => {
      if (socket.readyState === WebSocket.OPEN) socket.send(text, () => {});
    },
    close: () => {
      if (socket.readyState === WebSocket.CONNECTING) return socket.terminate();
      socket.close(1000);
      const timer = setTimeout(() => socket.terminate(), GOODBYE_MS);
      socket.once('close', () => clearTimeout(timer));
    },
    terminate: () => socket.terminate(),
  };
};

function listen(socket: WebSocket, url: string, handlers: SocketHandlers): void {
  let reason = '';
  socket.on('open', () => handlers.onOpen());
  socket.on('message', (data, binary) => {
    if (!binary) handlers.onMessage(data.toString());
    else handlers.onBinary?.(Buffer.isBuffer(data) ? data : Buffer.concat([data].flat() as Buffer[]));
  });
  socket.on('ping', () => handlers.onPing?.());
  socket.on('unexpected-response', (request, response) => {
    reason = `HTTP status ${response.statusCode}`;
    response.destroy();
    request.destroy();
    socket.terminate();
  });
  socket.on('error', error => {
    if (reason === '') reason = networkError(url, error).message;
  });
  socket.on('close', (code, text) => {
    handlers.onClose(code, reason || text.toString() || `closed with code ${code}`);
  });
}
