import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { ClientLink } from './outgoing.ts';

/** Until a connection that was closed must be gone, ms. */
export const GOODBYE_MS = 1000;

/** A client by its websocket, and the socket below it. */
export function socketLink(client: WebSocket, socket: Duplex): ClientLink {
  return {
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
}
