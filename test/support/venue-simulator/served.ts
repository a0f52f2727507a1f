import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { WebSocketServer } from 'ws';
import { realNetwork } from '../../../src/net/real.ts';
import { mulberry32 } from '../random-walk.ts';
import { NO_FAULTS, type VenueFaults } from './faults.ts';
import type { VenueProtocol } from './protocol.ts';
import { SimulatedMarket } from './simulated-market.ts';
import { VirtualVenue } from './virtual-venue.ts';

export interface ServedOptions {
  readonly seed?: number;
  /** Between two changes or trades, ms. */
  readonly everyMs?: number;
  readonly faults?: VenueFaults;
}

/** A simulated venue on real sockets, in real time, until the test ends. */
export async function servedVenue(protocol: VenueProtocol, options: ServedOptions = {}) {
  const { everyMs = 20, faults = NO_FAULTS, seed = 1 } = options;
  const { timers } = realNetwork;
  const market = new SimulatedMarket(
    protocol.symbols,
    mulberry32(seed + 1),
    Math.floor(timers.now()),
    protocol.market,
  );
  const random = mulberry32(seed);
  const venue = new VirtualVenue({
    ...{ protocol, market, timers, random, faults: () => faults, onDelivered: () => {} },
  });
  const server = createServer((request, response) => {
    const url = `http://${request.headers.host}${request.url}`;
    venue.network.http({ method: request.method as 'GET' | 'POST', url, timeoutMs: 15_000 }).then(
      ({ body, headers, status }) => response.writeHead(status, headers).end(body),
      () => response.destroy(),
    );
  });
  const sockets = new WebSocketServer({ server });
  sockets.on('connection', (socket, request) => {
    // Its own handshake takes a moment more.
    const early: string[] = [];
    let isOpen = false;
    const line = venue.network.connect(`ws://${request.headers.host}${request.url}`, {
      onOpen: () => {
        isOpen = true;
        for (const text of early) line.send(text);
      },
      onMessage: text => socket.send(text),
      onBinary: bytes => socket.send(bytes),
      onClose: () => socket.terminate(),
    });
    socket.on('message', data => {
      if (isOpen) line.send(String(data));
      else early.push(String(data));
    });
    socket.on('close', () => line.terminate());
    socket.on('error', () => socket.terminate());
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  venue.start(() => everyMs);
  onTestFinished(() => {
    venue.stop();
    for (const socket of sockets.clients) socket.terminate();
    sockets.close();
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  return {
    venue,
    market,
    stream: `ws://127.0.0.1:${port}`,
    rest: `http://127.0.0.1:${port}`,
  };
}
