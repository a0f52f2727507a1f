import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import { NetworkError } from '../model/errors.ts';
import { networkError } from './failure.ts';

export interface DownloadRequest {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** The longest time without a byte, ms: before the answer, and inside it. */
  readonly idleMs: number;
  readonly signal?: AbortSignal;
}

export interface DownloadResponse {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /**
   * The bytes as they come, asked for one piece after the other; rejects with a NetworkError when they end too early or
   * stop coming. Whoever does not read it to its end calls the iterator's `return`, as leaving a `for await` does.
   */
  readonly body: AsyncIterable<Uint8Array>;
}

/** Resolves with the head of whatever the server answers; rejects with a NetworkError when nothing came. */
export type Download = (request: DownloadRequest) => Promise<DownloadResponse>;

/** A download by Node's own client, on a connection of its own. Nothing is unpacked: files come as they lie there. */
export const realDownload: Download = ({ url, headers = {}, idleMs, signal }) =>
  new Promise((resolve, reject) => {
    const target = new URL(url);
    const sent = (target.protocol === 'https:' ? https : http).request(target, {
      agent: false,
      headers: { 'accept-encoding': 'identity', ...headers },
      timeout: idleMs,
    });
    const abort = () => sent.destroy(given(url));
    const over = () => signal?.removeEventListener('abort', abort);
    sent.on('timeout', () => {
      const problem = `nothing came for ${idleMs / 1000} s`;
      sent.destroy(new NetworkError('TIMED_OUT', problem, { value: url, limit: idleMs }));
    });
    sent.on('close', over);
    // Later than the head, the body's own reader is told.
    sent.on('error', error => reject(networkError(url, error)));
    sent.on('response', response => {
      resolve({
        status: response.statusCode ?? 0,
        headers: Object.fromEntries(
          Object.entries(response.headers).map(([name, value]) => [name, String(value)]),
        ),
        body: pieces(url, response),
      });
    });
    if (signal?.aborted) abort();
    signal?.addEventListener('abort', abort, { once: true });
    sent.end();
  });

function given(url: string): NetworkError {
  return new NetworkError('REQUEST_ABORTED', 'the request was given up', { value: url });
}

async function* pieces(url: string, response: IncomingMessage): AsyncGenerator<Uint8Array> {
  try {
    for await (const piece of response) yield piece;
  } catch (error) {
    throw networkError(url, error);
  } finally {
    response.destroy();
  }
  if (!response.complete) {
    throw new NetworkError('CONNECTION_LOST', 'the answer was cut off', { value: url });
  }
}
