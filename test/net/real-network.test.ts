import { createServer, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcp } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { realNetwork } from '../../src/net/real.ts';

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

async function serve(server: Server): Promise<string> {
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A port on which nobody listens. */
async function deadPort(): Promise<number> {
  const server = createTcp();
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise(resolve => server.close(resolve));
  return port;
}

const get = (url: string, timeoutMs = 2000, signal?: AbortSignal) =>
  realNetwork.http({ url, timeoutMs, ...(signal === undefined ? {} : { signal }) });

describe('a request', () => {
  test('resolves with any status, headers in lower case, and the body unpacked', async () => {
    const host = await serve(
      createServer((request, response) => {
        response.writeHead(request.url === '/418' ? 418 : 200, {
          'Retry-After': '9',
          'Content-Encoding': 'gzip',
        });
        response.end(gzipSync('{"ok":1}'));
      }),
    );
    const teapot = await get(`http://${host}/418`);
    expect(teapot).toMatchObject({ status: 418, body: '{"ok":1}' });
    expect(teapot.headers['retry-after']).toBe('9');
    expect((await get(`http://${host}/`)).status).toBe(200);
  });

  test('says in one line why nothing came', async () => {
    const port = await deadPort();
    await expect(get(`http://127.0.0.1:${port}/`)).rejects.toMatchObject({
      code: 'CONNECTION_REFUSED',
      message: 'the connection was refused',
    });
    await expect(get('http://no-such-host.invalid/')).rejects.toMatchObject({
      code: 'NAME_NOT_FOUND',
      message: /no-such-host\.invalid .*\(DNS\)/,
    });
    const host = await serve(createServer(() => {}));
    await expect(get(`http://${host}/`, 50)).rejects.toMatchObject({ code: 'TIMED_OUT' });
    await expect(get(`https://${host}/`)).rejects.toMatchObject({ code: /TLS_FAILED|CONNECTION_LOST/ });
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 20);
    await expect(get(`http://${host}/`, 2000, stop.signal)).rejects.toMatchObject({
      code: 'REQUEST_ABORTED',
    });
    await expect(get(`http://${host}/`, 2000, stop.signal)).rejects.toMatchObject({
      code: 'REQUEST_ABORTED',
    });
  });

  test('cut off in the middle of its answer is no answer', async () => {
    const host = await serve(
      createServer((_request, response) => {
        response.writeHead(200, { 'Content-Length': '100' });
        response.write('half');
        setTimeout(() => response.destroy(), 20);
      }),
    );
    await expect(get(`http://${host}/`)).rejects.toMatchObject({ code: 'CONNECTION_LOST' });
  });
});

describe('a socket', () => {
  interface Heard {
    readonly calls: string[];
    readonly closed: Promise<void>;
  }

  function listen(url: string): Heard & { socket: ReturnType<typeof realNetwork.connect> } {
    const calls: string[] = [];
    let socket: ReturnType<typeof realNetwork.connect> | undefined;
    const closed = new Promise<void>(resolve => {
      socket = realNetwork.connect(url, {
        onOpen: () => calls.push('open'),
        onMessage: text => calls.push(`message ${text}`),
        onPing: () => calls.push('ping'),
        onClose: (_code, reason) => {
          calls.push(`close ${reason}`);
          resolve();
        },
      });
    });
    expect(calls).toEqual([]);
    return { calls, closed, socket: socket! };
  }

  async function sockets(onConnection: (socket: WebSocket) => void): Promise<string> {
    const server = createServer((_request, response) => response.writeHead(451).end());
    const host = await serve(server);
    const wss = new WebSocketServer({ server, path: '/ws' });
    wss.on('connection', onConnection);
    closing.push(() => wss.close());
    return `ws://${host}`;
  }

  test('hears frames and pings, answers pings, sends, and says goodbye', async () => {
    const heard: string[] = [];
    const url = await sockets(socket => {
      socket.on('message', data => {
        heard.push(String(data));
        socket.send('hello');
        socket.ping('20');
      });
      socket.on('pong', data => heard.push(`pong ${data}`));
      socket.on('close', code => heard.push(`close ${code}`));
    });
    const { calls, closed, socket } = listen(`${url}/ws`);
    socket.send('lost: not open yet');
    while (!calls.includes('open')) await new Promise(resolve => setTimeout(resolve, 5));
    socket.send('hi');
    while (!heard.includes('pong 20')) await new Promise(resolve => setTimeout(resolve, 5));
    socket.close();
    await closed;
    socket.send('lost: closed');
    expect(heard.slice(0, 2)).toEqual(['hi', 'pong 20']);
    expect(calls).toEqual(['open', 'message hello', 'ping', 'close closed with code 1000']);
    while (heard.length < 3) await new Promise(resolve => setTimeout(resolve, 5));
    expect(heard[2]).toBe('close 1000');
  });

  test('closes exactly once, with the reason, whatever happened', async () => {
    const url = await sockets(socket => socket.close(1001, 'going away'));
    const away = listen(`${url}/ws`);
    await away.closed;
    expect(away.calls).toEqual(['open', 'close going away']);

    const refused = listen(`ws://127.0.0.1:${await deadPort()}/ws`);
    await refused.closed;
    expect(refused.calls).toEqual(['close the connection was refused']);

    const blocked = listen(`${url}/elsewhere`);
    await blocked.closed;
    expect(blocked.calls).toEqual([expect.stringMatching(/^close HTTP status 4\d\d$/)]);

    const dropped = listen(`${url}/ws`);
    dropped.socket.terminate();
    await dropped.closed;
    expect(dropped.calls.length).toBe(1);
  });
});
