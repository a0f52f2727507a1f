import { createHmac, type KeyObject, verify } from 'node:crypto';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { afterEach, describe, expect, test } from 'vitest';
import type { Keys } from '../../../src/brokers/binance/gateway/keys.ts';
import { LibraryTransport } from '../../../src/brokers/binance/gateway/library-transport.ts';
import { OwnTransport } from '../../../src/brokers/binance/gateway/own-transport.ts';
import type { ExchangeRequest, Transport } from '../../../src/brokers/binance/gateway/transport.ts';
import { realNetwork } from '../../../src/net/real.ts';
import { API_KEY, API_SECRET, hmacKeys, privateKeys } from './support/keys.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  servers.push(server);
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const order: ExchangeRequest = {
  method: 'POST',
  path: '/api/v3/order',
  parameters: { symbol: 'BTCUSDT', newClientOrderId: 'q-1_a', odd: 'ü & é=1' },
  signed: { timestamp: 1_750_000_000_123, recvWindowMs: 5000 },
};

const TRANSPORTS = [
  ['the library', (base: string, keys: Keys) => new LibraryTransport(realNetwork.timers, base, keys)],
  ['our own', (base: string, keys: Keys) => new OwnTransport(realNetwork.http, base, keys)],
] as const;

/** What a transport rejects with, and all that can be seen of it. */
async function rejection(transport: Transport, limitMs = 2000): Promise<{ code: string; seen: string }> {
  try {
    await transport.send(order, limitMs);
  } catch (error) {
    const seen = inspect(error, { depth: 9, showHidden: true });
    for (const secret of [API_KEY, API_SECRET, 'signature', 'timestamp=']) expect(seen).not.toContain(secret);
    return { code: (error as { code: string }).code, seen };
  }
  throw new Error('it was answered');
}

