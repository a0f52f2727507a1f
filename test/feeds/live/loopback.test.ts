import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { openLiveKlines } from '../../../src/feeds/live/live-klines.ts';
import { realNetwork } from '../../../src/net/real.ts';
import { endpointsOf } from '../../../src/venues/binance/endpoints.ts';
import { follow } from '../../support/follow.ts';

const SECOND = 1000;

/** A server of a few lines on real sockets: klines of one second whose price is the second. */
async function serve() {
  const price = (open: number) => String((open / SECOND) % 1000);
  const row = (open: number) => [
    open,
    price(open),
    '999',
    '0',
    price(open),
    '1',
    open + 999,
    '2',
    3,
    '4',
    '5',
    '0',
  ];
  const requests: string[] = [];
  const server = createServer((request, response) => {
    const url = new URL(request.url!, 'http://x');
    requests.push(url.pathname);
    const now = Math.floor(Date.now() / SECOND) * SECOND;
    const from = Number(url.searchParams.get('startTime') ?? now - 20 * SECOND);
    const rows = [];
    for (let open = from; open <= now; open += SECOND) rows.push(row(open));
    const bodies: Record<string, unknown> = {
      '/api/v3/time': { serverTime: Date.now() },
      '/api/v3/exchangeInfo': {
        symbols: [{ symbol: 'BTCUSDT', baseAsset: 'BTC', quoteAsset: 'USDT', filters: [] }],
      },
      '/api/v3/klines': rows.slice(
        url.searchParams.has('startTime') ? 0 : -Number(url.searchParams.get('limit')),
      ),
    };
    const body = bodies[url.pathname];
    response.writeHead(body === undefined ? 404 : 200).end(JSON.stringify(body ?? {}));
  });
  const wss = new WebSocketServer({ server });
  const paths: string[] = [];
  let sent = 0;
  const timers = new Set<NodeJS.Timeout>();
  wss.on('connection', (socket: WebSocket, request) => {
    paths.push(request.url!);
    const say = () => {
      const open = Math.floor(Date.now() / SECOND) * SECOND - SECOND;
      const k = {
        t: open,
        T: open + 999,
        s: 'BTCUSDT',
        i: '1s',
        o: price(open),
        c: price(open),
        h: '999',
        l: '0',
      };
      const event = {
        e: 'kline',
        E: Date.now(),
        s: 'BTCUSDT',
        k: { ...k, v: '1', n: 3, x: true, q: '2', V: '4', Q: '5' },
      };
      // Every third bar is lost, and the fifth one cuts the connection.
      if (++sent % 3 !== 0) socket.send(JSON.stringify({ stream: 'btcusdt@kline_1s', data: event }));
      if (sent === 5) socket.terminate();
    };
    const next = () => {
      const timer = setTimeout(
        () => {
          timers.delete(timer);
          if (socket.readyState !== socket.OPEN) return;
          say();
          next();
        },
        SECOND - (Date.now() % SECOND) + 20,
      );
      timers.add(timer);
    };
    next();
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    paths,
    requests,
    price,
    clients: wss.clients,
    close: () => {
      for (const timer of timers) clearTimeout(timer);
      wss.close();
      server.closeAllConnections();
      server.close();
    },
  };
}

test('over real sockets, with lost frames and a cut, every bar comes once and in order', async () => {
  const server = await serve();
  const live = await openLiveKlines({
    endpoints: endpointsOf(server.url),
    series: [{ symbol: 'BTCUSDT', interval: '1s' }],
    network: realNetwork,
  });
  const followed = follow(live.feeds[0], { warmup: 5 });
  while (followed.times.length < 12) await new Promise(resolve => setTimeout(resolve, 50));
  expect(followed.times).toEqual(followed.times.map((_, i) => followed.times[0] + i * SECOND));
  expect(followed.closes.map(String)).toEqual(followed.times.map(server.price));
  expect(followed.phases.filter(phase => phase === 'warmup').length).toBe(5);
  expect(new Set(server.paths)).toEqual(new Set(['/stream?streams=btcusdt@kline_1s']));
  expect(server.paths.length).toBeGreaterThan(1);
  expect(server.requests).toContain('/local/v1/info');
  await live.close();
  await followed.done;
  while (server.clients.size > 0) await new Promise(resolve => setTimeout(resolve, 10));
  server.close();
});
