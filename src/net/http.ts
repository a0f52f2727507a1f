import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { NetworkError } from '../model/errors.ts';
import { networkError } from './failure.ts';
import type { Http, HttpRequest, HttpResponse } from './network.ts';

/** More than any answer that makes sense; beyond it the server is not what it seems. */
const MOST_BYTES = 64 * 2 ** 20;
/** An idle connection is given up after this, ms: servers drop theirs at about the same time. */
const IDLE_MS = 4000;

const agents = {
  'http:': new http.Agent({ keepAlive: true, timeout: IDLE_MS }),
  'https:': new https.Agent({ keepAlive: true, timeout: IDLE_MS }),
};

/** HTTP by Node's own client. Connections are kept for a few seconds, which does not keep the process alive. */
export const realHttp: Http = async request => {
  try {
    return await attempt(request);
  } catch (error) {
    // A kept connection may have been dropped by the server just before it was used again: nothing was answered.
    if (!(error instanceof StaleConnection)) throw error;
    return await attempt(request);
  }
};

class StaleConnection extends Error {}

function attempt(request: HttpRequest): Promise<HttpResponse> {
  const { method = 'GET', url, headers = {}, body, timeoutMs, signal } = request;
  return new Promise((resolve, reject) => {
    const target = new URL(url);
    const secure = target.protocol === 'https:';
    const started = performance.now();
    const sent = (secure ? https : http).request(target, {
      method,
      agent: agents[secure ? 'https:' : 'http:'],
      headers: { 'accept-encoding': 'gzip, deflate, br', ...headers },
    });
    const finish = (error: unknown, answer?: HttpResponse) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      if (answer !== undefined) return resolve(answer);
      sent.destroy();
      const reset = (error as { code?: string })?.code === 'ECONNRESET';
      const again = reset && sent.reusedSocket && method === 'GET' && performance.now() - started < IDLE_MS;
      reject(again ? new StaleConnection() : networkError(url, error));
    };
    const abort = () =>
      finish(new NetworkError('REQUEST_ABORTED', 'the request was given up', { value: url }));
    const timer = setTimeout(() => {
      const problem = `no answer within ${timeoutMs / 1000} s`;
      finish(new NetworkError('TIMED_OUT', problem, { value: url, limit: timeoutMs }));
    }, timeoutMs);
    sent.on('error', finish);
    sent.on('response', response => {
      read(response).then(
        text => finish(undefined, { status: response.statusCode ?? 0, headers: flat(response), body: text }),
        finish,
      );
    });
    if (signal?.aborted) return abort();
    signal?.addEventListener('abort', abort, { once: true });
    sent.end(body);
  });
}

async function read(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of unpacked(response)) {
    bytes += chunk.length;
    if (bytes > MOST_BYTES) {
      response.destroy();
      throw new NetworkError('ANSWER_TOO_LONG', `the answer was longer than ${MOST_BYTES} bytes`, {
        limit: MOST_BYTES,
        retriable: false,
      });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function unpacked(response: IncomingMessage): AsyncIterable<Buffer> {
  const coding = response.headers['content-encoding'];
  const unpack =
    coding === 'gzip'
      ? createGunzip()
      : coding === 'br'
        ? createBrotliDecompress()
        : coding === 'deflate'
          ? createInflate()
          : undefined;
  if (unpack === undefined) return response;
  response.on('error', error => unpack.destroy(error));
  return response.pipe(unpack);
}

function flat(response: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(response.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return headers;
}