describe.each(TRANSPORTS)('requests by %s', (_, make) => {
  test('are sent once, as they were given, signed over what goes over the wire', async () => {
    const requests: IncomingMessage[] = [];
    const base = await serve((request, response) => {
      requests.push(request);
      response.end('{}');
    });
    const frozen = Object.freeze({ ...order, parameters: Object.freeze({ ...order.parameters }) });
    await make(base, hmacKeys()).send(frozen, 2000);
    expect(requests.length).toBe(1);
    const [{ method, url, headers }] = requests;
    expect([method, headers['x-mbx-apikey']]).toEqual(['POST', API_KEY]);
    const [path, query] = url!.split('?');
    const [payload, signature] = query.split('&signature=');
    expect(path).toBe('/api/v3/order');
    expect(signature).toBe(createHmac('sha256', API_SECRET).update(payload).digest('hex'));
    expect(Object.fromEntries(new URLSearchParams(payload))).toEqual({
      ...order.parameters,
      recvWindow: '5000',
      timestamp: '1750000000123',
    });
  });

  test.each(['rsa', 'ed25519'] as const)('are signed with %s keys', async type => {
    const { keys, publicKey } = privateKeys(type);
    const urls: string[] = [];
    const base = await serve((request, response) => {
      urls.push(request.url!);
      response.end('{}');
    });
    await make(base, keys).send(order, 2000);
    const [payload, signature] = urls[0].split('?')[1].split('&signature=');
    expect(isGood(type, payload, signature, publicKey)).toBe(true);
    expect(isGood(type, `${payload}0`, signature, publicKey)).toBe(false);
  });

  test('that need no key carry none', async () => {
    const seen: IncomingMessage[] = [];
    const base = await serve((request, response) => {
      seen.push(request);
      response.end('{"serverTime":1}');
    });
    const request = { method: 'GET', path: '/api/v3/time', parameters: {}, signed: undefined } as const;
    expect((await make(base, hmacKeys()).send(request, 2000)).json).toEqual({ serverTime: 1 });
    expect(seen[0].url).toBe('/api/v3/time');
    expect(seen[0].headers['x-mbx-apikey']).toBeUndefined();
  });

  test('tell status, headers and body of every kind of answer', async () => {
    const answers = [
      [200, '{"orderId":9007199254740991,"t":1750000000123456,"deep":[{"price":"0.10"}]}', {}],
      [200, '[]', { 'X-MBX-USED-WEIGHT-1M': '17' }],
      [400, '{"code":-2010,"msg":"Duplicate order sent."}', {}],
      [429, '{"code":-1003,"msg":"Too many requests."}', { 'Retry-After': '7' }],
      [418, '{"code":-1003,"msg":"banned"}', { 'Retry-After': '120' }],
      [503, '{"code":-1007,"msg":"Timeout"}', {}],
      [503, 'Service Unavailable.', {}],
      [403, '<html><body>Request blocked</body></html>', { 'Content-Type': 'text/html' }],
      [502, '', {}],
      [200, '<html>', {}],
    ] as const;
    const expected = [undefined, [], -2010, -1003, -1003, -1007, undefined, undefined, undefined, undefined];
    let next = 0;
    const base = await serve((_, response) => {
      const [status, body, headers] = answers[next++];
      response.writeHead(status, headers);
      response.end(body);
    });
    const transport = make(base, hmacKeys());
    for (const [i, [status, , headers]] of answers.entries()) {
      const answer = await transport.send(order, 2000);
      expect(answer.status).toBe(status);
      for (const [name, value] of Object.entries(headers)) {
        expect(answer.headers[name.toLowerCase()]).toBe(value);
      }
      const { code } = (answer.json ?? {}) as { code?: number };
      if (i === 0)
        expect(answer.json).toEqual({
          orderId: 9007199254740991,
          t: 1750000000123456,
          deep: [{ price: '0.10' }],
        });
      else expect(i === 1 ? answer.json : code).toEqual(expected[i]);
    }
  });

  test('give up when no answer comes, and then nothing of it is left', async () => {
    let closed = 0;
    const base = await serve(request => {
      request.socket.on('close', () => closed++);
    });
    const { code } = await rejection(make(base, hmacKeys()), 120);
    expect(code).toBe('TIMED_OUT');
    await expect.poll(() => closed).toBe(1);
  });

  test('fail without keys in the error when the connection is lost, refused, or cut within the answer', async () => {
    const reset = await serve(request => request.socket.destroy());
    expect((await rejection(make(reset, hmacKeys()))).code).toBe('CONNECTION_LOST');
    const cut = await serve((request, response) => {
      response.writeHead(200, { 'Content-Length': '100' });
      response.write('{"orderId":', () => request.socket.destroy());
    });
    expect((await rejection(make(cut, hmacKeys()))).code).toBe('CONNECTION_LOST');
    const gone = await serve(() => {});
    servers.pop()!.close();
    expect((await rejection(make(gone, hmacKeys()))).code).toBe('CONNECTION_REFUSED');
  });

  test('follow no redirect, so that no other server sees them', async () => {
    const elsewhere: string[] = [];
    const other = await serve((request, response) => {
      elsewhere.push(request.url!);
      response.end('{}');
    });
    for (const status of [301, 302, 307, 308]) {
      const base = await serve((request, response) => {
        response.writeHead(status, { Location: `${other}${request.url}` });
        response.end();
      });
      const answer = await make(base, hmacKeys())
        .send(order, 2000)
        .catch(error => error as { code: string });
      if ('code' in answer) expect(answer.code).toBe('REDIRECTED');
      else expect([answer.status, answer.json]).toEqual([status, undefined]);
    }
    await new Promise(resolve => setTimeout(resolve, 50));
    expect(elsewhere).toEqual([]);
  });

  test('that are under way at the same time keep their answers apart', async () => {
    const base = await serve((request, response) => {
      const n = Number(new URL(request.url!, 'http://x').searchParams.get('n'));
      setTimeout(
        () => {
          response.writeHead(n % 2 === 0 ? 200 : 400, { 'X-N': String(n) });
          response.end(n % 2 === 0 ? `{"n":${n}}` : `{"code":${-n},"msg":"x"}`);
        },
        (20 - n) * 3,
      );
    });
    const transport = make(base, hmacKeys());
    await Promise.all(
      Array.from({ length: 20 }, async (_, n) => {
        const answer = await transport.send({ ...order, parameters: { n: String(n) } }, 2000);
        expect([answer.status, answer.headers['x-n']]).toEqual([n % 2 === 0 ? 200 : 400, String(n)]);
        expect(answer.json).toMatchObject(n % 2 === 0 ? { n } : { code: -n });
      }),
    );
  });
});

function isGood(type: 'rsa' | 'ed25519', payload: string, signature: string, key: KeyObject): boolean {
  const bytes = Buffer.from(decodeURIComponent(signature), 'base64');
  return verify(type === 'rsa' ? 'sha256' : null, Buffer.from(payload), key, bytes);
}
