import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';

export interface FakeBitfinexOptions {
  /** As its list has them: `BTCUSD`. */
  readonly pairs: readonly string[];
  /** Requests that are answered with status 500 first. */
  readonly failures?: number;
  /** Frames of a channel once it is subscribed to; `id` is the channel's number. */
  frames(channel: string, symbol: string, id: number): readonly unknown[];
  /** A frame every 20 ms after these, numbered from 0. */
  next?(channel: string, number: number): readonly unknown[];
}

/** Lists and channels of Bitfinex over real sockets. */
export async function fakeBitfinex(options: FakeBitfinexOptions) {
  const subscribed: string[] = [];
  let requests = 0;
  const server = createServer((request, response) => {
    if (requests++ < (options.failures ?? 0)) {
      response.writeHead(500).end('["error",10000,"try again"]');
      return;
    }
    const list = decodeURIComponent(request.url ?? '');
    response.end(JSON.stringify(list.endsWith('pub:list:pair:exchange') ? [options.pairs] : [[]]));
  });
  const sockets = new WebSocketServer({ server });
  sockets.on('connection', socket => talk(socket));
  const talk = (socket: WebSocket) => {
    let channels = 0;
    // Its own numbers of all messages on the socket.
    let sequence = 0;
    const say = (frame: unknown) => socket.send(JSON.stringify(frame));
    say({ event: 'info', version: 2, platform: { status: 1 } });
    socket.on('message', data => {
      const { channel, event, symbol, flags } = JSON.parse(String(data));
      if (event === 'conf') say({ event: 'conf', status: 'OK', flags });
      if (event !== 'subscribe') return;
      const id = ++channels;
      subscribed.push(`${channel} ${symbol}`);
      say({ event: 'subscribed', channel, chanId: id, symbol, pair: symbol.slice(1) });
      const tell = (frame: unknown) =>
        say([id, ...(frame as unknown[]), ++sequence, 1_564_617_600_541 + sequence]);
      options.frames(channel, symbol, id).forEach(tell);
      const { next } = options;
      if (next === undefined) return;
      let number = 0;
      const timer = setInterval(() => tell(next(channel, number++)), 20);
      socket.on('close', () => clearInterval(timer));
    });
  };
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of sockets.clients) socket.terminate();
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  return {
    subscribed,
    addresses: ['--stream', `ws://127.0.0.1:${port}`, '--rest', `http://127.0.0.1:${port}`],
  };
}
